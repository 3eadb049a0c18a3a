with

celler as (

    select * from {{ ref('gold_tiltak__uke_celler') }}

),

endringer as (

    select * from {{ ref('silver_tiltak__uke_endringer') }}

),

uker as (

    {{ tiltak_week_spine() }}

),

tiltaksnavn as (

    select distinct tiltaksnavn from endringer

),

innsatsgrupper as (

    select distinct innsatsgruppe from endringer

),

avdelinger as (

    select distinct avdeling from endringer

),

antall as (

    select
        mandag,
        tiltaksnavn,
        innsatsgruppe,
        avdeling,
        sum(antall) as antall

    from celler
    group by 1, 2, 3, 4

),

final as (

    select
        uker.iso_aar as {{ adapter.quote('år') }},
        uker.iso_uke as uke,
        tiltaksnavn.tiltaksnavn,
        innsatsgrupper.innsatsgruppe,
        avdelinger.avdeling,
        cast(coalesce(antall.antall, 0) as {{ dbt.type_int() }}) as antall

    from uker
    cross join tiltaksnavn
    cross join innsatsgrupper
    cross join avdelinger
    left join antall
        on
            uker.mandag = antall.mandag
            and tiltaksnavn.tiltaksnavn = antall.tiltaksnavn
            and innsatsgrupper.innsatsgruppe = antall.innsatsgruppe
            and avdelinger.avdeling = antall.avdeling

)

select * from final
