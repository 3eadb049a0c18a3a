with

alle_behandlinger as (

    select * from {{ ref('silver_saksstatistikk__behandlinger') }}

),

utvalg as (

    select * from {{ ref('silver_saksstatistikk__resend_utvalg') }}

),

reberegnet as (

    select * from {{ ref('silver_saksstatistikk__reberegnet_utvalg') }}

),

stoppede as (

    select * from {{ ref('stg_saksstatistikk__stoppet_behandling') }}

),

behandlinger as (

    select alle_behandlinger.*

    from alle_behandlinger
    inner join utvalg
        on alle_behandlinger.behandling_id = utvalg.behandling_id

),

{{ saksstatistikk_history() }},

final as (

    select * from gjeldende_rader

)

select * from final
