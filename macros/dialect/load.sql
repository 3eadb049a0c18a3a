{#- What `scripts.load` asks of the engines beside the COPY of the seeds. -#}

{#- Gives a raw table that is about to be filled, in the same transaction, nothing but its columns.
    Whoever rolls back has the old rows. PostgreSQL binds views to the table, not to its name, so
    there it stays the same table. -#}
{% macro empty_raw_table(relation, types, exists) %}
    {{ return(adapter.dispatch('empty_raw_table', 'flette')(relation, types, exists)) }}
{% endmacro %}

{% macro duckdb__empty_raw_table(relation, types, exists) %}
    {{ return(
        'create or replace table ' ~ relation.render() ~ ' (' ~ typed_columns(types) ~ ')'
    ) }}
{% endmacro %}

{#- The table that DuckDB reads the files into. -#}
{% macro bigquery__empty_raw_table(relation, types, exists) %}
    {{ return(duckdb__empty_raw_table(relation, types, exists)) }}
{% endmacro %}

{% macro postgres__empty_raw_table(relation, types, exists) %}
    {%- if exists -%}
        {{ return('truncate ' ~ relation.render()) }}
    {%- endif -%}
    {{ return('create table ' ~ relation.render() ~ ' (' ~ typed_columns(types) ~ ')') }}
{% endmacro %}


{#- DuckDB reads Parquet for every engine, so that all get the same text: that which a CSV file
    would have held. `kinds` says by column what has to be done for that. -#}
{% macro duckdb__parquet_as_text(kinds, file) %}
    {%- set texts = [] -%}
    {%- for column, kind in kinds.items() -%}
        {%- set text -%}
            {%- if kind == 'text' -%}
                {#- an empty field is NULL, and PostgreSQL has no place for the character 0 -#}
                case
                    when contains({{ column }}, chr(0)) then error('the character 0')
                    else nullif({{ column }}, '')
                end
            {%- elif kind == 'timestamp' -%}
                replace(strftime({{ column }}, '%Y-%m-%d %H:%M:%S.%f'), '.000000', '')
            {%- else -%}
                cast({{ column }} as varchar)
            {%- endif -%}
        {%- endset -%}
        {%- do texts.append(text ~ ' as ' ~ column) -%}
    {%- endfor -%}
    {{ return(
        'select ' ~ texts | join(', ') ~ ' from read_parquet(' ~ duckdb__file_literal(file)
        ~ ', hive_partitioning = false)'
    ) }}
{% endmacro %}

{% macro duckdb__insert_from_parquet(relation, kinds, file) %}
    {{ return(
        'insert into ' ~ relation.render() ~ ' (' ~ kinds | join(', ') ~ ') '
        ~ duckdb__parquet_as_text(kinds, file)
    ) }}
{% endmacro %}
