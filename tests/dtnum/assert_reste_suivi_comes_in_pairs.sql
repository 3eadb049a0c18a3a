-- Every row without a line of DataPass is shown as it was and as it became.
with

restes as (

    select
        coalesce(sum(case when moment = 'avant' then 1 else 0 end), 0) as avant,
        coalesce(sum(case when moment = 'apres' then 1 else 0 end), 0) as apres

    from {{ ref('gold_dtnum__reste_suivi') }}

),

sans_correspondance as (

    select count(*) as nombre
    from {{ ref('gold_dtnum__suivi_mis_a_jour') }}
    where origine = 'suivi_sans_correspondance'

),

final as (

    select
        restes.avant,
        restes.apres,
        sans_correspondance.nombre

    from restes
    cross join sans_correspondance
    where
        restes.avant <> sans_correspondance.nombre
        or restes.apres <> sans_correspondance.nombre

)

select * from final
