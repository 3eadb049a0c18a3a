-- Zeros are left out: the page fills them in from the list of weeks.
select
    enhetsnummer,
    {{ adapter.quote('år') }},
    uke,
    tiltaksnavn,
    innsatsgruppe,
    avdeling,
    antall
from {{ ref('gold_tiltak__uke_antall_kontor') }}
where antall > 0
order by
    {{ adapter.quote('år') }}, uke, enhetsnummer, tiltaksnavn, innsatsgruppe, avdeling
