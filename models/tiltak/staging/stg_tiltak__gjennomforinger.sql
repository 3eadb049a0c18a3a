with

source as (

    select * from {{ kilde('tiltak', 'gjennomforinger') }}

),

renamed as (

    select
        -- ids
        {{ text('id') }} as gjennomforing_id,
        {{ text('tiltakstype_id') }} as tiltakstype_id,
        {{ text('avtale_id') }} as avtale_id,

        -- text
        {{ text('tiltaksnummer') }} as tiltaksnummer,
        {{ text('start_dato') }} as start_dato_tekst,
        {{ text('slutt_dato') }} as slutt_dato_tekst,
        {{ text('opprettet_tidspunkt') }} as opprettet_tidspunkt_tekst,
        {{ text('oppdatert_tidspunkt') }} as oppdatert_tidspunkt_tekst,
        {{ text('avsluttet_tidspunkt') }} as avsluttet_tidspunkt_tekst,

        -- dates
        {{ safe_date('start_dato') }} as start_dato,
        {{ safe_date('slutt_dato') }} as slutt_dato,
        {{ safe_local_timestamp('opprettet_tidspunkt') }} as opprettet_tidspunkt,
        {{ safe_local_timestamp('oppdatert_tidspunkt') }} as oppdatert_tidspunkt,
        {{ safe_local_timestamp('avsluttet_tidspunkt') }} as avsluttet_tidspunkt

    from source

),

numbered as (

    select
        *,
        {{ occurrence_number(
            ['gjennomforing_id'],
            [
                'oppdatert_tidspunkt desc',
                'opprettet_tidspunkt desc',
                byte_order('tiltakstype_id'),
                byte_order('avtale_id'),
                byte_order('tiltaksnummer'),
                byte_order('start_dato_tekst'),
                byte_order('slutt_dato_tekst'),
                byte_order('oppdatert_tidspunkt_tekst'),
                byte_order('opprettet_tidspunkt_tekst'),
                byte_order('avsluttet_tidspunkt_tekst'),
            ]
        ) }} as forekomst_nr

    from renamed

)

select * from numbered
