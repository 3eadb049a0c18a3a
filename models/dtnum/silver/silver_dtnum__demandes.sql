with

-- the same demande twice with the same payload counts once
demandes as (

    select distinct
        demande_id,
        payload,
        payload_genre

    from {{ ref('stg_dtnum__demandes') }}

),

documents as (

    select
        {{ dbt.hash("coalesce(demande_id, '') || '|' || coalesce(payload, '')") }} as demande_cle,
        demande_id,
        case when payload_genre = 'object' then payload end as contenu

    from demandes

),

{{ json_columns(
    'lues',
    'documents',
    ['demande_cle', 'demande_id'],
    'contenu',
    {
        'id': 'id',
        'classe': 'type',
        'etat': 'state',
        'form_uid': 'form_uid',
        'reouverture': 'reopening',
        'reouverte_le': 'reopened_at',
        'soumise_le': 'last_submitted_at',
        'n_datapass_fc_rattache': 'data.france_connect_authorization_id',
        'nom_projet': 'data.intitule',
        'description_projet': 'data.description',
        'destinataires_donnees': 'data.destinataire_donnees_caractere_personnel',
        'ouverture': 'data.date_prevue_mise_en_production',
        'volumetrie': 'data.volumetrie_appels_par_minute',
        'siret_demandeur': 'organisation.siret',
        'raison_sociale_demandeur':
            'organisation.insee_payload.etablissement.uniteLegale.denominationUniteLegale',
        'code_postal':
            'organisation.insee_payload.etablissement.adresseEtablissement'
            ~ '.codePostalEtablissement',
        'ville':
            'organisation.insee_payload.etablissement.adresseEtablissement'
            ~ '.libelleCommuneEtablissement',
    },
    {'habilitations': 'habilitations', 'evenements': 'events'},
) }},

-- an id is a number or a text; true and false are neither
identifiees as (

    select
        *,
        case when id not in ('true', 'false') then id end as n_demande_v2

    from lues

),

final as (

    select
        -- ids
        demande_cle,
        demande_id,
        n_demande_v2,
        n_datapass_fc_rattache,

        -- text
        classe,
        etat,
        form_uid,
        nom_projet,
        description_projet,
        destinataires_donnees,
        {{ dtnum_date('ouverture') }} as date_previsionnelle_ouverture,
        volumetrie,
        {{ dtnum_date('coalesce(reouverte_le, soumise_le)') }} as date_reception,
        siret_demandeur,
        raison_sociale_demandeur,
        code_postal,
        ville,
        habilitations,
        evenements,

        -- booleans
        n_demande_v2 is not null as est_lisible,
        coalesce(reouverture = 'true', false) as est_reouverture

    from identifiees

)

select * from final
