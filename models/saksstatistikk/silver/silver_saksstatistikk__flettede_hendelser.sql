with

-- what is resent in this run is merged already; here are the other cases
resend as (

    select * from {{ ref('silver_saksstatistikk__resend') }}

),

utvalg as (

    select behandlinger.behandling_id

    from {{ ref('silver_saksstatistikk__behandlinger') }} as behandlinger
    left join {{ ref('silver_saksstatistikk__resend_utvalg') }} as resendes
        on behandlinger.behandling_id = resendes.behandling_id
    where resendes.behandling_id is null

),

historikk as (

    select alle_hendelser.*

    from {{ ref('silver_saksstatistikk__gjeldende_historikk') }} as alle_hendelser
    inner join utvalg
        on alle_hendelser.behandling_id = utvalg.behandling_id

),

{{ saksstatistikk_merge() }},

final as (

    select {{ saksstatistikk_column_list() }}
    from resend

    union all

    select {{ saksstatistikk_column_list() }}
    from flettede_rader

)

select * from final
