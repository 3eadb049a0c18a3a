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

-- the columns that rows with one id can differ in, in the order in which the first is chosen
{% set rest = [
    byte_order('arena_kode'),
    byte_order('status'),
    byte_order('oppstart'),
    byte_order('slutt_dato_tekst'),
    byte_order('start_dato_tekst'),
    byte_order('navn'),
    byte_order('virksomhetsnummer'),
] %}
numbered as (

    select
        *,
        {{ occurrence_number(
            ['arena_id'], [byte_order('gjennomforing_id')] + rest
        ) | indent(8) }} as arena_id_nr,
        {{ occurrence_number(
            ['gjennomforing_id'], [byte_order('arena_id')] + rest
        ) | indent(8) }} as gjennomforing_id_nr

    from renamed

)

select * from numbered
