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
