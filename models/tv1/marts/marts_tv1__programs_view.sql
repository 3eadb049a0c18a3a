with

dim_programs as (

    select * from {{ ref('marts_tv1__dim_programs') }}

),

final as (

    select
        program_id,
        title,
        category,
        seasons,
        url,
        image

    from dim_programs

)

select * from final
