-- A missing zero is a gap in a chart: the rows are weeks x measures x need groups x departments.
with

uke_antall as (

    select * from {{ ref('gold_tiltak__uke_antall') }}

),

uker as (

    {{ tiltak_week_spine() }}

),

mor as (

    select
        count(distinct tiltaksnavn)
        * count(distinct innsatsgruppe)
        * count(distinct avdeling) as antall_celler

    from {{ ref('silver_tiltak__deltakere_merged') }}

),

final as (

    select
        mor.antall_celler,
        (select count(*) from uke_antall) as antall_rader

    from mor
    where mor.antall_celler * (select count(*) from uker) <> (select count(*) from uke_antall)

)

select * from final
