{%- set logg = as_it_stands('silver_arena__logg') -%}

with

{% if logg is none %}

-- nothing was treated yet
final as (

    select
        {%- for column, type in arena_log_columns().items() %}
        cast(null as {{ type }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}

    from {{ ref('stg_arena__meldinger') }}
    where 1 = 0

)

{% else %}

final as (

    select * from {{ logg }}

)

{% endif %}

select * from final
