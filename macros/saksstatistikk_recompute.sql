{#- The history of a case: the stored one, or one that is computed again from the changes of its
    clarification needs (avklaringsbehov). -#}

{#- Common table expressions over the CTEs `utvalgte_stopp` and `alle_endringer`, up to `endringer`:
    the changes of the cases, with how far each had come. -#}
{% macro saksstatistikk_changes() -%}
-- a number for each case: much is joined and ordered below, and references are long texts
stoppede as (

    select
        *,
        row_number() over (order by {{ byte_order('behandling_referanse') }}) as stopp_nr

    from utvalgte_stopp

),

leste_endringer as (

    select
        stoppede.stopp_nr,
        alle_endringer.*,
        row_number() over (
            partition by
                stoppede.stopp_nr,
                alle_endringer.behov_nr,
                alle_endringer.endring_nr
            order by
                alle_endringer.tidsstempel,
                {{ byte_order('alle_endringer.status') }},
                {{ byte_order('alle_endringer.definisjon') }},
                {{ byte_order("coalesce(alle_endringer.endret_av, '')") }},
                {{ byte_order("coalesce(alle_endringer.aarsak_til_satt_paa_vent, '')") }},
                {{ byte_order("coalesce(alle_endringer.aarsak_til_retur, '')") }}
        ) as forekomst_nr

    from alle_endringer
    inner join stoppede
        on alle_endringer.behandling_referanse = stoppede.behandling_referanse
    where {{ saksstatistikk_is_change('alle_endringer') }}

),

-- "the first" and "the last" change are asked for in several ways below; each is the least or the
-- greatest of one of two numbers, and the change itself is looked up by it
nummererte_endringer as (

    select
        stopp_nr,
        behov_nr,
        endring_nr,
        definisjon,
        behov_type,
        steg_status,
        status,
        tidsstempel,
        endret_av,
        aarsak_til_satt_paa_vent,
        aarsak_til_retur,
        -- in order of time
        row_number() over (
            partition by stopp_nr
            order by tidsstempel, behov_nr, endring_nr
        ) as tidlig_nr,
        -- in order of time, but of those at one time the first one comes last
        row_number() over (
            partition by stopp_nr
            order by tidsstempel asc, behov_nr desc, endring_nr desc
        ) as sen_nr,
        row_number() over (
            partition by stopp_nr, behov_nr, tidsstempel
            order by endring_nr
        ) as nr_paa_tidspunktet,
        definisjon = '5099' and status = 'AVSLUTTET' as er_vedtak,
        {{ lower_text('endret_av') }} not in ('kelvin', 'brevløsning') as er_av_person

    from leste_endringer
    where forekomst_nr = 1

),

-- how far it had come at the time of each change
endringer as (

    select
        *,
        max(endring_nr) over (
            partition by stopp_nr, behov_nr
            order by tidsstempel
        ) as siste_endring_nr,
        max(case when er_vedtak then tidlig_nr end) over (
            partition by stopp_nr, behov_nr
            order by tidsstempel
        ) as vedtak_nr,
        max(case when er_av_person then sen_nr end) over (
            partition by stopp_nr
            order by tidsstempel
        ) as person_nr

    from nummererte_endringer

)
{%- endmacro %}


{#- Common table expressions after those of the changes, up to `behov_per_tidspunkt`: the needs that
    say something at each time when anything changed. -#}
{% macro saksstatistikk_needs() -%}
-- a need at the times when it changed, each with the change that counts as its latest
behov_punkter as (

    select
        punkter.stopp_nr,
        punkter.behov_nr,
        punkter.definisjon,
        punkter.behov_type in ('VENTEPUNKT', 'BREV_VENTEPUNKT') as er_venting,
        punkter.behov_type = 'VENTEPUNKT' as er_ventepunkt,
        punkter.steg_status,
        punkter.steg_status = 'IVERKSETTES' or punkter.definisjon = '5050' as er_brev,
        punkter.tidsstempel,
        lead(punkter.tidsstempel) over (
            partition by punkter.stopp_nr, punkter.behov_nr
            order by punkter.tidsstempel
        ) as neste_tidsstempel,
        punkter.tidlig_nr,
        punkter.sen_nr,
        case
            when punkter.definisjon = '5099' and siste.status = 'AVSLUTTET' then punkter.vedtak_nr
        end as vedtak_nr,
        siste.status,
        {{ saksstatistikk_is_open('siste.status') }} as er_apent,
        {{ saksstatistikk_is_closed('siste.status') }} as er_lukket,
        {{ saksstatistikk_is_returned('siste.status') }} as er_returnert

    from endringer as punkter
    inner join endringer as siste
        on
            punkter.stopp_nr = siste.stopp_nr
            and punkter.behov_nr = siste.behov_nr
            and punkter.siste_endring_nr = siste.endring_nr
    where punkter.nr_paa_tidspunktet = 1

),

tidspunkter as (

    select
        stopp_nr,
        tidsstempel,
        max(tidlig_nr) as siste_nr,
        max(person_nr) as person_nr

    from endringer
    group by stopp_nr, tidsstempel

),

behov_per_tidspunkt as (

    select
        tidspunkter.siste_nr,
        tidspunkter.person_nr,
        behov_punkter.*

    from tidspunkter
    inner join behov_punkter
        on
            tidspunkter.stopp_nr = behov_punkter.stopp_nr
            and tidspunkter.tidsstempel >= behov_punkter.tidsstempel
            and coalesce(
                tidspunkter.tidsstempel < behov_punkter.neste_tidsstempel,
                true
            )
    -- what is closed says nothing more, but for letters and the decision
    where
        behov_punkter.er_apent
        or behov_punkter.er_brev
        or behov_punkter.vedtak_nr is not null

)
{%- endmacro %}


{#- Common table expressions after those of the needs, up to `beskrevne_tilstander`: how a case
    stood at each time. -#}
{% macro saksstatistikk_states() -%}
-- what can be said of the needs together at a time
tilstander as (

    select
        stopp_nr,
        siste_nr,
        coalesce(
            min(case when er_apent and not er_venting then behov_nr end),
            min(case when er_apent then behov_nr end)
        ) as gjeldende_behov_nr,
        max(case when er_apent and er_brev then 1 else 0 end) = 1 as har_apent_brev,
        max(case when er_lukket and er_brev then 1 else 0 end) = 1 as har_lukket_brev,
        max(
            case when er_apent and steg_status = 'OPPRETTET' then 1 else 0 end
        ) = 1 as har_apent_opprettet,
        -- none while something is looked into
        case
            when
                max(
                    case
                        when er_apent and not er_venting and steg_status = 'UTREDES' then 1
                        else 0
                    end
                ) = 0
                then max(vedtak_nr)
        end as vedtak_nr,
        max(person_nr) as person_nr,
        max(case when er_apent and er_ventepunkt then sen_nr end) as vente_nr,
        min(case when er_returnert then tidlig_nr end) as retur_nr

    from behov_per_tidspunkt
    group by stopp_nr, siste_nr

),

beskrevne_tilstander as (

    select
        tilstander.stopp_nr,
        tilstander.siste_nr,
        gjeldende.definisjon as gjeldende_avklaringsbehov,
        gjeldende.status as gjeldende_avklaringsbehov_status,
        case
            when tilstander.har_apent_brev then 'IVERKSETTES'
            when tilstander.har_lukket_brev then 'AVSLUTTET'
            when tilstander.har_apent_opprettet then 'OPPRETTET'
            else 'UTREDES'
        end as status,
        ventende.aarsak_til_satt_paa_vent as venteaarsak,
        case
            when
                {{ dbt.position(
                    "',MANGELFULL_BEGRUNNELSE,'",
                    "',' || replace(returnert.aarsak_til_retur, ' ', '') || ','",
                ) }} > 0
                then 'MANGELFULL_BEGRUNNELSE'
            else trim({{ dbt.split_part('returnert.aarsak_til_retur', "','", 1) }})
        end as retur_aarsak,
        person.endret_av as saksbehandler,
        vedtak.endret_av as ansvarlig_beslutter,
        vedtak.tidsstempel as vedtak_tidspunkt,
        gjeldende.behov_nr is not null as har_apent_behov

    from tilstander
    left join behov_per_tidspunkt as gjeldende
        on
            tilstander.stopp_nr = gjeldende.stopp_nr
            and tilstander.siste_nr = gjeldende.siste_nr
            and tilstander.gjeldende_behov_nr = gjeldende.behov_nr
    left join endringer as ventende
        on
            tilstander.stopp_nr = ventende.stopp_nr
            and tilstander.vente_nr = ventende.sen_nr
    left join endringer as returnert
        on
            tilstander.stopp_nr = returnert.stopp_nr
            and tilstander.retur_nr = returnert.tidlig_nr
    left join endringer as person
        on
            tilstander.stopp_nr = person.stopp_nr
            and tilstander.person_nr = person.sen_nr
    left join endringer as vedtak
        on
            tilstander.stopp_nr = vedtak.stopp_nr
            and tilstander.vedtak_nr = vedtak.tidlig_nr

)
{%- endmacro %}


{#- Common table expressions after those of the states, up to `slutt`: the events that the changes
    are, and what the stop itself says. -#}
{% macro saksstatistikk_ends() -%}
endringshendelser as (

    select
        endringer.stopp_nr,
        endringer.tidlig_nr,
        endringer.tidsstempel as hendelsestidspunkt,
        tilstander.status,
        tilstander.gjeldende_avklaringsbehov,
        tilstander.gjeldende_avklaringsbehov_status,
        tilstander.venteaarsak,
        tilstander.retur_aarsak,
        tilstander.saksbehandler,
        tilstander.ansvarlig_beslutter

    from endringer
    inner join tidspunkter
        on
            endringer.stopp_nr = tidspunkter.stopp_nr
            and endringer.tidsstempel = tidspunkter.tidsstempel
    inner join beskrevne_tilstander as tilstander
        on
            tidspunkter.stopp_nr = tilstander.stopp_nr
            and tidspunkter.siste_nr = tilstander.siste_nr
    where
        tilstander.ansvarlig_beslutter is not null
        or tilstander.har_apent_behov

),

siste_endringer as (

    select
        stopp_nr,
        max(tidlig_nr) as siste_nr

    from endringer
    group by stopp_nr

),

siste_hendelser as (

    select
        stopp_nr,
        max(tidlig_nr) as siste_nr

    from endringshendelser
    group by stopp_nr

),

-- what the stop itself says, and what the needs came to
slutt as (

    select
        stoppede.*,
        siste_tilstand.ansvarlig_beslutter as siste_beslutter,
        siste_hendelse.status as siste_status,
        case
            when stoppede.behandling_status = 'AVSLUTTET'
                then coalesce(
                    stoppede.vedtakstidspunkt,
                    siste_tilstand.vedtak_tidspunkt,
                    stoppede.tidspunkt_siste_endring
                )
        end as vedtak_tidspunkt,
        coalesce(
            stoppede.vedtakstidspunkt,
            stoppede.tidspunkt_siste_endring,
            stoppede.behandling_opprettet_tid
        ) as avsluttet_tidspunkt

    from stoppede
    left join siste_endringer
        on stoppede.stopp_nr = siste_endringer.stopp_nr
    left join beskrevne_tilstander as siste_tilstand
        on
            siste_endringer.stopp_nr = siste_tilstand.stopp_nr
            and siste_endringer.siste_nr = siste_tilstand.siste_nr
    left join siste_hendelser
        on stoppede.stopp_nr = siste_hendelser.stopp_nr
    left join endringshendelser as siste_hendelse
        on
            siste_hendelser.stopp_nr = siste_hendelse.stopp_nr
            and siste_hendelser.siste_nr = siste_hendelse.tidlig_nr

)
{%- endmacro %}


{#- A common table expression after those of the ends, `hendelser`: all events of the cases. -#}
{% macro saksstatistikk_happenings() -%}
hendelser as (

    select
        stopp_nr,
        1 as del,
        0 as tidlig_nr,
        mottatt_tid as hendelsestidspunkt,
        'OPPRETTET' as status,
        cast(null as {{ dbt.type_string() }}) as gjeldende_avklaringsbehov,
        cast(null as {{ dbt.type_string() }}) as gjeldende_avklaringsbehov_status,
        cast(null as {{ dbt.type_string() }}) as venteaarsak,
        cast(null as {{ dbt.type_string() }}) as retur_aarsak,
        cast(null as {{ dbt.type_string() }}) as saksbehandler,
        cast(null as {{ dbt.type_string() }}) as ansvarlig_beslutter,
        resultat,
        cast(null as {{ type_local_timestamp() }}) as vedtak_tidspunkt

    from slutt

    union all

    select
        endringshendelser.stopp_nr,
        2 as del,
        endringshendelser.tidlig_nr,
        endringshendelser.hendelsestidspunkt,
        endringshendelser.status,
        endringshendelser.gjeldende_avklaringsbehov,
        endringshendelser.gjeldende_avklaringsbehov_status,
        endringshendelser.venteaarsak,
        endringshendelser.retur_aarsak,
        endringshendelser.saksbehandler,
        endringshendelser.ansvarlig_beslutter,
        slutt.resultat,
        slutt.vedtak_tidspunkt

    from endringshendelser
    inner join slutt
        on endringshendelser.stopp_nr = slutt.stopp_nr

    union all

    -- closed without the needs saying so, or without needs at all
    select
        stopp_nr,
        3 as del,
        0 as tidlig_nr,
        avsluttet_tidspunkt as hendelsestidspunkt,
        'AVSLUTTET' as status,
        cast(null as {{ dbt.type_string() }}) as gjeldende_avklaringsbehov,
        cast(null as {{ dbt.type_string() }}) as gjeldende_avklaringsbehov_status,
        cast(null as {{ dbt.type_string() }}) as venteaarsak,
        cast(null as {{ dbt.type_string() }}) as retur_aarsak,
        cast(null as {{ dbt.type_string() }}) as saksbehandler,
        siste_beslutter as ansvarlig_beslutter,
        resultat,
        vedtak_tidspunkt

    from slutt
    where
        behandling_status = 'AVSLUTTET'
        and siste_status is distinct from 'AVSLUTTET'

)
{%- endmacro %}


{#- The recomputed history of the stopped cases in the CTE `utvalgte_stopp` from the CTE
    `alle_endringer`: common table expressions of which the last, reberegnede, has the events. -#}
{% macro saksstatistikk_recompute() -%}
{{ saksstatistikk_changes() }},

{{ saksstatistikk_needs() }},

{{ saksstatistikk_states() }},

{{ saksstatistikk_ends() }},

{{ saksstatistikk_happenings() }},

nummererte as (

    select
        *,
        row_number() over (
            partition by stopp_nr
            order by del, tidlig_nr
        ) as hendelse_nr

    from hendelser

),

reberegnede as (

    select
        stoppede.behandling_referanse,
        cast(nummererte.hendelse_nr as {{ dbt.type_int() }}) as hendelse_nr,
        -- time never goes backwards, whatever the stamps say
        max(nummererte.hendelsestidspunkt) over (
            partition by nummererte.stopp_nr
            order by nummererte.hendelse_nr
            rows between unbounded preceding and current row
        ) as hendelsestidspunkt,
        nummererte.status,
        nummererte.gjeldende_avklaringsbehov,
        nummererte.gjeldende_avklaringsbehov_status,
        nummererte.venteaarsak,
        nullif(nummererte.retur_aarsak, '') as retur_aarsak,
        nummererte.saksbehandler,
        nummererte.ansvarlig_beslutter,
        nummererte.resultat,
        nummererte.vedtak_tidspunkt

    from nummererte
    inner join stoppede
        on nummererte.stopp_nr = stoppede.stopp_nr

)
{%- endmacro %}


{#- Common table expressions for the cases in the CTE `behandlinger`, up to `historikk`: the rows of
    their history that count, and those that a recomputed history replaces. -#}
{% macro saksstatistikk_stored_history() -%}
-- The history is read where it is used: most of it passes through, and a CTE that is used twice
-- would be held in memory as a whole.
erstattet_historikk as (

    select alle_rader.*

    from {{ ref('stg_saksstatistikk__behandling_historikk') }} as alle_rader
    inner join behandlinger
        on alle_rader.behandling_id = behandlinger.behandling_id
    where
        behandlinger.sendes
        and behandlinger.er_reberegnet
        and coalesce(alle_rader.slettet, false) = false
        and {{ saksstatistikk_is_event('alle_rader') }}

),

historikk as (

    select alle_rader.*

    from {{ ref('stg_saksstatistikk__behandling_historikk') }} as alle_rader
    inner join behandlinger
        on alle_rader.behandling_id = behandlinger.behandling_id
    where
        behandlinger.sendes
        and not behandlinger.er_reberegnet
        and coalesce(alle_rader.slettet, false) = false
        and {{ saksstatistikk_is_event('alle_rader') }}

)
{%- endmacro %}


{#- Common table expressions after those of the stored history, up to `erstattede_rader`: the
    recomputed events in the CTE `reberegnet`, and what the replaced rows say of each. -#}
{% macro saksstatistikk_replaced_rows() -%}
reberegnede_hendelser as (

    select
        behandlinger.behandling_id,
        reberegnet.*,
        count(reberegnet.gjeldende_avklaringsbehov) over (
            partition by reberegnet.behandling_referanse
            order by reberegnet.hendelse_nr
            rows between unbounded preceding and current row
        ) as antall_koder,
        max(case when reberegnet.gjeldende_avklaringsbehov <> '9002' then 1 else 0 end) over (
            partition by reberegnet.behandling_referanse
            order by reberegnet.hendelse_nr
            rows between unbounded preceding and current row
        ) as har_annet_enn_brev

    from reberegnet
    inner join behandlinger
        on reberegnet.behandling_referanse = behandlinger.behandling_referanse
    where behandlinger.er_reberegnet and behandlinger.sendes

),

-- office and kind of right are not in the changes: they are those of the replaced row then in force
erstattede_rader as (

    select
        reberegnede_hendelser.behandling_id,
        reberegnede_hendelser.hendelse_nr,
        erstattet_historikk.ansvarlig_enhet,
        erstattet_historikk.rettighetstype,
        row_number() over (
            partition by reberegnede_hendelser.behandling_id, reberegnede_hendelser.hendelse_nr
            order by
                erstattet_historikk.hendelsestidspunkt desc,
                erstattet_historikk.historikk_id desc,
                {{ byte_order("coalesce(erstattet_historikk.ansvarlig_enhet, '')") }} desc,
                {{ byte_order("coalesce(erstattet_historikk.rettighetstype, '')") }} desc
        ) as nyhet_nr

    from reberegnede_hendelser
    inner join erstattet_historikk
        on
            reberegnede_hendelser.behandling_id = erstattet_historikk.behandling_id
            and reberegnede_hendelser.hendelsestidspunkt >= erstattet_historikk.hendelsestidspunkt

)
{%- endmacro %}


{#- Common table expressions after those of the stored history, up to `reberegnet_historikk`: the
    recomputed events, with what the replaced rows and the stop in the CTE `stoppede` say. -#}
{% macro saksstatistikk_recomputed_history() -%}
{{ saksstatistikk_replaced_rows() }},

-- the last code that was written stays in force: codes are counted, the count tells the stretches
-- apart, and each stretch begins with its code
med_siste_kode as (

    select
        *,
        max(gjeldende_avklaringsbehov) over (
            partition by behandling_id, antall_koder
        ) as siste_kode

    from reberegnede_hendelser

),

reberegnet_historikk as (

    select
        med_siste_kode.behandling_id,
        med_siste_kode.hendelse_nr as historikk_id,
        med_siste_kode.status,
        med_siste_kode.saksbehandler as siste_saksbehandler,
        med_siste_kode.gjeldende_avklaringsbehov_status,
        case
            when med_siste_kode.antall_koder = 0 then 'AUTOMATISK'
            when med_siste_kode.siste_kode = '5097' then 'KVALITETSSIKRING'
            when med_siste_kode.siste_kode = '5099' then 'FATTE_VEDTAK'
            when med_siste_kode.har_annet_enn_brev = 1 then 'MANUELL'
            else 'AUTOMATISK'
        end as behandlingmetode,
        erstattede_rader.ansvarlig_enhet,
        med_siste_kode.venteaarsak,
        med_siste_kode.retur_aarsak,
        med_siste_kode.ansvarlig_beslutter,
        med_siste_kode.resultat,
        erstattede_rader.rettighetstype,
        stoppede.soknadsformat,
        stoppede.relatert_behandling as relatert_behandling_referanse,
        stoppede.versjon,
        med_siste_kode.hendelsestidspunkt,
        med_siste_kode.vedtak_tidspunkt

    from med_siste_kode
    inner join stoppede
        on
            med_siste_kode.behandling_referanse = stoppede.behandling_referanse
            and stoppede.forekomst_nr = 1
    left join erstattede_rader
        on
            med_siste_kode.behandling_id = erstattede_rader.behandling_id
            and med_siste_kode.hendelse_nr = erstattede_rader.hendelse_nr
            and erstattede_rader.nyhet_nr = 1
    where med_siste_kode.hendelsestidspunkt is not null

)
{%- endmacro %}


{#- The history that counts of the cases in the CTE `behandlinger`, given the CTEs `reberegnet` and
    `stoppede`: common table expressions of which the last, gjeldende_rader, has the events. -#}
{% macro saksstatistikk_history() -%}
{%- set kolonner = [
    'behandling_id',
    'historikk_id',
    'status',
    'siste_saksbehandler',
    'gjeldende_avklaringsbehov_status',
    'behandlingmetode',
    'ansvarlig_enhet',
    'venteaarsak',
    'retur_aarsak',
    'ansvarlig_beslutter',
    'resultat',
    'rettighetstype',
    'soknadsformat',
    'relatert_behandling_referanse',
    'versjon',
    'hendelsestidspunkt',
    'vedtak_tidspunkt',
] -%}

{{ saksstatistikk_stored_history() }},

{{ saksstatistikk_recomputed_history() }},

gjeldende_rader as (

    select
        {{ kolonner | join(',\n        ') }}

    from historikk

    union all

    select
        {{ kolonner | join(',\n        ') }}

    from reberegnet_historikk

)
{%- endmacro %}
