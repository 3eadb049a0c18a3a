{#- The merge (fletting) of what was sent with what is known now. -#}

{#- The order of the events of a case. -#}
{% macro saksstatistikk_event_order(historikk) -%}
    {{ historikk }}.hendelsestidspunkt,
                {{ historikk }}.historikk_id,
                {{ byte_order(historikk ~ '.status') }},
                {{ byte_order("coalesce(" ~ historikk ~ ".versjon, '')") }}
{%- endmacro %}


{#- A query: the events in the CTE `historikk`, numbered, each with when the case was first
    closed. -#}
{% macro saksstatistikk_events() -%}
    select
        historikk.*,
        row_number() over (
            partition by historikk.behandling_id
            order by
                {{ saksstatistikk_event_order('historikk') }}
        ) as hendelse_nr,
        min(
            case when historikk.status = 'AVSLUTTET' then historikk.hendelsestidspunkt end
        ) over (
            partition by historikk.behandling_id
            order by
                {{ saksstatistikk_event_order('historikk') }}
            rows between unbounded preceding and current row
        ) as ferdigbehandlet_tid

    from historikk
{%- endmacro %}


{#- A status as the warehouse has it: what the case waits for and who returned it are part of
    it. -#}
{% macro saksstatistikk_status() -%}
    case
            when hendelser.status = 'UTREDES'
                then
                    'UNDER_BEHANDLING'
                    || coalesce(
                        '_'
                        || case
                            when
                                {{ upper_text('hendelser.venteaarsak') }}
                                = 'VENTER_PÅ_OPPLYSNINGER_FRA_UTENLANDSKE_MYNDIGHETER'
                                then 'VENTER_PÅ_UTENLANDSKE_OPPLYSNINGER'
                            else {{ upper_text('hendelser.venteaarsak') }}
                        end,
                        ''
                    )
                    || case
                        when
                            {{ saksstatistikk_is_returned(
                                'hendelser.gjeldende_avklaringsbehov_status'
                            ) }}
                            then '_' || hendelser.gjeldende_avklaringsbehov_status
                        else ''
                    end
            when
                hendelser.status = 'AVSLUTTET'
                and behandlinger.type_behandling = 'Klage'
                and hendelser.resultat in ('KLAGE_OPPRETTHOLDES', 'KLAGE_DELVIS_OMGJØRES')
                then 'OVERSENDT_KA'
            else hendelser.status
        end
{%- endmacro %}


{#- A query: what is sent of each event in a CTE, the functional time left to be said. -#}
{% macro saksstatistikk_content(hendelser) -%}
    select
        hendelser.behandling_id,
        hendelser.hendelse_nr,
        'Kelvin' as fagsystem_navn,
        behandlinger.behandling_referanse as behandling_uuid,
        behandlinger.saksnummer,
        hendelser.relatert_behandling_referanse as relatert_behandling_uuid,
        case
            when hendelser.relatert_behandling_referanse is not null then 'Kelvin'
        end as relatert_fagsystem,
        {{ upper_text('behandlinger.type_behandling') }} as behandling_type,
        behandlinger.aktor_id,
        {{ naa() }} as teknisk_tid,
        {{ whole_seconds('behandlinger.opprettet_tid') }} as registrert_tid,
        {{ whole_seconds('behandlinger.mottatt_tid') }} as mottatt_tid,
        hendelser.vedtak_tidspunkt as vedtak_tid,
        hendelser.ferdigbehandlet_tid,
        hendelser.versjon,
        'KELVIN' as avsender,
        coalesce(behandlinger.opprettet_av, 'KELVIN') as opprettet_av,
        case
            when behandlinger.er_skjermet and hendelser.ansvarlig_beslutter is not null then '-5'
            else hendelser.ansvarlig_beslutter
        end as ansvarlig_beslutter,
        hendelser.soknadsformat,
        case
            when behandlinger.er_skjermet then '-5'
            else hendelser.siste_saksbehandler
        end as saksbehandler,
        hendelser.behandlingmetode,
        {{ saksstatistikk_status() }} as behandling_status,
        behandlinger.aarsak_til_opprettelse as behandling_aarsak,
        case
            when hendelser.status in ('OPPRETTET', 'UTREDES') then null
            when hendelser.resultat is null then 'UDEFINERT'
            when hendelser.resultat = 'INNVILGET'
                then 'AAP' || coalesce('_' || {{ upper_text('hendelser.rettighetstype') }}, '')
            else hendelser.resultat
        end as behandling_resultat,
        case
            when
                {{ saksstatistikk_is_returned('hendelser.gjeldende_avklaringsbehov_status') }}
                then hendelser.retur_aarsak
        end as resultat_begrunnelse,
        {{ saksstatistikk_enhet_kode() }} as ansvarlig_enhet_kode,
        'AAP' as sak_ytelse,
        true as er_relast,
        {{ saksstatistikk_sak_utland(saksstatistikk_enhet_kode()) }} as sak_utland

    from {{ hendelser }} as hendelser
    inner join behandlinger
        on hendelser.behandling_id = behandlinger.behandling_id
{%- endmacro %}

{% macro saksstatistikk_enhet_kode() -%}
    case
            when behandlinger.er_skjermet then '-5'
            when hendelser.behandlingmetode = 'AUTOMATISK' then 'KELVIN_AUTOMATISK'
            else hendelser.ansvarlig_enhet
        end
{%- endmacro %}


{#- Common table expressions for the cases in the CTE `utvalg` and their history in the CTE
    `historikk`, up to `sendte_tider`: the cases that are sent, their events and the times that were
    sent. -#}
{% macro saksstatistikk_times() -%}
behandlinger as (

    select behandlinger.*

    from {{ ref('silver_saksstatistikk__behandlinger') }} as behandlinger
    inner join utvalg
        on behandlinger.behandling_id = utvalg.behandling_id
    where behandlinger.sendes

),

hendelser as (

    {{ saksstatistikk_events() }}

),

sendte_tider as (

    select distinct
        behandlinger.behandling_id,
        sendt.endret_tid

    from {{ ref('silver_saksstatistikk__sendt') }} as sendt
    inner join behandlinger
        on sendt.behandling_uuid = behandlinger.behandling_referanse

)
{%- endmacro %}


{#- Common table expressions after those of the times, up to `baerere` and `brukte`: every sent time
    with the number of the event that it carries, and the last event of a case that one does.

    The owners walk along the sent times with a queue of new events. How far the queue has come at
    the i-th sent time has a closed form. Let c be the number of new events that are not later than
    that time (10 ms of grace), and at least 1. The walk takes at most one event per sent time, so
    it is behind c where events pile up, and waits where there are none: the events used up are
    i + min(0, the least of c(j) - j over all j up to i), and never more than there are. -#}
{% macro saksstatistikk_walk() -%}
-- both on one line of time; a new event counts from 10 ms before it, and first of equal times
tidslinje as (

    select
        behandling_id,
        1 as er_sendt,
        endret_tid as tid,
        endret_tid

    from sendte_tider
    where endret_tid is not null

    union all

    select
        behandling_id,
        0 as er_sendt,
        {{ add_milliseconds('hendelsestidspunkt', -saksstatistikk_near_milliseconds()) }} as tid,
        hendelsestidspunkt as endret_tid

    from hendelser

),

opptelling as (

    select
        behandling_id,
        er_sendt,
        endret_tid,
        count(case when er_sendt = 1 then 1 end) over (
            partition by behandling_id order by tid, er_sendt
            rows between unbounded preceding and current row
        ) as sendt_nr,
        count(case when er_sendt = 0 then 1 end) over (
            partition by behandling_id order by tid, er_sendt
            rows between unbounded preceding and current row
        ) as antall_nye_hittil,
        count(case when er_sendt = 0 then 1 end) over (partition by behandling_id) as antall_nye

    from tidslinje

),

forbruk as (

    select
        behandling_id,
        endret_tid,
        antall_nye,
        sendt_nr,
        min(
            case when antall_nye_hittil > 1 then antall_nye_hittil else 1 end - sendt_nr
        ) over (
            partition by behandling_id order by sendt_nr
            rows between unbounded preceding and current row
        ) as etterslep

    from opptelling
    where er_sendt = 1 and antall_nye > 0

),

baerere as (

    select
        behandling_id,
        endret_tid,
        case
            when sendt_nr + least(etterslep, 0) > antall_nye then antall_nye
            else sendt_nr + least(etterslep, 0)
        end as hendelse_nr

    from forbruk

),

brukte as (

    select
        behandling_id,
        max(hendelse_nr) as siste_nr

    from baerere
    group by behandling_id

)
{%- endmacro %}


{#- Common table expressions after those of the walk, up to `gjentakelser`: the events that the walk
    did not come to are added at their own time, unless they say what the row before them says. -#}
{% macro saksstatistikk_additions() -%}
ubrukte as (

    select
        hendelser.behandling_id,
        hendelser.hendelsestidspunkt as endret_tid,
        hendelser.hendelse_nr

    from hendelser
    left join brukte
        on hendelser.behandling_id = brukte.behandling_id
    where hendelser.hendelse_nr > coalesce(brukte.siste_nr, 0)

),

utvidede as (

    select distinct behandling_id
    from ubrukte

),

rekkefolge as (

    select
        baerere.behandling_id,
        baerere.endret_tid,
        baerere.hendelse_nr,
        0 as er_tilfoyd

    from baerere
    inner join utvidede
        on baerere.behandling_id = utvidede.behandling_id

    union all

    select
        behandling_id,
        endret_tid,
        hendelse_nr,
        1 as er_tilfoyd

    from ubrukte

),

med_forrige as (

    select
        *,
        lag(hendelse_nr) over (
            partition by behandling_id order by endret_tid, hendelse_nr
        ) as forrige_nr

    from rekkefolge

),

utvidede_hendelser as (

    select hendelser.*

    from hendelser
    inner join utvidede
        on hendelser.behandling_id = utvidede.behandling_id

),

utvidede_rader as (

    {{ saksstatistikk_content('utvidede_hendelser') }}

),

gjentakelser as (

    select
        med_forrige.behandling_id,
        med_forrige.hendelse_nr

    from med_forrige
    inner join utvidede_rader as rader
        on
            med_forrige.behandling_id = rader.behandling_id
            and med_forrige.hendelse_nr = rader.hendelse_nr
    inner join utvidede_rader as forrige
        on
            med_forrige.behandling_id = forrige.behandling_id
            and med_forrige.forrige_nr = forrige.hendelse_nr
    where
        med_forrige.er_tilfoyd = 1
        and {{ saksstatistikk_says_the_same('rader', 'forrige') }}

)
{%- endmacro %}


{#- Common table expressions after those of the additions, up to `nummererte_plasser`: which event
    goes where, in the order of the rows that are sent. -#}
{% macro saksstatistikk_places() -%}
plasser as (

    select
        behandling_id,
        endret_tid,
        hendelse_nr,
        0 as er_inngang

    from baerere

    union all

    select
        ubrukte.behandling_id,
        ubrukte.endret_tid,
        ubrukte.hendelse_nr,
        0 as er_inngang

    from ubrukte
    left join gjentakelser
        on
            ubrukte.behandling_id = gjentakelser.behandling_id
            and ubrukte.hendelse_nr = gjentakelser.hendelse_nr
    where gjentakelser.behandling_id is null

    union all

    -- a case that the warehouse has never heard of begins when it was registered
    select
        ubrukte.behandling_id,
        {{ whole_seconds('behandlinger.opprettet_tid') }} as endret_tid,
        ubrukte.hendelse_nr,
        1 as er_inngang

    from ubrukte
    inner join behandlinger
        on ubrukte.behandling_id = behandlinger.behandling_id
    left join sendte_tider
        on ubrukte.behandling_id = sendte_tider.behandling_id
    where
        ubrukte.hendelse_nr = 1
        and sendte_tider.behandling_id is null
        and (
            ubrukte.endret_tid
            > {{ add_milliseconds(
                whole_seconds('behandlinger.opprettet_tid'), saksstatistikk_near_milliseconds()
            ) }}
            or ubrukte.endret_tid
            < {{ add_milliseconds(
                whole_seconds('behandlinger.opprettet_tid'), -saksstatistikk_near_milliseconds()
            ) }}
        )

),

nummererte_plasser as (

    select
        *,
        row_number() over (
            partition by behandling_id
            order by er_inngang desc, endret_tid, hendelse_nr
        ) as rad_nr

    from plasser

)
{%- endmacro %}


{#- The whole merge for the cases in the CTE `utvalg` and their history in the CTE `historikk`: CTEs
    of which the last, flettede_rader, has the rows as they would be sent. -#}
{% macro saksstatistikk_merge() -%}
{{ saksstatistikk_times() }},

{{ saksstatistikk_walk() }},

{{ saksstatistikk_additions() }},

{{ saksstatistikk_places() }},

rader as (

    {{ saksstatistikk_content('hendelser') }}

),

flettede_rader as (

    {%- set egne = ['endret_tid', 'behandling_status', 'vedtak_tid', 'ferdigbehandlet_tid'] %}

    select
        plasser.behandling_id,
        plasser.rad_nr,
        {{ saksstatistikk_column_list('rader', egne) }},
        case
            when plasser.er_inngang = 1 then 'OPPRETTET' else rader.behandling_status
        end as behandling_status,
        plasser.endret_tid,
        case when plasser.er_inngang = 0 then rader.vedtak_tid end as vedtak_tid,
        case when plasser.er_inngang = 0 then rader.ferdigbehandlet_tid end as ferdigbehandlet_tid

    from nummererte_plasser as plasser
    inner join rader
        on
            plasser.behandling_id = rader.behandling_id
            and plasser.hendelse_nr = rader.hendelse_nr

)
{%- endmacro %}
