with

-- where no block has an id twice, neither of these reads the source
ids as (

    select tracking_id
    from {{ ref('silver_tv1__changed_events') }}
    where may_repeat_ids and tracking_id is not null

),

events as (

    select * from {{ ref('silver_tv1__changed_events') }}
    where may_repeat_ids

),

repeated_ids as (

    select tracking_id
    from ids
    group by tracking_id
    having count(*) > 1

),

final as (

    select
        events.*,
        {{ occurrence_number(
            ['events.tracking_id'],
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

    from events
    inner join repeated_ids
        on events.tracking_id = repeated_ids.tracking_id

)

select * from final
