-- Cases cannot be added up from days to weeks, so both are counted here.
with

{{ saksstatistikk_resends() }},

perioder as (

    select
        'dag' as per,
        cast(teknisk_tid as date) as fra,
        behandling_uuid,
        utfall

    from gjensendt
    where teknisk_tid is not null

    union all

    select
        'uke' as per,
        {{ monday_of('cast(teknisk_tid as date)') }} as fra,
        behandling_uuid,
        utfall

    from gjensendt
    where teknisk_tid is not null

),

final as (

    select
        per,
        fra,
        count(distinct behandling_uuid) as behandlinger,
        sum(case when utfall = 'endret' then 1 else 0 end) as endret,
        sum(case when utfall = 'ny' then 1 else 0 end) as ny,
        sum(case when utfall = 'lik' then 1 else 0 end) as lik

    from perioder
    group by per, fra

)

select * from final
order by per, fra
