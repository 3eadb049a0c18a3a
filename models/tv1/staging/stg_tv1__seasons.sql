with

source as (

    select * from {{ kilde('tv1', 'seasons') }}

),

renamed as (

    select
        -- ids
        {{ safe_whole_number('season_id') }} as season_id,
        {{ safe_whole_number('program_id') }} as program_id,

        -- text
        {{ text('season_id') }} as season_id_text,
        {{ text('program_id') }} as program_id_text,
        {{ text('season') }} as season,
        {{ text('url') }} as url

    from source

),

numbered as (

    select
        *,
        {{ occurrence_number(
            ['season_id'],
            [
                byte_order('program_id_text'),
                byte_order('season'),
                byte_order('url'),
            ]
        ) }} as occurrence_nr

    from renamed

)

select * from numbered
