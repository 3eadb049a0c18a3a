with

dim_episodes as (

    select * from {{ ref('marts_tv1__dim_episodes') }}

),

final as (

    select
        episode_id,
        program_id,
        season_id,
        duration_seconds,
        title,
        episode_nr,
        details,
        url,
        description,
        image

    from dim_episodes

)

select * from final
