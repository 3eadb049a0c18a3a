-- The merge may replace a value by a newer one where the seed dtnum_colonnes lets DataPass speak
-- first. It never empties what somebody wrote, and never touches what only people write.
with

suivi as (

    select * from {{ ref('silver_dtnum__suivi') }}

),

fusionnees as (

    select * from {{ ref('silver_dtnum__suivi_fusionne') }}

),

final as (

    select suivi.rang

    from suivi
    left join fusionnees
        on suivi.rang = fusionnees.rang
    where
        coalesce(suivi.n_datapass_v1, '') <> coalesce(fusionnees.n_datapass_v1, '')
        or coalesce(suivi.autres_colonnes, '') <> coalesce(fusionnees.autres_colonnes, '')
        or coalesce(suivi.departement, '') <> coalesce(fusionnees.departement, '')
        or coalesce(suivi.region, '') <> coalesce(fusionnees.region, '')
        {%- for column in dtnum_suivi_columns() %}
        or (suivi.{{ column }} is not null and fusionnees.{{ column }} is null)
        {%- endfor %}

)

select * from final
