{%- set logg = as_it_stands('silver_arena__logg') -%}

with

{% if logg is none %}

-- nothing was treated yet
final as (

    select
        {{ arena_typed_log_columns(nulls=true) }}

    from {{ ref('stg_arena__meldinger') }}
    where 1 = 0

)

{% else %}

final as (

    select * from {{ logg }}

)

{% endif %}

select * from final
