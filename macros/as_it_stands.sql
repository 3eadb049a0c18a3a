{#- A relation of this project as it stands before the run reaches it, none when it was never built.
    Some models read what a later model writes; dbt's graph has no way to say that (a circle), so
    they ask here and nowhere else. -#}
{% macro as_it_stands(model_name) %}
    {%- if execute -%}
        {%- set node = graph.nodes['model.' ~ project_name ~ '.' ~ model_name] -%}
        {{ return(adapter.get_relation(
            database=node.database, schema=node.schema, identifier=node.alias
        )) }}
    {%- endif -%}
    {{ return(none) }}
{% endmacro %}
