{#- What stands between a CTE's name and its query where the CTE must be computed once. PostgreSQL
    puts a CTE that is read once into its reader, and computes an expression as often as the reader
    names it; the other engines know a common expression. -#}
{% macro computed_once() -%}
    {{ return(adapter.dispatch('computed_once', 'flette')()) }}
{%- endmacro %}

{% macro default__computed_once() -%}
    as
{%- endmacro %}

{% macro postgres__computed_once() -%}
    as materialized
{%- endmacro %}
