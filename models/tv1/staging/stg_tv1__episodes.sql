with

source as (

    select * from {{ kilde('tv1', 'episodes') }}

),

renamed as (

    select
        -- ids
        {{ safe_whole_number('episode_id') }} as episode_id,
        {{ safe_whole_number('program_id') }} as program_id,
        {{ safe_whole_number('season_id') }} as season_id,

        -- text
        {{ text('episode_id') }} as episode_id_text,
        {{ text('program_id') }} as program_id_text,
        {{ text('season_id') }} as season_id_text,
        {{ text('title') }} as title,
        {{ text('details') }} as details,
        {{ text('url') }} as url,
        {{ text('description') }} as description,
        {{ text('image') }} as image

    from source

),

numbered as (

    select
        *,
        {{ occurrence_number(
            ['episode_id'],
            [
                byte_order('program_id_text'),
                byte_order('season_id_text'),
                byte_order('title'),
                byte_order('details'),
                byte_order('url'),
                byte_order('description'),
                byte_order('image'),
            ]
        ) }} as occurrence_nr

    from renamed

)

select * from numbered
