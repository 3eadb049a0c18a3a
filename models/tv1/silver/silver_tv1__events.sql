with

-- each reads the source for itself: as one CTE that all share, engines would keep a copy of it
ids as (

    select tracking_id from {{ ref('silver_tv1__changed_events') }}

),

once as (

    select * from {{ ref('silver_tv1__changed_events') }}

),

repeatedly as (

    select * from {{ ref('silver_tv1__changed_events') }}

),

repeated_ids as (

    select tracking_id
    from ids
    where tracking_id is not null
    group by tracking_id
    having count(*) > 1

),

any_repeated_id as (

    select tracking_id from repeated_ids
    order by tracking_id
    limit 1

),

-- numbering costs a sort, so only what is there more than once is numbered
numbered as (

    select
        once.*,
        1 as occurrence_nr

    from once
    left join repeated_ids
        on once.tracking_id = repeated_ids.tracking_id
    where repeated_ids.tracking_id is null

    union all

    select
        repeatedly.*,
        {{ occurrence_number(
            ['repeatedly.tracking_id'],
            [
                'event_time desc',
                byte_order('tracking_time_text'),
                byte_order('event_type'),
                byte_order('session_id_text'),
                byte_order('target_id_text'),
                byte_order('platform'),
                byte_order('context'),
                byte_order('user_id_text'),
            ]
        ) | indent(8) }} as occurrence_nr

    from repeatedly
    inner join repeated_ids
        on repeatedly.tracking_id = repeated_ids.tracking_id
    -- asked first, it saves reading the events where nothing is repeated
    where exists (select 1 from any_repeated_id)

),

documents as (

    select
        tracking_id,
        session_id,
        user_id,
        tracking_id_text,
        platform,
        event_time,
        tracking_id is not null and occurrence_nr > 1 as is_duplicate,
        coalesce(event_type = {{ tv1_session_type() }}, false) as is_session_start,
        coalesce(event_type = {{ tv1_episode_type() }}, false) as is_episode_start,
        case when event_type = {{ tv1_episode_type() }} then target_id end as episode_id,
        case
            when event_type = {{ tv1_session_type() }} and context is null then 'object'
            else {{ json_kind('context') }}
        end as context_kind,
        context

    from numbered

),

objects as (

    select
        tracking_id,
        session_id,
        user_id,
        episode_id,
        tracking_id_text,
        platform,
        event_time,
        is_duplicate,
        is_session_start,
        is_episode_start,
        coalesce(context_kind = 'object', false) as has_context,
        case when is_episode_start and context_kind = 'object' then context end as contents

    from documents

),

{{ json_columns(
    'contexts',
    'objects',
    [
        'tracking_id', 'session_id', 'user_id', 'episode_id', 'tracking_id_text', 'platform',
        'event_time', 'is_duplicate', 'is_session_start', 'is_episode_start', 'has_context',
    ],
    'contents',
    {'start_time': 'start_time', 'end_time': 'end_time', 'finished_text': 'finished'}
) }},

typed {{ computed_once() }} (

    select
        tracking_id,
        session_id,
        user_id,
        episode_id,
        tracking_id_text,
        platform,
        event_time,
        {{ safe_local_timestamp('start_time') }} as episode_start_time,
        {{ safe_local_timestamp('end_time') }} as episode_end_time,
        {{ safe_boolean('finished_text') }} as finished,
        is_duplicate,
        is_session_start,
        is_episode_start,
        has_context

    from contexts

),

final as (

    select
        *,
        {{ tv1_minutes('episode_start_time', 'episode_end_time') }} as watched_minutes,
        tracking_id is not null
        and not is_duplicate
        and (is_session_start or is_episode_start) as is_used

    from typed

)

select * from final
