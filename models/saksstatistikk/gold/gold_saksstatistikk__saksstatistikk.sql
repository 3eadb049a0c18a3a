{{
    config(
        partition_by=partition_by_month('teknisk_tid', 'datetime'),
        cluster_by=['behandling_uuid'],
    )
}}
-- depends_on: {{ ref('silver_saksstatistikk__jobbforsok') }}

with

tillegg as (

    select * from {{ ref('silver_saksstatistikk__tillegg') }}

),

{% if is_incremental() %}

siste_sendte as (

    select max(id) as siste_id
    from {{ this }}

),

-- what is there already is not appended again, however often this is run
nye_rader as (

    select tillegg.*

    from tillegg
    cross join siste_sendte
    where tillegg.id > coalesce(siste_sendte.siste_id, 0)

),

{% else %}

-- gold begins as what the owner has sent
nye_rader as (

    select * from {{ ref('silver_saksstatistikk__sendt') }}
    union all
    select * from tillegg

),

{% endif %}

final as (

    select
        cast(id as {{ dbt.type_bigint() }}) as id,
        fagsystem_navn,
        behandling_uuid,
        saksnummer,
        relatert_behandling_uuid,
        relatert_fagsystem,
        behandling_type,
        aktor_id,
        teknisk_tid,
        registrert_tid,
        endret_tid,
        mottatt_tid,
        vedtak_tid,
        ferdigbehandlet_tid,
        versjon,
        avsender,
        opprettet_av,
        ansvarlig_beslutter,
        soknadsformat,
        saksbehandler,
        behandlingmetode,
        behandling_status,
        behandling_aarsak,
        behandling_resultat,
        resultat_begrunnelse,
        ansvarlig_enhet_kode,
        sak_ytelse,
        er_relast,
        sak_utland

    from nye_rader

)

select * from final
