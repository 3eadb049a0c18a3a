-- A line of DataPass is merged, new, or left over as archived; none is lost and none is told twice.
with

lignes as (

    select
        n_demande_v2,
        count(*) as nombre

    from {{ ref('silver_dtnum__lignes_datapass') }}
    group by n_demande_v2

),

places as (

    select n_demande_v2
    from {{ ref('gold_dtnum__suivi_mis_a_jour') }}
    where origine <> 'suivi_sans_correspondance'

    union all

    select n_demande_v2
    from {{ ref('gold_dtnum__reste_datapass') }}
    where motif = 'supprime'

),

lignes_placees as (

    select
        n_demande_v2,
        count(*) as nombre

    from places
    group by n_demande_v2

),

final as (

    select
        lignes.n_demande_v2,
        lignes.nombre,
        lignes_placees.nombre as nombre_place

    from lignes
    full outer join lignes_placees
        on lignes.n_demande_v2 = lignes_placees.n_demande_v2
    where coalesce(lignes.nombre, 0) <> coalesce(lignes_placees.nombre, 0)

)

select * from final
