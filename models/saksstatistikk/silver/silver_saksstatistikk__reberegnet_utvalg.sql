with

behandlinger as (

    select * from {{ ref('silver_saksstatistikk__behandlinger') }}

),

utvalg as (

    select * from {{ ref('silver_saksstatistikk__resend_utvalg') }}

),

alle_stoppede as (

    select * from {{ ref('stg_saksstatistikk__stoppet_behandling') }}

),

alle_endringer as (

    select * from {{ ref('stg_saksstatistikk__avklaringsbehov_endring') }}

),

utvalgte_stopp as (

    select alle_stoppede.*

    from alle_stoppede
    inner join behandlinger
        on alle_stoppede.behandling_referanse = behandlinger.behandling_referanse
    inner join utvalg
        on behandlinger.behandling_id = utvalg.behandling_id
    where alle_stoppede.forekomst_nr = 1 and behandlinger.er_reberegnet

),

{{ saksstatistikk_recompute() }},

final as (

    select * from reberegnede

)

select * from final
