{#- Weeks as whole numbers, which group and add faster than dates: 0 is the week of 0001-01-01, the
    first Monday that a date can be, so that no date has a negative number. -#}
{% macro week_number(date) -%}
    {{ return(adapter.dispatch('week_number', 'flette')(date)) }}
{%- endmacro %}

{#- A date minus a date is a whole number of days; `/` is whole on PostgreSQL only. -#}
{% macro duckdb__week_number(date) -%}
    (({{ date }} - {{ date_literal('0001-01-01') }}) // 7)
{%- endmacro %}

{% macro postgres__week_number(date) -%}
    (({{ date }} - {{ date_literal('0001-01-01') }}) / 7)
{%- endmacro %}

{% macro bigquery__week_number(date) -%}
    div(date_diff({{ date }}, {{ date_literal('0001-01-01') }}, day), 7)
{%- endmacro %}


{% macro monday_of_week_number(number) -%}
    {{ add_days(date_literal('0001-01-01'), '7 * cast(' ~ number ~ ' as ' ~ dbt.type_int() ~ ')') }}
{%- endmacro %}
