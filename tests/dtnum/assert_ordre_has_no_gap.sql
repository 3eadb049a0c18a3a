-- The new file is numbered 1, 2, 3, ...: a gap would be a row that was lost on the way.
with

mis_a_jour as (

    select * from {{ ref('gold_dtnum__suivi_mis_a_jour') }}

),

final as (

    select
        count(*) as nombre,
        min(ordre) as premier,
        max(ordre) as dernier

    from mis_a_jour
    having count(*) > 0 and (min(ordre) <> 1 or max(ordre) <> count(*))

)

select * from final
