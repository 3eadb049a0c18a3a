with

sendt as (

    select * from {{ ref('silver_saksstatistikk__sendt') }}

),

final as (

    select
        coalesce(max(id), 0) as siste_id,
        {{ naa() }} as naa

    from sendt

)

select * from final
