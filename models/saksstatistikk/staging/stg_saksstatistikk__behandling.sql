with

source as (

    select * from {{ kilde('saksstatistikk', 'behandling') }}

),

renamed as (

    select
        -- ids
        {{ safe_whole_number('id') }} as behandling_id,
        {{ text('id') }} as id_tekst,
        {{ text('referanse') }} as behandling_referanse,
        {{ text('saksnummer') }} as saksnummer,
        {{ text('aktor_id') }} as aktor_id,

        -- text
        {{ text('type_behandling') }} as type_behandling,
        {{ text('status') }} as status,
        {{ text('opprettet_av') }} as opprettet_av,
        {{ text('aarsak_til_opprettelse') }} as aarsak_til_opprettelse,
        {{ text('er_skjermet') }} as er_skjermet_tekst,
        {{ text('opprettet_tid') }} as opprettet_tid_tekst,
        {{ text('mottatt_tid') }} as mottatt_tid_tekst,

        -- booleans
        {{ safe_boolean('er_skjermet') }} as er_skjermet,

        -- dates
        {{ safe_local_timestamp('opprettet_tid') }} as opprettet_tid,
        {{ safe_local_timestamp('mottatt_tid') }} as mottatt_tid

    from source

),

numbered as (

    select
        *,
        {{ occurrence_number(
            ['behandling_id'],
            [
                byte_order('behandling_referanse'),
                byte_order('saksnummer'),
                byte_order('aktor_id'),
                byte_order('type_behandling'),
                byte_order('status'),
                byte_order('opprettet_tid_tekst'),
                byte_order('mottatt_tid_tekst'),
                byte_order('opprettet_av'),
                byte_order('aarsak_til_opprettelse'),
                byte_order('er_skjermet_tekst'),
            ]
        ) }} as forekomst_nr

    from renamed

)

select * from numbered
