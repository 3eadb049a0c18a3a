with

meldinger as (

    select * from {{ ref('silver_arena__meldinger') }}

),

nummererte as (

    select
        id,
        ingest_status,
        note,
        ingest_attempts,
        ingested_timestamp,
        last_attempted,
        row_number() over (partition by id order by pass_nr desc) as nr

    from {{ ref('silver_arena__logg') }}

),

final as (

    select
        meldinger.id,
        meldinger.arena_table_name,
        meldinger.arena_id,
        meldinger.operation_type,
        meldinger.operation_pos,
        meldinger.operation_timestamp,
        nummererte.ingest_status,
        nummererte.ingested_timestamp,
        nummererte.ingest_attempts,
        nummererte.last_attempted,
        meldinger.before,
        meldinger.after,
        nummererte.note

    from nummererte
    inner join meldinger
        on nummererte.id = meldinger.id
    -- a measure that is not supported has no status
    where nummererte.nr = 1 and nummererte.ingest_status <> 'IGNORED'

)

select * from final
