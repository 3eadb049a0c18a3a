with

source as (

    select * from {{ ref('dtnum_colonnes') }}

),

renamed as (

    select
        ordre,
        colonne,
        entete,
        priorite_datapass = 'oui' as est_prioritaire

    from source

)

select * from renamed
