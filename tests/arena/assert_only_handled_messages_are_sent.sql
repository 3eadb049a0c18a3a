-- A message is sent because its treatment succeeded, at that time: never one that waits, failed or
-- was left to another source.
with

sendte as (

    select * from {{ ref('gold_arena__amt_meldinger') }}

),

handterte as (

    select distinct
        id,
        naa

    from {{ ref('silver_arena__logg') }}
    where ingest_status = 'HANDLED' and hendelse <> 'rekonstruert'

),

final as (

    select
        sendte.arena_data_id,
        sendte.sendt_tid

    from sendte
    left join handterte
        on
            sendte.arena_data_id = handterte.id
            and sendte.sendt_tid = handterte.naa
    where handterte.id is null

)

select * from final
