with

saksstatistikk as (

    select * from {{ ref('gold_saksstatistikk__saksstatistikk') }}

),

final as (

    select
        fagsystem_navn,
        id as sekvensnummer,
        saksnummer,
        behandling_uuid,
        relatert_behandling_uuid,
        relatert_fagsystem,
        behandling_type,
        {{ instant('ferdigbehandlet_tid', 'Europe/Oslo') }} as ferdigbehandlet_tid,
        {{ instant('endret_tid', 'Europe/Oslo') }} as {{ adapter.quote('endretTid') }},
        aktor_id as fodselsnummer,
        {{ instant('teknisk_tid', 'Europe/Oslo') }} as teknisk_tid,
        {{ instant('mottatt_tid', 'Europe/Oslo') }} as mottatt_tid,
        {{ instant('registrert_tid', 'Europe/Oslo') }} as registrert_tid,
        versjon,
        avsender,
        opprettet_av,
        saksbehandler,
        {{ instant('vedtak_tid', 'Europe/Oslo') }} as vedtak_tid,
        soknadsformat,
        behandlingmetode,
        behandling_status,
        behandling_aarsak,
        ansvarlig_beslutter,
        ansvarlig_enhet_kode as ansvarlig_enhet,
        sak_ytelse,
        behandling_resultat,
        resultat_begrunnelse,
        -- the warehouse asks for these two; no source has them
        cast(null as {{ type_instant() }}) as utbetalt_tid,
        cast(null as {{ type_instant() }}) as forventet_oppstart_tid,
        sak_utland,
        er_relast

    from saksstatistikk

)

select * from final
