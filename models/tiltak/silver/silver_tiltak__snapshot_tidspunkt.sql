with

lastinger as (

    select * from {{ ref('silver_tiltak__lastinger') }}

),

final as (

    select
        min(naa) as forste_lasting,
        min(naa) >= {{ tiltak_after_snapshot_dato() }} as er_stedfortreder

    from lastinger

)

select * from final
