with

source as (

    select * from {{ kilde('arena', 'mulighetsrommet_gjennomforinger') }}

),

renamed as (

    select
        -- ids
        {{ text('arena_id') }} as arena_id,
        {{ text('id') }} as gjennomforing_id,
        {{ text('virksomhetsnummer') }} as virksomhetsnummer,

        -- text
        {{ text('arena_kode') }} as arena_kode,
        {{ text('navn') }} as navn,
        {{ text('status') }} as status,
        {{ text('oppstart') }} as oppstart,
        {{ text('start_dato') }} as start_dato_tekst,
        {{ text('slutt_dato') }} as slutt_dato_tekst,

        -- dates
        {{ safe_date('start_dato') }} as start_dato,
        {{ safe_date('slutt_dato') }} as slutt_dato

    from source

),

-- two equal rows are told apart once, so that the same one comes first in both of the numbers
par as (

    select
        *,
        {{ occurrence_number(
            ['arena_id', 'gjennomforing_id'],
            [
                byte_order('arena_kode'),
                byte_order('status'),
                byte_order('oppstart'),
                byte_order('slutt_dato_tekst'),
                byte_order('start_dato_tekst'),
                byte_order('navn'),
                byte_order('virksomhetsnummer'),
            ]
        ) | indent(8) }} as par_nr

    from renamed

),

numbered as (

    select
        *,
        {{ occurrence_number(
            ['arena_id'], [byte_order('gjennomforing_id'), 'par_nr']
        ) | indent(8) }} as arena_id_nr,
        {{ occurrence_number(
            ['gjennomforing_id'], [byte_order('arena_id'), 'par_nr']
        ) | indent(8) }} as gjennomforing_id_nr

    from par

)

select * from numbered
