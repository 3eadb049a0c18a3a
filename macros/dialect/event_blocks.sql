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


{#- The fingerprint of a group of rows, or of groups: the sum does not depend on their order, and a
    row that is there twice does not cancel itself out. -#}
{% macro fingerprint_sum(column) -%}
    {{ return(adapter.dispatch('fingerprint_sum', 'flette')(column)) }}
{%- endmacro %}

{% macro default__fingerprint_sum(column) -%}
    sum({{ column }})
{%- endmacro %}

{#- BigQuery's sum of int64 fails beyond 64 bits; the other engines widen it. -#}
{% macro bigquery__fingerprint_sum(column) -%}
    sum(cast({{ column }} as bignumeric))
{%- endmacro %}
