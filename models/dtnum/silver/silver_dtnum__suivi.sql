with

suivi as (

    select * from {{ ref('stg_dtnum__suivi') }}

),

-- the order of the file is that of ligne_nr, not of the rows that carry it
final as (

    select
        row_number() over (
            order by
                {{ dtnum_id_order('ligne_nr') | indent(8) }},
                {{ dtnum_text_order(dtnum_suivi_columns()) | indent(4) }}
        ) as rang,
        suivi.*

    from suivi

)

select * from final
