{#- None of the columns is ever NULL. One test for all of them: a test costs more than its SQL. -#}
{% test never_null(model, columns) %}

    select *
    from {{ model }}
    where
        {%- for column in columns %}
        {{ 'or ' if not loop.first }}{{ adapter.quote(column) }} is null
        {%- endfor %}

{% endtest %}
