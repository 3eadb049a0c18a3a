-- The tenth attempt is the last that comes by itself: what has spent ten is FAILED, or done with.
with

final as (

    select
        id,
        ingest_status,
        ingest_attempts

    from {{ ref('silver_arena__arena_data') }}
    where ingest_status = 'RETRY' and ingest_attempts >= 10

)

select * from final
