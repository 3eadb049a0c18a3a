with

source as (

    select * from {{ ref('dtnum_cas_usage') }}

),

renamed as (

    select
        ordre,
        motif,
        libelle

    from source

)

select * from renamed
