with

source as (

    select * from {{ kilde('tiltak', 'gjennomforing_nav_enheter') }}

),

renamed as (

    select
        {{ text('gjennomforing_id') }} as gjennomforing_id,
        {{ text('enhetsnummer') }} as enhetsnummer

    from source

),

numbered as (

    select
        *,
        row_number() over (
            partition by gjennomforing_id, enhetsnummer order by gjennomforing_id
        ) as forekomst_nr

    from renamed

)

select * from numbered
