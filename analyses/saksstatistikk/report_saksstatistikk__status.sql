-- How many cases more (or fewer) have a status by the end of a day, from the rows in force: the
-- page adds them up. Before the latest months only weeks are told apart, by their Mondays.
with

nummererte as (

    select
        behandling_uuid,
        behandling_type,
        behandling_status,
        endret_tid,
        row_number() over (
            partition by behandling_uuid, endret_tid
            order by
                case when teknisk_tid is null then 1 else 0 end,
                teknisk_tid desc,
                id desc
        ) as nr

    from {{ ref('gold_saksstatistikk__saksstatistikk') }}
    where behandling_uuid is not null and endret_tid is not null

),

hendelser as (

    select
        behandling_type,
        behandling_status,
        cast(endret_tid as date) as fra_dag,
        cast(
            lead(endret_tid) over (partition by behandling_uuid order by endret_tid) as date
        ) as til_dag

    from nummererte
    where nr = 1

),

siste as (

    select {{ add_days('max(fra_dag)', -91) }} as forste_enkeltdag
    from hendelser

),

-- a status that did not last until the end of its day is not counted
endringer as (

    select
        fra_dag as dag,
        behandling_type,
        behandling_status,
        1 as endring

    from hendelser
    where til_dag is null or til_dag > fra_dag

    union all

    select
        til_dag as dag,
        behandling_type,
        behandling_status,
        -1 as endring

    from hendelser
    where til_dag > fra_dag

),

samlet as (

    select
        endringer.behandling_type,
        endringer.behandling_status,
        endringer.endring,
        case
            when endringer.dag >= siste.forste_enkeltdag then endringer.dag
            else {{ monday_of('endringer.dag') }}
        end as dag

    from endringer
    cross join siste

),

final as (

    select
        samlet.dag,
        samlet.behandling_type,
        samlet.behandling_status,
        sum(samlet.endring) as endring

    from samlet
    group by samlet.dag, samlet.behandling_type, samlet.behandling_status
    having sum(samlet.endring) <> 0

)

select * from final
order by
    dag,
    {{ byte_order('behandling_type') }},
    {{ byte_order('behandling_status') }}
