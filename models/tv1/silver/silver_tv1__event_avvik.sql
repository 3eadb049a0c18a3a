{%- set unchanged_blocks = tv1_unchanged_blocks() -%}

with

other_events as (

    select * from {{ ref('silver_tv1__events') }}
    where not (is_used and is_episode_start)

),

episodes as (

    select * from {{ ref('silver_tv1__episodes') }}
    where {{ tv1_block('tracking_id') }} not in ({{ unchanged_blocks }})

),

events as (

    select
        tracking_id,
        session_id,
        user_id,
        episode_id,
        tracking_id_text,
        is_duplicate,
        is_episode_start,
        is_used,
        case
            when is_used
                then
                    context is null
                    or coalesce({{ json_kind('context') | indent(20) }} = 'object', false)
        end as has_context,
        cast(null as {{ dbt.type_boolean() }}) as finished,
        event_time,
        cast(null as {{ type_local_timestamp() }}) as episode_start_time,
        cast(null as {{ type_local_timestamp() }}) as episode_end_time

    from other_events

    union all

    select
        tracking_id,
        session_id,
        user_id,
        episode_id,
        cast(null as {{ dbt.type_string() }}) as tracking_id_text,
        false as is_duplicate,
        true as is_episode_start,
        true as is_used,
        has_context,
        finished,
        event_time,
        episode_start_time,
        episode_end_time

    from episodes

),

-- few are broken; only these are compared with each rule
broken as (

    select *
    from events
    where
        {{ tv1_event_rules().values() | join('\n        or ') }}

),

rules as (

    {% for name in tv1_event_rules() %}
    select '{{ name }}' as regel
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

judged as (

    select
        coalesce(broken.tracking_id, -1) as tracking_id,
        coalesce(
            cast(broken.tracking_id as {{ dbt.type_string() }}), broken.tracking_id_text
        ) as nokkel,
        rules.regel,
        case rules.regel
            {% for name, condition in tv1_event_rules().items() %}
            when '{{ name }}' then {{ condition }}
            {% endfor %}
        end as is_broken

    from broken
    cross join rules

),

final as (

    select
        tracking_id,
        nokkel,
        regel

    from judged
    where is_broken

)

select * from final
