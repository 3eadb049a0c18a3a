with

-- what a resend of this run needed is computed already; here are the other cases
ferdige as (

    select * from {{ ref('silver_saksstatistikk__reberegnet_utvalg') }}

),

alle_stoppede as (

    select * from {{ ref('stg_saksstatistikk__stoppet_behandling') }}

),

alle_endringer as (

    select * from {{ ref('stg_saksstatistikk__avklaringsbehov_endring') }}

),

-- every stopped case has a first event
utvalgte_stopp as (

    select alle_stoppede.*

    from alle_stoppede
    left join ferdige
        on
            alle_stoppede.behandling_referanse = ferdige.behandling_referanse
            and ferdige.hendelse_nr = 1
    where
        alle_stoppede.forekomst_nr = 1
        and alle_stoppede.behandling_referanse is not null
        and ferdige.behandling_referanse is null

),

{{ saksstatistikk_recompute() }},

final as (

    select * from ferdige
    union all
    select * from reberegnede

)

select * from final
