with

dim_seasons as (

    select * from {{ ref('marts_tv1__dim_seasons') }}

),

final as (

    select
        season_id,
        program_id,
        season,
        url

    from dim_seasons

)

select * from final
