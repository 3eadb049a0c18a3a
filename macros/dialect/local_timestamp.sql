{#- A wall-clock time without a zone: `timestamp` on DuckDB and PostgreSQL. -#}
{% macro type_local_timestamp() -%}
    {{ return(adapter.dispatch('type_local_timestamp', 'flette')()) }}
{%- endmacro %}

{% macro default__type_local_timestamp() -%}
    timestamp
{%- endmacro %}

{#- BigQuery calls it datetime; its timestamp is an instant. -#}
{% macro bigquery__type_local_timestamp() -%}
    datetime
{%- endmacro %}


{% macro local_timestamp_literal(text) -%}
    cast('{{ text }}' as {{ type_local_timestamp() }})
{%- endmacro %}


{#- A wall-clock time without its fraction of a second, as a wall-clock time. -#}
{% macro whole_seconds(column) -%}
    {{ return(adapter.dispatch('whole_seconds', 'flette')(column)) }}
{%- endmacro %}

{% macro default__whole_seconds(column) -%}
    date_trunc('second', {{ column }})
{%- endmacro %}

{#- BigQuery names its function after the type. -#}
{% macro bigquery__whole_seconds(column) -%}
    datetime_trunc({{ column }}, second)
{%- endmacro %}


{#- A wall-clock time some milliseconds later (earlier where negative). -#}
{% macro add_milliseconds(column, milliseconds) -%}
    {{ return(adapter.dispatch('add_milliseconds', 'flette')(column, milliseconds)) }}
{%- endmacro %}

{% macro default__add_milliseconds(column, milliseconds) -%}
    ({{ column }} + interval '{{ milliseconds }} milliseconds')
{%- endmacro %}

{#- BigQuery names its function after the type. -#}
{% macro bigquery__add_milliseconds(column, milliseconds) -%}
    datetime_add({{ column }}, interval {{ milliseconds }} millisecond)
{%- endmacro %}


{#- A date as the wall-clock time at its midnight. -#}
{% macro date_as_local_timestamp(column) -%}
    cast({{ column }} as {{ type_local_timestamp() }})
{%- endmacro %}
