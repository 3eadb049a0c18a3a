with

vurderinger as (

    select * from {{ ref('silver_arena__deltakervurderinger') }}
    where fase = 2

),

-- every new delete is waited for, whatever becomes of it
nye_slettinger as (

    select
        arena_id,
        pos

    from {{ ref('silver_arena__kandidater') }}
    where fase = 4 and er_ny

),

apne as (

    select * from {{ ref('silver_arena__apne_meldinger') }}
    where arena_table_name = {{ arena_deltaker_table() }}

),

egne as (

    select
        id,
        arena_id,
        gjennomforing_ny_id,
        gjennomforing_id,
        personident,
        amt_id,
        ny_amt_id,
        pos,
        operation_type,
        rekkefolge,
        forrige_status,
        coalesce(utfall, 'HANDLED') as utfall,
        note,
        forsok,
        pass_nr,
        er_ny,
        utfall is null as er_forbi_sjekkene

    from vurderinger

),

-- what this phase does not treat is as open as it was
sperrer as (

    select
        apne.arena_id,
        apne.pos

    from apne
    left join egne
        on apne.id = egne.id
    where egne.id is null

    union all

    select
        arena_id,
        pos

    from nye_slettinger

),

{{ arena_wait_for_older('egne', 'sperrer') }},

final as (

    select * from ferdige

)

select * from final
