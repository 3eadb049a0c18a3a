with

utvalg as (

    select * from {{ ref('silver_saksstatistikk__resend_utvalg') }}

),

{{ saksstatistikk_merge(ref('silver_saksstatistikk__gjeldende_utvalg')) }},

final as (

    select * from flettede_rader

)

select * from final
