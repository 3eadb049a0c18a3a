select
    status,
    status_aarsak,
    count(*) as antall

from {{ ref('gold_arena__amt_deltaker') }}
group by status, status_aarsak
order by
    {{ byte_order('status') }},
    {{ byte_order('status_aarsak') }}
