with

source as (

    select * from {{ kilde('saksstatistikk', 'behandling_historikk') }}

),

renamed as (

    select
        -- ids
        {{ safe_whole_number('id') }} as historikk_id,
        {{ safe_whole_number('behandling_id') }} as behandling_id,
        {{ text('id') }} as id_tekst,
        {{ text('behandling_id') }} as behandling_id_tekst,
        {{ text('relatert_behandling_referanse') }} as relatert_behandling_referanse,

        -- text
        {{ text('status') }} as status,
        {{ text('siste_saksbehandler') }} as siste_saksbehandler,
        {{ text('gjeldende_avklaringsbehov') }} as gjeldende_avklaringsbehov,
        {{ text('gjeldende_avklaringsbehov_status') }} as gjeldende_avklaringsbehov_status,
        {{ text('behandlingmetode') }} as behandlingmetode,
        {{ text('ansvarlig_enhet') }} as ansvarlig_enhet,
        {{ text('venteaarsak') }} as venteaarsak,
        {{ text('retur_aarsak') }} as retur_aarsak,
        {{ text('ansvarlig_beslutter') }} as ansvarlig_beslutter,
        {{ text('resultat') }} as resultat,
        {{ text('rettighetstype') }} as rettighetstype,
        {{ text('soknadsformat') }} as soknadsformat,
        {{ text('versjon') }} as versjon,
        {{ text('slettet') }} as slettet_tekst,
        {{ text('hendelsestidspunkt') }} as hendelsestidspunkt_tekst,
        {{ text('oppdatert_tid') }} as oppdatert_tid_tekst,
        {{ text('vedtak_tidspunkt') }} as vedtak_tidspunkt_tekst,

        -- booleans
        {{ safe_boolean('slettet') }} as slettet,

        -- dates
        {{ safe_local_timestamp('hendelsestidspunkt') }} as hendelsestidspunkt,
        {{ safe_local_timestamp('oppdatert_tid') }} as oppdatert_tid,
        {{ safe_local_timestamp('vedtak_tidspunkt') }} as vedtak_tidspunkt

    from source

)

select * from renamed
