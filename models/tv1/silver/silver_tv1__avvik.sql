{%- set dimensions = {
    'users': 'user_id',
    'segmentation': 'segment_id',
    'programs': 'program_id',
    'seasons': 'season_id',
    'episodes': 'episode_id',
} -%}

with

{% for table, key in dimensions.items() %}
{{ table }} as (

    select * from {{ ref('stg_tv1__' ~ table) }}

),

used_{{ table }} as (

    select *
    from {{ table }}
    where {{ tv1_is_used(key) }}

),

{% endfor %}
sessions as (

    select * from {{ ref('silver_tv1__sessions') }}

),

episode_events as (

    select * from {{ ref('silver_tv1__episodes') }}

),

event_avvik as (

    select * from {{ ref('silver_tv1__event_avvik') }}

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
    {% for one in tv1_references() %}
    union all
    select
        '{{ one.table }}' as tabell,
        cast({{ one.rows }}.{{ one.key }} as {{ dbt.type_string() }}) as nokkel,
        '{{ one.rule }}' as regel

    from {{ one.rows }}
    left join {{ one.referred }}
        on {{ one.rows }}.{{ one.column }} = {{ one.referred }}.{{ one.column }}
    where
        {{ one.referred }}.{{ one.column }} is null
        {% if not one.required %}
        and {{ one.rows }}.{{ one.column }} is not null
        {% endif %}
    {% endfor %}
    {% for table, key in dimensions.items() %}
    union all
    select
        '{{ table }}' as tabell,
        {{ key }}_text as nokkel,
        'no_key' as regel

    from {{ table }}
    where {{ key }} is null
    union all
    select
        '{{ table }}' as tabell,
        cast({{ key }} as {{ dbt.type_string() }}) as nokkel,
        'duplicate' as regel

    from {{ table }}
    where {{ key }} is not null and occurrence_nr > 1
    {% endfor %}
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
        cast(user_id as {{ dbt.type_string() }}) as nokkel,
        'no_segment_id' as regel

    from used_users
    where segment_id is null

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
