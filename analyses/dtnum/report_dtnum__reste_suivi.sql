select
    moment,
    statut,
    environnement,
    region,
    count(*) as nombre

from {{ ref('gold_dtnum__reste_suivi') }}
group by moment, statut, environnement, region
order by
    {{ dtnum_text_order(['moment', 'statut', 'environnement', 'region']) }}
