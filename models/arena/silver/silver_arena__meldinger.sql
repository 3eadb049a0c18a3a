with

leste as (

    select * from {{ ref('silver_arena__leste_meldinger') }}
    where uleselig is null

),

-- the same key twice: the one that came first, if none came in an earlier run
forste as (

    select
        arena_table_name,
        operation_type,
        pos,
        min(id) as id

    from {{ ref('silver_arena__leste_meldinger') }}
    where uleselig is null
    group by arena_table_name, operation_type, pos

),

{% if is_incremental() %}

-- the list of what is read may be older than this, when this is run alone
nye as (

    select forste.*

    from forste
    left join {{ this }} as mottatt
        on
            forste.arena_table_name = mottatt.arena_table_name
            and forste.operation_type = mottatt.operation_type
            and forste.pos = mottatt.pos
    where mottatt.id is null

),

{% else %}

nye as (

    select * from forste

),

{% endif %}

-- the same number twice: the lowest key
nummer as (

    select
        id,
        min({{ dbt.concat(['pos', 'arena_table_name', 'operation_type']) }}) as nokkel

    from nye
    group by id

),

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
            and leste.arena_table_name = nye.arena_table_name
            and leste.operation_type = nye.operation_type
            and leste.pos = nye.pos
    inner join nummer
        on
            nye.id = nummer.id
            and {{ dbt.concat(['nye.pos', 'nye.arena_table_name', 'nye.operation_type']) }}
            = nummer.nokkel

)

select * from final
