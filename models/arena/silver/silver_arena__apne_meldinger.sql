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

    select id
    from {{ ref('silver_arena__tidligere_logg') }}
    where ingest_status in ({{ arena_open_statuses() }})

),

{{ arena_latest_of_log(
    'logg',
    [
        'id', 'hendelse', 'ingest_status', 'pass_nr', 'ingest_attempts', 'ingested_timestamp',
        'last_attempted',
    ],
    'id in (select id from en_gang_apne)',
) }},

final as (

    select
        siste_i_loggen.id,
        meldinger.arena_id,
        meldinger.gjennomforing_arena_id,
        meldinger.annen_gjennomforing_arena_id,
        meldinger.arena_table_name,
        meldinger.operation_type,
        meldinger.pos,
        siste_i_loggen.ingest_status,
        siste_i_loggen.ingest_attempts,
        -- a run that was killed after it wrote the log has tried these; the next one finishes it
        siste_i_loggen.pass_nr > fullforte.pass_nr
        and siste_i_loggen.hendelse <> 'rekonstruert' as er_forsokt_i_avbrutt_pass,
        siste_i_loggen.ingested_timestamp,
        siste_i_loggen.last_attempted

    from siste_i_loggen
    inner join meldinger
        on siste_i_loggen.id = meldinger.id
    cross join fullforte
    where siste_i_loggen.ingest_status in ({{ arena_open_statuses() }})

)

select * from final
