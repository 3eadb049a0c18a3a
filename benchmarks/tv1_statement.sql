-- Both facts of tv1 by hand: two statements straight over tv1_raw.tracking, as fast as DuckDB goes.
-- `{schema}` is where they are made.
--
-- They trust their input (typed columns, each event once, JSON that has its keys, no end before its
-- start), which is what statements made for one generator may do.
create table {schema}.fct_episodes_streamed as
with

-- one call with a list reads the JSON once
parsed as (

    select
        tracking_id,
        session_id,
        user_id,
        tracking_time as event_time,
        target_id as episode_id,
        platform,
        json_extract_string(context, ['start_time', 'end_time', 'finished']) as contents

    from tv1_raw.tracking
    where type = 'Episode starts'

),

typed as (

    select
        * exclude (contents),
        cast(contents[1] as timestamp) as episode_start_time,
        cast(contents[2] as timestamp) as episode_end_time,
        cast(contents[3] as boolean) as finished

    from parsed

)

select
    *,
    -- hundredths of a minute are 600,000 microseconds
    cast(
        ((epoch_us(episode_end_time) - epoch_us(episode_start_time) + 300000) // 600000) * 0.01
        as decimal(18, 2)
    ) as watched_minutes

from typed;

create table {schema}.fct_sessions as
with

watched as (

    select
        session_id,
        max(episode_end_time) as last_end_time,
        count(*) as episodes_in_session

    from {schema}.fct_episodes_streamed
    group by session_id

)

select
    tracking.tracking_id as session_tracking_id,
    tracking.session_id,
    tracking.tracking_time as session_start_time,
    cast(tracking.tracking_time as date) as session_start_date,
    tracking.platform,
    tracking.user_id,
    coalesce(watched.last_end_time, tracking.tracking_time) as last_end_time,
    cast(
        coalesce(
            (epoch_us(watched.last_end_time) - epoch_us(tracking.tracking_time) + 300000)
            // 600000,
            0
        ) * 0.01
        as decimal(18, 2)
    ) as session_duration_min,
    coalesce(watched.episodes_in_session, 0) as episodes_in_session

from tv1_raw.tracking
left join watched
    on tracking.session_id = watched.session_id
where tracking.type = 'Session starts'
