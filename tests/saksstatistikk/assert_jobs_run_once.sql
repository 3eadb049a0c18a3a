-- A job is executed at one time; the attempts of runs that died do not count. (A run that is made
-- again at the same time and then has more to append leaves two attempts for one execution.)
with

forsok as (

    select * from {{ ref('silver_saksstatistikk__jobbforsok') }}

),

gull as (

    select * from {{ ref('gold_saksstatistikk__saksstatistikk') }}

),

gjennomforte as (

    select distinct
        forsok.jobb_id,
        forsok.behandling_id,
        forsok.forsokt_tid

    from forsok
    left join gull
        on
            forsok.siste_id = gull.id
            and forsok.forsokt_tid = gull.teknisk_tid
    where forsok.antall_rader = 0 or gull.id is not null

),

final as (

    select
        jobb_id,
        behandling_id

    from gjennomforte
    group by jobb_id, behandling_id
    having count(*) > 1

)

select * from final
