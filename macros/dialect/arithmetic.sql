{#- Microseconds from one wall-clock time to another, as a whole number. -#}
{% macro microseconds_between(start_time, end_time) -%}
    {{ return(adapter.dispatch('microseconds_between', 'flette')(start_time, end_time)) }}
{%- endmacro %}

{#- DuckDB counts from the epoch in whole microseconds. -#}
{% macro duckdb__microseconds_between(start_time, end_time) -%}
    (epoch_us({{ end_time }}) - epoch_us({{ start_time }}))
{%- endmacro %}

{#- PostgreSQL's epoch of an interval is an exact decimal (since version 14). -#}
{% macro postgres__microseconds_between(start_time, end_time) -%}
    cast(extract(epoch from {{ end_time }} - {{ start_time }}) * 1000000 as bigint)
{%- endmacro %}

{#- BigQuery has a function of its own. -#}
{% macro bigquery__microseconds_between(start_time, end_time) -%}
    datetime_diff({{ end_time }}, {{ start_time }}, microsecond)
{%- endmacro %}


{#- The whole part of a quotient of two whole numbers that are not negative. -#}
{% macro whole_quotient(dividend, divisor) -%}
    {{ return(adapter.dispatch('whole_quotient', 'flette')(dividend, divisor)) }}
{%- endmacro %}

{#- `/` gives a fraction on DuckDB. -#}
{% macro duckdb__whole_quotient(dividend, divisor) -%}
    (({{ dividend }}) // ({{ divisor }}))
{%- endmacro %}

{#- `/` of whole numbers is whole on PostgreSQL. -#}
{% macro postgres__whole_quotient(dividend, divisor) -%}
    (({{ dividend }}) / ({{ divisor }}))
{%- endmacro %}

{#- `/` gives a fraction on BigQuery. The emulator writes `//` for it and forgets parentheses. -#}
{% macro bigquery__whole_quotient(dividend, divisor) -%}
    div(({{ dividend }}), ({{ divisor }}))
{%- endmacro %}
