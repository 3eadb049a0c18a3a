-- The two facts of tv1 as the dbt project in use today makes them on PostgreSQL, written anew from
-- its specification: each reads all of tv1_raw.tracking for itself, on every run. The first select
-- is fct_episodes_streamed, the second fct_sessions. (Minutes are numeric(18, 2) instead of
-- numeric(6, 2), so that the answers can be compared.)
with

episodes as (

    select
        tracking_id,
        session_id,
        user_id,
        tracking_time as event_time,
        target_id as episode_id,
        platform,
        cast(cast(context as json) ->> 'start_time' as timestamp) as episode_start_time,
        cast(cast(context as json) ->> 'end_time' as timestamp) as episode_end_time,
        cast(cast(context as json) ->> 'finished' as boolean) as finished

    from tv1_raw.tracking
    where type = 'Episode starts'

)

select
    *,
    cast(
        extract(epoch from (episode_end_time - episode_start_time)) / 60 as numeric(18, 2)
    ) as watched_minutes

from episodes;

with

starts as (

    select
        tracking_id as session_tracking_id,
        session_id,
        tracking_time as session_start_time,
        platform,
        user_id

    from tv1_raw.tracking
    where type = 'Session starts'

),

episodes as (

    select
        session_id,
        max(cast(cast(context as json) ->> 'end_time' as timestamp)) as last_end_time,
        count(*) as episodes_in_session

    from tv1_raw.tracking
    where type = 'Episode starts'
    group by session_id

)

select
    starts.session_tracking_id,
    starts.session_id,
    starts.session_start_time,
    cast(starts.session_start_time as date) as session_start_date,
    starts.platform,
    starts.user_id,
    coalesce(episodes.last_end_time, starts.session_start_time) as last_end_time,
    cast(
        coalesce(
            extract(epoch from (episodes.last_end_time - starts.session_start_time)) / 60, 0
        ) as numeric(18, 2)
    ) as session_duration_min,
    coalesce(episodes.episodes_in_session, 0) as episodes_in_session

from starts
left join episodes
    on starts.session_id = episodes.session_id
