with

source as (

    select * from {{ kilde('tv1', 'segmentation') }}

),

renamed as (

    select
        -- ids
        {{ safe_whole_number('segment_id') }} as segment_id,

        -- text
        {{ text('segment_id') }} as segment_id_text,
        {{ text('segment_key') }} as segment_key,
        {{ text('name') }} as name,
        {{ text('description') }} as description,
        {{ text('activity_level') }} as activity_level,
        {{ text('child_focus') }} as child_focus,
        {{ text('preferred_platform_weights') }} as preferred_platform_weights,
        {{ text('weekday_time_windows') }} as weekday_time_windows,
        {{ text('weekend_time_windows') }} as weekend_time_windows,
        {{ text('avg_daily_minutes_weekday') }} as avg_daily_minutes_weekday,
        {{ text('avg_daily_minutes_weekend') }} as avg_daily_minutes_weekend,
        {{ text('avg_session_minutes') }} as avg_session_minutes,
        {{ text('kids_content_share') }} as kids_content_share

    from source

),

numbered as (

    select
        *,
        {{ occurrence_number(
            ['segment_id'],
            [
                byte_order('segment_key'),
                byte_order('name'),
                byte_order('description'),
                byte_order('activity_level'),
                byte_order('child_focus'),
                byte_order('preferred_platform_weights'),
                byte_order('weekday_time_windows'),
                byte_order('weekend_time_windows'),
                byte_order('avg_daily_minutes_weekday'),
                byte_order('avg_daily_minutes_weekend'),
                byte_order('avg_session_minutes'),
                byte_order('kids_content_share'),
            ]
        ) }} as occurrence_nr

    from renamed

)

select * from numbered
