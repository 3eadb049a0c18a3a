select
    cast(sendt_tid as date) as dag,
    topic,
    operation,
    count(*) as antall

from {{ ref('gold_arena__amt_meldinger') }}
group by cast(sendt_tid as date), topic, operation
order by
    dag,
    {{ byte_order('topic') }},
    {{ byte_order('operation') }}
