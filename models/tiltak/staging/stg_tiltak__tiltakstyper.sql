with

source as (

    select * from {{ kilde('tiltak', 'tiltakstyper') }}

),

renamed as (

    select
        {{ text('id') }} as tiltakstype_id,
        {{ text('navn') }} as navn,
        {{ text('tiltakskode') }} as tiltakskode,
        {{ text('arena_tiltakskode') }} as arena_tiltakskode

    from source

),

numbered as (

    select
        *,
        {{ occurrence_number(
            ['tiltakstype_id'],
            [byte_order('navn'), byte_order('tiltakskode'), byte_order('arena_tiltakskode')]
        ) }} as forekomst_nr

    from renamed

)

select * from numbered
