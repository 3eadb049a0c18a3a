{#- The setting `partition_by` of a large relation that is only added to: a part for each month. On
    BigQuery a query that names a time then reads (and pays for) those months; the others find
    rows without it, and dbt-duckdb knows the setting in another form. docs/production.md says
    which relations have it. (`cluster_by` is known to BigQuery alone and stands in the models.) -#}
{% macro partition_by_month(column, data_type) -%}
    {{ return(adapter.dispatch('partition_by_month', 'flette')(column, data_type)) }}
{%- endmacro %}

{% macro default__partition_by_month(column, data_type) -%}
    {{ return(none) }}
{%- endmacro %}

{% macro bigquery__partition_by_month(column, data_type) -%}
    {{ return({'field': column, 'data_type': data_type, 'granularity': 'month'}) }}
{%- endmacro %}
