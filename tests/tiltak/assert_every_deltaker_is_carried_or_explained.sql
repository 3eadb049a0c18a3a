-- Nothing is lost: an input row is in the mother table, or in avvik with the reason, or its
-- gjennomforing is outside the scope (only other offices, or ended before 2022).
with

deltakere as (

    select * from {{ ref('stg_tiltak__deltaker_siste_status') }}

),

mor as (

    select distinct
        bruker_id,
        gjennomforing_id

    from {{ ref('silver_tiltak__deltakere_merged') }}

),

avvik as (

    select distinct nokkel
    from {{ ref('silver_tiltak__avvik') }}
    where tabell = 'deltaker_siste_status'

),

enheter as (

    select
        gjennomforing_id,
        max(case when {{ tiltak_is_asked_office('enhetsnummer') }} then 1 else 0 end)
            as har_valgt_kontor

    from {{ ref('stg_tiltak__gjennomforing_nav_enheter') }}
    where enhetsnummer is not null
    group by gjennomforing_id

),

snapshot_enheter as (

    select
        gjennomforing_id,
        max(case when {{ tiltak_is_asked_office('enhetsnummer') }} then 1 else 0 end)
            as har_valgt_kontor

    from {{ ref('silver_tiltak__gjennomforinger_snapshot') }}
    group by gjennomforing_id

),

utenfor as (

    select gjennomforinger.gjennomforing_id
    from {{ ref('stg_tiltak__gjennomforinger') }} as gjennomforinger
    left join enheter
        on gjennomforinger.gjennomforing_id = enheter.gjennomforing_id
    left join snapshot_enheter
        on gjennomforinger.gjennomforing_id = snapshot_enheter.gjennomforing_id
    where
        gjennomforinger.forekomst_nr = 1
        and (
            coalesce(snapshot_enheter.har_valgt_kontor, enheter.har_valgt_kontor) = 0
            or (
                snapshot_enheter.gjennomforing_id is null
                and gjennomforinger.slutt_dato < {{ date_literal('2022-01-01') }}
            )
        )
    union distinct
    select gjennomforing_id
    from snapshot_enheter
    where har_valgt_kontor = 0

),

final as (

    select
        deltakere.bruker_id,
        deltakere.gjennomforing_id

    from deltakere
    left join mor
        on
            deltakere.bruker_id = mor.bruker_id
            and deltakere.gjennomforing_id = mor.gjennomforing_id
    left join avvik
        on
            coalesce(deltakere.bruker_id, '') || '/' || coalesce(deltakere.gjennomforing_id, '')
            = avvik.nokkel
    left join utenfor
        on deltakere.gjennomforing_id = utenfor.gjennomforing_id
    where
        mor.bruker_id is null
        and avvik.nokkel is null
        and utenfor.gjennomforing_id is null

)

select * from final
