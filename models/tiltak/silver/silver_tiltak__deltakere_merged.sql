with

deltakelser as (

    select * from {{ ref('silver_tiltak__deltakelser') }}

),

gjennomforinger as (

    select * from {{ ref('silver_tiltak__gjennomforinger_snapshot') }}

),

avdelinger as (

    select * from {{ ref('stg_tiltak__gjennomforing_avdelinger') }}

),

final as (

    select
        deltakelser.bruker_id,
        deltakelser.innsatsgruppe,
        gjennomforinger.enhetsnummer,
        gjennomforinger.navn as tiltaksnavn,
        deltakelser.gjennomforing_id,
        avdelinger.avdeling,
        deltakelser.start_dato,
        deltakelser.slutt_dato,
        deltakelser.status

    from deltakelser
    inner join gjennomforinger
        on deltakelser.gjennomforing_id = gjennomforinger.gjennomforing_id
    inner join avdelinger
        on deltakelser.gjennomforing_id = avdelinger.gjennomforing_id
    where
        deltakelser.innsatsgruppe is not null
        and not deltakelser.har_ugyldig_start
        and not deltakelser.har_ugyldig_slutt
        and gjennomforinger.slutt_dato is not null
        and gjennomforinger.navn is not null
        and {{ tiltak_is_asked_office('gjennomforinger.enhetsnummer') }}
        and avdelinger.forekomst_nr = 1
        and avdelinger.avdeling is not null

)

select * from final
