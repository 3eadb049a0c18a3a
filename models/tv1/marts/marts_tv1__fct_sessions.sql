with

sessions as (

    select * from {{ ref('silver_tv1__sessions') }}

),

final as (

    select
        session_tracking_id,
        session_id,
        session_start_time,
        session_start_date,
        platform,
        user_id,
        last_end_time,
        session_duration_min,
        episodes_in_session

    from sessions

)

select * from final
