{% for product, model, relation in report_relations('^(gold|marts)_') %}
select
    '{{ product }}' as product,
    '{{ model }}' as model_name,
    '{{ relation.schema }}.{{ relation.identifier }}' as relation,
    (select count(*) from {{ relation }}) as row_count
{% if not loop.last %}union all{% endif %}
{% else %}
select
    null as product,
    null as model_name,
    null as relation,
    0 as row_count
{% endfor %}
order by relation
