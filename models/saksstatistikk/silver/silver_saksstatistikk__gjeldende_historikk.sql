with

behandlinger as (

    select * from {{ ref('silver_saksstatistikk__behandlinger') }}

),

reberegnet as (

    select * from {{ ref('silver_saksstatistikk__reberegnet_historikk') }}

),

stoppede as (

    select * from {{ ref('stg_saksstatistikk__stoppet_behandling') }}

),

{{ saksstatistikk_history() }},

final as (

    select * from gjeldende_rader

)

select * from final
