-- 200 at most; `antall` is that of all.
with

nummererte as (

    select
        arena_id,
        siste_melding_id,
        siste_ingestet,
        count(*) over () as antall,
        row_number() over (order by siste_melding_id desc, {{ byte_order('arena_id') }}) as nr

    from {{ ref('gold_arena__rekonstruksjon_avvik') }}

),

final as (

    select
        nr,
        arena_id,
        siste_melding_id,
        siste_ingestet,
        antall

    from nummererte
    where nr <= 200

)

select * from final
order by nr
