with

reste_suivi as (

    select * from {{ ref('gold_dtnum__reste_suivi') }}

),

final as (

    select
        moment,
        statut,
        environnement,
        region,
        count(*) as nombre

    from reste_suivi
    group by moment, statut, environnement, region

)

select * from final
order by
    {{ dtnum_text_order(['moment', 'statut', 'environnement', 'region']) | indent(4) }}
