with

source as (

    select * from {{ kilde('arena', 'amt_deltakere') }}

),

renamed as (

    select
        -- ids
        {{ text('id') }} as amt_id,

        -- text
        {{ text('status') }} as status

    from source

),

numbered as (

    select
        *,
        {{ occurrence_number(['amt_id'], [byte_order('status')]) | indent(8) }} as forekomst_nr

    from renamed

)

select * from numbered
