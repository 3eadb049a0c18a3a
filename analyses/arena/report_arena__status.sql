select
    arena_table_name,
    ingest_status,
    antall,
    eldste_operation_timestamp

from {{ ref('gold_arena__ingest_status') }}
order by
    {{ byte_order('arena_table_name') }},
    {{ byte_order('ingest_status') }}
