with

logg as (

    select * from {{ ref('silver_arena__tidligere_logg') }}

),

meldinger as (

    select * from {{ ref('silver_arena__meldinger') }}

),

fullforte as (

    select coalesce(max(pass_nr), 0) as pass_nr from {{ ref('silver_arena__fullforte_pass') }}

),

-- only what was open once can be open now
en_gang_apne as (

    select distinct id
    from {{ ref('silver_arena__tidligere_logg') }}
    where ingest_status in ({{ arena_open_statuses() }})

),

nummererte as (

    select
        logg.id,
        logg.hendelse,
        logg.ingest_status,
        logg.note,
        logg.pass_nr,
        logg.ingest_attempts,
        logg.ingested_timestamp,
        logg.last_attempted,
        row_number() over (partition by logg.id order by logg.pass_nr desc) as nr

    from logg
    inner join en_gang_apne
        on logg.id = en_gang_apne.id

),

final as (

    select
        nummererte.id,
        meldinger.arena_id,
        meldinger.gjennomforing_arena_id,
        meldinger.annen_gjennomforing_arena_id,
        meldinger.arena_table_name,
        meldinger.operation_type,
        meldinger.pos,
        nummererte.ingest_status,
        nummererte.ingest_attempts,
        -- a run that was killed after it wrote the log has tried these; the next one finishes it
        nummererte.pass_nr > fullforte.pass_nr
        and nummererte.hendelse <> 'rekonstruert' as er_forsokt_i_avbrutt_pass,
        nummererte.ingested_timestamp,
        nummererte.last_attempted

    from nummererte
    inner join meldinger
        on nummererte.id = meldinger.id
    cross join fullforte
    where
        nummererte.nr = 1
        and nummererte.ingest_status in ({{ arena_open_statuses() }})

)

select * from final
