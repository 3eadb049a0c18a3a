{#- A text as a whole number of at most 18 digits, NULL when it is none. Engines forgive different
    things (blanks, 1e3, 1_000), so the form decides first. -#}
{% macro safe_whole_number(column) -%}
    {{ return(adapter.dispatch('safe_whole_number', 'flette')(column)) }}
{%- endmacro %}

{#- The condition keeps PostgreSQL's cast, which raises, from seeing anything else; BigQuery reads
    it the same way. -#}
{% macro default__safe_whole_number(column) -%}
    case
        when {{ matches(column, '^-?[0-9]{1,18}$') }}
            then cast({{ text(column) }} as {{ dbt.type_bigint() }})
    end
{%- endmacro %}

{#- PostgreSQL: a regular expression on an id takes ten times as long as writing and reading it, so
    the text of a column that is a number already is asked for its length only (with 18 digits and
    a sign it is asked for its form). The cast is outside, as it would raise on a constant when the
    statement is planned. -#}
{% macro postgres__safe_whole_number(column) -%}
    cast(
        case
            when
                pg_typeof({{ column }}) in ('bigint'::regtype, 'integer'::regtype)
                and length({{ text(column) }}) <= 18
                then {{ text(column) }}
            when {{ matches(column, '^-?[0-9]{1,18}$') }}
                then {{ text(column) }}
        end as bigint
    )
{%- endmacro %}

{#- DuckDB: a column that is a number already needs no text (`typeof` is known when the statement is
    planned, so only one branch is left); millions of ids are read this way. -#}
{% macro duckdb__safe_whole_number(column) -%}
    case
        when typeof({{ column }}) in ('BIGINT', 'INTEGER')
            then try_cast({{ column }} as bigint)
        when {{ matches(column, '^-?[0-9]{1,18}$') }}
            then try_cast({{ column }} as bigint)
    end
{%- endmacro %}


{#- A text as a boolean, NULL when it is none: true, t, 1, false, f, 0 in any case. A column that is
    a boolean already is written true and false by every engine. -#}
{% macro safe_boolean(column) -%}
    case
        when lower({{ text(column) }}) in ('true', 't', '1') then true
        when lower({{ text(column) }}) in ('false', 'f', '0') then false
    end
{%- endmacro %}
