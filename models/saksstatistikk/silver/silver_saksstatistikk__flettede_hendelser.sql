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

{{ saksstatistikk_merge(ref('silver_saksstatistikk__gjeldende_historikk')) }},

final as (

    select {{ saksstatistikk_column_list() }}
    from resend

    union all

    select {{ saksstatistikk_column_list() }}
    from flettede_rader

)

select * from final
