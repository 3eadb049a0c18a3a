{%- set mottatt = as_it_stands('silver_arena__meldinger') -%}

with

-- each reads the source for itself: as one CTE that both share, engines would keep a copy of it
kilde as (

    select * from {{ ref('stg_arena__meldinger') }}

),

kilde_igjen as (

    select * from {{ ref('stg_arena__meldinger') }}

),

gjentatte_nummer as (

    select mottatt_nr
    from {{ ref('stg_arena__meldinger') }}
    where mottatt_nr is not null
    group by mottatt_nr
    having count(*) > 1

),

noen_gjentatte as (

    select mottatt_nr from gjentatte_nummer
    order by mottatt_nr
    limit 1

),

-- numbering costs a sort, so only what is there more than once is numbered
nummererte as (

    select
        kilde.*,
        1 as nokkel_nr

    from kilde
    left join gjentatte_nummer
        on kilde.mottatt_nr = gjentatte_nummer.mottatt_nr
    where gjentatte_nummer.mottatt_nr is null

    union all

    select
        kilde_igjen.*,
        {{ occurrence_number(
            [
                'kilde_igjen.mottatt_nr',
                'arena_table_name',
                'op_type',
                padded_digits('operation_pos', 20),
            ],
            [byte_order('op_ts'), byte_order('before'), byte_order('after')]
        ) | indent(8) }} as nokkel_nr

    from kilde_igjen
    inner join gjentatte_nummer
        on kilde_igjen.mottatt_nr = gjentatte_nummer.mottatt_nr
    where exists (select 1 from noen_gjentatte)

),

med_nokkel as (

    select
        *,
        case op_type
            when 'I' then 'CREATED'
            when 'U' then 'MODIFIED'
            when 'D' then 'DELETED'
        end as operation_type,
        case
            when {{ matches('operation_pos', '^[0-9]{1,20}$') }}
                then {{ padded_digits('operation_pos', 20) }}
        end as pos

    from nummererte

),

{% if mottatt is not none -%}
-- what was taken in by an earlier run is not read again
ikke_mottatt as (

    select
        med_nokkel.*,
        mottatt.id is not null as er_nummer_brukt

    from med_nokkel
    left join {{ mottatt }} as mottatt
        on med_nokkel.mottatt_nr = mottatt.id
    where
        mottatt.id is null
        or med_nokkel.nokkel_nr > 1
        or coalesce(med_nokkel.arena_table_name, '') <> mottatt.arena_table_name
        or coalesce(med_nokkel.operation_type, '') <> mottatt.operation_type
        or coalesce(med_nokkel.pos, '') <> mottatt.pos

),
{%- else -%}
ikke_mottatt as (

    select
        *,
        false as er_nummer_brukt

    from med_nokkel

),
{%- endif %}

rensede as (

    select
        mottatt_nr,
        mottatt_nr_tekst,
        nokkel_nr,
        er_nummer_brukt,
        arena_table_name,
        operation_type,
        op_ts,
        operation_pos,
        pos,
        nullif({{ without_zero('before') | indent(8) }}, '') as before,
        nullif({{ without_zero('after') | indent(8) }}, '') as after

    from ikke_mottatt

),

dokumenter as (

    select
        *,
        coalesce(arena_table_name in (
            {{ arena_gjennomforing_table() }},
            {{ arena_deltaker_table() }},
            {{ arena_hist_table() }}
        ), false) as er_kjent_tabell,
        case when operation_type = 'DELETED' then before else after end as data_tekst,
        case when operation_type = 'DELETED' then after else before end as annet_tekst

    from rensede

),

slag as (

    select
        *,
        case
            when data_tekst is not null
                then {{ json_kind('data_tekst') | indent(16) }}
        end as data_slag,
        case
            when annet_tekst is not null
                then {{ json_kind('annet_tekst') | indent(16) }}
        end as annet_slag

    from dokumenter
    {{ computed_once() }}

),

objekter as (

    select
        *,
        data_tekst is not null as har_data,
        annet_tekst is not null as har_annet,
        case when er_kjent_tabell and data_slag = 'object' then data_tekst end as innhold,
        case
            when arena_table_name = {{ arena_deltaker_table() }} and annet_slag = 'object'
                then annet_tekst
        end as annet_innhold

    from slag

),

{% set rad = [
    'mottatt_nr', 'mottatt_nr_tekst', 'nokkel_nr', 'er_nummer_brukt',
    'arena_table_name', 'er_kjent_tabell', 'operation_type', 'op_ts', 'operation_pos', 'pos',
    'har_data', 'data_slag', 'har_annet', 'annet_slag', 'annet_innhold', 'before', 'after',
] -%}
{% set felt = {
    'gjennomforing_tekst': 'TILTAKGJENNOMFORING_ID',
    'deltaker_tekst': 'TILTAKDELTAKER_ID',
    'hist_deltaker_tekst': 'HIST_TILTAKDELTAKER_ID',
    'person_tekst': 'PERSON_ID',
    'sak_tekst': 'SAK_ID',
    'arrangor_tekst': 'ARBGIV_ID_ARRANGOR',
    'dager_tekst': 'ANTALL_DAGER_PR_UKE',
    'prosent_tekst': 'PROSENT_DELTID',
    'tiltakskode': 'TILTAKSKODE',
    'lokaltnavn': 'LOKALTNAVN',
    'tiltakstatuskode': 'TILTAKSTATUSKODE',
    'ekstern_id': 'EKSTERN_ID',
    'deltakertypekode': 'DELTAKERTYPEKODE',
    'deltakerstatuskode': 'DELTAKERSTATUSKODE',
    'aarsakverdikode': 'AARSAKVERDIKODE_STATUS',
    'begrunnelse_bestilling': 'BEGRUNNELSE_BESTILLING',
    'dato_fra_tekst': 'DATO_FRA',
    'dato_til_tekst': 'DATO_TIL',
    'dato_statusendring_tekst': 'DATO_STATUSENDRING',
    'reg_dato_tekst': 'REG_DATO',
    'mod_dato_tekst': 'MOD_DATO',
} -%}
{{ json_columns(
    'feltene',
    'objekter',
    rad,
    'innhold',
    felt,
    keep_empty=[
        'dato_fra_tekst', 'dato_til_tekst', 'dato_statusendring_tekst', 'reg_dato_tekst',
        'begrunnelse_bestilling',
    ]
) }},

{{ json_columns(
    'begge',
    'feltene',
    rad | reject('equalto', 'annet_innhold') | list + felt.keys() | list,
    'annet_innhold',
    {'annen_gjennomforing_tekst': 'TILTAKGJENNOMFORING_ID'}
) }},

typede as (

    select
        mottatt_nr,
        mottatt_nr_tekst,
        nokkel_nr,
        er_nummer_brukt,
        arena_table_name,
        er_kjent_tabell,
        operation_type,
        operation_pos,
        pos,
        op_ts,
        har_data,
        data_slag,
        har_annet,
        annet_slag,
        before,
        after,
        ekstern_id,
        deltakertypekode,
        deltakerstatuskode,
        aarsakverdikode,
        begrunnelse_bestilling,
        tiltakskode,
        lokaltnavn,
        tiltakstatuskode,
        dato_fra_tekst,
        dato_til_tekst,
        dato_statusendring_tekst,
        reg_dato_tekst,
        arena_table_name = {{ arena_gjennomforing_table() }} as er_gjennomforing,
        coalesce(gjennomforing_tekst, '0') as gjennomforing_tekst,
        coalesce(
            case
                when arena_table_name = {{ arena_gjennomforing_table() }} then gjennomforing_tekst
                when arena_table_name = {{ arena_hist_table() }} then hist_deltaker_tekst
                else deltaker_tekst
            end,
            '0'
        ) as arena_id_tekst,
        person_tekst,
        sak_tekst,
        arrangor_tekst,
        dager_tekst,
        prosent_tekst,
        {{ safe_whole_number('coalesce(gjennomforing_tekst, \'0\')') }} as gjennomforing_id,
        {{ safe_whole_number('annen_gjennomforing_tekst') }} as annen_gjennomforing_id,
        {{ safe_whole_number('person_tekst') }} as person_id,
        {{ safe_whole_number('sak_tekst') }} as sak_id,
        {{ safe_whole_number('arrangor_tekst') }} as arrangor_id,
        {{ safe_double('dager_tekst') }} as dager_per_uke,
        {{ safe_double('prosent_tekst') }} as prosent_deltid,
        case
            when length(op_ts) = 26 and substr(op_ts, 11, 1) = ' '
                then {{ safe_local_timestamp('op_ts') | indent(12) }}
        end as operation_timestamp,
        {{ arena_time('dato_fra_tekst') | indent(8) }} as dato_fra,
        {{ arena_time('dato_til_tekst') | indent(8) }} as dato_til,
        {{ arena_time('dato_statusendring_tekst') | indent(8) }} as dato_statusendring,
        {{ arena_time('reg_dato_tekst') | indent(8) }} as reg_dato,
        {{ arena_time('mod_dato_tekst') | indent(8) }} as mod_dato

    from begge
    {{ computed_once() }}

),

nummerte as (

    select
        *,
        {{ safe_whole_number('arena_id_tekst') }} as arena_id

    from typede

),

vurderte as (

    select
        *,
        case
            when mottatt_nr is null then 'mottatt_nr'
            when not er_kjent_tabell then 'tabell'
            when operation_type is null then 'op_type'
            when operation_timestamp is null then 'op_ts'
            when pos is null then 'pos'
            when
                (har_data and data_slag is null)
                or (har_annet and annet_slag is null)
                then 'json'
            when coalesce(data_slag, '') <> 'object' then 'data_mangler'
            when
                arena_id is null
                or gjennomforing_id is null
                or (
                    er_gjennomforing
                    and (
                        tiltakskode is null
                        or (sak_tekst is not null and sak_id is null)
                        or (arrangor_tekst is not null and arrangor_id is null)
                    )
                )
                or (
                    not er_gjennomforing
                    and (
                        deltakerstatuskode is null
                        or coalesce(reg_dato_tekst, '') = ''
                        or (person_tekst is not null and person_id is null)
                        or (dager_tekst is not null and dager_per_uke is null)
                        or (prosent_tekst is not null and prosent_deltid is null)
                    )
                )
                then 'felt'
            when nokkel_nr > 1 then 'duplikat'
            when er_nummer_brukt then 'mottatt_nr_brukt'
        end as uleselig,
        -- the checks of spec row 8, in its order
        case
            when er_gjennomforing then null
            when arena_id = 0 then 'id'
            when gjennomforing_id = 0 then 'TILTAKGJENNOMFORING_ID'
            when person_id is null then 'PERSON_ID'
            when dato_fra_tekst is not null and dato_fra is null then 'DATO_FRA'
            when dato_til_tekst is not null and dato_til is null then 'DATO_TIL'
            when deltakerstatuskode not in (
                'DELAVB', 'FULLF', 'GJENN_AVB', 'GJENN_AVL', 'IKKEM', 'IKKAKTUELL', 'AVSLAG',
                'NEITAKK', 'GJENN', 'TILBUD', 'VENTELISTE', 'AKTUELL', 'JATAKK', 'INFOMOETE',
                'FEILREG'
            ) then 'DELTAKERSTATUSKODE'
            when dato_statusendring_tekst is not null and dato_statusendring is null
                then 'DATO_STATUSENDRING'
            when aarsakverdikode not in ('HENLU', 'SYK', 'FRISM', 'ANN', 'BEGA', 'UTV', 'FTOAT')
                then 'AARSAKVERDIKODE_STATUS'
            when reg_dato is null then 'REG_DATO'
        end as ugyldig_felt

    from nummerte

),

final as (

    select
        -- ids
        mottatt_nr as id,
        mottatt_nr_tekst,
        {{ text('arena_id') }} as arena_id,
        {{ text('gjennomforing_id') }} as gjennomforing_arena_id,
        {{ text('annen_gjennomforing_id') }} as annen_gjennomforing_arena_id,
        {{ text('person_id') }} as person_id,
        ekstern_id,

        -- text
        arena_table_name,
        operation_type,
        operation_pos,
        pos,
        uleselig,
        case
            when ugyldig_felt in ('DELTAKERSTATUSKODE', 'AARSAKVERDIKODE_STATUS') then 'RETRY'
            when ugyldig_felt is not null then 'INVALID'
        end as validering_status,
        case
            when ugyldig_felt = 'id' and arena_table_name = {{ arena_hist_table() }}
                then 'HIST_TILTAKDELTAKER_ID er 0'
            when ugyldig_felt = 'id' then 'TILTAKDELTAKER_ID er 0'
            when ugyldig_felt = 'TILTAKGJENNOMFORING_ID' then 'TILTAKGJENNOMFORING_ID er 0'
            when ugyldig_felt = 'PERSON_ID' then 'PERSON_ID er null'
            when ugyldig_felt = 'DATO_FRA'
                then {{ dbt.concat([
                    "'DATO_FRA kan ikke parses til LocalDate ('", 'dato_fra_tekst', "')'"
                ]) }}
            when ugyldig_felt = 'DATO_TIL'
                then {{ dbt.concat([
                    "'DATO_TIL kan ikke parses til LocalDate ('", 'dato_til_tekst', "')'"
                ]) }}
            when ugyldig_felt = 'DELTAKERSTATUSKODE'
                then {{ dbt.concat(["'Ukjent DELTAKERSTATUSKODE '", 'deltakerstatuskode']) }}
            when ugyldig_felt = 'DATO_STATUSENDRING'
                then {{ dbt.concat([
                    "'DATO_STATUSENDRING kan ikke parses til LocalDateTime ('",
                    'dato_statusendring_tekst', "')'"
                ]) }}
            when ugyldig_felt = 'AARSAKVERDIKODE_STATUS'
                then {{ dbt.concat(["'Ukjent AARSAKVERDIKODE_STATUS '", 'aarsakverdikode']) }}
            when ugyldig_felt = 'REG_DATO'
                then {{ dbt.concat([
                    "'REG_DATO kan ikke parses til LocalDateTime ('", 'reg_dato_tekst', "')'"
                ]) }}
        end as validering_note,
        tiltakskode,
        deltakertypekode,
        deltakerstatuskode,
        aarsakverdikode,
        begrunnelse_bestilling,
        before,
        after,

        -- numbers
        dager_per_uke,
        prosent_deltid,

        -- booleans
        er_gjennomforing
        and sak_id is not null
        and arrangor_id is not null
        and lokaltnavn is not null
        and tiltakstatuskode is not null
        and reg_dato is not null
        and (dato_fra_tekst is null or dato_fra is not null)
        and (dato_til_tekst is null or dato_til is not null) as er_gyldig_gjennomforing,

        -- dates
        operation_timestamp,
        cast(dato_fra as date) as dato_fra,
        cast(dato_til as date) as dato_til,
        dato_statusendring,
        reg_dato,
        mod_dato

    from vurderte

)

select * from final
