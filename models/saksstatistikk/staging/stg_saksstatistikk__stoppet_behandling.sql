with

source as (

    select * from {{ kilde('saksstatistikk', 'stoppet_behandling') }}

),

renamed as (

    select
        -- ids
        {{ text('behandling_referanse') }} as behandling_referanse,
        {{ text('relatert_behandling') }} as relatert_behandling,

        -- text
        {{ text('behandling_status') }} as behandling_status,
        {{ text('resultat') }} as resultat,
        {{ text('soknadsformat') }} as soknadsformat,
        {{ text('versjon') }} as versjon,
        {{ text('mottatt_tid') }} as mottatt_tid_tekst,
        {{ text('behandling_opprettet_tidspunkt') }} as behandling_opprettet_tid_tekst,
        {{ text('vedtakstidspunkt') }} as vedtakstidspunkt_tekst,
        {{ text('tidspunkt_siste_endring') }} as tidspunkt_siste_endring_tekst,

        -- dates
        {{ safe_local_timestamp('mottatt_tid') }} as mottatt_tid,
        {{ safe_local_timestamp('behandling_opprettet_tidspunkt') }} as behandling_opprettet_tid,
        {{ safe_local_timestamp('vedtakstidspunkt') }} as vedtakstidspunkt,
        {{ safe_local_timestamp('tidspunkt_siste_endring') }} as tidspunkt_siste_endring

    from source

),

numbered as (

    select
        *,
        {{ occurrence_number(
            ['behandling_referanse'],
            [
                'tidspunkt_siste_endring desc',
                byte_order('versjon'),
                byte_order('behandling_status'),
                byte_order('resultat'),
                byte_order('vedtakstidspunkt_tekst'),
                byte_order('mottatt_tid_tekst'),
                byte_order('behandling_opprettet_tid_tekst'),
                byte_order('tidspunkt_siste_endring_tekst'),
                byte_order('soknadsformat'),
                byte_order('relatert_behandling'),
            ]
        ) }} as forekomst_nr

    from renamed

)

select * from numbered
