-- dtnum has no avvik: it says the same in erreurs and reste_*.
{% set relations = report_relations('^silver_[a-z0-9]+__avvik$') %}
{% for product, model, relation in relations %}
select
    '{{ product }}' as product,
    tabell,
    regel,
    count(*) as antall,
    min({{ byte_order('beskrivelse') }}) as eksempel
from {{ relation }}
group by tabell, regel
{% if not loop.last %}union all{% endif %}
{% else %}
select
    null as product,
    null as tabell,
    null as regel,
    0 as antall,
    null as eksempel
{% endfor %}
order by product, tabell, regel
