with

source as (

    select * from {{ ref('dtnum_codes_postaux') }}

),

renamed as (

    select
        code_postal,
        code_departement,
        departement,
        region

    from source

)

select * from renamed
