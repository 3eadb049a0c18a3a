{%- set kolonner = [
    'behandling_id',
    'historikk_id',
    'status',
    'siste_saksbehandler',
    'gjeldende_avklaringsbehov_status',
    'behandlingmetode',
    'ansvarlig_enhet',
    'venteaarsak',
    'retur_aarsak',
    'ansvarlig_beslutter',
    'resultat',
    'rettighetstype',
    'soknadsformat',
    'relatert_behandling_referanse',
    'versjon',
    'hendelsestidspunkt',
    'vedtak_tidspunkt',
] -%}

with

behandlinger as (

    select * from {{ ref('silver_saksstatistikk__behandlinger') }}

),

reberegnet as (

    select * from {{ ref('silver_saksstatistikk__reberegnet_historikk') }}

),

stoppede as (

    select * from {{ ref('stg_saksstatistikk__stoppet_behandling') }}

),

-- The history is read where it is used: most of it passes through, and a CTE that is used twice
-- would be held in memory as a whole.
erstattet_historikk as (

    select alle_rader.*

    from {{ ref('stg_saksstatistikk__behandling_historikk') }} as alle_rader
    inner join behandlinger
        on alle_rader.behandling_id = behandlinger.behandling_id
    where
        behandlinger.sendes
        and behandlinger.er_reberegnet
        and coalesce(alle_rader.slettet, false) = false
        and {{ saksstatistikk_is_event('alle_rader') }}

),

historikk as (

    select alle_rader.*

    from {{ ref('stg_saksstatistikk__behandling_historikk') }} as alle_rader
    inner join behandlinger
        on alle_rader.behandling_id = behandlinger.behandling_id
    where
        behandlinger.sendes
        and not behandlinger.er_reberegnet
        and coalesce(alle_rader.slettet, false) = false
        and {{ saksstatistikk_is_event('alle_rader') }}

),

reberegnede_hendelser as (

    select
        behandlinger.behandling_id,
        reberegnet.*,
        count(reberegnet.gjeldende_avklaringsbehov) over (
            partition by reberegnet.behandling_referanse
            order by reberegnet.hendelse_nr
            rows between unbounded preceding and current row
        ) as antall_koder,
        max(case when reberegnet.gjeldende_avklaringsbehov <> '9002' then 1 else 0 end) over (
            partition by reberegnet.behandling_referanse
            order by reberegnet.hendelse_nr
            rows between unbounded preceding and current row
        ) as har_annet_enn_brev

    from reberegnet
    inner join behandlinger
        on reberegnet.behandling_referanse = behandlinger.behandling_referanse
    where behandlinger.er_reberegnet and behandlinger.sendes

),

-- office and kind of right are not in the changes: they are those of the replaced row then in force
erstattede_rader as (

    select
        reberegnede_hendelser.behandling_id,
        reberegnede_hendelser.hendelse_nr,
        erstattet_historikk.ansvarlig_enhet,
        erstattet_historikk.rettighetstype,
        row_number() over (
            partition by reberegnede_hendelser.behandling_id, reberegnede_hendelser.hendelse_nr
            order by
                erstattet_historikk.hendelsestidspunkt desc,
                erstattet_historikk.historikk_id desc,
                {{ byte_order("coalesce(erstattet_historikk.ansvarlig_enhet, '')") }} desc,
                {{ byte_order("coalesce(erstattet_historikk.rettighetstype, '')") }} desc
        ) as nyhet_nr

    from reberegnede_hendelser
    inner join erstattet_historikk
        on
            reberegnede_hendelser.behandling_id = erstattet_historikk.behandling_id
            and reberegnede_hendelser.hendelsestidspunkt >= erstattet_historikk.hendelsestidspunkt

),

-- the last code that was written stays in force: codes are counted, the count tells the stretches
-- apart, and each stretch begins with its code
med_siste_kode as (

    select
        *,
        max(gjeldende_avklaringsbehov) over (
            partition by behandling_id, antall_koder
        ) as siste_kode

    from reberegnede_hendelser

),

reberegnet_historikk as (

    select
        med_siste_kode.behandling_id,
        med_siste_kode.hendelse_nr as historikk_id,
        med_siste_kode.status,
        med_siste_kode.saksbehandler as siste_saksbehandler,
        med_siste_kode.gjeldende_avklaringsbehov_status,
        case
            when med_siste_kode.antall_koder = 0 then 'AUTOMATISK'
            when med_siste_kode.siste_kode = '5097' then 'KVALITETSSIKRING'
            when med_siste_kode.siste_kode = '5099' then 'FATTE_VEDTAK'
            when med_siste_kode.har_annet_enn_brev = 1 then 'MANUELL'
            else 'AUTOMATISK'
        end as behandlingmetode,
        erstattede_rader.ansvarlig_enhet,
        med_siste_kode.venteaarsak,
        med_siste_kode.retur_aarsak,
        med_siste_kode.ansvarlig_beslutter,
        med_siste_kode.resultat,
        erstattede_rader.rettighetstype,
        stoppede.soknadsformat,
        stoppede.relatert_behandling as relatert_behandling_referanse,
        stoppede.versjon,
        med_siste_kode.hendelsestidspunkt,
        med_siste_kode.vedtak_tidspunkt

    from med_siste_kode
    inner join stoppede
        on
            med_siste_kode.behandling_referanse = stoppede.behandling_referanse
            and stoppede.forekomst_nr = 1
    left join erstattede_rader
        on
            med_siste_kode.behandling_id = erstattede_rader.behandling_id
            and med_siste_kode.hendelse_nr = erstattede_rader.hendelse_nr
            and erstattede_rader.nyhet_nr = 1
    where med_siste_kode.hendelsestidspunkt is not null

),

final as (

    select
        {{ kolonner | join(',\n        ') }}

    from historikk

    union all

    select
        {{ kolonner | join(',\n        ') }}

    from reberegnet_historikk

)

select * from final
