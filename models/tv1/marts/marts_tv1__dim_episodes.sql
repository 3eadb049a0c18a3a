with

episodes as (

    select * from {{ ref('stg_tv1__episodes') }}

),

final as (

    select
        episode_id,
        program_id,
        season_id,
        {{ tv1_duration_seconds('details') | indent(8) }} as duration_seconds,
        title,
        {{ safe_whole_number(first_match('title', '^[[:space:]]*([0-9]+)(?:[.]|$)')) | indent(8) }}
            as episode_nr,
        details,
        url,
        description,
        image

    from episodes
    where {{ tv1_is_used('episode_id') }}

)

select * from final
