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
{% macro parquet_as_text_in_duckdb(kinds, file) %}
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
        'select ' ~ texts | join(', ') ~ ' from read_parquet(' ~ file_for_duckdb(file)
        ~ ', hive_partitioning = false)'
    ) }}
{% endmacro %}

{% macro insert_parquet_in_duckdb(relation, kinds, file) %}
    {{ return(
        'insert into ' ~ relation.render() ~ ' (' ~ kinds | join(', ') ~ ') '
        ~ parquet_as_text_in_duckdb(kinds, file)
    ) }}
{% endmacro %}
