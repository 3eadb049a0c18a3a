-- An accounting identity: every participation of the mother table adds the weeks that it
-- overlaps, no more and no less. Counted here period by period, without the running sum that the
-- models use.
with

deltakere as (

    select * from {{ ref('silver_tiltak__deltakere_merged') }}

),

uker as (

    {{ tiltak_week_spine() }}

),

perioder as (

    select
        start_dato,
        slutt_dato,
        count(*) as antall

    from deltakere
    group by 1, 2

),

fasit as (

    select coalesce(sum(perioder.antall), 0) as antall
    from perioder
    inner join uker
        on
            perioder.start_dato <= {{ add_days('uker.mandag', 6) }}
            and (perioder.slutt_dato >= uker.mandag or perioder.slutt_dato is null)

),

talt as (

    select coalesce(sum(antall), 0) as antall from {{ ref('gold_tiltak__uke_antall') }}

),

final as (

    select
        fasit.antall as fasit,
        talt.antall as talt

    from fasit
    cross join talt
    where fasit.antall <> talt.antall

)

select * from final
