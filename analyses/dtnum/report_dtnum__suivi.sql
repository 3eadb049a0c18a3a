select
    origine,
    api,
    environnement,
    statut,
    region,
    count(*) as nombre

from {{ ref('gold_dtnum__suivi_mis_a_jour') }}
group by origine, api, environnement, statut, region
order by
    {{ dtnum_text_order(['origine', 'api', 'environnement', 'statut', 'region']) }}
