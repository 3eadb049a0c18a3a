with

handterte as (

    select
        arena_data.id,
        arena_data.arena_id,
        row_number() over (
            partition by arena_data.arena_id order by arena_data.id desc
        ) as siste_nr,
        row_number() over (
            partition by arena_data.arena_id
            order by arena_data.ingested_timestamp desc, kandidatur.rekkefolge desc
        ) as siste_ingestet_nr

    from {{ ref('silver_arena__arena_data') }} as arena_data
    inner join {{ ref('silver_arena__logg') }} as kandidatur
        on arena_data.id = kandidatur.id
    where
        arena_data.arena_table_name = {{ arena_deltaker_table() }}
        and arena_data.ingest_status = 'HANDLED'
        and kandidatur.hendelse = 'ny'

),

final as (

    select
        arena_id,
        max(case when siste_nr = 1 then id end) as siste_melding_id,
        max(case when siste_ingestet_nr = 1 then id end) as siste_ingestet

    from handterte
    group by arena_id
    having
        max(case when siste_nr = 1 then id end)
        <> max(case when siste_ingestet_nr = 1 then id end)

)

select * from final
