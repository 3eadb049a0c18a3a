{#- The number of a row among those that share a key: 1 is the row in use, the rest are duplicates.
    The order is a list of expressions, NULL last, so that the choice is the same on every
    engine. -#}
{% macro occurrence_number(key, order_by) -%}
    row_number() over (
        partition by {{ key | join(', ') }}
        order by
            {%- for expression in order_by %}
            case when {{ expression.split(' ')[0] }} is null then 1 else 0 end,
            {{ expression }}{{ ',' if not loop.last }}
            {%- endfor %}
    )
{%- endmacro %}
