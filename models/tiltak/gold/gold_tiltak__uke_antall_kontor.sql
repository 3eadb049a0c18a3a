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

-- every office has a grid of its own names
tiltaksnavn as (

    select distinct
        enhetsnummer,
        tiltaksnavn

    from endringer

),

innsatsgrupper as (

    select distinct
        enhetsnummer,
        innsatsgruppe

    from endringer

),

avdelinger as (

    select distinct
        enhetsnummer,
        avdeling

    from endringer

),

final as (

    select
        tiltaksnavn.enhetsnummer,
        uker.iso_aar as {{ adapter.quote('år') }},
        uker.iso_uke as uke,
        tiltaksnavn.tiltaksnavn,
        innsatsgrupper.innsatsgruppe,
        avdelinger.avdeling,
        coalesce(celler.antall, 0) as antall

    from tiltaksnavn
    inner join innsatsgrupper
        on tiltaksnavn.enhetsnummer = innsatsgrupper.enhetsnummer
    inner join avdelinger
        on tiltaksnavn.enhetsnummer = avdelinger.enhetsnummer
    cross join uker
    left join celler
        on
            uker.mandag = celler.mandag
            and tiltaksnavn.enhetsnummer = celler.enhetsnummer
            and tiltaksnavn.tiltaksnavn = celler.tiltaksnavn
            and innsatsgrupper.innsatsgruppe = celler.innsatsgruppe
            and avdelinger.avdeling = celler.avdeling

)

select * from final
