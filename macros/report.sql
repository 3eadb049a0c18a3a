{#- Relations that exist, of the models whose names match a pattern: the report is made of what was
    built, which may be one product of five. They are found by name, so that the report of one
    product asks for nothing of another. -#}
{% macro report_relations(pattern) %}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- set models = graph.nodes.values() | selectattr('resource_type', 'eq', 'model') -%}
        {%- for node in models | sort(attribute='name') -%}
            {%- if modules.re.match(pattern, node.name) -%}
                {%- set relation = adapter.get_relation(
                    database=node.database, schema=node.schema, identifier=node.alias
                ) -%}
                {%- if relation is not none -%}
                    {%- do found.append((node.group, node.name, relation)) -%}
                {%- endif -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{% endmacro %}
