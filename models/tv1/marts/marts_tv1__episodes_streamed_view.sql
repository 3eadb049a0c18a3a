with

fct_episodes_streamed as (

    select * from {{ ref('marts_tv1__fct_episodes_streamed') }}

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

    from fct_episodes_streamed

)

select * from final
