with

programs as (

    select * from {{ ref('stg_tv1__programs') }}

),

final as (

    select
        program_id,
        title,
        category,
        seasons,
        url,
        image

    from programs
    where {{ tv1_is_used('program_id') }}

)

select * from final
