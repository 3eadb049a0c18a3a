with

alle_behandlinger as (

    select * from {{ ref('stg_saksstatistikk__behandling') }}

),

behandlinger as (

    select * from {{ ref('silver_saksstatistikk__behandlinger') }}

),

stoppede as (

    select * from {{ ref('stg_saksstatistikk__stoppet_behandling') }}

),

endringer as (

    select * from {{ ref('stg_saksstatistikk__avklaringsbehov_endring') }}

),

jobber as (

    select * from {{ ref('stg_saksstatistikk__jobb') }}
    where {{ saksstatistikk_is_resend_job('jobbtype') }}

),

steglogg as (

    select * from {{ ref('stg_saksstatistikk__steg_historikk') }}
    where steg = 'OPPRETTHOLDELSE' and status = 'OPPDATER_FAKTAGRUNNLAG'

),

paaklagede as (

    select * from {{ ref('stg_saksstatistikk__paaklaget_behandling') }}

),

med_historikk as (

    select distinct behandling_id
    from {{ ref('silver_saksstatistikk__gjeldende_historikk') }}

),

behandling_avvik as (

    select
        'behandling' as tabell,
        coalesce(alle_behandlinger.id_tekst, '') as nokkel,
        case
            when alle_behandlinger.behandling_id is null then 'ugyldig_id'
            when alle_behandlinger.forekomst_nr > 1 then 'dublett'
            when alle_behandlinger.behandling_referanse is null then 'mangler_referanse'
            else 'dublett'
        end as regel,
        coalesce(alle_behandlinger.behandling_referanse, '(tom)') as verdi

    from alle_behandlinger
    left join behandlinger
        on alle_behandlinger.behandling_id = behandlinger.behandling_id
    where behandlinger.behandling_id is null or alle_behandlinger.forekomst_nr > 1

    union all

    select
        'behandling' as tabell,
        {{ text('behandlinger.behandling_id') }} as nokkel,
        case
            when behandlinger.sendes then 'uten_historikk' else 'type_sendes_ikke'
        end as regel,
        coalesce(behandlinger.type_behandling, '(tom)') as verdi

    from behandlinger
    left join med_historikk
        on behandlinger.behandling_id = med_historikk.behandling_id
    where not behandlinger.sendes or med_historikk.behandling_id is null

    {% for kolonne in ['opprettet_tid', 'mottatt_tid', 'er_skjermet'] %}
    union all

    select
        'behandling' as tabell,
        coalesce(id_tekst, '') as nokkel,
        'ugyldig_{{ kolonne }}' as regel,
        {{ kolonne }}_tekst as verdi

    from alle_behandlinger
    where {{ kolonne }} is null and {{ kolonne }}_tekst is not null
    {% endfor %}

),

vurderte_endringer as (

    select
        endringer.*,
        coalesce(endringer.behandling_referanse, '')
        || '/'
        || coalesce(endringer.behov_nr_tekst, '')
        || '/'
        || coalesce(endringer.endring_nr_tekst, '') as nokkel,
        stoppede.behandling_referanse is not null as er_stoppet,
        count(*) over (
            partition by
                endringer.behandling_referanse, endringer.behov_nr, endringer.endring_nr
        ) as antall_like,
        row_number() over (
            partition by
                endringer.behandling_referanse, endringer.behov_nr, endringer.endring_nr
            order by
                endringer.tidsstempel,
                {{ byte_order('endringer.status') }}
        ) as lik_nr

    from endringer
    left join stoppede
        on
            endringer.behandling_referanse = stoppede.behandling_referanse
            and stoppede.forekomst_nr = 1

),

endring_avvik as (

    {% for regel, vilkar, verdi in [
        ('uten_stoppet_behandling', 'not er_stoppet', 'behandling_referanse'),
        ('ugyldig_behov_nr', 'behov_nr is null', 'behov_nr_tekst'),
        ('ugyldig_endring_nr', 'endring_nr is null', 'endring_nr_tekst'),
        ('mangler_tidsstempel', 'tidsstempel_tekst is null', 'tidsstempel_tekst'),
        (
            'ugyldig_tidsstempel',
            'tidsstempel is null and tidsstempel_tekst is not null',
            'tidsstempel_tekst',
        ),
        (
            'ukjent_status',
            'coalesce(' ~ saksstatistikk_is_open('status') ~ ' or '
            ~ saksstatistikk_is_closed('status') ~ ', false) = false',
            'status',
        ),
        (
            'dublett',
            'antall_like > 1 and lik_nr = 1 and behov_nr is not null and endring_nr is not null',
            'endring_nr_tekst',
        ),
    ] %}
    select
        'avklaringsbehov_endring' as tabell,
        nokkel,
        '{{ regel }}' as regel,
        coalesce({{ verdi }}, '(tom)') as verdi

    from vurderte_endringer
    where {{ vilkar }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

stoppet_avvik as (

    select
        'stoppet_behandling' as tabell,
        coalesce(stoppede.behandling_referanse, '') as nokkel,
        case
            when stoppede.behandling_referanse is null then 'mangler_referanse'
            when stoppede.forekomst_nr > 1 then 'dublett'
            else 'ukjent_behandling'
        end as regel,
        coalesce(stoppede.versjon, '(tom)') as verdi

    from stoppede
    left join behandlinger
        on stoppede.behandling_referanse = behandlinger.behandling_referanse
    where
        stoppede.behandling_referanse is null
        or stoppede.forekomst_nr > 1
        or behandlinger.behandling_id is null

    union all

    select
        'stoppet_behandling' as tabell,
        coalesce(behandling_referanse, '') as nokkel,
        'mangler_mottatt_tid' as regel,
        '(tom)' as verdi

    from stoppede
    where mottatt_tid_tekst is null

    {% for inndata, kolonne in {
        'mottatt_tid': 'mottatt_tid',
        'behandling_opprettet_tidspunkt': 'behandling_opprettet_tid',
        'vedtakstidspunkt': 'vedtakstidspunkt',
        'tidspunkt_siste_endring': 'tidspunkt_siste_endring',
    }.items() %}
    union all

    select
        'stoppet_behandling' as tabell,
        coalesce(behandling_referanse, '') as nokkel,
        'ugyldig_{{ inndata }}' as regel,
        {{ kolonne }}_tekst as verdi

    from stoppede
    where {{ kolonne }} is null and {{ kolonne }}_tekst is not null
    {% endfor %}

),

vurderte_jobber as (

    select
        jobber.*,
        behandlinger.behandling_id is not null as har_behandling,
        row_number() over (
            partition by jobber.jobb_id
            order by {{ byte_order("coalesce(jobber.payload, '')") }}
        ) as lik_nr,
        count(*) over (partition by jobber.jobb_id) as antall_like

    from jobber
    left join behandlinger
        on jobber.behandling_id = behandlinger.behandling_id

),

jobb_avvik as (

    {% for regel, vilkar, verdi in [
        ('mangler_id', 'jobb_id is null', 'payload'),
        ('ukjent_behandling', 'not har_behandling', 'payload'),
        ('mangler_neste_kjoring', 'neste_kjoring_tekst is null', 'neste_kjoring_tekst'),
        (
            'ugyldig_neste_kjoring',
            'neste_kjoring is null and neste_kjoring_tekst is not null',
            'neste_kjoring_tekst',
        ),
        ('dublett', 'jobb_id is not null and antall_like > 1 and lik_nr = 1', 'jobb_id'),
    ] %}
    select
        'jobb' as tabell,
        coalesce(jobb_id, '') as nokkel,
        '{{ regel }}' as regel,
        coalesce({{ verdi }}, '(tom)') as verdi

    from vurderte_jobber
    where {{ vilkar }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

steg_avvik as (

    select
        'steg_historikk' as tabell,
        coalesce(steglogg.behandling_referanse, '') as nokkel,
        case
            when steglogg.opprettet_tid_tekst is null then 'mangler_opprettet_tid'
            when steglogg.opprettet_tid is null then 'ugyldig_opprettet_tid'
            else 'ukjent_behandling'
        end as regel,
        coalesce(steglogg.opprettet_tid_tekst, '(tom)') as verdi

    from steglogg
    left join behandlinger
        on steglogg.behandling_referanse = behandlinger.behandling_referanse
    where steglogg.opprettet_tid is null or behandlinger.behandling_id is null

),

gyldige_klager as (

    select
        klagebehandling_referanse,
        paaklaget_behandling_referanse,
        row_number() over (
            partition by klagebehandling_referanse
            order by {{ byte_order('paaklaget_behandling_referanse') }}
        ) as nr

    from paaklagede
    where {{ saksstatistikk_is_valid_appeal() }}

),

klagebehandlinger as (

    select distinct klagebehandling_referanse
    from paaklagede
    where klagebehandling_referanse is not null

),

vurderte_klager as (

    select
        paaklagede.*,
        coalesce(paaklagede.klagebehandling_referanse, '')
        || '/'
        || coalesce(paaklagede.paaklaget_behandling_referanse, '') as nokkel,
        klage.behandling_id is not null as har_klage,
        paaklaget.behandling_id is not null as har_paaklaget,
        klagebehandlinger.klagebehandling_referanse is not null as gjelder_klage

    from paaklagede
    left join behandlinger as klage
        on paaklagede.klagebehandling_referanse = klage.behandling_referanse
    left join behandlinger as paaklaget
        on paaklagede.paaklaget_behandling_referanse = paaklaget.behandling_referanse
    left join klagebehandlinger
        on paaklagede.paaklaget_behandling_referanse = klagebehandlinger.klagebehandling_referanse

),

klage_avvik as (

    {% for regel, vilkar, verdi in [
        (
            'peker_paa_seg_selv',
            'klagebehandling_referanse = paaklaget_behandling_referanse',
            'paaklaget_behandling_referanse',
        ),
        (
            'klage_paa_klage',
            'klagebehandling_referanse <> paaklaget_behandling_referanse and gjelder_klage',
            'paaklaget_behandling_referanse',
        ),
        ('ukjent_behandling', 'not har_klage', 'klagebehandling_referanse'),
        ('ukjent_paaklaget_behandling', 'not har_paaklaget', 'paaklaget_behandling_referanse'),
        ('ugyldig_aktiv', 'aktiv is null and aktiv_tekst is not null', 'aktiv_tekst'),
    ] %}
    select
        'paaklaget_behandling' as tabell,
        nokkel,
        '{{ regel }}' as regel,
        coalesce({{ verdi }}, '(tom)') as verdi

    from vurderte_klager
    where {{ vilkar }}

    union all
    {% endfor %}

    select
        'paaklaget_behandling' as tabell,
        klagebehandling_referanse || '/' || paaklaget_behandling_referanse as nokkel,
        'flere_paaklagede' as regel,
        paaklaget_behandling_referanse as verdi

    from gyldige_klager
    where nr > 1

),

alle_avvik as (

    select * from behandling_avvik
    union all
    select * from {{ ref('silver_saksstatistikk__avvik_hendelser') }}
    union all
    select * from endring_avvik
    union all
    select * from stoppet_avvik
    union all
    select * from jobb_avvik
    union all
    select * from steg_avvik
    union all
    select * from klage_avvik

),

final as (

    select
        tabell,
        nokkel,
        regel,
        case regel
            {% for regel, setning in saksstatistikk_avvik_rules().items() -%}
            when '{{ regel }}' then '{{ setning }}'
            {% endfor -%}
        end || ': ' || verdi as beskrivelse

    from alle_avvik

)

select * from final
