-- Not a failure but a message: what DataPass sent that cannot be read (payloads, events) or that
-- the reference lists have no label for. The rows say so in `erreurs` or in reste_datapass.
{{ config(severity='warn') }}

with

illisibles as (

    select
        n_demande_v2,
        motif as raison

    from {{ ref('gold_dtnum__reste_datapass') }}
    where motif = 'illisible'

),

sans_libelle as (

    select
        n_demande_v2,
        coalesce(message_api, message_statut) as raison

    from {{ ref('silver_dtnum__lignes') }}
    where motif is null and (message_api is not null or message_statut is not null)

),

evenements_illisibles as (

    select
        suivi.n_demande_v2,
        sans_correspondance.message_evenements as raison

    from {{ ref('silver_dtnum__sans_correspondance') }} as sans_correspondance
    inner join {{ ref('silver_dtnum__suivi') }} as suivi
        on sans_correspondance.rang = suivi.rang
    where sans_correspondance.message_evenements is not null

),

final as (

    select * from illisibles
    union all
    select * from sans_libelle
    union all
    select * from evenements_illisibles

)

select * from final
