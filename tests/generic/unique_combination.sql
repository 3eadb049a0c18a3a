{#- Several columns together tell rows apart; NULL counts as a value. -#}
{% test unique_combination(model, columns) %}

    {%- set quoted = [] -%}
    {%- for column in columns -%}
        {%- do quoted.append(adapter.quote(column)) -%}
    {%- endfor %}

    select {{ quoted | join(', ') }}
    from {{ model }}
    group by {{ quoted | join(', ') }}
    having count(*) > 1

{% endtest %}
