with

nummererte as (

    select
        *,
        row_number() over (
            partition by deltaker_id
            order by pass_nr desc, rekkefolge desc
        ) as nr

    from {{ ref('silver_arena__logg') }}
    where topic is not null

),

final as (

    select
        deltaker_id as id,
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

    from nummererte
    where nr = 1

)

select * from final
