-- The messages of a participant are handled in their order: none was, in a pass that ended with an
-- older one of the same participant still open. (An older one that came later does not count.)
with

deltakerlogg as (

    select
        logg.id,
        logg.arena_id,
        logg.hendelse,
        logg.ingest_status,
        meldinger.pos,
        logg.pass_nr,
        lead(logg.pass_nr) over (partition by logg.id order by logg.pass_nr) as neste_pass_nr

    from {{ ref('silver_arena__logg') }} as logg
    inner join {{ ref('silver_arena__meldinger') }} as meldinger
        on logg.id = meldinger.id
    where logg.arena_table_name = {{ arena_deltaker_table() }}

),

handterte as (

    select * from deltakerlogg
    where ingest_status = 'HANDLED'

),

apne as (

    select * from deltakerlogg
    where ingest_status in ({{ arena_open_statuses() }})

),

final as (

    select
        handterte.id,
        apne.id as forbigatt_id,
        handterte.pass_nr

    from handterte
    inner join apne
        on
            handterte.arena_id = apne.arena_id
            and handterte.pos > apne.pos
            and handterte.pass_nr >= apne.pass_nr
    where apne.neste_pass_nr is null or apne.neste_pass_nr > handterte.pass_nr

)

select * from final
