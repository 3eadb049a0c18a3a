-- Whatever the API answered is visible: as lines of the file, or in reste_datapass with the reason.
with

demandes as (

    select * from {{ ref('silver_dtnum__demandes') }}

),

lignes as (

    select distinct demande_cle
    from {{ ref('silver_dtnum__lignes') }}

),

final as (

    select demandes.demande_id

    from demandes
    left join lignes
        on demandes.demande_cle = lignes.demande_cle
    where lignes.demande_cle is null

)

select * from final
