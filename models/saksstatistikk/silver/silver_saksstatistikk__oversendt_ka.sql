with

steglogg as (

    select * from {{ ref('stg_saksstatistikk__steg_historikk') }}

),

{{ saksstatistikk_sent_before('oversendt_ka') }},

behandlinger as (

    select * from {{ ref('silver_saksstatistikk__behandlinger') }}

),

oversendelser as (

    select distinct
        behandling_referanse,
        opprettet_tid

    from steglogg
    where
        steg = 'OPPRETTHOLDELSE'
        and status = 'OPPDATER_FAKTAGRUNNLAG'
        and opprettet_tid is not null
        and {{ saksstatistikk_backfill_is_asked('oversendt_ka') | lower }}

),

allerede_sendt as (

    select distinct
        behandling_uuid,
        endret_tid

    from sendt
    where behandling_status = 'OVERSENDT_KA'

),

forelopere as (

    select
        sendt.*,
        oversendelser.opprettet_tid as oversendt_tid,
        row_number() over (
            partition by oversendelser.behandling_referanse, oversendelser.opprettet_tid
            order by
                sendt.endret_tid desc,
                {{ saksstatistikk_current_first('sendt') }}
        ) as nr

    from oversendelser
    inner join sendt
        on
            oversendelser.behandling_referanse = sendt.behandling_uuid
            and oversendelser.opprettet_tid > sendt.endret_tid
    left join allerede_sendt
        on
            oversendelser.behandling_referanse = allerede_sendt.behandling_uuid
            and oversendelser.opprettet_tid = allerede_sendt.endret_tid
    where allerede_sendt.behandling_uuid is null

),

final as (

    select
        behandlinger.behandling_id,
        {{ saksstatistikk_column_list(
            'forelopere', ['endret_tid', 'behandling_status', 'teknisk_tid', 'er_relast']
        ) }},
        'OVERSENDT_KA' as behandling_status,
        false as er_relast,
        forelopere.oversendt_tid as endret_tid,
        {{ naa() }} as teknisk_tid

    from forelopere
    left join behandlinger
        on forelopere.behandling_uuid = behandlinger.behandling_referanse
    where forelopere.nr = 1

)

select * from final
