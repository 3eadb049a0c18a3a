with

alle_behandlinger as (

    select * from {{ ref('stg_saksstatistikk__behandling') }}

),

stoppede as (

    select * from {{ ref('stg_saksstatistikk__stoppet_behandling') }}

),

jobber as (

    select * from {{ ref('silver_saksstatistikk__jobber') }}

),

utforte as (

    select * from {{ ref('silver_saksstatistikk__utforte_jobber') }}

),

-- two cases cannot have one reference: the first one has it
nummererte as (

    select
        *,
        min(behandling_id) over (partition by behandling_referanse) as forste_behandling_id

    from alle_behandlinger
    where
        forekomst_nr = 1
        and behandling_id is not null
        and behandling_referanse is not null

),

-- once a job has asked for it, a case is computed again in every run from then on
bestilte as (

    select behandling_id
    from jobber
    where {{ saksstatistikk_is_flyt_job('jobbtype') }}

    union distinct

    select behandling_id
    from utforte
    where {{ saksstatistikk_is_flyt_job('jobbtype') }}

),

final as (

    select
        nummererte.behandling_id,
        nummererte.behandling_referanse,
        nummererte.saksnummer,
        nummererte.aktor_id,
        nummererte.type_behandling,
        nummererte.opprettet_av,
        nummererte.aarsak_til_opprettelse,
        -- shielded when in doubt
        coalesce(
            nummererte.er_skjermet,
            nummererte.er_skjermet_tekst is not null
        ) as er_skjermet,
        {{ saksstatistikk_is_sent('nummererte.type_behandling') }} as sendes,
        bestilte.behandling_id is not null
        and stoppede.behandling_referanse is not null as er_reberegnet,
        nummererte.opprettet_tid,
        nummererte.mottatt_tid

    from nummererte
    left join bestilte
        on nummererte.behandling_id = bestilte.behandling_id
    left join stoppede
        on
            nummererte.behandling_referanse = stoppede.behandling_referanse
            and stoppede.forekomst_nr = 1
    where nummererte.behandling_id = nummererte.forste_behandling_id

)

select * from final
