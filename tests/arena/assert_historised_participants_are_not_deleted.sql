-- A participant that went to Arena's history was not deleted: once a hist row has the participant's
-- id, its delete must not reach AMT.
with

slettinger as (

    select
        logg.id,
        logg.deltaker_id,
        logg.pass_nr

    from {{ ref('silver_arena__logg') }} as logg
    inner join {{ ref('silver_arena__meldinger') }} as meldinger
        on logg.id = meldinger.id
    where
        logg.topic is not null
        and logg.arena_table_name = {{ arena_deltaker_table() }}
        and meldinger.operation_type = 'DELETED'

),

historiserte as (

    select
        ny_hist_amt_id as deltaker_id,
        pass_nr

    from {{ ref('silver_arena__logg') }}
    where ny_hist_amt_id is not null

),

final as (

    select
        slettinger.id,
        slettinger.deltaker_id

    from slettinger
    inner join historiserte
        on
            slettinger.deltaker_id = historiserte.deltaker_id
            and slettinger.pass_nr >= historiserte.pass_nr

)

select * from final
