with

fct_sessions as (

    select * from {{ ref('marts_tv1__fct_sessions') }}

),

final as (

    select
        session_tracking_id,
        session_id,
        session_start_time,
        session_start_date,
        platform,
        user_id,
        last_end_time,
        session_duration_min,
        episodes_in_session,
        {{ tv1_session_duration_group('session_duration_min') | indent(8) }}
            as session_duration_group,
        {{ tv1_session_duration_group_order('session_duration_min') | indent(8) }}
            as session_duration_group_order

    from fct_sessions

)

select * from final
