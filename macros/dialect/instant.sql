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
