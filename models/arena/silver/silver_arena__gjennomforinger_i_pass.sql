with

logg as (

    select * from {{ ref('silver_arena__tidligere_logg') }}
    where gjennomforing_tiltak_kode is not null or gjennomforing_ny_id is not null

),

kandidater as (

    select * from {{ ref('silver_arena__kandidater') }}
    where fase = 1

),

meldinger as (

    select * from {{ ref('silver_arena__meldinger') }}

),

mulighetsrommet as (

    select * from {{ ref('stg_arena__mulighetsrommet_gjennomforinger') }}
    where
        arena_id_nr = 1
        and gjennomforing_id_nr = 1
        and arena_id is not null
        and gjennomforing_id is not null

),

meldte as (

    select
        kandidater.arena_id,
        meldinger.tiltakskode as tiltak_kode,
        meldinger.er_gyldig_gjennomforing as is_valid,
        case
            when meldinger.tiltakskode in ({{ arena_supported_kinds() | indent(12) }})
                then mulighetsrommet.gjennomforing_id
        end as ny_id,
        kandidater.pass_nr,
        kandidater.rekkefolge

    from kandidater
    inner join meldinger
        on kandidater.id = meldinger.id
    left join mulighetsrommet
        on kandidater.arena_id = mulighetsrommet.arena_id

),

endringer as (

    select
        gjennomforing_arena_id as arena_id,
        gjennomforing_tiltak_kode as tiltak_kode,
        gjennomforing_is_valid as is_valid,
        gjennomforing_ny_id as ny_id,
        pass_nr,
        rekkefolge

    from logg

    union all

    select
        arena_id,
        tiltak_kode,
        is_valid,
        ny_id,
        pass_nr,
        rekkefolge

    from meldte

),

{{ arena_gjennomforinger('gjennomforinger', 'endringer') }},

-- a missing id is looked up by whoever needs it first
med_id as (

    select
        gjennomforinger.arena_id,
        gjennomforinger.tiltak_kode,
        coalesce(gjennomforinger.id, mulighetsrommet.gjennomforing_id) as gjennomforing_id,
        mulighetsrommet.gjennomforing_id as mr_oppslag_id,
        gjennomforinger.is_valid,
        gjennomforinger.id is null as mangler_id

    from gjennomforinger
    left join mulighetsrommet
        on gjennomforinger.arena_id = mulighetsrommet.arena_id

),

final as (

    select
        -- ids
        med_id.arena_id,
        med_id.gjennomforing_id,
        -- what Mulighetsrommet answers for the Arena id
        med_id.mr_oppslag_id,

        -- text
        med_id.tiltak_kode,
        mulighetsrommet.status as mr_status,

        -- booleans
        med_id.is_valid,
        coalesce(med_id.tiltak_kode in ({{ arena_supported_kinds() | indent(8) }}), false)
            as er_stottet,
        med_id.mangler_id,
        mulighetsrommet.gjennomforing_id is not null as finnes_hos_mr,
        coalesce(mulighetsrommet.arena_kode in ({{ arena_single_place_kinds() }}), false)
            as er_enkeltplass,
        coalesce(mulighetsrommet.arena_kode in ({{ arena_single_place_kinds() }}), false)
        or coalesce(mulighetsrommet.oppstart = 'FELLES', false) as krever_godkjenning,
        coalesce(mulighetsrommet.status in ('AVSLUTTET', 'AVBRUTT', 'AVLYST'), false)
            as er_avsluttet,

        -- dates
        mulighetsrommet.slutt_dato as mr_slutt_dato

    from med_id
    left join mulighetsrommet
        on med_id.gjennomforing_id = mulighetsrommet.gjennomforing_id

)

select * from final
