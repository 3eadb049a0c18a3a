with

lignes as (

    select * from {{ ref('silver_dtnum__lignes') }}

),

supprimees as (

    select * from {{ ref('silver_dtnum__appariement') }}
    where origine = 'supprime'

),

final as (

    select
        motif,
        etat,
        {{ dtnum_list(dtnum_datapass_columns()) }}

    from lignes
    where motif is not null

    union all

    select
        'supprime' as motif,
        lignes.etat,
        {{ dtnum_list(dtnum_datapass_columns(), 'lignes') }}

    from supprimees
    inner join lignes
        on
            supprimees.demande_cle = lignes.demande_cle
            and supprimees.rang_habilitation = lignes.rang_habilitation

)

select * from final
