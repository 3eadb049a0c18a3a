with

deltakere as (

    select * from {{ ref('stg_tiltak__deltaker_siste_status') }}

),

innsatsgrupper as (

    select * from {{ ref('silver_tiltak__innsatsgrupper') }}

),

final as (

    select
        -- ids
        deltakere.bruker_id,
        deltakere.gjennomforing_id,

        -- text
        innsatsgrupper.innsatsgruppe,
        case
            when deltakere.slutt_dato > {{ tiltak_snapshot_dato() }} or deltakere.slutt_dato is null
                then 'pågår'
            else 'avsluttet'
        end as status,
        deltakere.start_dato_tekst,
        deltakere.slutt_dato_tekst,

        -- booleans
        deltakere.har_ugyldig_start,
        deltakere.har_ugyldig_slutt,

        -- dates
        deltakere.start_dato,
        deltakere.slutt_dato

    from deltakere
    left join innsatsgrupper
        on deltakere.bruker_id = innsatsgrupper.bruker_id

)

select * from final
