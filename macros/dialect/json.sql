{#- JSON is kept as text. What a text holds: object, array, null or another word for a single value;
    NULL when it is not JSON (RFC 8259). A text with the escape of the character zero, which
    PostgreSQL cannot hold, counts as no JSON on every engine. -#}
{% macro json_kind(column) -%}
    {{ return(adapter.dispatch('json_kind', 'flette')(column)) }}
{%- endmacro %}

{#- DuckDB forgives a comma after the last element, NaN and Infinity. Texts that may have one are
    looked at again without their strings, which costs most, and hardly any JSON is one of them. -#}
{% macro duckdb__json_kind(column) -%}
    case
        when not json_valid({{ column }}) then null
        when contains({{ column }}, '\u0000') and {{ matches(column, json_zero()) }} then null
        when
            (
                {{ matches(column, ',\\s*[]}]') }}
                or contains(lower({{ column }}), 'nan')
                or contains(lower({{ column }}), 'inf')
            )
            and {{ matches(column, json_forgiven()) }}
            and regexp_matches(
                regexp_replace({{ column }}, '"([^"\\]|\\.)*"', '""', 'g'),
                '{{ json_forgiven() }}'
            )
            then null
        when starts_with({{ column }}, '{') then 'object'
        else lower(json_type({{ column }}))
    end
{%- endmacro %}

{#- PostgreSQL has no safe cast; pg_input_is_valid (16 or later) asks first. -#}
{% macro postgres__json_kind(column) -%}
    case
        when pg_input_is_valid({{ column }}, 'jsonb') then jsonb_typeof(cast({{ column }} as jsonb))
    end
{%- endmacro %}

{#- Numbers that no 64 bits hold are rounded, not refused. BigQuery forgives nothing; its emulator,
    which runs on DuckDB, forgives what DuckDB does. -#}
{% macro bigquery__json_kind(column) -%}
    case
        when {{ matches(column, json_zero()) }} then null
        when
            {{ matches(column, json_forgiven()) }}
            and regexp_contains(
                regexp_replace({{ column }}, r'"([^"\\]|\\.)*"', '""'), r'{{ json_forgiven() }}'
            )
            then null
        else json_type(safe.parse_json({{ column }}, wide_number_mode => 'round'))
    end
{%- endmacro %}

{#- Whether `json_columns` can read a text at all, where that may be cheaper to ask than what the
    text holds. What is read of a text that is no JSON does not count. -#}
{% macro json_is_readable(column) -%}
    {{ return(adapter.dispatch('json_is_readable', 'flette')(column)) }}
{%- endmacro %}

{#- DuckDB forgives what is no JSON, and looking for that is most of what `json_kind` costs. -#}
{% macro duckdb__json_is_readable(column) -%}
    json_valid({{ column }})
{%- endmacro %}

{#- The question that PostgreSQL's `json_kind` asks, too. -#}
{% macro postgres__json_is_readable(column) -%}
    pg_input_is_valid({{ column }}, 'jsonb')
{%- endmacro %}

{#- BigQuery and its emulator are asked for JSON that nobody has to forgive. -#}
{% macro bigquery__json_is_readable(column) -%}
    {{ json_kind(column) }} is not null
{%- endmacro %}


{% macro json_forgiven() -%}
    ,\s*[]}]|[:,\[]\s*[+-]?([nN][aA][nN]|[iI][nN][fF])|^\s*[+-]?([nN][aA]|[iI][nN])
{%- endmacro %}


{#- The escape of the character zero: `\u0000` behind an even number of backslashes. -#}
{% macro json_zero() -%}
    (^|[^\\])(\\\\)*\\u0000
{%- endmacro %}


{#- Two CTEs, of which the second has single values and arrays of JSON objects as columns of text:
    strings, numbers and booleans as they are written; what is missing, null, empty (unless it is
    one of `keep_empty`) or another kind of value is NULL. -#}
{% macro json_columns(name, relation, keep, column, paths, arrays={}, keep_empty=[]) -%}
    {{ return(adapter.dispatch('json_columns', 'flette')(
        name, relation, keep, column, paths, arrays, keep_empty
    )) }}
{%- endmacro %}

{#- DuckDB reads the text once for all paths; where the text of a value may be that of an object or
    array, `json_value` tells. -#}
{% macro duckdb__json_columns(name, relation, keep, column, paths, arrays, keep_empty) -%}
{%- set places = [] -%}
{%- for path in paths.values() -%}
    {%- do places.append("'$." ~ path ~ "'") -%}
{%- endfor -%}
{%- set gap = '\n                ' -%}
{%- set places = '[' ~ gap ~ places | join(',' ~ gap) ~ '\n            ]' -%}
{%- set values = [] -%}
{%- for alias in paths -%}
    {%- set text = 'textes[' ~ loop.index ~ ']' -%}
    {%- set shown = text if alias in keep_empty else 'nullif(' ~ text ~ ", '')" -%}
    {%- do values.append(
        'case when starts_with(' ~ text ~ ", '{') or starts_with(" ~ text ~ ", '[') then case when "
        ~ "json_value(json_document, '$." ~ paths[alias] ~ "') is not null then " ~ text
        ~ ' end else ' ~ shown ~ ' end as ' ~ alias
    ) -%}
{%- endfor -%}
{%- set lists = [] -%}
{%- for alias, path in arrays.items() -%}
    {%- do lists.append(
        "case when json_type(" ~ column ~ ", '$." ~ path ~ "') = 'ARRAY' then cast(json_extract("
        ~ column ~ ", '$." ~ path ~ "') as varchar) end as " ~ alias
    ) -%}
{%- endfor -%}
{{ name }}_json as (

    select
        {{ (keep + lists) | join(',\n        ') }},
        json_extract_string(
            {{ column }},
            {{ places }}
        ) as textes,
        {{ column }} as json_document

    from {{ relation }}

),

{{ name }} as (

    select
        {{ (keep + arrays.keys() | list + values) | join(',\n        ') }}

    from {{ name }}_json

)
{%- endmacro %}

{#- PostgreSQL parses at every use of a cast, unless what was parsed is kept apart. -#}
{% macro postgres__json_columns(name, relation, keep, column, paths, arrays, keep_empty) -%}
{%- set values = [] -%}
{%- for alias, path in arrays.items() -%}
    {%- set place = "json_document #> '{" ~ path | replace('.', ',') ~ "}'" -%}
    {%- do values.append(
        'case when jsonb_typeof(' ~ place ~ ") = 'array' then cast(" ~ place ~ ' as text) end as '
        ~ alias
    ) -%}
{%- endfor -%}
{%- for alias, path in paths.items() -%}
    {%- set key = "'" ~ path.split('.')[-1] ~ "'" -%}
    {%- set place = 'json_document' -%}
    {%- if '.' in path -%}
        {%- set place = "(json_document #> '{" ~ path.split('.')[:-1] | join(',') ~ "}')" -%}
    {%- endif -%}
    {%- set text = place ~ ' ->> ' ~ key -%}
    {%- do values.append(
        'case when jsonb_typeof(' ~ place ~ ' -> ' ~ key ~ ") not in ('object', 'array') then "
        ~ (text if alias in keep_empty else 'nullif(' ~ text ~ ", '')") ~ ' end as ' ~ alias
    ) -%}
{%- endfor -%}
{{ name }}_json as (

    select
        {{ keep | join(',\n        ') }},
        cast({{ column }} as jsonb) as json_document

    from {{ relation }}
    {{ computed_once() }}

),

{{ name }} as (

    select
        {{ (keep + values) | join(',\n        ') }}

    from {{ name }}_json
    {{ computed_once() }}

)
{%- endmacro %}

{#- BigQuery's json_value is NULL for what is no single value. -#}
{% macro bigquery__json_columns(name, relation, keep, column, paths, arrays, keep_empty) -%}
{{ name }} as (

    select
        {{ keep | join(', ') }}
        {%- for alias, path in arrays.items() %},
        case
            when starts_with(json_query({{ column }}, '$.{{ path }}'), '[')
                then json_query({{ column }}, '$.{{ path }}')
        end as {{ alias }}
        {%- endfor %}
        {%- for alias, path in paths.items() %},
        {%- set text = 'json_value(' ~ column ~ ", '$." ~ path ~ "')" %}
        {{ text if alias in keep_empty else 'nullif(' ~ text ~ ", '')" }} as {{ alias }}
        {%- endfor %}

    from {{ relation }}

)
{%- endmacro %}


{#- Two CTEs, of which the second has a row for each object of a JSON array: the columns to keep,
    `element` (its text) and `rang` (its place in the array, from 1). -#}
{% macro json_elements(name, relation, keep, column) -%}
    {{ return(adapter.dispatch('json_elements', 'flette')(name, relation, keep, column)) }}
{%- endmacro %}

{#- DuckDB unnests two lists side by side. -#}
{% macro duckdb__json_elements(name, relation, keep, column) -%}
{{ name }}_json as (

    select
        {{ keep | join(',\n        ') }},
        unnest(json_extract({{ column }}, '$[*]')) as element,
        generate_subscripts(json_extract({{ column }}, '$[*]'), 1) as rang

    from {{ relation }}

),

{{ name }} as (

    select
        {{ keep | join(',\n        ') }},
        cast(element as varchar) as element,
        rang

    from {{ name }}_json
    where json_type(element) = 'OBJECT'

)
{%- endmacro %}

{#- PostgreSQL numbers the rows of a function that returns a set. -#}
{% macro postgres__json_elements(name, relation, keep, column) -%}
{{ name }} as (

    select
        {{ keep | join(', ') }},
        cast(json_element as text) as element,
        rang

    from {{ relation }}
    cross join lateral
        jsonb_array_elements(cast({{ column }} as jsonb)) with ordinality
        as elements (json_element, rang)
    where jsonb_typeof(json_element) = 'object'

)
{%- endmacro %}

{#- BigQuery writes an object without blanks before it. -#}
{% macro bigquery__json_elements(name, relation, keep, column) -%}
{{ name }} as (

    select
        {{ keep | join(', ') }},
        element,
        json_offset + 1 as rang

    from {{ relation }}
    cross join unnest(json_query_array({{ column }}, '$')) as element with offset as json_offset
    where starts_with(element, '{')

)
{%- endmacro %}
