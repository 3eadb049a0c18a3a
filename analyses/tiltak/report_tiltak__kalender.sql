select distinct
    {{ adapter.quote('år') }},
    uke
from {{ ref('gold_tiltak__uke_antall_kontor') }}
order by {{ adapter.quote('år') }}, uke
