{#- What stands at the end of a CTE whose expressions must be computed once. PostgreSQL puts a CTE
    that is read once into its reader, and computes an expression as often as the reader names it;
    an offset keeps it apart, and unlike `as materialized` neither stores the rows nor keeps them
    on one core. (A literal zero would: only the quoted one is a constant before it is planned.)
    The other engines know a common expression. -#}
{% macro computed_once() -%}
    {{ return(adapter.dispatch('computed_once', 'flette')()) }}
{%- endmacro %}

{% macro default__computed_once() -%}
{%- endmacro %}

{% macro postgres__computed_once() -%}
    offset '0'
{%- endmacro %}
