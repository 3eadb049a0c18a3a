{#- ISO weeks: they begin on Monday, and the year is that of their Thursday. -#}

{#- The Monday of a date's week, as a date. -#}
{% macro monday_of(date) -%}
    {{ return(adapter.dispatch('monday_of', 'flette')(date)) }}
{%- endmacro %}

{% macro default__monday_of(date) -%}
    cast(date_trunc('week', {{ date }}) as date)
{%- endmacro %}

{#- BigQuery's `week` begins on Sunday unless told (`isoweek` is not in the emulator, this is in
    both). -#}
{% macro bigquery__monday_of(date) -%}
    cast(date_trunc({{ date }}, week(monday)) as date)
{%- endmacro %}


{% macro iso_year(date) -%}
    {{ return(adapter.dispatch('iso_year', 'flette')(date)) }}
{%- endmacro %}

{% macro default__iso_year(date) -%}
    cast(extract(isoyear from {{ date }}) as {{ dbt.type_int() }})
{%- endmacro %}

{% macro bigquery__iso_year(date) -%}
    cast(format_date('%G', {{ date }}) as int64)
{%- endmacro %}


{% macro iso_week(date) -%}
    {{ return(adapter.dispatch('iso_week', 'flette')(date)) }}
{%- endmacro %}

{% macro default__iso_week(date) -%}
    cast(extract(week from {{ date }}) as {{ dbt.type_int() }})
{%- endmacro %}

{#- `extract(isoweek ...)` is not in the emulator; the format is in both. -#}
{% macro bigquery__iso_week(date) -%}
    cast(format_date('%V', {{ date }}) as int64)
{%- endmacro %}


{#- A date some days later, as a date (dbt.dateadd gives a timestamp on some engines). -#}
{% macro add_days(date, days) -%}
    {{ return(adapter.dispatch('add_days', 'flette')(date, days)) }}
{%- endmacro %}

{#- Integer arithmetic on dates is exact on DuckDB and PostgreSQL and stays a date. -#}
{% macro default__add_days(date, days) -%}
    ({{ date }} + ({{ days }}))
{%- endmacro %}

{#- The cast changes nothing on BigQuery; the emulator's date_add gives a datetime. -#}
{% macro bigquery__add_days(date, days) -%}
    cast(date_add({{ date }}, interval ({{ days }}) day) as date)
{%- endmacro %}
