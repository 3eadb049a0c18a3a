with

tracking as (

    select * from {{ ref('stg_tv1__tracking') }}

),

source_blocks as (

    select * from {{ ref('silver_tv1__source_blocks') }}

),

final as (

    select
        tracking.*,
        source_blocks.may_repeat_ids

    from tracking
    inner join source_blocks
        on tracking.block = source_blocks.block
    where source_blocks.is_changed

)

select * from final
