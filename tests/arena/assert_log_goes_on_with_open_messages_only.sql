-- What is done with is not treated again, unless somebody put it back to RETRY; and what the log
-- has is a message that was received. Else a participant would be sent twice for one message.
with

logg as (

    select
        id,
        hendelse,
        pass_nr,
        lag(pass_nr) over (partition by id order by pass_nr) as forrige_pass_nr,
        lag(ingest_status) over (partition by id order by pass_nr) as forrige_status

    from {{ ref('silver_arena__logg') }}

),

meldinger as (

    select id from {{ ref('silver_arena__meldinger') }}

),

final as (

    select
        logg.id,
        logg.pass_nr,
        logg.forrige_status

    from logg
    left join meldinger
        on logg.id = meldinger.id
    where
        meldinger.id is null
        or (logg.hendelse = 'ny') <> (logg.forrige_pass_nr is null)
        or (
            logg.hendelse = 'forsok'
            and coalesce(logg.forrige_status, '') not in ({{ arena_open_statuses() }})
        )

)

select * from final
