{%- set bedt_om = saksstatistikk_asked_ids() -%}

with

behandlinger as (

    select * from {{ ref('silver_saksstatistikk__behandlinger') }}

),

jobber as (

    select * from {{ ref('silver_saksstatistikk__jobber') }}

),

forfalte as (

    select distinct behandling_id
    from jobber
    where not er_utfort

),

final as (

    select behandlinger.behandling_id

    from behandlinger
    left join forfalte
        on behandlinger.behandling_id = forfalte.behandling_id
    where
        forfalte.behandling_id is not null
        or behandlinger.behandling_id in ({{ (bedt_om or ['null']) | join(', ') }})

)

select * from final
