with

suivi as (

    select
        silver_suivi.rang,
        silver_suivi.n_demande_v2,
        silver_suivi.type,
        silver_suivi.statut,
        appariement.est_ambigu,
        {{ dtnum_is_placeholder('silver_suivi.n_demande_v2') }} as est_sans_numero,
        case
            when {{ dtnum_is_number('silver_suivi.n_demande_v2') }} then silver_suivi.n_demande_v2
        end as n_demande

    from {{ ref('silver_dtnum__suivi') }} as silver_suivi
    inner join {{ ref('silver_dtnum__appariement') }} as appariement
        on silver_suivi.rang = appariement.rang
    where appariement.origine = 'suivi_sans_correspondance'

),

evenements as (

    select * from {{ ref('silver_dtnum__evenements') }}

),

statuts as (

    select * from {{ ref('stg_dtnum__statuts') }}

),

statuts_en_cours as (

    select distinct libelle
    from statuts
    where etat in ('submitted', 'changes_requested')

),

libelles as (

    select
        max(case when etat = 'archived' then libelle end) as supprime,
        max(case when etat = 'refused' then libelle end) as refuse

    from statuts

),

demandes_illisibles as (

    select distinct demande_id
    from {{ ref('silver_dtnum__demandes') }}
    where not est_lisible

),

evenements_illisibles as (

    select distinct demande_id
    from {{ ref('stg_dtnum__evenements') }}
    where payload is not null and coalesce(payload_genre, '') not in ('array', 'null')

),

derniers_evenements as (

    select
        n_demande_v2,
        nom,
        row_number() over (
            partition by n_demande_v2
            order by
                case when instant is null then 1 else 0 end asc,
                instant desc,
                rang_source asc,
                rang_payload asc,
                demande_cle asc,
                rang asc
        ) as rang_recence

    from evenements

),

-- only what was under way may have been withdrawn or turned down since
expliquees as (

    select
        suivi.*,
        case
            when statuts_en_cours.libelle is not null and not suivi.est_sans_numero
                then derniers_evenements.nom
        end as dernier_evenement,
        statuts_en_cours.libelle is not null
        and not suivi.est_sans_numero
        and evenements_illisibles.demande_id is not null as a_des_evenements_illisibles,
        demandes_illisibles.demande_id is not null as a_une_demande_illisible

    from suivi
    left join statuts_en_cours
        on suivi.statut = statuts_en_cours.libelle
    left join derniers_evenements
        on
            suivi.n_demande = derniers_evenements.n_demande_v2
            and derniers_evenements.rang_recence = 1
    left join demandes_illisibles
        on suivi.n_demande = demandes_illisibles.demande_id
    left join evenements_illisibles
        on suivi.n_demande = evenements_illisibles.demande_id

),

final as (

    select
        expliquees.rang,
        case
            when
                expliquees.type = 'Initial'
                and expliquees.dernier_evenement in ('cancel_next_stage', 'cancel_reopening')
                then libelles.supprime
            when expliquees.type = 'Avenant' and expliquees.dernier_evenement = 'cancel_reopening'
                then libelles.supprime
            when expliquees.type = 'Avenant' and expliquees.dernier_evenement = 'refuse'
                then libelles.refuse
        end as statut,
        case
            when expliquees.type = 'Avenant' and expliquees.dernier_evenement = 'refuse'
                then 'Refus de réouverture'
        end as motif_refus,
        case
            when expliquees.est_sans_numero then 'N° Demande v2 vide'
            when expliquees.est_ambigu
                then 'Plusieurs lignes DataPass pour ce N° Demande / N° Habilitation'
            when expliquees.a_une_demande_illisible
                then 'Données DataPass illisibles pour ce N° Demande'
            else 'N° Demande ou N° Habilitation non trouvé'
        end as message_correspondance,
        case
            when expliquees.a_des_evenements_illisibles then 'Événements DataPass illisibles'
        end as message_evenements

    from expliquees
    cross join libelles

)

select * from final
