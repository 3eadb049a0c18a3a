with

uke_antall as (

    select * from {{ ref('gold_tiltak__uke_antall') }}

),

final as (

    select
        {{ adapter.quote('år') }},
        uke,
        tiltaksnavn,
        avdeling,
        cast(sum(antall) as {{ dbt.type_int() }}) as antall

    from uke_antall
    group by 1, 2, 3, 4

)

select * from final
