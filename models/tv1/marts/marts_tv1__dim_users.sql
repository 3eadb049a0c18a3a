with

users as (

    select * from {{ ref('stg_tv1__users') }}

),

final as (

    select
        user_id,
        age_group,
        region,
        segment_id

    from users
    where {{ tv1_is_used('user_id') }}

)

select * from final
