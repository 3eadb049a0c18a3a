with

demandes as (

    select * from {{ ref('silver_dtnum__demandes') }}

),

habilitations as (

    select * from {{ ref('silver_dtnum__habilitations') }}

),

evenements as (

    select * from {{ ref('silver_dtnum__evenements') }}
    where demande_cle is not null

),

apis as (

    select * from {{ ref('stg_dtnum__apis') }}

),

statuts as (

    select * from {{ ref('stg_dtnum__statuts') }}

),

cas_usage as (

    select * from {{ ref('stg_dtnum__cas_usage') }}

),

demandes_avec_habilitation as (

    select distinct demande_cle
    from habilitations

),

demandes_soumises as (

    select distinct demande_cle
    from evenements
    where nom = 'submit'

),

-- when the demande was last submitted or decided on
instructions as (

    select
        demande_cle,
        cree_le,
        row_number() over (
            partition by demande_cle
            order by
                case when instant is null then 1 else 0 end asc,
                instant desc,
                rang asc
        ) as rang_recence

    from evenements
    where nom in ('approve', 'refuse', 'request_changes', 'submit', 'reopen')

),

formulaires as (

    select distinct form_uid
    from demandes
    where form_uid is not null

),

cas_du_formulaire as (

    select
        formulaires.form_uid,
        cas_usage.libelle,
        row_number() over (partition by formulaires.form_uid order by cas_usage.ordre) as rang

    from formulaires
    inner join cas_usage
        on {{ dbt.position('cas_usage.motif', 'formulaires.form_uid') }} > 0

),

demandes_jugees as (

    select
        demandes.*,
        instructions.cree_le as instruite_le,
        demandes_avec_habilitation.demande_cle is not null as a_une_habilitation,
        case
            when not demandes.est_lisible then 'illisible'
            when demandes_avec_habilitation.demande_cle is null and demandes.etat = 'draft'
                then 'brouillon'
            when demandes_soumises.demande_cle is null then 'jamais_soumise'
        end as motif

    from demandes
    left join demandes_avec_habilitation
        on demandes.demande_cle = demandes_avec_habilitation.demande_cle
    left join demandes_soumises
        on demandes.demande_cle = demandes_soumises.demande_cle
    left join instructions
        on
            demandes.demande_cle = instructions.demande_cle
            and instructions.rang_recence = 1

),

lignes_demandes as (

    select
        'demande' as etat,
        motif,
        demande_cle,
        0 as rang_habilitation,
        n_demande_v2,
        cast(null as {{ dbt.type_string() }}) as n_habilitation_v2,
        n_datapass_fc_rattache,
        classe,
        etat as etat_datapass,
        form_uid,
        case when est_reouverture then 'Avenant' else 'Initial' end as type,
        nom_projet,
        description_projet,
        destinataires_donnees,
        date_previsionnelle_ouverture,
        volumetrie,
        date_reception,
        {{ dtnum_date('instruite_le') }} as date_derniere_soumission_ou_instruction,
        siret_demandeur,
        raison_sociale_demandeur,
        code_postal,
        ville

    from demandes_jugees
    where
        (
            motif is null
            and (
                not a_une_habilitation
                or etat in ('submitted', 'changes_requested', 'refused')
            )
        )
        or motif in ('brouillon', 'jamais_soumise')

),

lignes_habilitations as (

    select
        'habilitation' as etat,
        demandes.motif,
        habilitations.demande_cle,
        habilitations.rang as rang_habilitation,
        demandes.n_demande_v2,
        habilitations.n_habilitation_v2,
        habilitations.n_datapass_fc_rattache,
        habilitations.classe,
        case
            when habilitations.est_revoquee then 'revoked' else habilitations.etat
        end as etat_datapass,
        demandes.form_uid,
        habilitations.type,
        habilitations.nom_projet,
        habilitations.description_projet,
        habilitations.destinataires_donnees,
        habilitations.date_previsionnelle_ouverture,
        habilitations.volumetrie,
        demandes.date_reception,
        habilitations.date_derniere_soumission_ou_instruction,
        demandes.siret_demandeur,
        demandes.raison_sociale_demandeur,
        demandes.code_postal,
        demandes.ville

    from habilitations
    inner join demandes_jugees as demandes
        on habilitations.demande_cle = demandes.demande_cle
    where demandes.motif is null

),

lignes as (

    select * from lignes_demandes
    union all
    select * from lignes_habilitations

),

libellees as (

    select
        lignes.etat,
        lignes.motif,
        lignes.demande_cle,
        lignes.rang_habilitation,
        lignes.n_demande_v2,
        lignes.n_habilitation_v2,
        lignes.n_datapass_fc_rattache,
        coalesce(apis.libelle, '{{ dtnum_unknown_api() }}')
        || case when lignes.n_datapass_fc_rattache is null then '' else ' FC' end as api,
        case
            when lignes.form_uid like '%-editeur' then 'Unique'
            when lignes.classe like '%Sandbox' then 'Bac à sable'
            else 'Production'
        end as environnement,
        'Normale' as criticite,
        lignes.type,
        coalesce(cas_du_formulaire.libelle, 'Saisie libre') as cas_usage,
        lignes.nom_projet,
        lignes.description_projet,
        lignes.destinataires_donnees,
        lignes.date_previsionnelle_ouverture,
        lignes.volumetrie,
        lignes.volumetrie as quotas,
        lignes.date_reception,
        lignes.date_derniere_soumission_ou_instruction,
        coalesce(statuts.libelle, '{{ dtnum_unknown_statut() }}') as statut,
        lignes.siret_demandeur,
        lignes.raison_sociale_demandeur,
        lignes.code_postal,
        lignes.ville,
        case
            when apis.classe is null
                then '{{ dtnum_unknown_api() }} : ' || coalesce(lignes.classe, '(vide)')
        end as message_api,
        case
            when statuts.etat is null
                then '{{ dtnum_unknown_statut() }} : ' || coalesce(lignes.etat_datapass, '(vide)')
        end as message_statut,
        coalesce(lignes.etat_datapass = 'archived', false) as est_supprimee

    from lignes
    left join apis
        on lignes.classe = apis.classe
    left join statuts
        on lignes.etat_datapass = statuts.etat
    left join cas_du_formulaire
        on
            lignes.form_uid = cas_du_formulaire.form_uid
            and cas_du_formulaire.rang = 1

),

illisibles as (

    select
        'demande' as etat,
        motif,
        demande_cle,
        0 as rang_habilitation,
        demande_id as n_demande_v2

    from demandes_jugees
    where motif = 'illisible'

),

final as (

    select
        demande_cle,
        rang_habilitation,
        etat,
        motif,
        {{ dtnum_list(dtnum_datapass_columns()) }},
        message_api,
        message_statut,
        est_supprimee

    from libellees

    union all

    select
        demande_cle,
        rang_habilitation,
        etat,
        motif,
        n_demande_v2,
        {%- for column in dtnum_datapass_columns()[1:] %}
        cast(null as {{ dbt.type_string() }}) as {{ column }},
        {%- endfor %}
        cast(null as {{ dbt.type_string() }}) as message_api,
        cast(null as {{ dbt.type_string() }}) as message_statut,
        false as est_supprimee

    from illisibles

)

select * from final
