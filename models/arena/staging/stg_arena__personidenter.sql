with

source as (

    select * from {{ kilde('arena', 'personidenter') }}

),

renamed as (

    select
        -- ids
        {{ text('person_id') }} as person_id,
        {{ text('personident') }} as personident

    from source

),

numbered as (

    select
        *,
        {{ occurrence_number(['person_id'], [byte_order('personident')]) | indent(8) }}
            as forekomst_nr

    from renamed

)

select * from numbered
