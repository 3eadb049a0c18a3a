with

meldinger as (

    select * from {{ ref('silver_arena__meldinger') }}

),

{{ arena_latest_of_log(
    ref('silver_arena__logg'),
    ['id', 'ingest_status', 'note', 'ingest_attempts', 'ingested_timestamp', 'last_attempted'],
) }},

final as (

    select
        meldinger.id,
        meldinger.arena_table_name,
        meldinger.arena_id,
        meldinger.operation_type,
        meldinger.operation_pos,
        meldinger.operation_timestamp,
        siste_i_loggen.ingest_status,
        siste_i_loggen.ingested_timestamp,
        siste_i_loggen.ingest_attempts,
        siste_i_loggen.last_attempted,
        meldinger.before,
        meldinger.after,
        siste_i_loggen.note

    from siste_i_loggen
    inner join meldinger
        on siste_i_loggen.id = meldinger.id
    -- a measure that is not supported has no status
    where siste_i_loggen.ingest_status <> 'IGNORED'

)

select * from final
