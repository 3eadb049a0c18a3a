-- DataPass knows no region: it is that of the postcode, as in the new file.
with

reste_datapass as (

    select * from {{ ref('gold_dtnum__reste_datapass') }}

),

codes_postaux as (

    select * from {{ ref('silver_dtnum__codes_postaux') }}

),

final as (

    select
        reste_datapass.motif,
        reste_datapass.etat,
        reste_datapass.environnement,
        codes_postaux.region,
        count(*) as nombre

    from reste_datapass
    left join codes_postaux
        on reste_datapass.code_postal = codes_postaux.code_postal
    group by
        reste_datapass.motif,
        reste_datapass.etat,
        reste_datapass.environnement,
        codes_postaux.region

)

select * from final
order by
    {{ dtnum_text_order(['motif', 'etat', 'environnement', 'region']) | indent(4) }}
