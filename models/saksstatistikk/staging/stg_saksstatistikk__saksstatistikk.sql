with

source as (

    select * from {{ kilde('saksstatistikk', 'saksstatistikk') }}

),

renamed as (

    select
        -- ids
        {{ safe_whole_number('id') }} as id,
        {{ text('id') }} as id_tekst,
        {{ text('behandling_uuid') }} as behandling_uuid,
        {{ text('relatert_behandling_uuid') }} as relatert_behandling_uuid,
        {{ text('saksnummer') }} as saksnummer,
        {{ text('aktor_id') }} as aktor_id,

        -- text
        {{ text('fagsystem_navn') }} as fagsystem_navn,
        {{ text('relatert_fagsystem') }} as relatert_fagsystem,
        {{ text('behandling_type') }} as behandling_type,
        {{ text('versjon') }} as versjon,
        {{ text('avsender') }} as avsender,
        {{ text('opprettet_av') }} as opprettet_av,
        {{ text('ansvarlig_beslutter') }} as ansvarlig_beslutter,
        {{ text('soknadsformat') }} as soknadsformat,
        {{ text('saksbehandler') }} as saksbehandler,
        {{ text('behandlingmetode') }} as behandlingmetode,
        {{ text('behandling_status') }} as behandling_status,
        {{ text('behandling_aarsak') }} as behandling_aarsak,
        {{ text('behandling_resultat') }} as behandling_resultat,
        {{ text('resultat_begrunnelse') }} as resultat_begrunnelse,
        {{ text('ansvarlig_enhet_kode') }} as ansvarlig_enhet_kode,
        {{ text('sak_ytelse') }} as sak_ytelse,
        {{ text('er_relast') }} as er_relast_tekst,
        {{ text('teknisk_tid') }} as teknisk_tid_tekst,
        {{ text('registrert_tid') }} as registrert_tid_tekst,
        {{ text('endret_tid') }} as endret_tid_tekst,
        {{ text('mottatt_tid') }} as mottatt_tid_tekst,
        {{ text('vedtak_tid') }} as vedtak_tid_tekst,
        {{ text('ferdigbehandlet_tid') }} as ferdigbehandlet_tid_tekst,

        -- booleans
        {{ safe_boolean('er_relast') }} as er_relast,

        -- dates
        {{ safe_local_timestamp('teknisk_tid') }} as teknisk_tid,
        {{ safe_local_timestamp('registrert_tid') }} as registrert_tid,
        {{ safe_local_timestamp('endret_tid') }} as endret_tid,
        {{ safe_local_timestamp('mottatt_tid') }} as mottatt_tid,
        {{ safe_local_timestamp('vedtak_tid') }} as vedtak_tid,
        {{ safe_local_timestamp('ferdigbehandlet_tid') }} as ferdigbehandlet_tid

    from source

)

select * from renamed
