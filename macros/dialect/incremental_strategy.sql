{#- The one place that chooses how an incremental model replaces rows by key. `merge` is what all
    adapters share; `delete+insert` is many times faster on a DuckDB file and no slower on
    PostgreSQL, and BigQuery does not have it. -#}
{% macro replace_by_key() -%}
    {{ return(adapter.dispatch('replace_by_key', 'flette')()) }}
{%- endmacro %}

{% macro default__replace_by_key() -%}
    {{ return('delete+insert') }}
{%- endmacro %}

{% macro bigquery__replace_by_key() -%}
    {{ return('merge') }}
{%- endmacro %}
