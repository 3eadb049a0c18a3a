-- Offices are parts of the whole: their counts add up to the dashboard's, whatever each one's
-- grid is.
with

uke_antall as (

    select sum(antall) as antall from {{ ref('gold_tiltak__uke_antall') }}

),

per_kontor as (

    select sum(antall) as antall from {{ ref('gold_tiltak__uke_antall_kontor') }}

),

final as (

    select
        uke_antall.antall,
        per_kontor.antall as antall_kontor

    from uke_antall
    cross join per_kontor
    where coalesce(uke_antall.antall, 0) <> coalesce(per_kontor.antall, 0)

)

select * from final
