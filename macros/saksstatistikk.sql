{#- The rules of saksstatistikk that several models share, each in one place. -#}

{#- The columns of a statistics row but its id, in the order of the contract. -#}
{% macro saksstatistikk_columns() %}
    {{ return([
        'fagsystem_navn',
        'behandling_uuid',
        'saksnummer',
        'relatert_behandling_uuid',
        'relatert_fagsystem',
        'behandling_type',
        'aktor_id',
        'teknisk_tid',
        'registrert_tid',
        'endret_tid',
        'mottatt_tid',
        'vedtak_tid',
        'ferdigbehandlet_tid',
        'versjon',
        'avsender',
        'opprettet_av',
        'ansvarlig_beslutter',
        'soknadsformat',
        'saksbehandler',
        'behandlingmetode',
        'behandling_status',
        'behandling_aarsak',
        'behandling_resultat',
        'resultat_begrunnelse',
        'ansvarlig_enhet_kode',
        'sak_ytelse',
        'er_relast',
        'sak_utland',
    ]) }}
{% endmacro %}


{#- The same columns as part of a select, with the name of a relation before each, some left
    out. -#}
{% macro saksstatistikk_column_list(relation=none, leave_out=[]) -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    {%- set columns = [] -%}
    {%- for column in saksstatistikk_columns() if column not in leave_out -%}
        {%- do columns.append(prefix ~ column) -%}
    {%- endfor -%}
    {{ return(columns | join(',\n        ')) }}
{%- endmacro %}


{#- Whether two statistics rows say the same of a case. What tells one sending from another does not
    count: when it was sent, for which time, by which version, as a resending or not. -#}
{% macro saksstatistikk_says_the_same(one, other) -%}
    {%- set apart = ['teknisk_tid', 'endret_tid', 'versjon', 'er_relast'] -%}
    not (
        {%- for column in saksstatistikk_columns() if column not in apart %}
        {{ 'or ' if not loop.first -}}
        {{ one }}.{{ column }} is distinct from {{ other }}.{{ column }}
        {%- endfor %}
    )
{%- endmacro %}


{#- Offices that handle cases with a connection to another country. -#}
{% macro saksstatistikk_sak_utland(ansvarlig_enhet_kode) -%}
    case when {{ ansvarlig_enhet_kode }} in ('0393', '4402') then 'UTLAND' else 'NASJONAL' end
{%- endmacro %}


{#- Times this near each other are the same moment, written down by two systems. -#}
{% macro saksstatistikk_near_milliseconds() -%}
    {{ return(10) }}
{%- endmacro %}


{#- The kinds of case that the warehouse gets. -#}
{% macro saksstatistikk_is_sent(type_behandling) -%}
    {{ type_behandling }} in ('Førstegangsbehandling', 'Revurdering', 'Klage', 'Tilbakekreving')
{%- endmacro %}


{#- Whether a row of behandling_historikk can be used as an event: it has a place in time and a
    status that has a meaning. -#}
{% macro saksstatistikk_is_event(historikk) -%}
    {{ historikk }}.historikk_id is not null
    and {{ historikk }}.hendelsestidspunkt is not null
    and {{ saksstatistikk_is_status(historikk ~ '.status') }}
{%- endmacro %}

{% macro saksstatistikk_is_status(status) -%}
    {{ status }} in ('OPPRETTET', 'UTREDES', 'IVERKSETTES', 'AVSLUTTET')
{%- endmacro %}


{#- What the status of a clarification need says: somebody has to do something, it is done, or it
    was returned to be done again. -#}
{% macro saksstatistikk_is_open(status) -%}
    ({{ status }} = 'OPPRETTET' or {{ saksstatistikk_is_returned(status) }})
{%- endmacro %}

{% macro saksstatistikk_is_closed(status) -%}
    {{ status }} in ('AVSLUTTET', 'TOTRINNS_VURDERT', 'KVALITETSSIKRET', 'AVBRUTT')
{%- endmacro %}

{% macro saksstatistikk_is_returned(status) -%}
    {{ status }} in ('SENDT_TILBAKE_FRA_BESLUTTER', 'SENDT_TILBAKE_FRA_KVALITETSSIKRER')
{%- endmacro %}


{#- Whether a row of avklaringsbehov_endring can be used as a change. -#}
{% macro saksstatistikk_is_change(endring) -%}
    {{ endring }}.behov_nr is not null
    and {{ endring }}.endring_nr is not null
    and {{ endring }}.tidsstempel is not null
    and (
        {{ saksstatistikk_is_open(endring ~ '.status') }}
        or {{ saksstatistikk_is_closed(endring ~ '.status') }}
    )
{%- endmacro %}


{#- Jobs that ask for a resending; the second kind also has the history computed again. -#}
{% macro saksstatistikk_is_resend_job(type) -%}
    ({{ type }} = 'statistikk.resendSakstatistikk' or {{ saksstatistikk_is_flyt_job(type) }})
{%- endmacro %}

{% macro saksstatistikk_is_flyt_job(type) -%}
    {{ type }} = 'flyt.statistikk.resend'
{%- endmacro %}


{#- The variable resend_behandlinger as a list of whole numbers. -#}
{% macro saksstatistikk_asked_ids() %}
    {%- set value = var('resend_behandlinger') -%}
    {%- set ids = [] -%}
    {%- if value is string or value is mapping or value is not iterable -%}
        {{ setting_error(
            "The variable resend_behandlinger is '" ~ value
            ~ "'; it must be a list of behandling ids, such as [10007]."
        ) }}
    {%- endif -%}
    {%- for element in value -%}
        {%- set digits = modules.re.match('^\\d{1,18}$', element | string) is not none -%}
        {%- if element is boolean or not digits -%}
            {{ setting_error(
                "The variable resend_behandlinger holds '" ~ element
                ~ "', which is no behandling id; write whole numbers, such as [10007]."
            ) }}
        {%- endif -%}
        {%- do ids.append(element | int) -%}
    {%- endfor -%}
    {{ return(ids | unique | list) }}
{% endmacro %}


{#- Whether the variable backfill asks for a repair. -#}
{% macro saksstatistikk_backfill_is_asked(navn) %}
    {%- set known = saksstatistikk_steps()[1:] -%}
    {%- set value = var('backfill') -%}
    {%- if value is string or value is mapping or value is not iterable -%}
        {{ setting_error(
            "The variable backfill is '" ~ value ~ "'; it must be a list out of "
            ~ known | join(', ') ~ ", such as [oversendt_ka]."
        ) }}
    {%- endif -%}
    {%- for element in value if element not in known -%}
        {{ setting_error(
            "The variable backfill holds '" ~ element ~ "', which is no backfill; there are "
            ~ known | join(', ') ~ "."
        ) }}
    {%- endfor -%}
    {{ return(navn in value) }}
{% endmacro %}


{#- A pre-hook: an id in resend_behandlinger that no case has is most likely a typing error, and to
    go on without it would look like a resending that worked. -#}
{% macro saksstatistikk_require_known_ids(behandlinger) %}
    {%- set asked = saksstatistikk_asked_ids() -%}
    {%- if execute and asked -%}
        {%- set known = run_query(
            'select distinct behandling_id from ' ~ behandlinger
            ~ ' where behandling_id in (' ~ asked | join(', ') ~ ')'
        ).columns[0].values() | map('int') | list -%}
        {%- set unknown = asked | reject('in', known) | list -%}
        {%- if unknown -%}
            {{ setting_error(
                "The variable resend_behandlinger holds " ~ unknown | join(', ')
                ~ ", which no behandling has as its id; nothing was resent."
            ) }}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}


{#- Which rows of paaklaget_behandling say what was appealed. -#}
{% macro saksstatistikk_is_valid_appeal() -%}
    aktiv
    and status = 'AVSLUTTET'
    and klagebehandling_referanse is not null
    and paaklaget_behandling_referanse is not null
{%- endmacro %}


{#- The steps of a run, in their order; each sees what those before it append. -#}
{% macro saksstatistikk_steps() -%}
    {{ return(['resend', 'oversendt_ka', 'relatert_behandling']) }}
{%- endmacro %}

{% macro saksstatistikk_steps_before(steg) -%}
    {%- set steps = saksstatistikk_steps() -%}
    {{ return(steps[:steps.index(steg)]) }}
{%- endmacro %}


{#- What a step appends, a query: its rows, numbered in the order of their ids. -#}
{% macro saksstatistikk_rows_of_step(steg) -%}
    select
        {% if steg == 'resend' -%}
        endrede.foregaaende + nye_rader.rad_nr as nr_i_steg,
        {% else -%}
        row_number() over (
            order by
                case when nye_rader.behandling_id is null then 1 else 0 end,
                nye_rader.behandling_id,
                {{ byte_order('nye_rader.behandling_uuid') }},
                nye_rader.endret_tid
        ) as nr_i_steg,
        {% endif -%}
        {{ saksstatistikk_column_list('nye_rader') }}

    from {{ ref('silver_saksstatistikk__' ~ steg) }} as nye_rader
    {%- if steg == 'resend' %}
    inner join {{ ref('silver_saksstatistikk__endrede_resend') }} as endrede
        on nye_rader.behandling_id = endrede.behandling_id
    {%- endif %}
{%- endmacro %}


{#- What is in gold when a step begins: common table expressions of which the last, sendt, has the
    rows that were there before the run and those of the steps before it. -#}
{% macro saksstatistikk_sent_before(steg) -%}
    {%- for tidligere in saksstatistikk_steps_before(steg) -%}
    {{ tidligere }}_rader as (

    {{ saksstatistikk_rows_of_step(tidligere) }}

),

    {% endfor -%}
    sendt as (

    select
        0 as steg_nr,
        id as nr_i_steg,
        {{ saksstatistikk_column_list() }}

    from {{ ref('silver_saksstatistikk__sendt') }}
    {%- for tidligere in saksstatistikk_steps_before(steg) %}

    union all

    select
        {{ loop.index }} as steg_nr,
        nr_i_steg,
        {{ saksstatistikk_column_list() }}

    from {{ tidligere }}_rader
    {%- endfor %}

)
{%- endmacro %}


{#- An ordering that puts the current one first of several rows for one event: the highest technical
    time, then the highest id. Rows of this run have no id yet; theirs will be higher, in this
    order. -#}
{% macro saksstatistikk_current_first(rader) -%}
    case when {{ rader }}.teknisk_tid is null then 1 else 0 end,
                {{ rader }}.teknisk_tid desc,
                {{ rader }}.steg_nr desc,
                {{ rader }}.nr_i_steg desc
{%- endmacro %}


{#- The rules that avvik reports, each with the sentence that a reader gets. -#}
{% macro saksstatistikk_avvik_rules() %}
    {%- set rules = {
        'ugyldig_id': 'Id-en er intet heltall, og raden er ikke brukt',
        'mangler_id': 'Raden har ingen id og er ikke brukt',
        'mangler_referanse': 'Raden har ingen referanse og er ikke brukt',
        'dublett': 'Flere rader har samme nøkkel',
        'type_sendes_ikke': 'Behandlinger av denne typen sendes ikke',
        'uten_historikk': 'Behandlingen har ingen hendelser og sendes ikke',
        'ukjent_behandling': 'Behandlingen finnes ikke',
        'ukjent_paaklaget_behandling': 'Behandlingen det klages på finnes ikke',
        'ukjent_status': 'Statusen er ukjent, og raden er ikke brukt',
        'lik_tid': 'En annen hendelse har samme tid; de sendes i rekkefølge etter id',
        'ikke_tatt_inn': 'Raden kom etter at gull ble opprettet, og er ikke tatt inn',
        'uten_stoppet_behandling': 'Behandlingen har ingen rad i stoppet_behandling',
        'ugyldig_behov_nr': 'behov_nr er intet heltall, og raden er ikke brukt',
        'ugyldig_endring_nr': 'endring_nr er intet heltall, og raden er ikke brukt',
        'peker_paa_seg_selv': 'Klagen peker på seg selv; sendes slik den står',
        'klage_paa_klage': 'Det klages på en klage; sendes slik den står',
        'flere_paaklagede': 'Klagen gjelder flere behandlinger, og den laveste referansen er brukt',
        'ugyldig_er_skjermet': 'er_skjermet er hverken sann eller usann; personen skjermes',
        'ugyldig_er_relast': 'er_relast er hverken sann eller usann',
        'ugyldig_slettet': 'slettet er hverken sann eller usann; raden brukes',
        'ugyldig_aktiv': 'aktiv er hverken sann eller usann; raden brukes ikke',
    } -%}
    {%- for kolonne in [
        'hendelsestidspunkt',
        'endret_tid',
        'tidsstempel',
        'mottatt_tid',
        'neste_kjoring',
        'opprettet_tid',
    ] -%}
        {%- do rules.update({'mangler_' ~ kolonne: kolonne ~ ' mangler'}) -%}
    {%- endfor -%}
    {%- for kolonne in [
        'hendelsestidspunkt',
        'vedtak_tidspunkt',
        'teknisk_tid',
        'registrert_tid',
        'endret_tid',
        'mottatt_tid',
        'vedtak_tid',
        'ferdigbehandlet_tid',
        'tidsstempel',
        'opprettet_tid',
        'behandling_opprettet_tidspunkt',
        'vedtakstidspunkt',
        'tidspunkt_siste_endring',
        'neste_kjoring',
    ] -%}
        {%- do rules.update({'ugyldig_' ~ kolonne: kolonne ~ ' er intet tidspunkt'}) -%}
    {%- endfor -%}
    {{ return(rules) }}
{% endmacro %}
