with

source as (

    select * from {{ kilde('dtnum', 'suivi') }}

),

renamed as (

    select
        -- ids
        nullif({{ text('ligne_nr') }}, '') as ligne_nr,
        nullif({{ text('n_datapass_v1') }}, '') as n_datapass_v1,
        nullif({{ text('n_demande_v2') }}, '') as n_demande_v2,
        nullif({{ text('n_habilitation_v2') }}, '') as n_habilitation_v2,
        nullif({{ text('n_datapass_fc_rattache') }}, '') as n_datapass_fc_rattache,

        -- text
        nullif({{ text('api') }}, '') as api,
        nullif({{ text('environnement') }}, '') as environnement,
        nullif({{ text('criticite') }}, '') as criticite,
        nullif({{ text('type') }}, '') as type,
        nullif({{ text('cas_usage') }}, '') as cas_usage,
        nullif({{ text('nom_projet') }}, '') as nom_projet,
        nullif({{ text('description_projet') }}, '') as description_projet,
        nullif({{ text('destinataires_donnees') }}, '') as destinataires_donnees,
        nullif({{ text('date_previsionnelle_ouverture') }}, '') as date_previsionnelle_ouverture,
        nullif({{ text('volumetrie') }}, '') as volumetrie,
        nullif({{ text('quotas') }}, '') as quotas,
        nullif({{ text('date_reception') }}, '') as date_reception,
        nullif(
            {{ text('date_derniere_soumission_ou_instruction') }}, ''
        ) as date_derniere_soumission_ou_instruction,
        nullif({{ text('statut') }}, '') as statut,
        nullif({{ text('siret_demandeur') }}, '') as siret_demandeur,
        nullif({{ text('raison_sociale_demandeur') }}, '') as raison_sociale_demandeur,
        nullif({{ text('code_postal') }}, '') as code_postal,
        nullif({{ text('ville') }}, '') as ville,
        nullif({{ text('departement') }}, '') as departement,
        nullif({{ text('region') }}, '') as region,
        nullif({{ text('motif_refus') }}, '') as motif_refus,
        nullif({{ text('erreurs') }}, '') as erreurs,
        nullif({{ text('autres_colonnes') }}, '') as autres_colonnes

    from source

)

select * from renamed
