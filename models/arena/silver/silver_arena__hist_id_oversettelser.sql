with

final as (

    select
        ny_hist_amt_id as amt_id,
        arena_id as arena_hist_id,
        hist_arena_id as arena_id

    from {{ ref('silver_arena__logg') }}
    where ny_hist_amt_id is not null

)

select * from final
