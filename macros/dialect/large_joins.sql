{#- A pre-hook of models that join a statement's own results with each other. PostgreSQL knows
    nothing of the size of such a result, guesses one row, and loops over it (two minutes and no end
    instead of two seconds); told not to loop, it joins by hashing. DuckDB and BigQuery never
    loop. -#}
{% macro expect_large_joins() -%}
    {{ return(adapter.dispatch('expect_large_joins', 'flette')()) }}
{%- endmacro %}

{% macro default__expect_large_joins() -%}
{%- endmacro %}

{#- For the transaction that builds the model, and no longer. -#}
{% macro postgres__expect_large_joins() -%}
    set local enable_nestloop = off
{%- endmacro %}
