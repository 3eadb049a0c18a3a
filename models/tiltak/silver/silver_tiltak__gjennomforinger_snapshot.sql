with

historikk as (

    select * from {{ ref('snapshot_tiltak__gjennomforinger') }}

),

tidspunkt as (

    select * from {{ ref('silver_tiltak__snapshot_tidspunkt') }}

),

sto_da as (

    select historikk.*
    from historikk
    cross join tidspunkt
    where
        not tidspunkt.er_stedfortreder
        and historikk.dbt_valid_from < {{ tiltak_after_snapshot_dato() }}
        and (
            historikk.dbt_valid_to is null
            or historikk.dbt_valid_to >= {{ tiltak_after_snapshot_dato() }}
        )

),

-- no load ran by then, so the first one stands in, as far as its rows had not been updated since
forste_lasting as (

    select historikk.*
    from historikk
    cross join tidspunkt
    where
        tidspunkt.er_stedfortreder
        and historikk.dbt_valid_from <= tidspunkt.forste_lasting
        and (historikk.dbt_valid_to is null or historikk.dbt_valid_to > tidspunkt.forste_lasting)
        and historikk.oppdatert_tidspunkt < {{ tiltak_after_snapshot_dato() }}

),

alle as (

    select * from sto_da
    union all
    select * from forste_lasting

),

final as (

    select
        gjennomforing_id,
        navn,
        enhetsnummer,
        start_dato,
        slutt_dato,
        opprettet_tidspunkt,
        oppdatert_tidspunkt,
        avsluttet_tidspunkt

    from alle

)

select * from final
