-- The parts sum to the whole: sessions, episodes and minutes of kpi_daily are those of the facts. A
-- session that a late episode, or a user's new segment, did not reach would show here.
with

kpi as (

    select
        sum(sessions) as sessions,
        sum(streaming_sessions) as streaming_sessions,
        sum(episodes_watched) as episodes_watched,
        sum(episodes_watched_to_end) as episodes_watched_to_end,
        sum(minutes_watched) as minutes_watched

    from {{ ref('marts_tv1__kpi_daily') }}

),

sessions as (

    select
        count(*) as sessions,
        sum(case when episodes_in_session > 0 then 1 else 0 end) as streaming_sessions,
        sum(episodes_in_session) as episodes_in_session

    from {{ ref('marts_tv1__fct_sessions') }}

),

episodes as (

    select
        count(*) as episodes_in_session,
        count(episodes.episode_id) as episodes_watched,
        sum(case when episodes.finished and episodes.episode_id is not null then 1 else 0 end)
            as episodes_watched_to_end,
        sum(episodes.watched_minutes) as minutes_watched

    from {{ ref('marts_tv1__fct_episodes_streamed') }} as episodes
    inner join {{ ref('marts_tv1__fct_sessions') }} as fct_sessions
        on episodes.session_id = fct_sessions.session_id

),

final as (

    select
        kpi.sessions as kpi_sessions,
        sessions.sessions,
        kpi.minutes_watched as kpi_minutes_watched,
        episodes.minutes_watched

    from kpi
    cross join sessions
    cross join episodes
    where
        coalesce(kpi.sessions, 0) <> sessions.sessions
        or coalesce(kpi.streaming_sessions, 0) <> coalesce(sessions.streaming_sessions, 0)
        or coalesce(sessions.episodes_in_session, 0) <> episodes.episodes_in_session
        or coalesce(kpi.episodes_watched, 0) <> episodes.episodes_watched
        or coalesce(kpi.episodes_watched_to_end, 0)
        <> coalesce(episodes.episodes_watched_to_end, 0)
        or coalesce(kpi.minutes_watched, 0) <> coalesce(episodes.minutes_watched, 0)

)

select * from final
