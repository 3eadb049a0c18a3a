-- Nobody's row disappears: what only people write is in the new file as often as in the old one.
with

suivi as (

    select
        n_datapass_v1,
        autres_colonnes,
        count(*) as nombre

    from {{ ref('stg_dtnum__suivi') }}
    group by n_datapass_v1, autres_colonnes

),

mis_a_jour as (

    select
        n_datapass_v1,
        autres_colonnes,
        count(*) as nombre

    from {{ ref('gold_dtnum__suivi_mis_a_jour') }}
    where origine <> 'nouvelle_demande'
    group by n_datapass_v1, autres_colonnes

),

final as (

    select
        suivi.nombre,
        mis_a_jour.nombre as nombre_apres

    from suivi
    full outer join mis_a_jour
        on
            coalesce(suivi.n_datapass_v1, '') = coalesce(mis_a_jour.n_datapass_v1, '')
            and coalesce(suivi.autres_colonnes, '') = coalesce(mis_a_jour.autres_colonnes, '')
    where coalesce(suivi.nombre, 0) <> coalesce(mis_a_jour.nombre, 0)

)

select * from final
