with

source as (

    select * from {{ kilde('tiltak', 'vent_person_periode') }}

),

renamed as (

    select
        {{ text('bruker_id') }} as bruker_id,
        {{ text('innsatsgruppekode') }} as innsatsgruppekode

    from source

)

select * from renamed
