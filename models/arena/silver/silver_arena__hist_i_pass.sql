with

vurderinger as (

    select * from {{ ref('silver_arena__vurderinger') }}
    where er_hist

),

meldinger as (

    select * from {{ ref('silver_arena__meldinger') }}

),

konverterte as (

    select * from {{ ref('silver_arena__konverterte') }}

),

amt_deltakere as (

    select * from {{ ref('stg_arena__amt_deltakere') }}
    where forekomst_nr = 1

),

logg as (

    select * from {{ ref('silver_arena__tidligere_logg') }}

),

deltakere_i_pass as (

    select * from {{ ref('silver_arena__deltakere_i_pass') }}

),

-- participants as the messages before this phase have left them, as far as anybody asks
lagringer as (

    select
        id,
        arena_id,
        pass_nr,
        rekkefolge

    from logg
    where deltaker_endring = 'lagret'

    union all

    select
        id,
        arena_id,
        pass_nr,
        rekkefolge

    from deltakere_i_pass
    where ingest_status = 'HANDLED'

),

spurte as (

    select
        vurderinger.id,
        meldinger.person_id,
        meldinger.gjennomforing_arena_id,
        meldinger.dato_fra,
        meldinger.dato_til,
        meldinger.dato_statusendring

    from vurderinger
    inner join meldinger
        on vurderinger.id = meldinger.id
    where vurderinger.sjekk is null

),

spurte_grupper as (

    select distinct
        person_id,
        gjennomforing_arena_id

    from spurte

),

aktuelle as (

    select distinct lagringer.arena_id

    from lagringer
    inner join meldinger
        on lagringer.id = meldinger.id
    inner join spurte_grupper
        on
            meldinger.person_id = spurte_grupper.person_id
            and meldinger.gjennomforing_arena_id = spurte_grupper.gjennomforing_arena_id

),

nummererte_lagringer as (

    select
        lagringer.id,
        lagringer.arena_id,
        row_number() over (
            partition by lagringer.arena_id
            order by lagringer.pass_nr desc, lagringer.rekkefolge desc
        ) as nr

    from lagringer
    inner join aktuelle
        on lagringer.arena_id = aktuelle.arena_id

),

deltakere as (

    select
        nummererte_lagringer.arena_id,
        meldinger.person_id,
        meldinger.gjennomforing_arena_id,
        meldinger.dato_fra,
        meldinger.dato_til,
        meldinger.dato_statusendring

    from nummererte_lagringer
    inner join meldinger
        on nummererte_lagringer.id = meldinger.id
    where nummererte_lagringer.nr = 1

),

sammenlignede as (

    select
        spurte.id,
        deltakere.arena_id,
        deltakere.dato_statusendring is null as mangler_statusendring,
        (
            spurte.dato_fra = deltakere.dato_fra
            or (spurte.dato_fra is null and deltakere.dato_fra is null)
        )
        and (
            spurte.dato_til = deltakere.dato_til
            or (spurte.dato_til is null and deltakere.dato_til is null)
        )
        and spurte.dato_statusendring = deltakere.dato_statusendring as er_match

    from spurte
    inner join deltakere
        on
            spurte.person_id = deltakere.person_id
            and spurte.gjennomforing_arena_id = deltakere.gjennomforing_arena_id

),

treff as (

    select
        id,
        count(*) as antall,
        sum(case when er_match then 1 else 0 end) as antall_match,
        min(case when er_match then arena_id end) as deltaker_arena_id,
        min(case when mangler_statusendring then {{ byte_order('arena_id') }} end)
            as uten_statusendring

    from sammenlignede
    group by id

),

oversettelser as (

    select
        arena_id,
        ny_amt_id as amt_id

    from logg
    where ny_amt_id is not null

    union all

    select
        arena_id,
        ny_amt_id as amt_id

    from {{ ref('silver_arena__deltakervurderinger') }}
    where fase = 2 and ny_amt_id is not null

),

kjente as (

    select
        arena_id as hist_id,
        ny_hist_amt_id as amt_id,
        row_number() over (partition by arena_id order by pass_nr, rekkefolge) as nr

    from logg
    where ny_hist_amt_id is not null

),

forste_ider as (

    select
        hist_id,
        amt_id

    from kjente
    where nr = 1

),

-- what the comparison came to
stilte as (

    select
        vurderinger.*,
        treff.antall,
        treff.deltaker_arena_id,
        oversettelser.amt_id as match_amt_id,
        amt_deltakere.status as amt_status,
        konverterte.status as ny_status,
        coalesce(konverterte.er_avsluttende, false) as er_avsluttende,
        case
            when vurderinger.sjekk is not null then vurderinger.sjekk
            when treff.uten_statusendring is not null then 'uten_statusendring'
            when treff.antall_match > 1 then 'flere'
            when coalesce(treff.antall_match, 0) = 0 then 'ingen'
            when amt_deltakere.amt_id is null then 'borte_hos_amt'
            else 'en'
        end as funn,
        case when vurderinger.sjekk = 'ekstern_id' then vurderinger.ekstern_id end as avgjorende_id,
        treff.uten_statusendring

    from vurderinger
    left join treff
        on vurderinger.id = treff.id
    left join oversettelser
        on treff.deltaker_arena_id = oversettelser.arena_id
    left join amt_deltakere
        on oversettelser.amt_id = amt_deltakere.amt_id
    left join konverterte
        on vurderinger.id = konverterte.id

),

onsker as (

    select
        stilte.id,
        stilte.arena_id,
        stilte.rekkefolge,
        -- a match only needs the id to be free: the delete of the participant must find it
        stilte.funn <> 'en' as trenger_ledig,
        case
            when stilte.funn = 'ekstern_id' then stilte.ekstern_id
            when stilte.funn = 'en' then stilte.match_amt_id
            else {{ arena_amt_id(arena_hist_table(), 'stilte.arena_id') | indent(12) }}
        end as amt_id

    from stilte
    where stilte.funn in ('ekstern_id', 'en', 'ingen')

),

omstridte as (

    select
        onsker.arena_id as eier,
        onsker.amt_id,
        onsker.trenger_ledig,
        min(onsker.rekkefolge) as rekkefolge

    from onsker
    left join kjente
        on onsker.amt_id = kjente.amt_id
    left join forste_ider
        on onsker.arena_id = forste_ider.hist_id
    where
        kjente.amt_id is null
        and not (onsker.trenger_ledig and forste_ider.hist_id is not null)
    group by onsker.arena_id, onsker.amt_id, onsker.trenger_ledig

),

{{ arena_tildel('omstridte') }},

alle as (

    select
        amt_id,
        eier,
        rekkefolge

    from tildelt

    union all

    select
        amt_id,
        hist_id as eier,
        '' as rekkefolge

    from kjente

),

nummererte_nye as (

    select
        amt_id,
        eier,
        rekkefolge,
        row_number() over (partition by eier order by rekkefolge) as nr

    from tildelt

),

-- of several amt ids of one hist row, the one that it got first is its own
egne as (

    select
        hist_id as eier,
        amt_id,
        '' as rekkefolge

    from forste_ider

    union all

    select
        nummererte_nye.eier,
        nummererte_nye.amt_id,
        nummererte_nye.rekkefolge

    from nummererte_nye
    left join forste_ider
        on nummererte_nye.eier = forste_ider.hist_id
    where nummererte_nye.nr = 1 and forste_ider.hist_id is null

),

med_id as (

    select
        stilte.*,
        ny.amt_id as ny_hist_amt_id,
        case
            when stilte.funn = 'en' then stilte.match_amt_id
            when stilte.funn = 'ingen' then egne.amt_id
        end as amt_id,
        case when ekstern.rekkefolge < stilte.rekkefolge then ekstern.eier end as ekstern_eier,
        coalesce(egne.rekkefolge < stilte.rekkefolge, false) as har_egen_id,
        oversettelser.arena_id as ekstern_arena_id,
        uavgjort.rekkefolge is not null as er_uavgjort

    from stilte
    left join tildelt as ny
        on stilte.rekkefolge = ny.rekkefolge
    left join egne
        on stilte.arena_id = egne.eier
    left join alle as ekstern
        on stilte.avgjorende_id = ekstern.amt_id
    left join oversettelser
        on stilte.avgjorende_id = oversettelser.amt_id
    left join uavgjort
        on stilte.rekkefolge = uavgjort.rekkefolge

),

resultater as (

    select
        *,
        funn in ('ingen', 'en')
        and not er_uavgjort
        and (funn = 'ingen' or amt_status = 'FEILREGISTRERT') as skal_sendes,
        case
            when er_uavgjort or (funn = 'ingen' and amt_id is null) then 'uavgjort'
            when funn = 'ekstern_id' and ekstern_eier <> arena_id then 'ekstern_opptatt'
            when funn = 'ekstern_id' and ekstern_eier is null and har_egen_id
                then 'ekstern_dobbel'
            when
                funn in ('ingen', 'en')
                and (funn = 'ingen' or amt_status = 'FEILREGISTRERT')
                and not er_avsluttende
                then 'ikke_avsluttende'
            else funn
        end as resultat

    from med_id

),

ferdige as (

    select
        *,
        case
            when resultat in ('ekstern_opptatt', 'borte_hos_amt') then 'INVALID'
            when
                resultat in (
                    'ekstern_dobbel', 'ikke_avsluttende', 'uten_statusendring', 'uavgjort'
                )
                then 'RETRY'
            when resultat = 'ekstern_id' then 'EXTERNAL_SOURCE'
            when resultat = 'flere' then 'FAILED'
            when resultat in ('ingen', 'en') then 'HANDLED'
            else utfall
        end as endelig_utfall,
        case
            when resultat = 'uavgjort' then {{ arena_undecided_note() }}
            when resultat = 'ekstern_opptatt'
                then {{ dbt.concat([
                    "'Fikk arena hist-deltaker med id '", 'arena_id', "' og EKSTERN_ID '",
                    'ekstern_id', "' men arenaId er allerede mappet til '", 'ekstern_eier'
                ]) }}
            when resultat = 'ekstern_dobbel'
                then {{ dbt.concat([
                    "'Translation entry on amtId '", 'ekstern_id', "' with arenaHistId '",
                    'arena_id', "' already exist.'"
                ]) }}
            when resultat = 'ekstern_id'
                then {{ dbt.concat(["'hist-deltaker har eksternid '", 'ekstern_id']) }}
            when resultat = 'uten_statusendring'
                then {{ dbt.concat([
                    "'Kan ikke matche hist deltaker '", 'arena_id', "': deltaker '",
                    'uten_statusendring', "' mangler DATO_STATUSENDRING'"
                ]) }}
            when resultat = 'flere'
                then {{ dbt.concat([
                    "'Fant '", text('antall'), "' deltakere som matcher med hist deltaker '",
                    'arena_id'
                ]) }}
            when resultat = 'borte_hos_amt'
                then {{ dbt.concat([
                    "'Fant matchende deltaker for hist deltaker '", 'arena_id',
                    "' men fant ikke deltakeren igjen i amt-tiltak'"
                ]) }}
            when resultat = 'ikke_avsluttende'
                then {{ dbt.concat(["'Hist deltaker har fått status '", 'ny_status']) }}
            when resultat = 'ingen' then 'Fant match? false'
            when resultat = 'en' then 'Fant match? true'
            else note
        end as endelig_note

    from resultater

),

final as (

    select
        -- ids
        id,
        arena_id,
        gjennomforing_ny_id,
        gjennomforing_id,
        personident,
        amt_id,
        ny_hist_amt_id,
        case
            when ny_hist_amt_id is null then null
            when funn = 'ekstern_id' then ekstern_arena_id
            when funn = 'en' then deltaker_arena_id
        end as hist_arena_id,

        -- text
        pos,
        operation_type,
        rekkefolge,
        forrige_status,
        endelig_utfall as utfall,
        endelig_note as note,
        {{ arena_status_after('endelig_utfall') | indent(8) }} as ingest_status,
        case
            when endelig_utfall = 'HANDLED' and skal_sendes
                then case when funn = 'ingen' then 'CREATED' else 'MODIFIED' end
        end as sendt_operation,

        -- numbers
        forsok,
        pass_nr,

        -- booleans
        er_ny

    from ferdige

)

select * from final
