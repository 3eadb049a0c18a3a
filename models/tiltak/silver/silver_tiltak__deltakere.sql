with

deltakelser as (

    select * from {{ ref('silver_tiltak__deltakelser') }}

),

final as (

    select
        bruker_id,
        innsatsgruppe,
        gjennomforing_id,
        start_dato,
        slutt_dato,
        status

    from deltakelser
    where innsatsgruppe is not null

)

select * from final
