with

utvalg as (

    select * from {{ ref('silver_saksstatistikk__resend_utvalg') }}

),

historikk as (

    select * from {{ ref('silver_saksstatistikk__gjeldende_utvalg') }}

),

{{ saksstatistikk_merge() }},

final as (

    select * from flettede_rader

)

select * from final
