{{
    config(
        unique_key=['session_tracking_id'],
        incremental_strategy=replace_by_key(),
        partition_by=partition_by_month('session_start_date', 'date'),
        cluster_by=['session_id'],
    )
}}
{%- set affected = ref('silver_tv1__affected_sessions') -%}
{%- set unchanged_blocks = tv1_unchanged_blocks() -%}

with

session_events as (

    select * from {{ ref('silver_tv1__events') }}
    where is_used and is_session_start

),

loaded_episodes as (

    select * from {{ ref('silver_tv1__episodes') }}

),

{% if is_incremental() %}
affected_sessions as (

    select * from {{ affected }}

),

unchanged_blocks as (

    {{ unchanged_blocks }}

),

{% endif %}
starts as (

    select
        tracking_id as session_tracking_id,
        session_id,
        event_time as session_start_time,
        platform,
        user_id

    from session_events
    {%- if is_incremental() %}

    union all

    select
        loaded.session_tracking_id,
        loaded.session_id,
        loaded.session_start_time,
        loaded.platform,
        loaded.user_id

    from {{ this }} as loaded
    inner join affected_sessions
        on loaded.session_id = affected_sessions.session_id
    inner join unchanged_blocks
        on {{ tv1_block('loaded.session_tracking_id') }} = unchanged_blocks.block
    {%- endif %}

),

episodes as (

    select
        loaded_episodes.session_id,
        loaded_episodes.episode_id,
        loaded_episodes.episode_end_time,
        loaded_episodes.finished,
        loaded_episodes.watched_minutes

    from loaded_episodes
    {% if is_incremental() %}
    inner join affected_sessions
        on loaded_episodes.session_id = affected_sessions.session_id
    {% endif %}

),

watched as (

    select
        session_id,
        max(episode_end_time) as last_end_time,
        count(*) as episodes_in_session,
        count(episode_id) as episodes_watched,
        sum(case when finished and episode_id is not null then 1 else 0 end)
            as episodes_watched_to_end,
        sum(watched_minutes) as minutes_watched

    from episodes
    group by session_id

),

final as (

    select
        -- ids
        starts.session_tracking_id,
        starts.session_id,
        starts.user_id,

        -- text
        starts.platform,

        -- numbers
        case
            when watched.last_end_time is null then cast(0 as numeric(18, 2))
            else
                {{ tv1_minutes('starts.session_start_time', 'watched.last_end_time') | indent(16) }}
        end as session_duration_min,
        coalesce(watched.episodes_in_session, 0) as episodes_in_session,
        coalesce(watched.episodes_watched, 0) as episodes_watched,
        cast(coalesce(watched.episodes_watched_to_end, 0) as {{ dbt.type_bigint() }})
            as episodes_watched_to_end,
        cast(coalesce(watched.minutes_watched, 0) as numeric(18, 2)) as minutes_watched,

        -- dates
        starts.session_start_time,
        coalesce(watched.last_end_time, starts.session_start_time) as last_end_time,
        cast(starts.session_start_time as date) as session_start_date

    from starts
    left join watched
        on starts.session_id = watched.session_id

)

select * from final
