with

suivi_mis_a_jour as (

    select * from {{ ref('gold_dtnum__suivi_mis_a_jour') }}

),

final as (

    select
        origine,
        api,
        environnement,
        statut,
        region,
        count(*) as nombre

    from suivi_mis_a_jour
    group by origine, api, environnement, statut, region

)

select * from final
order by
    {{ dtnum_text_order(['origine', 'api', 'environnement', 'statut', 'region']) | indent(4) }}
