select
    arena_table_name,
    ingest_status,
    ingest_attempts,
    count(*) as antall

from {{ ref('silver_arena__arena_data') }}
group by arena_table_name, ingest_status, ingest_attempts
order by
    {{ byte_order('arena_table_name') }},
    {{ byte_order('ingest_status') }},
    ingest_attempts
