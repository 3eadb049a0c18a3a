-- DataPass knows no region: it is that of the postcode, as in the new file.
select
    reste_datapass.motif,
    reste_datapass.etat,
    reste_datapass.environnement,
    codes_postaux.region,
    count(*) as nombre

from {{ ref('gold_dtnum__reste_datapass') }} as reste_datapass
left join {{ ref('silver_dtnum__codes_postaux') }} as codes_postaux
    on reste_datapass.code_postal = codes_postaux.code_postal
group by
    reste_datapass.motif,
    reste_datapass.etat,
    reste_datapass.environnement,
    codes_postaux.region
order by
    {{ dtnum_text_order([
        'reste_datapass.motif',
        'reste_datapass.etat',
        'reste_datapass.environnement',
        'codes_postaux.region',
    ]) }}
