with

suivi as (

    select * from {{ ref('silver_dtnum__suivi_fusionne') }}

),

codes_postaux as (

    select * from {{ ref('silver_dtnum__codes_postaux') }}

),

-- what people wrote of a place stands; a postcode that nobody knows empties nothing
situees as (

    select
        suivi.rang,
        suivi.demande_cle,
        suivi.rang_habilitation,
        suivi.origine,
        suivi.ligne_nr,
        {{ dtnum_list(dtnum_suivi_columns(), 'suivi', ['departement', 'region']) }},
        case
            when {{ dtnum_is_placeholder('suivi.departement') | indent(8) }}
                then coalesce(codes_postaux.departement, suivi.departement)
            else suivi.departement
        end as departement,
        case
            when {{ dtnum_is_placeholder('suivi.region') | indent(8) }}
                then coalesce(codes_postaux.region, suivi.region)
            else suivi.region
        end as region,
        case
            when
                count(*) over (
                    partition by suivi.n_demande_v2, suivi.n_habilitation_v2
                ) > 1
                then 'DOUBLON sur N° Demande / N° Habilitation'
        end as message_doublon

    from suivi
    left join codes_postaux
        on suivi.code_postal = codes_postaux.code_postal

),

annotees as (

    select
        rang,
        demande_cle,
        rang_habilitation,
        origine,
        ligne_nr,
        {{ dtnum_list(dtnum_suivi_columns(), leave_out=['erreurs']) }},
        {{ dtnum_remark('erreurs', 'message_doublon') | indent(4) }} as erreurs,
        case
            when origine = 'fusion' then 1
            when origine = 'nouvelle_habilitation' then 2
            when origine = 'nouvelle_demande' then 3
            else 4
        end as rang_origine

    from situees

),

final as (

    select
        {{ dtnum_list(dtnum_suivi_columns()) }},
        row_number() over (
            order by
                {{ dtnum_id_order('n_datapass_v1') | indent(8) }},
                {{ dtnum_id_order('n_demande_v2') | indent(8) }},
                {{ dtnum_id_order('n_habilitation_v2') | indent(8) }},
                rang_origine,
                {{ dtnum_id_order('ligne_nr') | indent(8) }},
                rang,
                demande_cle,
                rang_habilitation
        ) as ordre,
        origine

    from annotees

)

select * from final
