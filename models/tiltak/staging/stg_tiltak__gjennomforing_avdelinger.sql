with

source as (

    select * from {{ kilde('tiltak', 'gjennomforing_avdelinger') }}

),

renamed as (

    select
        {{ text('gjennomforing_id') }} as gjennomforing_id,
        {{ text('avdeling') }} as avdeling

    from source

),

numbered as (

    select
        *,
        row_number() over (
            partition by gjennomforing_id, avdeling order by gjennomforing_id
        ) as forekomst_nr

    from renamed

)

select * from numbered
