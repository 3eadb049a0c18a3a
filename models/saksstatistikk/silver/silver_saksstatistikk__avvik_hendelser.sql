-- The two inputs with a row per event have no CTE of their own: read from several places, it would
-- be held in memory as a whole.

with

behandlinger as (

    select * from {{ ref('silver_saksstatistikk__behandlinger') }}

),

-- one look at the whole history, many at what is wrong in it
historikk_med_feil as (

    select
        historikk.*,
        behandlinger.behandling_id is not null as har_behandling

    from {{ ref('stg_saksstatistikk__behandling_historikk') }} as historikk
    left join behandlinger
        on historikk.behandling_id = behandlinger.behandling_id
    where
        historikk.historikk_id is null
        or behandlinger.behandling_id is null
        or historikk.hendelsestidspunkt is null
        or coalesce({{ saksstatistikk_is_status('historikk.status') }}, false) = false
        or (historikk.vedtak_tidspunkt is null and historikk.vedtak_tidspunkt_tekst is not null)
        or (historikk.slettet is null and historikk.slettet_tekst is not null)

),

like_tider as (

    select
        behandling_id,
        hendelsestidspunkt,
        min(historikk_id) as forste_id

    from {{ ref('silver_saksstatistikk__gjeldende_historikk') }}
    group by behandling_id, hendelsestidspunkt
    having count(*) > 1

),

historikk_dubletter as (

    select historikk_id

    from {{ ref('stg_saksstatistikk__behandling_historikk') }}
    where historikk_id is not null
    group by historikk_id
    having count(*) > 1

),

historikk_avvik as (

    {% for regel, vilkar, verdi in [
        ('ugyldig_id', 'historikk_id is null', 'id_tekst'),
        ('ukjent_behandling', 'not har_behandling', 'behandling_id_tekst'),
        (
            'ukjent_status',
            'coalesce(' ~ saksstatistikk_is_status('status') ~ ', false) = false',
            'status',
        ),
        (
            'mangler_hendelsestidspunkt',
            'hendelsestidspunkt_tekst is null',
            'hendelsestidspunkt_tekst',
        ),
        (
            'ugyldig_hendelsestidspunkt',
            'hendelsestidspunkt is null and hendelsestidspunkt_tekst is not null',
            'hendelsestidspunkt_tekst',
        ),
        (
            'ugyldig_vedtak_tidspunkt',
            'vedtak_tidspunkt is null and vedtak_tidspunkt_tekst is not null',
            'vedtak_tidspunkt_tekst',
        ),
        ('ugyldig_slettet', 'slettet is null and slettet_tekst is not null', 'slettet_tekst'),
    ] %}
    select
        'behandling_historikk' as tabell,
        coalesce(id_tekst, '') as nokkel,
        '{{ regel }}' as regel,
        coalesce({{ verdi }}, '(tom)') as verdi

    from historikk_med_feil
    where {{ vilkar }}

    union all
    {% endfor %}

    select
        'behandling_historikk' as tabell,
        {{ text('historikk.historikk_id') }} as nokkel,
        'lik_tid' as regel,
        {{ text('historikk.behandling_id') }} as verdi

    from {{ ref('silver_saksstatistikk__gjeldende_historikk') }} as historikk
    inner join behandlinger
        on historikk.behandling_id = behandlinger.behandling_id
    inner join like_tider
        on
            historikk.behandling_id = like_tider.behandling_id
            and historikk.hendelsestidspunkt = like_tider.hendelsestidspunkt
            and historikk.historikk_id > like_tider.forste_id
    where not behandlinger.er_reberegnet

    union all

    select
        'behandling_historikk' as tabell,
        {{ text('historikk_id') }} as nokkel,
        'dublett' as regel,
        {{ text('historikk_id') }} as verdi

    from historikk_dubletter

),

sendt_med_feil as (

    select *

    from {{ ref('stg_saksstatistikk__saksstatistikk') }}
    where
        id is null
        or teknisk_tid is null
        or registrert_tid is null
        or endret_tid is null
        or mottatt_tid is null
        or (vedtak_tid is null and vedtak_tid_tekst is not null)
        or (ferdigbehandlet_tid is null and ferdigbehandlet_tid_tekst is not null)
        or (er_relast is null and er_relast_tekst is not null)

),

sendt_dubletter as (

    select id

    from {{ ref('stg_saksstatistikk__saksstatistikk') }}
    where id is not null
    group by id
    having count(*) > 1

),

sendt_avvik as (

    select
        'saksstatistikk' as tabell,
        coalesce(id_tekst, '') as nokkel,
        'ugyldig_id' as regel,
        coalesce(behandling_uuid, '(tom)') as verdi

    from sendt_med_feil
    where id is null

    union all

    select
        'saksstatistikk' as tabell,
        coalesce(id_tekst, '') as nokkel,
        'mangler_endret_tid' as regel,
        coalesce(behandling_uuid, '(tom)') as verdi

    from sendt_med_feil
    where endret_tid_tekst is null

    {% for kolonne in [
        'teknisk_tid',
        'registrert_tid',
        'endret_tid',
        'mottatt_tid',
        'vedtak_tid',
        'ferdigbehandlet_tid',
        'er_relast',
    ] %}
    union all

    select
        'saksstatistikk' as tabell,
        coalesce(id_tekst, '') as nokkel,
        'ugyldig_{{ kolonne }}' as regel,
        {{ kolonne }}_tekst as verdi

    from sendt_med_feil
    where {{ kolonne }} is null and {{ kolonne }}_tekst is not null
    {% endfor %}

    union all

    select
        'saksstatistikk' as tabell,
        {{ text('id') }} as nokkel,
        'dublett' as regel,
        {{ text('id') }} as verdi

    from sendt_dubletter

    union all

    -- gold began without it: what was sent is read once, and what is added later is not
    select
        'saksstatistikk' as tabell,
        inndata.id_tekst as nokkel,
        'ikke_tatt_inn' as regel,
        coalesce(inndata.behandling_uuid, '(tom)') as verdi

    from {{ ref('stg_saksstatistikk__saksstatistikk') }} as inndata
    left join {{ ref('silver_saksstatistikk__sendt') }} as sendt
        on
            inndata.id = sendt.id
            and inndata.behandling_uuid is not distinct from sendt.behandling_uuid
            and inndata.endret_tid is not distinct from sendt.endret_tid
            and inndata.teknisk_tid is not distinct from sendt.teknisk_tid
    where inndata.id is not null and sendt.id is null

),

final as (

    select * from historikk_avvik
    union all
    select * from sendt_avvik

)

select * from final
