with

evenements as (

    select
        demande_id as n_demande_v2,
        cast(null as {{ dbt.type_string() }}) as demande_cle,
        case when payload_genre = 'array' then payload end as liste,
        1 as rang_source,
        row_number() over (
            partition by demande_id order by {{ byte_order('payload') }}
        ) as rang_payload

    from {{ ref('stg_dtnum__evenements') }}

),

demandes as (

    select
        n_demande_v2,
        demande_cle,
        evenements as liste,
        2 as rang_source,
        1 as rang_payload

    from {{ ref('silver_dtnum__demandes') }}

),

listes as (

    select * from evenements
    union all
    select * from demandes

),

{{ json_elements(
    'elements',
    'listes',
    ['n_demande_v2', 'demande_cle', 'rang_source', 'rang_payload'],
    'liste',
) }},

{{ json_columns(
    'lus',
    'elements',
    ['n_demande_v2', 'demande_cle', 'rang_source', 'rang_payload', 'rang'],
    'element',
    {'nom': 'name', 'cree_le': 'created_at'},
) }},

final as (

    select
        -- ids
        n_demande_v2,
        demande_cle,

        -- text
        nom,
        cree_le,

        -- numbers
        rang_source,
        rang_payload,
        rang,

        -- dates
        {{ safe_instant('cree_le') }} as instant

    from lus

)

select * from final
