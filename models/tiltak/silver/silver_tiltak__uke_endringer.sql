with

deltakelser as (

    select * from {{ ref('silver_tiltak__deltakelser') }}

),

grunnlag as (

    select * from {{ ref('silver_tiltak__grunnlag') }}

),

-- the one pass over people: what it groups by is small, and names and dates come back after it
perioder as (

    select
        grunnlag.grunnlag_nr,
        deltakelser.innsatsgruppe,
        {{ week_number('deltakelser.start_dato') }} as forste_uke,
        {{ week_number('deltakelser.slutt_dato') }} as siste_uke,
        count(*) as antall

    from deltakelser
    inner join grunnlag
        on deltakelser.gjennomforing_id = grunnlag.gjennomforing_id
    where {{ tiltak_is_countable('deltakelser') }}
    group by 1, 2, 3, 4

),

-- a period adds its people in its first week and takes them away after its last
retninger as (

    select 1 as retning
    union all
    select -1 as retning

),

endringer as (

    select
        perioder.grunnlag_nr,
        perioder.innsatsgruppe,
        case
            when retninger.retning = 1 then perioder.forste_uke
            else perioder.siste_uke + 1
        end as uke_nr,
        perioder.antall * retninger.retning as antall,

        -- an open period has no last week; one whose last week is before its first never counts,
        -- but its names belong to the grid
        perioder.forste_uke is not null
        and (perioder.siste_uke >= perioder.forste_uke or perioder.siste_uke is null) as teller

    from perioder
    cross join retninger

),

summert as (

    select
        grunnlag_nr,
        innsatsgruppe,
        case when teller then uke_nr end as uke_nr,
        sum(case when teller and uke_nr is not null then antall else 0 end) as endring

    from endringer
    group by 1, 2, 3

),

final as (

    select
        grunnlag.enhetsnummer,
        grunnlag.tiltaksnavn,
        summert.innsatsgruppe,
        grunnlag.avdeling,
        {{ monday_of_week_number('summert.uke_nr') }} as uke,
        cast(sum(summert.endring) as {{ dbt.type_int() }}) as endring

    from summert
    inner join grunnlag
        on summert.grunnlag_nr = grunnlag.grunnlag_nr
    group by 1, 2, 3, 4, 5

)

select * from final
