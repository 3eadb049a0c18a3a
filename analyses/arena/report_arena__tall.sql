with

meldinger as (

    select
        count(*) as meldinger,
        count(case when ingest_status in ({{ arena_open_statuses() }}) then id end) as apne,
        min(operation_timestamp) as forste_tid,
        max(operation_timestamp) as siste_tid,
        min(
            case when ingest_status in ({{ arena_open_statuses() }}) then operation_timestamp end
        ) as eldste_apne

    from {{ ref('silver_arena__arena_data') }}

),

sendte as (

    select
        count(*) as sendt,
        max(sendt_tid) as sist_sendt

    from {{ ref('gold_arena__amt_meldinger') }}

),

deltakere as (

    select count(*) as deltakere from {{ ref('gold_arena__amt_deltaker') }}

),

final as (

    select
        meldinger.meldinger,
        meldinger.apne,
        meldinger.forste_tid,
        meldinger.siste_tid,
        meldinger.eldste_apne,
        sendte.sendt,
        sendte.sist_sendt,
        deltakere.deltakere

    from meldinger
    cross join sendte
    cross join deltakere

)

select * from final
