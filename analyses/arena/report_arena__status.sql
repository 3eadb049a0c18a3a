-- The relation has the name of a column, and BigQuery takes the name for the relation.
select
    tall.arena_table_name,
    tall.ingest_status,
    tall.antall,
    tall.eldste_operation_timestamp

from {{ ref('gold_arena__ingest_status') }} as tall
order by
    {{ byte_order('tall.arena_table_name') }},
    {{ byte_order('tall.ingest_status') }}
