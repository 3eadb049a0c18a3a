with

deltakere as (

    select * from {{ ref('silver_tiltak__deltakere_merged') }}

),

-- the one pass over people: everything after it depends on weeks and names alone
perioder as (

    select
        enhetsnummer,
        tiltaksnavn,
        innsatsgruppe,
        avdeling,
        {{ monday_of('start_dato') }} as forste_uke,
        {{ monday_of('slutt_dato') }} as siste_uke,
        count(*) as antall

    from deltakere
    group by 1, 2, 3, 4, 5, 6

),

-- a period adds its people in its first week and takes them away after its last
retninger as (

    select 1 as retning
    union all
    select -1 as retning

),

endringer as (

    select
        perioder.enhetsnummer,
        perioder.tiltaksnavn,
        perioder.innsatsgruppe,
        perioder.avdeling,
        case
            when retninger.retning = 1 then perioder.forste_uke
            else {{ add_days('perioder.siste_uke', 7) }}
        end as uke,
        perioder.antall * retninger.retning as antall,

        -- an open period has no last week; one whose last week is before its first never counts,
        -- but its names belong to the grid
        perioder.forste_uke is not null
        and (perioder.siste_uke >= perioder.forste_uke or perioder.siste_uke is null) as teller

    from perioder
    cross join retninger

),

final as (

    select
        enhetsnummer,
        tiltaksnavn,
        innsatsgruppe,
        avdeling,
        case when teller then uke end as uke,
        cast(
            sum(case when teller and uke is not null then antall else 0 end) as {{ dbt.type_int() }}
        ) as endring

    from endringer
    group by 1, 2, 3, 4, 5

)

select * from final
