with

source as (

    select * from {{ ref('dtnum_statuts') }}

),

renamed as (

    select
        etat,
        libelle

    from source

)

select * from renamed
