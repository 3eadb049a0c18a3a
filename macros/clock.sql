{#- No model reads a clock. The time of a run comes from the variables `naa` and `idag`, else from
    the start of the dbt run, written as local wall-clock time. -#}

{#- The run's time as text 'YYYY-MM-DD HH:MM:SS[.ffffff]'. -#}
{% macro naa_text() %}
    {%- set value = var('naa', '') | string | trim | replace('T', ' ') -%}
    {%- if value in ('', 'None') -%}
        {%- set local = run_started_at.astimezone(modules.pytz.timezone(var('tidssone'))) -%}
        {{ return(local.strftime('%Y-%m-%d %H:%M:%S.%f')) }}
    {%- endif -%}
    {%- set form = '^\\d{4}-\\d{2}-\\d{2} ([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,6})?$' -%}
    {%- if modules.re.match(form, value) is none or not is_calendar_day(value[:10]) -%}
        {{ setting_error(
            "The variable naa is '" ~ value ~ "'; it must be a time written 'YYYY-MM-DD HH:MM:SS'."
        ) }}
    {%- endif -%}
    {{ return(value) }}
{% endmacro %}


{#- Today's date as a Python date: the variable `idag`, else the date of `naa`. -#}
{% macro idag_date() %}
    {%- if var('idag', '') | string | trim in ('', 'None') -%}
        {{ return(date_setting('naa', naa_text()[:10])) }}
    {%- endif -%}
    {{ return(date_setting('idag')) }}
{% endmacro %}


{#- The run's time and date as SQL literals. -#}
{% macro naa() -%}
    {{ local_timestamp_literal(naa_text()) }}
{%- endmacro %}

{% macro idag() -%}
    {{ date_literal(idag_date()) }}
{%- endmacro %}


{% macro date_literal(date) -%}
    cast('{{ date }}' as date)
{%- endmacro %}


{#- dbt's snapshots stamp with the database's clock; ours with the run's time, so that loads are
    told apart by `naa` and a replay gives the same history. -#}
{% macro snapshot_get_time() -%}
    {{ naa() }}
{%- endmacro %}

{#- dbt asks for the type of that expression by this dispatch name, too. -#}
{% macro default__snapshot_get_time() -%}
    {{ naa() }}
{%- endmacro %}
