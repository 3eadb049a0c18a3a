with

users as (

    select * from {{ ref('stg_tv1__users') }}

),

segmentation as (

    select * from {{ ref('stg_tv1__segmentation') }}

),

programs as (

    select * from {{ ref('stg_tv1__programs') }}

),

seasons as (

    select * from {{ ref('stg_tv1__seasons') }}

),

episodes as (

    select * from {{ ref('stg_tv1__episodes') }}

),

sessions as (

    select * from {{ ref('silver_tv1__sessions') }}

),

episode_events as (

    select * from {{ ref('silver_tv1__episodes') }}

),

event_avvik as (

    select * from {{ ref('silver_tv1__event_avvik') }}

),

used_users as (

    select *
    from users
    where {{ tv1_is_used('user_id') }}

),

used_segmentation as (

    select *
    from segmentation
    where {{ tv1_is_used('segment_id') }}

),

used_programs as (

    select *
    from programs
    where {{ tv1_is_used('program_id') }}

),

used_seasons as (

    select *
    from seasons
    where {{ tv1_is_used('season_id') }}

),

used_episodes as (

    select *
    from episodes
    where {{ tv1_is_used('episode_id') }}

),

session_ids as (

    select
        session_id,
        count(*) as session_count

    from sessions
    where session_id is not null
    group by session_id

),

used_events as (

    select
        session_tracking_id as tracking_id,
        user_id

    from sessions
    union all
    select
        tracking_id,
        user_id

    from episode_events

),

broken as (

    select
        'tracking' as tabell,
        nokkel,
        regel

    from event_avvik
    union all
    select
        'tracking' as tabell,
        cast(used_events.tracking_id as {{ dbt.type_string() }}) as nokkel,
        'unknown_user' as regel

    from used_events
    left join used_users
        on used_events.user_id = used_users.user_id
    where used_events.user_id is not null and used_users.user_id is null
    union all
    select
        'tracking' as tabell,
        cast(episode_events.tracking_id as {{ dbt.type_string() }}) as nokkel,
        'unknown_episode' as regel

    from episode_events
    left join used_episodes
        on episode_events.episode_id = used_episodes.episode_id
    where episode_events.episode_id is not null and used_episodes.episode_id is null
    union all
    select
        'tracking' as tabell,
        cast(episode_events.tracking_id as {{ dbt.type_string() }}) as nokkel,
        'unknown_session' as regel

    from episode_events
    left join session_ids
        on episode_events.session_id = session_ids.session_id
    where episode_events.session_id is not null and session_ids.session_id is null
    union all
    select
        'tracking' as tabell,
        cast(sessions.session_tracking_id as {{ dbt.type_string() }}) as nokkel,
        'shared_session_id' as regel

    from sessions
    inner join session_ids
        on sessions.session_id = session_ids.session_id
    where session_ids.session_count > 1
    union all
    select
        'users' as tabell,
        user_id_text as nokkel,
        'no_key' as regel

    from users
    where user_id is null
    union all
    select
        'users' as tabell,
        cast(user_id as {{ dbt.type_string() }}) as nokkel,
        'duplicate' as regel

    from users
    where user_id is not null and occurrence_nr > 1
    union all
    select
        'users' as tabell,
        cast(user_id as {{ dbt.type_string() }}) as nokkel,
        'no_segment_id' as regel

    from used_users
    where segment_id is null
    union all
    select
        'users' as tabell,
        cast(used_users.user_id as {{ dbt.type_string() }}) as nokkel,
        'unknown_segment' as regel

    from used_users
    left join used_segmentation
        on used_users.segment_id = used_segmentation.segment_id
    where used_users.segment_id is not null and used_segmentation.segment_id is null
    union all
    select
        'segmentation' as tabell,
        segment_id_text as nokkel,
        'no_key' as regel

    from segmentation
    where segment_id is null
    union all
    select
        'segmentation' as tabell,
        cast(segment_id as {{ dbt.type_string() }}) as nokkel,
        'duplicate' as regel

    from segmentation
    where segment_id is not null and occurrence_nr > 1
    union all
    select
        'programs' as tabell,
        program_id_text as nokkel,
        'no_key' as regel

    from programs
    where program_id is null
    union all
    select
        'programs' as tabell,
        cast(program_id as {{ dbt.type_string() }}) as nokkel,
        'duplicate' as regel

    from programs
    where program_id is not null and occurrence_nr > 1
    union all
    select
        'seasons' as tabell,
        season_id_text as nokkel,
        'no_key' as regel

    from seasons
    where season_id is null
    union all
    select
        'seasons' as tabell,
        cast(season_id as {{ dbt.type_string() }}) as nokkel,
        'duplicate' as regel

    from seasons
    where season_id is not null and occurrence_nr > 1
    union all
    select
        'seasons' as tabell,
        cast(used_seasons.season_id as {{ dbt.type_string() }}) as nokkel,
        'unknown_program' as regel

    from used_seasons
    left join used_programs
        on used_seasons.program_id = used_programs.program_id
    where used_programs.program_id is null
    union all
    select
        'episodes' as tabell,
        episode_id_text as nokkel,
        'no_key' as regel

    from episodes
    where episode_id is null
    union all
    select
        'episodes' as tabell,
        cast(episode_id as {{ dbt.type_string() }}) as nokkel,
        'duplicate' as regel

    from episodes
    where episode_id is not null and occurrence_nr > 1
    union all
    select
        'episodes' as tabell,
        cast(used_episodes.episode_id as {{ dbt.type_string() }}) as nokkel,
        'unknown_program' as regel

    from used_episodes
    left join used_programs
        on used_episodes.program_id = used_programs.program_id
    where used_programs.program_id is null
    union all
    select
        'episodes' as tabell,
        cast(used_episodes.episode_id as {{ dbt.type_string() }}) as nokkel,
        'unknown_season' as regel

    from used_episodes
    left join used_seasons
        on used_episodes.season_id = used_seasons.season_id
    where used_seasons.season_id is null

),

final as (

    select
        tabell,
        nokkel,
        regel,
        case regel
            {% for name, rule in tv1_avvik_rules().items() %}
            when '{{ name }}' then '{{ rule.reason }}'
            {% endfor %}
        end as beskrivelse

    from broken

)

select * from final
