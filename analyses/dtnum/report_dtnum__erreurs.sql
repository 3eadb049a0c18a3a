select
    ordre,
    n_demande_v2,
    n_habilitation_v2,
    origine,
    api,
    environnement,
    statut,
    region,
    raison_sociale_demandeur,
    nom_projet,
    erreurs

from {{ ref('gold_dtnum__suivi_mis_a_jour') }}
where erreurs is not null
order by ordre
