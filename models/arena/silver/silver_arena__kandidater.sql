with

meldinger as (

    select * from {{ ref('silver_arena__meldinger') }}

),

apne as (

    select * from {{ ref('silver_arena__apne_meldinger') }}

),

behandlede as (

    select id from {{ ref('silver_arena__tidligere_logg') }}

),

pass as (

    select coalesce(max(pass_nr), 0) + 1 as pass_nr
    from {{ ref('silver_arena__tidligere_logg') }}

),

nye as (

    select
        meldinger.id,
        meldinger.arena_id,
        meldinger.arena_table_name,
        meldinger.operation_type,
        meldinger.pos,
        meldinger.tiltakskode,
        meldinger.er_gyldig_gjennomforing

    from meldinger
    left join behandlede
        on meldinger.id = behandlede.id
    where behandlede.id is null

),

forfalte as (

    select * from apne
    where
        not er_forsokt_i_avbrutt_pass
        and (
            ingest_status = 'RETRY'
            {%- if arena_retry_failed() %}
            or ingest_status = 'FAILED'
            {%- endif %}
        )

),

-- measures that are valid now: what waited for them is tried in this pass
frigitte_gjennomforinger as (

    select arena_id
    from nye
    where
        arena_table_name = {{ arena_gjennomforing_table() }}
        and er_gyldig_gjennomforing
        and tiltakskode in ({{ arena_supported_kinds() | indent(8) }})

    union distinct

    select forfalte.arena_id

    from forfalte
    inner join meldinger
        on forfalte.id = meldinger.id
    where
        forfalte.arena_table_name = {{ arena_gjennomforing_table() }}
        and meldinger.er_gyldig_gjennomforing

),

frigitte as (

    select apne.*

    from apne
    left join frigitte_gjennomforinger
        on apne.gjennomforing_arena_id = frigitte_gjennomforinger.arena_id
    left join frigitte_gjennomforinger as annen_frigitt
        on apne.annen_gjennomforing_arena_id = annen_frigitt.arena_id
    where
        apne.arena_table_name = {{ arena_deltaker_table() }}
        and apne.ingest_status = 'WAITING'
        and (frigitte_gjennomforinger.arena_id is not null or annen_frigitt.arena_id is not null)

),

kandidater as (

    select
        id,
        arena_id,
        arena_table_name,
        operation_type,
        pos,
        true as er_ny,
        cast(null as {{ dbt.type_string() }}) as forrige_status,
        0 as forsok,
        {{ naa() }} as ingested_timestamp,
        cast(null as {{ type_local_timestamp() }}) as last_attempted

    from nye

    union all

    select
        id,
        arena_id,
        arena_table_name,
        operation_type,
        pos,
        false as er_ny,
        ingest_status as forrige_status,
        ingest_attempts as forsok,
        ingested_timestamp,
        last_attempted

    from forfalte

    union all

    select
        id,
        arena_id,
        arena_table_name,
        operation_type,
        pos,
        false as er_ny,
        'RETRY' as forrige_status,
        0 as forsok,
        ingested_timestamp,
        last_attempted

    from frigitte

),

med_fase as (

    select
        *,
        case
            when arena_table_name = {{ arena_gjennomforing_table() }} then 1
            when arena_table_name = {{ arena_hist_table() }} then 3
            when operation_type = 'DELETED' then 4
            else 2
        end as fase

    from kandidater

),

final as (

    select
        med_fase.id,
        med_fase.arena_id,
        med_fase.arena_table_name,
        med_fase.operation_type,
        med_fase.pos,
        {{ dbt.concat([
            text('med_fase.fase'), 'med_fase.pos', padded_digits(text('med_fase.id'), 18)
        ]) }} as rekkefolge,
        med_fase.forrige_status,
        med_fase.fase,
        med_fase.forsok,
        pass.pass_nr,
        med_fase.er_ny,
        med_fase.ingested_timestamp,
        med_fase.last_attempted

    from med_fase
    cross join pass

)

select * from final
