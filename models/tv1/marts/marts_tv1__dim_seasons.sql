with

seasons as (

    select * from {{ ref('stg_tv1__seasons') }}

),

final as (

    select
        season_id,
        program_id,
        season,
        url

    from seasons
    where {{ tv1_is_used('season_id') }}

)

select * from final
