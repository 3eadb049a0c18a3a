select
    tabell,
    regel,
    count(*) as antall,
    min({{ byte_order('beskrivelse') }}) as eksempel

from {{ ref('silver_arena__avvik') }}
group by tabell, regel
order by
    {{ byte_order('tabell') }},
    {{ byte_order('regel') }}
