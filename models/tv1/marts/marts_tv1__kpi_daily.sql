with

sessions as (

    select * from {{ ref('silver_tv1__sessions') }}

),

dim_users as (

    select * from {{ ref('marts_tv1__dim_users') }}

),

final as (

    select
        sessions.session_start_date as date_actual,
        sessions.platform,
        dim_users.segment_id,
        count(*) as sessions,
        cast(
            sum(case when sessions.episodes_in_session > 0 then 1 else 0 end)
            as {{ dbt.type_bigint() }}
        ) as streaming_sessions,
        count(distinct sessions.user_id) as active_users,
        cast(sum(sessions.episodes_watched) as {{ dbt.type_bigint() }}) as episodes_watched,
        cast(sum(sessions.episodes_watched_to_end) as {{ dbt.type_bigint() }})
            as episodes_watched_to_end,
        cast(sum(sessions.minutes_watched) as numeric(18, 2)) as minutes_watched

    from sessions
    left join dim_users
        on sessions.user_id = dim_users.user_id
    group by 1, 2, 3

)

select * from final
