with

source as (

    select * from {{ kilde('tv1', 'tracking') }}

),

renamed as (

    select
        -- ids
        {{ safe_whole_number('tracking_id') }} as tracking_id,
        {{ safe_whole_number('session_id') }} as session_id,
        {{ safe_whole_number('target_id') }} as target_id,
        {{ safe_whole_number('user_id') }} as user_id,

        -- text
        {{ text('tracking_id') }} as tracking_id_text,
        {{ text('tracking_time') }} as tracking_time_text,
        {{ text('type') }} as event_type,
        {{ text('session_id') }} as session_id_text,
        {{ text('target_id') }} as target_id_text,
        {{ text('platform') }} as platform,
        {{ text('context') }} as context,
        {{ text('user_id') }} as user_id_text,

        -- numbers
        {{ tv1_block(safe_whole_number('tracking_id')) }} as block,
        {{ row_fingerprint([
            'tracking_id', 'tracking_time', 'type', 'session_id', 'target_id', 'platform',
            'context', 'user_id',
        ]) }} as fingerprint,

        -- dates
        {{ safe_local_timestamp('tracking_time') }} as event_time

    from source

)

select * from renamed
