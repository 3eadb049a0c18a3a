with

hendelser as (

    select * from {{ ref('gold_saksstatistikk__view_saksstatistikk') }}

),

nummererte as (

    select
        *,
        cast(
            row_number() over (
                partition by behandling_uuid, {{ adapter.quote('endretTid') }}
                order by
                    case when teknisk_tid is null then 1 else 0 end,
                    teknisk_tid desc,
                    sekvensnummer desc
            ) as {{ dbt.type_int() }}
        ) as siste_melding_for_hendelse

    from hendelser

),

final as (

    select * from nummererte
    where siste_melding_for_hendelse = 1

)

select * from final
