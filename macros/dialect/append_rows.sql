{#- dbt writes what an incremental model adds to a temporary table first and copies it from there. A
    model that only appends (it has no unique_key) has no use for that copy: on DuckDB, writing ten
    million rows twice took twice the time and 5 GB more memory. A temporary view stands in for the
    table, so that the rows go straight to where they stay. -#}
{% macro duckdb__create_table_as(
    temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none
) -%}
    {%- if temporary and language == 'sql' and config.get('unique_key') is none
        and model.config.materialized == 'incremental' -%}
        {%- if config.get('contract').enforced -%}
            {{ get_assert_columns_equivalent(compiled_code) }}
        {%- endif -%}
        create temporary view {{ relation.include(database=false, schema=false) }} as (
            {{ compiled_code }}
        )
    {%- else -%}
        {{ dbt.duckdb__create_table_as(
            temporary, relation, compiled_code, language, partitioned_by, sorted_by
        ) }}
    {%- endif -%}
{%- endmacro %}
