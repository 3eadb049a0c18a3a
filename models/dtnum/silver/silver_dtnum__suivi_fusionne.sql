with

appariement as (

    select * from {{ ref('silver_dtnum__appariement') }}
    where origine <> 'supprime'

),

suivi as (

    select * from {{ ref('silver_dtnum__suivi') }}

),

lignes as (

    select
        *,
        message_api is null as api_est_connue,
        message_statut is null as statut_est_connu

    from {{ ref('silver_dtnum__lignes') }}

),

sans_correspondance as (

    select * from {{ ref('silver_dtnum__sans_correspondance') }}

),

-- one row: which columns DataPass has the first word on
priorites as (

    select
        {{ dtnum_priorities() }}

    from {{ ref('stg_dtnum__colonnes') }}

),

fusionnees as (

    select
        appariement.rang,
        appariement.demande_cle,
        appariement.rang_habilitation,
        appariement.origine,
        suivi.ligne_nr,
        suivi.n_datapass_v1,
        {%- for column in dtnum_datapass_columns() if column not in ['api', 'statut'] %}
        {{ dtnum_merged(column) }},
        {%- endfor %}
        {{ dtnum_merged('api', 'lignes.api_est_connue') }},
        {{ dtnum_merged('statut', 'lignes.statut_est_connu') }},
        suivi.departement,
        suivi.region,
        suivi.motif_refus,
        suivi.erreurs,
        suivi.autres_colonnes,
        lignes.message_api,
        lignes.message_statut

    from appariement
    cross join priorites
    left join suivi
        on appariement.rang = suivi.rang
    left join lignes
        on
            appariement.demande_cle = lignes.demande_cle
            and appariement.rang_habilitation = lignes.rang_habilitation

),

expliquees as (

    select
        fusionnees.rang,
        fusionnees.demande_cle,
        fusionnees.rang_habilitation,
        fusionnees.origine,
        fusionnees.ligne_nr,
        {{ dtnum_list(
            dtnum_suivi_columns(), 'fusionnees', ['statut', 'motif_refus']
        ) }},
        coalesce(sans_correspondance.statut, fusionnees.statut) as statut,
        coalesce(sans_correspondance.motif_refus, fusionnees.motif_refus) as motif_refus,
        fusionnees.message_api,
        fusionnees.message_statut,
        sans_correspondance.message_correspondance,
        sans_correspondance.message_evenements

    from fusionnees
    left join sans_correspondance
        on fusionnees.rang = sans_correspondance.rang

),

{%- set before = namespace(cte='expliquees') %}
{%- for message in dtnum_messages() %}
avec_{{ message }} as (

    select
        rang,
        demande_cle,
        rang_habilitation,
        origine,
        ligne_nr,
        {{ dtnum_list(dtnum_suivi_columns(), leave_out=['erreurs']) }},
        {{ dtnum_remark('erreurs', message) | indent(4) }} as erreurs,
        {{ dtnum_messages() | join(',\n        ') }}

    from {{ before.cte }}

),
{% set before.cte = 'avec_' ~ message -%}
{%- endfor %}

final as (

    select
        rang,
        demande_cle,
        rang_habilitation,
        origine,
        ligne_nr,
        {{ dtnum_list(dtnum_suivi_columns()) }}

    from {{ before.cte }}

)

select * from final
