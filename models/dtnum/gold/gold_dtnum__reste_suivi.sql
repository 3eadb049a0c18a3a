with

suivi as (

    select * from {{ ref('silver_dtnum__suivi') }}

),

fusionnees as (

    select * from {{ ref('silver_dtnum__suivi_fusionne') }}
    where origine = 'suivi_sans_correspondance'

),

final as (

    select
        'avant' as moment,
        suivi.ligne_nr,
        {{ dtnum_list(dtnum_suivi_columns(), 'suivi') }}

    from suivi
    inner join fusionnees
        on suivi.rang = fusionnees.rang

    union all

    select
        'apres' as moment,
        ligne_nr,
        {{ dtnum_list(dtnum_suivi_columns()) }}

    from fusionnees

)

select * from final
