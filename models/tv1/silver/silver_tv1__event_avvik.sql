with

events as (

    select * from {{ ref('silver_tv1__events') }}

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
