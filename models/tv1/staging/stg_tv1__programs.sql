with

source as (

    select * from {{ kilde('tv1', 'programs') }}

),

renamed as (

    select
        -- ids
        {{ safe_whole_number('program_id') }} as program_id,

        -- text
        {{ text('program_id') }} as program_id_text,
        {{ text('title') }} as title,
        {{ text('category') }} as category,
        {{ text('seasons') }} as seasons,
        {{ text('url') }} as url,
        {{ text('image') }} as image

    from source

),

numbered as (

    select
        *,
        {{ occurrence_number(
            ['program_id'],
            [
                byte_order('title'),
                byte_order('category'),
                byte_order('seasons'),
                byte_order('url'),
                byte_order('image'),
            ]
        ) }} as occurrence_nr

    from renamed

)

select * from numbered
