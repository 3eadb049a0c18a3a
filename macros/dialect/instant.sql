{#- A wall-clock time read in a time zone, as an instant. In the hour that comes twice in autumn the
    wall clock says winter time; in the hour that is left out in spring the offset from before it
    holds. -#}
{% macro instant(column, zone) -%}
    {{ return(adapter.dispatch('instant', 'flette')(column, zone)) }}
{%- endmacro %}

{% macro default__instant(column, zone) -%}
    {{ column }} at time zone '{{ zone }}'
{%- endmacro %}

{#- BigQuery takes the first of two hours. The instant one hour later is the second one if the wall
    clock says the same then. -#}
{% macro bigquery__instant(column, zone) -%}
    case
        when
            datetime(
                timestamp_add(timestamp({{ column }}, '{{ zone }}'), interval 1 hour), '{{ zone }}'
            ) = {{ column }}
            then timestamp_add(timestamp({{ column }}, '{{ zone }}'), interval 1 hour)
        else timestamp({{ column }}, '{{ zone }}')
    end
{%- endmacro %}


{#- The type of an instant. -#}
{% macro type_instant() -%}
    {{ return(adapter.dispatch('type_instant', 'flette')()) }}
{%- endmacro %}

{% macro default__type_instant() -%}
    timestamp with time zone
{%- endmacro %}

{#- BigQuery's timestamp is an instant. -#}
{% macro bigquery__type_instant() -%}
    timestamp
{%- endmacro %}


{#- A text as an instant, in UTC and without a zone, NULL when it is none: a date, with or without a
    time, which may end in Z or an offset (+02:00, +0200); without one it is UTC. -#}
{% macro safe_instant(column) -%}
    {{ return(adapter.dispatch('safe_instant', 'flette')(column)) }}
{%- endmacro %}

{#- DuckDB can cast the form that APIs write; from parts, the same takes ten times as long. -#}
{% macro duckdb__safe_instant(column) -%}
    {%- set time = '([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?' -%}
    {%- set zone = '(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])' -%}
    case
        when {{ matches(column, '^[0-9]{4}-[0-9]{2}-[0-9]{2}T' ~ time ~ zone ~ '$') }}
            then try_cast({{ column }} as timestamp with time zone) at time zone 'UTC'
        else {{ default__safe_instant(column) }}
    end
{%- endmacro %}

{#- Put together from parts, as engines forgive different things: the time by the clock that it was
    written by, less the offset. -#}
{% macro default__safe_instant(column) -%}
    {%- set offset -%}
        right(replace(right({{ column }}, 6), ':', ''), 5)
    {%- endset -%}
    {%- set minutes -%}
        case
            when {{ matches(column, '.{16}.*[+-][0-9]{2}:?[0-9]{2}$') }}
                then
                    case when substr({{ offset }}, 1, 1) = '-' then 1 else -1 end
                    * (
                        60 * cast(substr({{ offset }}, 2, 2) as {{ dbt.type_int() }})
                        + cast(substr({{ offset }}, 4, 2) as {{ dbt.type_int() }})
                    )
            else 0
        end
    {%- endset -%}
    {%- set local_text -%}
        case
            when length({{ column }}) = 10 then {{ column }}
            when substr({{ column }}, 17, 1) = ':'
                then substr({{ column }}, 1, 19) || substr({{ instant_fraction(column) }}, 1, 7)
            else substr({{ column }}, 1, 16) || ':00'
        end
    {%- endset -%}
    case
        when {{ matches(column, instant_form()) }}
            then {{ dbt.dateadd('minute', minutes, safe_local_timestamp(local_text)) }}
    end
{%- endmacro %}

{#- `.123456789` of a time with a fraction, else nothing. -#}
{% macro instant_fraction(column) -%}
    {{ dbt.split_part(
        "translate(substr(" ~ column ~ ", 20), 'Z-', '++')", "'+'", 1
    ) }}
{%- endmacro %}

{% macro instant_form() -%}
    {%- set time = '[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?' -%}
    {%- set zone = '(Z|[+-](0[0-9]|1[0-4]):?[0-5][0-9])?' -%}
    ^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ]{{ time }}{{ zone }})?$
{%- endmacro %}
