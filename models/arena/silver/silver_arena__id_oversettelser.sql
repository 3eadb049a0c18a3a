with

final as (

    select
        ny_amt_id as amt_id,
        arena_table_name,
        arena_id

    from {{ ref('silver_arena__logg') }}
    where ny_amt_id is not null

)

select * from final
