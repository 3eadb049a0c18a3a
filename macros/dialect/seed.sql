{#- Seeds are loaded one way: the file's own text goes through the engine's bulk path, so that
    '007', 'null', blanks and line ends inside quotes arrive as they stand in the file, and an empty
    field is NULL. dbt's default (row inserts of values it has interpreted) does neither, and is 500
    times slower on PostgreSQL. -#}

{#- dbt calls these two before it loads: the place to ask whether the file is what it claims to
    be. -#}
{% macro create_csv_table(model, agate_table) -%}
    {%- do check_seed_columns(model, agate_table) -%}
    {{ return(adapter.dispatch('create_csv_table', 'dbt')(model, agate_table)) }}
{%- endmacro %}

{% macro reset_csv_table(model, full_refresh, old_relation, agate_table) -%}
    {%- do check_seed_columns(model, agate_table) -%}
    {%- set of_dbt = adapter.dispatch('reset_csv_table', 'dbt') -%}
    {{ return(of_dbt(model, full_refresh, old_relation, agate_table)) }}
{%- endmacro %}


{% macro check_seed_columns(model, agate_table) %}
    {%- set expected = model['config'].get('column_types', {}) | list -%}
    {%- set complaint = column_complaint(
        model.original_file_path, expected, agate_table.column_names
    ) -%}
    {%- if complaint is not none -%}
        {{ setting_error(complaint) }}
    {%- endif -%}
{% endmacro %}


{#- What is wrong with the columns of a file, as one sentence, or none: a seed's, or one that
    `scripts.load` loads. -#}
{% macro column_complaint(file, expected, found) %}
    {%- set missing = expected | reject('in', found) | list -%}
    {%- set surplus = found | reject('in', expected) | list -%}
    {%- set repeated = [] -%}
    {%- for column in expected if found | select('equalto', column) | list | length > 1 -%}
        {%- do repeated.append(column) -%}
    {%- endfor -%}
    {%- set rule = "; its header must name " ~ expected | join(', ') ~ "." -%}
    {%- if missing -%}
        {{ return(file ~ " lacks the column " ~ missing | join(', ') ~ rule) }}
    {%- elif surplus -%}
        {{ return(file ~ " has an unknown column " ~ surplus | join(', ') ~ rule) }}
    {%- elif repeated -%}
        {{ return(file ~ " has the column " ~ repeated | join(', ') ~ " more than once" ~ rule) }}
    {%- endif -%}
    {{ return(none) }}
{% endmacro %}


{#- The statement by which an engine takes in a CSV file as its text stands; by the order of
    `columns`, which is that of the file's header. -#}
{% macro copy_from_csv(relation, columns, file=none) %}
    {{ return(adapter.dispatch('copy_from_csv', 'flette')(relation, columns, file)) }}
{% endmacro %}

{#- A pattern is not meant by a file's name, and a line may be as long as JSON makes it; with a
    much larger buffer one core would read alone. -#}
{% macro duckdb__copy_from_csv(relation, columns, file) %}
    {%- set sql -%}
        copy {{ relation.render() }} ({{ columns }}) from {{ file_for_duckdb(file) }}
        (
            format csv, header true, delimiter ',', quote '"', escape '"', nullstr '',
            auto_detect false, max_line_size 32000000, buffer_size 32000000
        )
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}

{#- BigQuery's own reader tells an empty text from NULL, so DuckDB reads for `scripts.load`. -#}
{% macro bigquery__copy_from_csv(relation, columns, file) %}
    {{ return(duckdb__copy_from_csv(relation, columns, file)) }}
{% endmacro %}

{#- The text comes from the client. -#}
{% macro postgres__copy_from_csv(relation, columns, file) %}
    {%- set sql -%}
        copy {{ relation.render() }} ({{ columns }}) from stdin
        with (format csv, header true, force_null ({{ columns }}), encoding 'utf8')
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}


{#- A path as DuckDB reads it, where no character stands for others. -#}
{% macro file_for_duckdb(file) %}
    {{ return("'" ~ modules.re.sub('([*?[])', '[\\1]', file) | replace("'", "''") ~ "'") }}
{% endmacro %}


{#- dbt-duckdb copies the file too, but by position and with a guessed dialect; the header decides
    here. -#}
{% macro duckdb__load_csv_rows(model, agate_table) %}
    {%- set columns = get_seed_column_quoted_csv(model, agate_table.column_names) -%}
    {%- set sql = copy_from_csv(this, columns, agate_table.original_abspath) -%}
    {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
    {{ return(sql) }}
{% endmacro %}


{#- COPY needs the file's text on the client's side, and a macro cannot open a file; psycopg2 can,
    as a large object, which is removed again in the same transaction. `copy_expert` asks the object
    it is given for `read(size)`: with size 0, list.pop(0) hands out the text, then the empty
    end. -#}
{% macro postgres__load_csv_rows(model, agate_table) %}
    {%- set columns = get_seed_column_quoted_csv(model, agate_table.column_names) -%}
    {%- set sql = copy_from_csv(this, columns) -%}
    {%- set cursor = adapter.add_query('select 1')[1] -%}
    {%- set large_object = cursor.connection.lobject(0, 'r', 0, agate_table.original_abspath) -%}
    {%- set text = large_object.read() -%}
    {%- do large_object.unlink() -%}
    {%- do cursor.copy_expert(sql, namespace(read=[text, ''].pop), 0) -%}
    {{ return(sql) }}
{% endmacro %}


{#- The load job reads the file; all it needs is the types in BigQuery's own words. -#}
{% macro bigquery__load_csv_rows(model, agate_table) %}
    {%- set types = {} -%}
    {%- for column, type in model['config'].get('column_types', {}).items() -%}
        {%- do types.update({column: api.Column.translate_type(type)}) -%}
    {%- endfor -%}
    {{ adapter.load_dataframe(
        model['database'],
        model['schema'],
        model['alias'],
        agate_table,
        types,
        model['config']['delimiter'],
    ) }}
{% endmacro %}

{#- A file without rows has no load job to make the table; the types must be BigQuery's own words
    here, too. -#}
{% macro bigquery__create_csv_table(model, agate_table) %}
    {%- if not agate_table.rows -%}
        {%- set types = {} -%}
        {%- for column in agate_table.column_names -%}
            {%- do types.update({column: model['config']['column_types'][column]}) -%}
        {%- endfor -%}
        {%- set sql = 'create table ' ~ this.render() ~ ' (' ~ typed_columns(types) ~ ')' -%}
        {%- do run_query(sql) -%}
        {{ return(sql) }}
    {%- endif -%}
{% endmacro %}

{#- dbt-bigquery's own would make the table of a file without rows with the types as they are
    declared. -#}
{% macro bigquery__reset_csv_table(model, full_refresh, old_relation, agate_table) %}
    {%- do adapter.drop_relation(old_relation) -%}
    {{ return(bigquery__create_csv_table(model, agate_table)) }}
{% endmacro %}


{#- Columns with their types in the engine's own words, as `create table` takes them. -#}
{% macro typed_columns(types) %}
    {%- set columns = [] -%}
    {%- for column, type in types.items() -%}
        {%- do columns.append(column ~ ' ' ~ api.Column.translate_type(type)) -%}
    {%- endfor -%}
    {{ return(columns | join(', ')) }}
{% endmacro %}
