with

meldinger as (

    select * from {{ ref('silver_arena__meldinger') }}

),

endringer as (

    select
        id,
        arena_id,
        deltaker_endring,
        row_number() over (
            partition by arena_id, deltaker_endring
            order by pass_nr desc, rekkefolge desc
        ) as nr,
        row_number() over (
            partition by arena_id
            order by pass_nr desc, rekkefolge desc
        ) as siste_nr

    from {{ ref('silver_arena__logg') }}
    where deltaker_endring is not null

),

lagrede as (

    select
        id,
        arena_id,
        siste_nr

    from endringer
    where deltaker_endring = 'lagret' and nr = 1

),

-- deleted since it was last stored
final as (

    select
        lagrede.arena_id,
        meldinger.person_id,
        meldinger.gjennomforing_arena_id as gjennomforing_id,
        meldinger.dato_fra,
        meldinger.dato_til,
        meldinger.reg_dato,
        meldinger.mod_dato,
        case
            when lagrede.siste_nr > 1 then 'FEILREGISTRERT'
            else meldinger.deltakerstatuskode
        end as status,
        meldinger.dato_statusendring,
        meldinger.ekstern_id,
        meldinger.arena_table_name as arena_source_table

    from lagrede
    inner join meldinger
        on lagrede.id = meldinger.id

)

select * from final
