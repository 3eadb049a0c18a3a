{#- A text as a date or a wall-clock time, NULL when it is none. The forms are `YYYY-MM-DD` and
    `YYYY-MM-DD HH:MM:SS[.ffffff]` (a T between, or no time at all, will do) and nothing else,
    because each engine forgives other things: '2024-1-5', 'today', 'infinity', '24:00:00',
    '05/03/2024'. -#}
{% macro safe_date(column) -%}
    {{ return(adapter.dispatch('safe_date', 'flette')(column)) }}
{%- endmacro %}

{#- DuckDB: what does not come back as it was written is not in the form. Cheaper than a regular
    expression on tens of millions of rows; the length keeps 'infinity' out. A column that is a
    date already needs no text: `typeof` is known when the statement is planned, so only one of
    the branches is left (the years are those that the form can write). -#}
{% macro duckdb__safe_date(column) -%}
    case
        when typeof({{ column }}) = 'DATE'
            then case
                when try_cast({{ column }} as date) between date '0001-01-01' and date '9999-12-31'
                    then try_cast({{ column }} as date)
            end
        when
            length({{ text(column) }}) = 10
            and cast(try_cast({{ column }} as date) as varchar) = {{ text(column) }}
            then try_cast({{ column }} as date)
    end
{%- endmacro %}

{#- PostgreSQL has no safe cast; pg_input_is_valid (16 or later) asks first. -#}
{% macro postgres__safe_date(column) -%}
    case
        when
            {{ matches(column, date_form()) }}
            and pg_input_is_valid({{ text(column) }}, 'date')
            then cast({{ text(column) }} as date)
    end
{%- endmacro %}

{% macro bigquery__safe_date(column) -%}
    case when {{ matches(column, date_form()) }} then safe_cast({{ text(column) }} as date) end
{%- endmacro %}


{% macro safe_local_timestamp(column) -%}
    {{ return(adapter.dispatch('safe_local_timestamp', 'flette')(column)) }}
{%- endmacro %}

{#- DuckDB: a column that is a timestamp already needs no text, as for dates. -#}
{% macro duckdb__safe_local_timestamp(column) -%}
    case
        when typeof({{ column }}) = 'TIMESTAMP'
            then case
                when
                    try_cast({{ column }} as timestamp)
                    between timestamp '0001-01-01' and timestamp '9999-12-31 23:59:59.999999'
                    then try_cast({{ column }} as timestamp)
            end
        when {{ matches(column, timestamp_form()) }}
            then try_cast({{ text(column) }} as timestamp)
    end
{%- endmacro %}

{#- PostgreSQL: what comes back as it was written, but for the T, is in the form, and what a
    timestamp is written as need not be asked; that takes half as long as a regular expression, or
    less. -#}
{% macro postgres__safe_local_timestamp(column) -%}
    case
        when
            {{ text(column) }} like '____-__-__ __:__:__'
            and (
                pg_typeof({{ column }}) = 'timestamp'::regtype
                or pg_input_is_valid({{ text(column) }}, 'timestamp')
                and cast(cast({{ text(column) }} as timestamp) as text) = {{ text(column) }}
            )
            then cast({{ text(column) }} as timestamp)
        when
            {{ text(column) }} like '____-__-__T__:__:__'
            and pg_input_is_valid({{ text(column) }}, 'timestamp')
            and cast(cast({{ text(column) }} as timestamp) as text)
            = overlay({{ text(column) }} placing ' ' from 11)
            then cast({{ text(column) }} as timestamp)
        when
            {{ matches(column, timestamp_form()) }}
            and pg_input_is_valid({{ text(column) }}, 'timestamp')
            then cast({{ text(column) }} as timestamp)
    end
{%- endmacro %}

{% macro bigquery__safe_local_timestamp(column) -%}
    case
        when {{ matches(column, timestamp_form()) }}
            then safe_cast({{ text(column) }} as datetime)
    end
{%- endmacro %}


{% macro date_form() -%}
    ^[0-9]{4}-[0-9]{2}-[0-9]{2}$
{%- endmacro %}

{% macro timestamp_form() -%}
    ^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?)?$
{%- endmacro %}


{#- A column as text, whatever type the owner's own table gives it. -#}
{% macro text(column) -%}
    cast({{ column }} as {{ dbt.type_string() }})
{%- endmacro %}


{#- A decimal number as JSON writes it, as a double; NULL when it is none. -#}
{% macro safe_double(column) -%}
    case
        when {{ matches(column, '^-?[0-9]{1,20}([.][0-9]{1,40})?([eE][+-]?[0-9]{1,2})?$') }}
            then cast({{ text(column) }} as {{ type_double() }})
    end
{%- endmacro %}


{#- A binary number of 64 bits. -#}
{% macro type_double() -%}
    {{ return(adapter.dispatch('type_double', 'flette')()) }}
{%- endmacro %}

{% macro default__type_double() -%}
    double precision
{%- endmacro %}

{#- BigQuery has one size only. -#}
{% macro bigquery__type_double() -%}
    float64
{%- endmacro %}
