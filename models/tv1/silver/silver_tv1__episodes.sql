{{
    config(
        partition_by=partition_by_month('event_time', 'datetime'),
        cluster_by=['session_id'],
    )
}}
-- depends_on: {{ ref('silver_tv1__affected_sessions') }}
-- These first: they ask which sessions the episodes belonged to before this run.
{%- set kept = [
    'tracking_id', 'session_id', 'user_id', 'episode_id', 'platform', 'event_time', 'context',
] %}

with

events as (

    select * from {{ ref('silver_tv1__events') }}
    where is_used and is_episode_start

),

documents as (

    select
        {{ kept | join(',\n        ') }},
        case when {{ json_is_readable('context') }} then context end as json_context

    from events

),

{{ json_columns(
    'contexts',
    'documents',
    kept,
    'json_context',
    {'start_time': 'start_time', 'end_time': 'end_time', 'finished_text': 'finished'}
) }},

typed as (

    select
        *,
        {{ safe_local_timestamp('start_time') }} as start_timestamp,
        {{ safe_local_timestamp('end_time') }} as end_timestamp,
        {{ safe_boolean('finished_text') }} as is_finished

    from contexts
    {{ computed_once() }}

),

-- readers of JSON forgive more than JSON is; what they read of such a text does not count
judged as (

    select
        *,
        case
            when {{ tv1_is_plain_context() | indent(16) }}
                then true
            else coalesce({{ json_kind('context') | indent(12) }} = 'object', false)
        end as has_context

    from typed

),

contents as (

    select
        *,
        case when has_context then start_timestamp end as episode_start_time,
        case when has_context then end_timestamp end as episode_end_time,
        case when has_context then is_finished end as finished

    from judged
    {{ computed_once() }}

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
        {{ tv1_minutes('episode_start_time', 'episode_end_time') | indent(8) }} as watched_minutes,

        -- booleans
        finished,
        has_context,

        -- dates
        event_time,
        episode_start_time,
        episode_end_time

    from contents

)

select * from final
