with

changed_events as (

    select * from {{ ref('silver_tv1__changed_events') }}

),

repeated_events as (

    select * from {{ ref('silver_tv1__repeated_events') }}

),

-- the same table under another name: a CTE that is read twice keeps PostgreSQL on one core
first_events as (

    select * from {{ ref('silver_tv1__repeated_events') }}
    where occurrence_nr = 1

),

-- numbering costs a sort, so only what is there more than once is numbered
numbered as (

    select
        changed_events.tracking_id,
        changed_events.session_id,
        changed_events.target_id,
        changed_events.user_id,
        changed_events.tracking_id_text,
        changed_events.event_type,
        changed_events.platform,
        changed_events.context,
        changed_events.event_time,
        cast(1 as {{ dbt.type_bigint() }}) as occurrence_nr

    from changed_events
    left join first_events
        on changed_events.tracking_id = first_events.tracking_id
    where first_events.tracking_id is null

    union all

    select
        tracking_id,
        session_id,
        target_id,
        user_id,
        tracking_id_text,
        event_type,
        platform,
        context,
        event_time,
        occurrence_nr

    from repeated_events

),

typed as (

    select
        tracking_id,
        session_id,
        user_id,
        case when event_type = {{ tv1_episode_type() }} then target_id end as episode_id,
        case when tracking_id is null then tracking_id_text end as tracking_id_text,
        platform,
        context,
        tracking_id is not null and occurrence_nr > 1 as is_duplicate,
        coalesce(event_type = {{ tv1_session_type() }}, false) as is_session_start,
        coalesce(event_type = {{ tv1_episode_type() }}, false) as is_episode_start,
        event_time

    from numbered

),

final as (

    select
        *,
        tracking_id is not null
        and not is_duplicate
        and (is_session_start or is_episode_start) as is_used

    from typed

)

select * from final
