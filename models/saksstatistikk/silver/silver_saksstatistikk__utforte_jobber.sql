with

forsok as (

    select * from {{ ref('silver_saksstatistikk__tidligere_jobbforsok') }}

),

sendt as (

    select * from {{ ref('silver_saksstatistikk__sendt') }}

),

-- an attempt took place if the last row that it was going to append is there
final as (

    select distinct
        forsok.jobb_id,
        forsok.jobbtype,
        forsok.behandling_id

    from forsok
    left join sendt
        on
            forsok.siste_id = sendt.id
            and forsok.forsokt_tid = sendt.teknisk_tid
    where
        forsok.antall_rader = 0
        or sendt.id is not null

)

select * from final
