with

dim_users as (

    select * from {{ ref('marts_tv1__dim_users') }}

),

final as (

    select
        user_id,
        age_group,
        region,
        segment_id

    from dim_users

)

select * from final
