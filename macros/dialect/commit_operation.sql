{#- Makes what a `dbt run-operation` has written last. -#}
{% macro commit_operation() -%}
    {{ return(adapter.dispatch('commit_operation', 'flette')()) }}
{%- endmacro %}

{% macro default__commit_operation() -%}
    {%- do adapter.commit() -%}
{%- endmacro %}

{#- On BigQuery a statement is a transaction. -#}
{% macro bigquery__commit_operation() -%}
{%- endmacro %}
