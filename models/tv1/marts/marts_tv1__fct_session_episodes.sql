with

sessions as (

    select * from {{ ref('marts_tv1__fct_sessions') }}

),

episodes as (

    select * from {{ ref('marts_tv1__fct_episodes_streamed') }}

),

final as (

    select
        -- ids
        sessions.session_tracking_id,
        sessions.session_id,
        episodes.tracking_id,
        sessions.user_id,
        episodes.episode_id,

        -- numbers
        episodes.watched_minutes,

        -- booleans
        episodes.finished,

        -- dates
        sessions.session_start_date

    from sessions
    inner join episodes
        on sessions.session_id = episodes.session_id

)

select * from final
