{#- Dates are text, as the file writes them (dd/mm/yyyy); what is none is left out. -#}
{%- set columns = ['date_reception', 'date_derniere_soumission_ou_instruction'] -%}
with

dates as (

    {%- for column in columns %}
    select
        substr({{ column }}, 7, 4) || '-' || substr({{ column }}, 4, 2)
        || '-' || substr({{ column }}, 1, 2) as texte
    from {{ ref('gold_dtnum__suivi_mis_a_jour') }}
    where {{ column }} like '__/__/____'
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}

),

final as (

    select
        min({{ safe_date('texte') }}) as premier,
        max({{ safe_date('texte') }}) as dernier

    from dates

)

select * from final
