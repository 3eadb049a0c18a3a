{#- The rules of tiltak that several models share, each in one place. -#}

{#- Gjennomføringer that ended before 2022 are outside the product's scope; without slutt_dato they
    run on. -#}
{% macro tiltak_in_scope(slutt_dato) -%}
    ({{ slutt_dato }} >= {{ date_literal('2022-01-01') }} or {{ slutt_dato }} is null)
{%- endmacro %}


{#- The variable snapshot_dato as a date, and the first instant after it. -#}
{% macro tiltak_snapshot_dato() -%}
    {{ date_literal(date_setting('snapshot_dato')) }}
{%- endmacro %}

{% macro tiltak_after_snapshot_dato() -%}
    {%- set day = modules.datetime.timedelta(days=1) -%}
    {{ local_timestamp_literal(date_setting('snapshot_dato') + day) }}
{%- endmacro %}


{#- Whether an office is among the asked ones (variable kontorer). -#}
{% macro tiltak_is_asked_office(enhetsnummer) -%}
    {%- set quoted = [] -%}
    {%- for kontor in text_list_setting('kontorer') -%}
        {%- do quoted.append("'" ~ kontor | replace("'", "''") ~ "'") -%}
    {%- endfor -%}
    {{ enhetsnummer }} in ({{ quoted | join(', ') }})
{%- endmacro %}


{#- An office has four digits; fewer say that a leading zero was lost on the way (0219 became
    219). -#}
{% macro tiltak_lost_leading_zero(enhetsnummer) -%}
    {{ matches(enhetsnummer, '^[0-9]{1,3}$') }}
{%- endmacro %}


{#- The first and the last Monday of the asked period, as Python dates. uke_til may be
    `siste_hele_uke`: the last week that is over on idag(), which is what a weekly schedule asks
    for. -#}
{% macro tiltak_weeks() %}
    {%- set day = modules.datetime.timedelta(days=1) -%}
    {%- set fra = date_setting('uke_fra') -%}
    {%- if var('uke_til') == 'siste_hele_uke' -%}
        {%- set til = idag_date() - day * (idag_date().weekday() + 7) -%}
    {%- else -%}
        {%- set til = date_setting('uke_til') -%}
    {%- endif -%}
    {%- if fra > til -%}
        {{ setting_error(
            "uke_fra (" ~ fra ~ ") is after uke_til (" ~ til
            ~ "); the period must not end before it begins."
        ) }}
    {%- endif -%}
    {{ return({
        'first': fra + day * ((7 - fra.weekday()) % 7),
        'last': til - day * til.weekday(),
    }) }}
{% endmacro %}


{#- One row per asked week: its Monday, its ISO year and number. -#}
{% macro tiltak_week_spine() %}
    {%- set weeks = tiltak_weeks() -%}
    {%- set antall = ((weeks.last - weeks.first).days // 7) + 1 -%}
    {%- set days = '7 * (cast(generated_number as ' ~ dbt.type_int() ~ ') - 1)' -%}
    select
        mandag,
        {{ iso_year('mandag') }} as iso_aar,
        {{ iso_week('mandag') }} as iso_uke
    from (
        select {{ add_days(date_literal(weeks.first), days) }} as mandag
        from ({{ dbt.generate_series([antall, 1] | max) }}) as numbers
    ) as weeks
    where mandag between {{ date_literal(weeks.first) }} and {{ date_literal(weeks.last) }}
{% endmacro %}


{#- Stops the run when `kontorer` names an office that no gjennomføring has or ever had: a typing
    error would else give an empty answer. An empty list of offices says nothing about what is
    known. -#}
{% macro tiltak_require_known_offices(nav_enheter) %}
    {%- if execute -%}
        {#- not ref(): the history is made from the model that this hook stands before -#}
        {%- set historikk = adapter.get_relation(
            database=this.database, schema=this.schema, identifier='gjennomforinger_historikk'
        ) -%}
        {%- set known = run_query(
            "select distinct enhetsnummer from " ~ nav_enheter ~ " where enhetsnummer is not null"
            ~ (" union distinct select enhetsnummer from " ~ historikk if historikk is not none)
        ).columns[0].values() | sort -%}
        {%- for kontor in text_list_setting('kontorer') if known and kontor not in known -%}
            {{ setting_error(
                "The variable kontorer names the office " ~ kontor
                ~ ", which no gjennomføring has; known offices: " ~ known | join(', ') ~ "."
            ) }}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}


{#- The rules that avvik reports, each with the sentence that a reader gets. -#}
{% macro tiltak_avvik_rules() %}
    {{ return({
        'mangler_id': 'Raden har ingen id',
        'mangler_bruker_id': 'Raden har ingen bruker_id',
        'mangler_enhetsnummer': 'Raden har intet enhetsnummer',
        'mangler_avdeling': 'Raden har ingen avdeling',
        'mangler_innsatsgruppe': 'Raden har ingen innsatsgruppekode',
        'mangler_start_dato': 'Deltakeren har ingen start_dato og telles aldri',
        'dublett': 'En annen rad med samme nøkkel er brukt',
        'flere_innsatsgrupper': 'Brukeren har flere innsatsgrupper, og den laveste koden er brukt',
        'tiltakstype_uten_navn': 'Tiltakstypen har intet navn',
        'ukjent_tiltakstype': 'Gjennomføringens tiltakstype finnes ikke',
        'ukjent_gjennomforing': 'Gjennomføringen finnes ikke',
        'ugyldig_enhetsnummer': 'Enhetsnummeret har færre enn fire sifre',
        'gjennomforing_uten_enhet': 'Gjennomføringen har intet NAV-kontor',
        'gjennomforing_uten_slutt_dato': 'Gjennomføringen har ingen slutt_dato',
        'gjennomforing_uten_avdeling': 'Gjennomføringen har ingen avdeling',
        'gjennomforing_ikke_i_snapshot': 'Gjennomføringen er ikke med på snapshot_dato',
        'oppdatert_etter_snapshot_dato':
            'Ingen lasting før snapshot_dato, og raden er oppdatert senere',
        'uten_oppdatert_tidspunkt':
            'Ingen lasting før snapshot_dato, og raden sier ikke når den er oppdatert',
        'uten_innsatsgruppe': 'Brukeren har ingen innsatsgruppe',
        'ugyldig_start_dato': 'start_dato er ingen dato',
        'ugyldig_slutt_dato': 'slutt_dato er ingen dato',
        'ugyldig_opprettet_tidspunkt': 'opprettet_tidspunkt er intet tidspunkt',
        'ugyldig_oppdatert_tidspunkt': 'oppdatert_tidspunkt er intet tidspunkt',
        'ugyldig_avsluttet_tidspunkt': 'avsluttet_tidspunkt er intet tidspunkt',
        'slutt_for_start': 'Slutt er før start; raden telles bare når begge er i samme uke',
    }) }}
{% endmacro %}


{#- Whether the mother table can carry a deltakelse, as far as its own row says. -#}
{% macro tiltak_is_countable(deltakelser) -%}
    {{ deltakelser }}.innsatsgruppe is not null
    and not {{ deltakelser }}.har_ugyldig_start
    and not {{ deltakelser }}.har_ugyldig_slutt
{%- endmacro %}
