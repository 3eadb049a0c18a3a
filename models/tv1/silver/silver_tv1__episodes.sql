-- depends_on: {{ ref('silver_tv1__sessions') }}
-- Sessions first: they ask which of them the episodes belonged to before this run.

with

events as (

    select * from {{ ref('silver_tv1__events') }}

),

final as (

    select
        -- ids
        tracking_id,
        session_id,
        user_id,
        episode_id,

        -- text
        platform,

        -- numbers
        watched_minutes,

        -- booleans
        finished,

        -- dates
        event_time,
        episode_start_time,
        episode_end_time

    from events
    where is_used and is_episode_start

)

select * from final
