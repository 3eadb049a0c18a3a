with

dim_segmentation as (

    select * from {{ ref('marts_tv1__dim_segmentation') }}

),

final as (

    select
        segment_id,
        segment_key,
        name,
        description,
        activity_level

    from dim_segmentation

)

select * from final
