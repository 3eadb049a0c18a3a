with

paaklagede as (

    select * from {{ ref('stg_saksstatistikk__paaklaget_behandling') }}

),

{{ saksstatistikk_sent_before('relatert_behandling') }},

behandlinger as (

    select * from {{ ref('silver_saksstatistikk__behandlinger') }}

),

-- one answer per case, so that a second run finds nothing to change
klager as (

    select
        klagebehandling_referanse,
        paaklaget_behandling_referanse,
        row_number() over (
            partition by klagebehandling_referanse
            order by {{ byte_order('paaklaget_behandling_referanse') }}
        ) as nr

    from paaklagede
    where
        {{ saksstatistikk_is_valid_appeal() }}
        and {{ saksstatistikk_backfill_is_asked('relatert_behandling') | lower }}

),

siste_rader as (

    select
        sendt.*,
        klager.paaklaget_behandling_referanse,
        row_number() over (
            partition by sendt.behandling_uuid
            order by
                sendt.endret_tid desc,
                {{ saksstatistikk_current_first('sendt') }}
        ) as nr

    from klager
    inner join sendt
        on klager.klagebehandling_referanse = sendt.behandling_uuid
    where
        klager.nr = 1
        and sendt.behandling_status in ('AVSLUTTET', 'OVERSENDT_KA')
        and sendt.endret_tid is not null

),

final as (

    select
        behandlinger.behandling_id,
        {{ saksstatistikk_column_list(
            'siste_rader',
            ['relatert_behandling_uuid', 'relatert_fagsystem', 'teknisk_tid', 'er_relast'],
        ) }},
        siste_rader.paaklaget_behandling_referanse as relatert_behandling_uuid,
        'KELVIN' as relatert_fagsystem,
        false as er_relast,
        {{ naa() }} as teknisk_tid

    from siste_rader
    left join behandlinger
        on siste_rader.behandling_uuid = behandlinger.behandling_referanse
    where
        siste_rader.nr = 1
        and coalesce(siste_rader.relatert_behandling_uuid, '')
        <> siste_rader.paaklaget_behandling_referanse

)

select * from final
