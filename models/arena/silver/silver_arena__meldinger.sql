{{
    config(
        cluster_by=['arena_table_name', 'arena_id'],
    )
}}
with

leste as (

    select * from {{ ref('silver_arena__leste_meldinger') }}
    where uleselig is null

),

{{ arena_lowest_keys('nummer') }},

-- the same key twice: the one that came first, if none came in an earlier run
forste as (

    select
        nokkel,
        min(id) as id

    from nummer
    group by nokkel

),

{% if is_incremental() %}

-- the list of what is read may be older than this, when this is run alone
nye as (

    select forste.*

    from forste
    left join {{ this }} as mottatt_nokkel
        on
            forste.nokkel
            = {{ dbt.concat([
                'mottatt_nokkel.pos',
                'mottatt_nokkel.arena_table_name',
                'mottatt_nokkel.operation_type',
            ]) }}
    left join {{ this }} as mottatt_nr
        on forste.id = mottatt_nr.id
    where mottatt_nokkel.id is null and mottatt_nr.id is null

),

{% else %}

nye as (

    select * from forste

),

{% endif %}

final as (

    select
        leste.id,
        leste.arena_id,
        leste.gjennomforing_arena_id,
        leste.annen_gjennomforing_arena_id,
        leste.person_id,
        leste.ekstern_id,
        leste.arena_table_name,
        leste.operation_type,
        leste.operation_pos,
        leste.pos,
        leste.validering_status,
        leste.validering_note,
        leste.tiltakskode,
        leste.deltakertypekode,
        leste.deltakerstatuskode,
        leste.aarsakverdikode,
        leste.begrunnelse_bestilling,
        leste.before,
        leste.after,
        leste.dager_per_uke,
        leste.prosent_deltid,
        leste.er_gyldig_gjennomforing,
        leste.operation_timestamp,
        leste.dato_fra,
        leste.dato_til,
        leste.dato_statusendring,
        leste.reg_dato,
        leste.mod_dato

    from leste
    inner join nye
        on
            leste.id = nye.id
            and {{ dbt.concat(['leste.pos', 'leste.arena_table_name', 'leste.operation_type']) }}
            = nye.nokkel

)

select * from final
