{{
    config(
        unique_key=['mandag', 'enhetsnummer', 'tiltaksnavn', 'innsatsgruppe', 'avdeling'],
        incremental_strategy=replace_by_key(),
    )
}}

with

endringer as (

    select * from {{ ref('silver_tiltak__uke_endringer') }}

),

uker as (

    {{ tiltak_week_spine() }}

),

periode as (

    select
        min(mandag) as forste_uke,
        max(mandag) as siste_uke

    from uker

),

kombinasjoner as (

    select distinct
        enhetsnummer,
        tiltaksnavn,
        innsatsgruppe,
        avdeling

    from endringer

),

-- what changed before the first asked week is in force in it
endringer_i_perioden as (

    select
        endringer.enhetsnummer,
        endringer.tiltaksnavn,
        endringer.innsatsgruppe,
        endringer.avdeling,
        case
            when endringer.uke < periode.forste_uke then periode.forste_uke
            else endringer.uke
        end as mandag,
        sum(endringer.endring) as endring

    from endringer
    inner join periode
        on endringer.uke <= periode.siste_uke
    group by 1, 2, 3, 4, 5

),

lopende_antall as (

    select
        uker.mandag,
        kombinasjoner.enhetsnummer,
        kombinasjoner.tiltaksnavn,
        kombinasjoner.innsatsgruppe,
        kombinasjoner.avdeling,
        sum(coalesce(endringer_i_perioden.endring, 0)) over (
            partition by
                kombinasjoner.enhetsnummer,
                kombinasjoner.tiltaksnavn,
                kombinasjoner.innsatsgruppe,
                kombinasjoner.avdeling
            order by uker.mandag
            rows between unbounded preceding and current row
        ) as antall

    from kombinasjoner
    cross join uker
    left join endringer_i_perioden
        on
            kombinasjoner.enhetsnummer = endringer_i_perioden.enhetsnummer
            and kombinasjoner.tiltaksnavn = endringer_i_perioden.tiltaksnavn
            and kombinasjoner.innsatsgruppe = endringer_i_perioden.innsatsgruppe
            and kombinasjoner.avdeling = endringer_i_perioden.avdeling
            and uker.mandag = endringer_i_perioden.mandag

),

talt as (

    select * from lopende_antall
    where antall > 0

),

{% if is_incremental() %}

-- only what differs from what was counted before is written; a cell that fell to nothing is written
-- as 0 and removed after the write
lagret as (

    select
        celler.mandag,
        celler.enhetsnummer,
        celler.tiltaksnavn,
        celler.innsatsgruppe,
        celler.avdeling,
        celler.antall

    from {{ this }} as celler
    inner join uker
        on celler.mandag = uker.mandag

),

endret as (

    select
        coalesce(talt.mandag, lagret.mandag) as mandag,
        coalesce(talt.enhetsnummer, lagret.enhetsnummer) as enhetsnummer,
        coalesce(talt.tiltaksnavn, lagret.tiltaksnavn) as tiltaksnavn,
        coalesce(talt.innsatsgruppe, lagret.innsatsgruppe) as innsatsgruppe,
        coalesce(talt.avdeling, lagret.avdeling) as avdeling,
        coalesce(talt.antall, 0) as antall

    from talt
    full outer join lagret
        on
            talt.mandag = lagret.mandag
            and talt.enhetsnummer = lagret.enhetsnummer
            and talt.tiltaksnavn = lagret.tiltaksnavn
            and talt.innsatsgruppe = lagret.innsatsgruppe
            and talt.avdeling = lagret.avdeling
    where coalesce(talt.antall, 0) <> coalesce(lagret.antall, 0)

),

{% else %}

endret as (

    select * from talt

),

{% endif %}

final as (

    select
        mandag,
        enhetsnummer,
        tiltaksnavn,
        innsatsgruppe,
        avdeling,
        cast(antall as {{ dbt.type_int() }}) as antall,
        {{ naa() }} as talt_tidspunkt

    from endret

)

select * from final
