-- A case is in flettede_hendelser, or avvik says why not. None is in both without being sent.
with

behandlinger as (

    select * from {{ ref('stg_saksstatistikk__behandling') }}

),

flettede as (

    select distinct behandling_uuid
    from {{ ref('silver_saksstatistikk__flettede_hendelser') }}

),

forklarte as (

    select distinct nokkel
    from {{ ref('silver_saksstatistikk__avvik') }}
    where
        tabell = 'behandling'
        and regel in (
            'ugyldig_id', 'dublett', 'mangler_referanse', 'type_sendes_ikke', 'uten_historikk'
        )

),

final as (

    select behandlinger.id_tekst

    from behandlinger
    left join flettede
        on behandlinger.behandling_referanse = flettede.behandling_uuid
    left join forklarte
        on coalesce(behandlinger.id_tekst, '') = forklarte.nokkel
    where flettede.behandling_uuid is null and forklarte.nokkel is null

)

select * from final
