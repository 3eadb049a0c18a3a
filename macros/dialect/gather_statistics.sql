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
        analyze {{ this }}
    {%- endif -%}
{%- endmacro %}
