with

lignes as (

    select * from {{ ref('silver_dtnum__lignes') }}

),

final as (

    select
        etat,
        {{ dtnum_list(dtnum_datapass_columns()) }}

    from lignes
    where motif is null

)

select * from final
