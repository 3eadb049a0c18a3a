-- The weekly counts of tiltak by hand: one statement from the six raw Parquet files to the
-- zero-filled grid, as fast as DuckDB goes. `{folder}` is the folder with the files.
--
-- It trusts its input (typed columns, no duplicates, offices and dates in order) and has the
-- variables of the product written into it, which is what a statement made for one question may do.
with

-- which gjennomforinger the mother table has, under a small number: names come back at the end
gjennomforinger as materialized (

    select
        gjennomforinger.id as gjennomforing_id,
        tiltakstyper.navn as tiltaksnavn,
        avdelinger.avdeling,
        count(*) as ganger,
        cast(row_number() over () as usmallint) as nr

    from read_parquet('{folder}/raw_tiltak__gjennomforinger.parquet') as gjennomforinger
    inner join read_parquet('{folder}/raw_tiltak__tiltakstyper.parquet') as tiltakstyper
        on gjennomforinger.tiltakstype_id = tiltakstyper.id
    inner join read_parquet('{folder}/raw_tiltak__gjennomforing_nav_enheter.parquet') as enheter
        on gjennomforinger.id = enheter.gjennomforing_id
    inner join read_parquet('{folder}/raw_tiltak__gjennomforing_avdelinger.parquet') as avdelinger
        on gjennomforinger.id = avdelinger.gjennomforing_id
    where gjennomforinger.slutt_dato >= date '2022-01-01' and enheter.enhetsnummer in ('0219')
    group by all

),

-- the codes under a number in the order of the codes, so that the lowest number is the lowest code
koder as materialized (

    select
        innsatsgruppe,
        cast(row_number() over (order by innsatsgruppe) as utinyint) as kode

    from (
        select distinct innsatsgruppekode as innsatsgruppe
        from read_parquet('{folder}/raw_tiltak__vent_person_periode.parquet')
        where innsatsgruppekode is not null
    )

),

personer as (

    select
        perioder.bruker_id,
        min(koder.kode) as kode

    from read_parquet('{folder}/raw_tiltak__vent_person_periode.parquet') as perioder
    inner join koder
        on perioder.innsatsgruppekode = koder.innsatsgruppe
    group by perioder.bruker_id

),

-- weeks as numbers: 1970-01-05 is a Monday
deltakere as (

    select
        gjennomforinger.nr,
        personer.kode,
        (deltakere.start_dato - date '1970-01-05') // 7 as forste_uke,
        (deltakere.slutt_dato - date '1970-01-05') // 7 as siste_uke

    from read_parquet('{folder}/raw_tiltak__deltaker_siste_status.parquet') as deltakere
    inner join personer
        on deltakere.bruker_id = personer.bruker_id
    inner join gjennomforinger
        on deltakere.gjennomforing_id = gjennomforinger.gjennomforing_id

),

-- one pass: how many begin in each week, and how many have their last
telt as (

    select
        nr,
        kode,
        forste_uke,
        siste_uke,
        grouping(siste_uke) = 1 as begynner,
        count(*) filter (coalesce(siste_uke, forste_uke) >= forste_uke) as antall

    from deltakere
    group by grouping sets ((nr, kode, forste_uke), (nr, kode, siste_uke))

),

endringer as materialized (

    select
        gjennomforinger.tiltaksnavn,
        koder.innsatsgruppe,
        gjennomforinger.avdeling,
        greatest(
            case when telt.begynner then telt.forste_uke else telt.siste_uke + 1 end,
            (date '2022-01-03' - date '1970-01-05') // 7
        ) as uke_nr,
        sum(case when telt.begynner then telt.antall else -telt.antall end * gjennomforinger.ganger)
            as endring

    from telt
    inner join gjennomforinger
        on telt.nr = gjennomforinger.nr
    inner join koder
        on telt.kode = koder.kode
    where telt.begynner or telt.siste_uke is not null
    group by all

),

uker as (

    select
        mandag,
        (mandag - date '1970-01-05') // 7 as uke_nr

    from (
        select cast(generate_series as date) as mandag
        from generate_series(date '2022-01-03', date '2025-07-07', interval 7 day)
    )

)

select
    isoyear(uker.mandag) as "år",
    week(uker.mandag) as uke,
    navn.tiltaksnavn,
    grupper.innsatsgruppe,
    avdelinger.avdeling,
    cast(
        coalesce(
            sum(endringer.endring) over (
                partition by navn.tiltaksnavn, grupper.innsatsgruppe, avdelinger.avdeling
                order by uker.uke_nr
            ),
            0
        ) as integer
    ) as antall

from uker
cross join (select distinct tiltaksnavn from endringer) as navn
cross join (select distinct innsatsgruppe from endringer) as grupper
cross join (select distinct avdeling from endringer) as avdelinger
left join endringer
    on
        uker.uke_nr = endringer.uke_nr
        and navn.tiltaksnavn = endringer.tiltaksnavn
        and grupper.innsatsgruppe = endringer.innsatsgruppe
        and avdelinger.avdeling = endringer.avdeling
