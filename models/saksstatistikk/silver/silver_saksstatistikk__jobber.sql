with

jobber as (

    select * from {{ ref('stg_saksstatistikk__jobb') }}

),

utforte as (

    select * from {{ ref('silver_saksstatistikk__utforte_jobber') }}

),

final as (

    select distinct
        jobber.jobb_id,
        jobber.jobbtype,
        jobber.behandling_id,
        utforte.jobb_id is not null as er_utfort

    from jobber
    left join utforte
        on jobber.jobb_id = utforte.jobb_id
    where
        {{ saksstatistikk_is_resend_job('jobber.jobbtype') }}
        and jobber.jobb_id is not null
        and jobber.behandling_id is not null
        and jobber.neste_kjoring <= {{ naa() }}

)

select * from final
