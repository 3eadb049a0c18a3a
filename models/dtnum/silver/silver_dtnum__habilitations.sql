with

demandes as (

    select * from {{ ref('silver_dtnum__demandes') }}
    where habilitations is not null

),

{{ json_elements('elements', 'demandes', ['demande_cle'], 'habilitations') }},

{{ json_columns(
    'lues',
    'elements',
    ['demande_cle', 'rang'],
    'element',
    {
        'n_habilitation_v2': 'id',
        'classe': 'authorization_request_class',
        'etat': 'state',
        'revoquee': 'revoked',
        'cree_le': 'created_at',
        'n_datapass_fc_rattache': 'data.france_connect_authorization_id',
        'nom_projet': 'data.intitule',
        'description_projet': 'data.description',
        'destinataires_donnees': 'data.destinataire_donnees_caractere_personnel',
        'ouverture': 'data.date_prevue_mise_en_production',
        'volumetrie': 'data.volumetrie_appels_par_minute',
    },
) }},

datees as (

    select
        *,
        {{ safe_instant('cree_le') }} as instant

    from lues

),

comparees as (

    select
        *,
        min(instant) over (partition by demande_cle) as premier_instant

    from datees

),

final as (

    select
        -- ids
        demande_cle,
        n_habilitation_v2,
        n_datapass_fc_rattache,

        -- text
        classe,
        etat,
        case
            when instant = premier_instant or premier_instant is null then 'Initial'
            else 'Avenant'
        end as type,
        nom_projet,
        description_projet,
        destinataires_donnees,
        {{ dtnum_date('ouverture') }} as date_previsionnelle_ouverture,
        volumetrie,
        {{ dtnum_date('cree_le') }} as date_derniere_soumission_ou_instruction,

        -- numbers
        rang,

        -- booleans
        coalesce(revoquee = 'true', false) as est_revoquee

    from comparees

)

select * from final
