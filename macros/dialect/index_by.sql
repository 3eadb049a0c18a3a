{#- A post-hook for relations that people look things up in. DuckDB scans columns faster than it
    keeps an index, BigQuery clusters instead. -#}
{% macro index_by(column) -%}
    {{ return(adapter.dispatch('index_by', 'flette')(column)) }}
{%- endmacro %}

{% macro default__index_by(column) -%}
{%- endmacro %}

{#- PostgreSQL finds a few rows of many by an index; the one that is there is kept up to date. -#}
{% macro postgres__index_by(column) -%}
    create index if not exists {{ this.identifier ~ '_' ~ column }} on {{ this }} ({{ column }})
{%- endmacro %}
