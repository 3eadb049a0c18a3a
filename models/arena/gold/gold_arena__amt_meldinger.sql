with

final as (

    select
        id as arena_data_id,
        topic,
        operation,
        deltaker_id,
        naa as sendt_tid,
        gjennomforing_id,
        person_ident,
        start_dato,
        slutt_dato,
        status,
        status_aarsak,
        dager_per_uke,
        prosent_deltid,
        registrert_dato,
        status_endret_dato,
        innsok_begrunnelse

    from {{ ref('silver_arena__logg') }}
    where topic is not null

)

select * from final
