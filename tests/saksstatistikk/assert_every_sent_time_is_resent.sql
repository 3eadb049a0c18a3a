-- The warehouse replaces an event by a row with the same functional time, and by nothing else. A
-- case that is resent must carry every functional time that was sent for it before the run.
with

sendt as (

    select * from {{ ref('silver_saksstatistikk__sendt') }}

),

kjoring as (

    select * from {{ ref('silver_saksstatistikk__kjoring') }}

),

flettede as (

    select * from {{ ref('silver_saksstatistikk__flettede_hendelser') }}

),

sendt_for as (

    select sendt.*

    from sendt
    inner join kjoring
        on sendt.id <= kjoring.siste_id

),

resendte_behandlinger as (

    select distinct behandling_uuid
    from flettede

),

final as (

    select distinct
        sendt_for.behandling_uuid,
        sendt_for.endret_tid

    from sendt_for
    inner join resendte_behandlinger
        on sendt_for.behandling_uuid = resendte_behandlinger.behandling_uuid
    left join flettede
        on
            sendt_for.behandling_uuid = flettede.behandling_uuid
            and sendt_for.endret_tid = flettede.endret_tid
    where sendt_for.endret_tid is not null and flettede.behandling_uuid is null

)

select * from final
