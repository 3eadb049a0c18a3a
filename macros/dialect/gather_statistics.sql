{#- A post-hook for stored relations. PostgreSQL plans a query over a table that was made a moment
    ago from guesses (a gold view took 18 s instead of 0.02 s) unless it is told to look; DuckDB and
    BigQuery keep statistics as they write. -#}
{% macro gather_statistics() -%}
    {{ return(adapter.dispatch('gather_statistics', 'flette')()) }}
{%- endmacro %}

{% macro default__gather_statistics() -%}
{%- endmacro %}

{% macro postgres__gather_statistics() -%}
    {%- if model.config.materialized != 'view' -%}
        {{ analyze_relation(this) }}
    {%- endif -%}
{%- endmacro %}


{#- The statement that does so for one table; none where nothing has to be done. -#}
{% macro analyze_relation(relation) %}
    {{ return(adapter.dispatch('analyze_relation', 'flette')(relation)) }}
{% endmacro %}

{% macro default__analyze_relation(relation) %}
    {{ return(none) }}
{% endmacro %}

{% macro postgres__analyze_relation(relation) %}
    {{ return('analyze ' ~ relation.render()) }}
{% endmacro %}
