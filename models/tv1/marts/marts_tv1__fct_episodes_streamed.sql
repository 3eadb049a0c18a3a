with

episodes as (

    select * from {{ ref('silver_tv1__episodes') }}

),

final as (

    select
        tracking_id,
        session_id,
        user_id,
        event_time,
        episode_id,
        platform,
        episode_start_time,
        episode_end_time,
        finished,
        watched_minutes

    from episodes

)

select * from final
