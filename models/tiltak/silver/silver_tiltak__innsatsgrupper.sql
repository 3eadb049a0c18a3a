with

perioder as (

    select * from {{ ref('stg_tiltak__vent_person_periode') }}

),

-- nobody is counted twice: of several need groups the lowest code is used
final as (

    select
        bruker_id,
        min({{ byte_order('innsatsgruppekode') }}) as innsatsgruppe

    from perioder
    where bruker_id is not null and innsatsgruppekode is not null
    group by bruker_id

)

select * from final
