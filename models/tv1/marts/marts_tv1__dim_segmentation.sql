with

segmentation as (

    select * from {{ ref('stg_tv1__segmentation') }}

),

final as (

    select
        segment_id,
        segment_key,
        name,
        description,
        activity_level

    from segmentation
    where {{ tv1_is_used('segment_id') }}

)

select * from final
