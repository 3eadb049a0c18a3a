with

source as (

    select * from {{ ref('dtnum_apis') }}

),

renamed as (

    select
        classe,
        libelle

    from source

)

select * from renamed
