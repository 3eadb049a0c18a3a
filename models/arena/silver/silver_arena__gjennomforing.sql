with

endringer as (

    select
        gjennomforing_arena_id as arena_id,
        gjennomforing_tiltak_kode as tiltak_kode,
        gjennomforing_is_valid as is_valid,
        gjennomforing_ny_id as ny_id,
        pass_nr,
        rekkefolge

    from {{ ref('silver_arena__logg') }}
    where gjennomforing_arena_id is not null

),

{{ arena_gjennomforinger('gjennomforinger', 'endringer') }},

final as (

    select
        arena_id,
        tiltak_kode,
        is_valid,
        id

    from gjennomforinger

)

select * from final
