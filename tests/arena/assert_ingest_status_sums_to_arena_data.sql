-- The parts sum to the whole: every row of arena_data is counted once, under a status that is kept.
with

telt as (

    select
        coalesce(sum(kilde.antall), 0) as antall,
        coalesce(
            sum(
                case
                    when
                        kilde.ingest_status in (
                            'HANDLED', 'RETRY', 'FAILED', 'WAITING', 'INVALID', 'EXTERNAL_SOURCE'
                        )
                        then kilde.antall
                end
            ),
            0
        ) as antall_kjente

    -- the relation has a column of its own name, which BigQuery would take for the row
    from {{ ref('gold_arena__ingest_status') }} as kilde

),

rader as (

    select count(*) as antall from {{ ref('silver_arena__arena_data') }}

),

final as (

    select
        telt.antall as antall_telt,
        telt.antall_kjente,
        rader.antall as antall_rader

    from telt
    cross join rader
    where telt.antall <> rader.antall or telt.antall_kjente <> rader.antall

)

select * from final
