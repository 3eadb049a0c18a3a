with

deltakelser as (

    select * from {{ ref('silver_tiltak__deltakelser') }}

),

grunnlag as (

    select * from {{ ref('silver_tiltak__grunnlag') }}

),

final as (

    select
        deltakelser.bruker_id,
        deltakelser.innsatsgruppe,
        grunnlag.enhetsnummer,
        grunnlag.tiltaksnavn,
        deltakelser.gjennomforing_id,
        grunnlag.avdeling,
        deltakelser.start_dato,
        deltakelser.slutt_dato,
        deltakelser.status

    from deltakelser
    inner join grunnlag
        on deltakelser.gjennomforing_id = grunnlag.gjennomforing_id
    where {{ tiltak_is_countable('deltakelser') }}

)

select * from final
