{#- What tells one state of a row from another, and a set of rows from another set, cheaply. The
    values differ from engine to engine: they are compared with what the same engine stored
    before. -#}
{% macro row_fingerprint(columns) -%}
    {{ return(adapter.dispatch('row_fingerprint', 'flette')(columns)) }}
{%- endmacro %}

{#- DuckDB hashes values as they are; no text has to be written. -#}
{% macro duckdb__row_fingerprint(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}

{#- PostgreSQL has a hash of 64 bits for records. -#}
{% macro postgres__row_fingerprint(columns) -%}
    hash_record_extended(row({{ columns | join(', ') }}), 0)
{%- endmacro %}

{#- BigQuery fingerprints text only; JSON keeps columns apart. -#}
{% macro bigquery__row_fingerprint(columns) -%}
    farm_fingerprint(to_json_string(struct({{ columns | join(', ') }})))
{%- endmacro %}


{#- The fingerprint of a group of rows, as text: the sum does not depend on their order, and a row
    that is there twice does not cancel itself out. -#}
{% macro rows_fingerprint(column) -%}
    {{ return(adapter.dispatch('rows_fingerprint', 'flette')(column)) }}
{%- endmacro %}

{% macro default__rows_fingerprint(column) -%}
    cast(sum({{ column }}) as {{ dbt.type_string() }})
{%- endmacro %}

{#- BigQuery's sum of int64 fails beyond 64 bits; the other engines widen it. -#}
{% macro bigquery__rows_fingerprint(column) -%}
    cast(sum(cast({{ column }} as bignumeric)) as string)
{%- endmacro %}
