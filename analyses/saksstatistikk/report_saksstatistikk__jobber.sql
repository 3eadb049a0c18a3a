-- Jobs that ask for a resending and that no run has executed, the one due longest first; 200 at
-- most. `antall` and `eldste` are those of all with the same `tilstand`.
with

{{ saksstatistikk_as_of() }},

-- an attempt took place if the last row that it was going to append is there; the view
-- silver_saksstatistikk__utforte_jobber says so of the time before the last run
utforte as (

    select distinct forsok.jobb_id
    from {{ ref('silver_saksstatistikk__jobbforsok') }} as forsok
    left join {{ ref('gold_saksstatistikk__saksstatistikk') }} as gull
        on
            forsok.siste_id = gull.id
            and forsok.forsokt_tid = gull.teknisk_tid
    where forsok.antall_rader = 0 or gull.id is not null

),

jobber as (

    select distinct
        jobb_id,
        jobbtype,
        behandling_id,
        neste_kjoring

    from {{ ref('stg_saksstatistikk__jobb') }}
    where {{ saksstatistikk_is_resend_job('jobbtype') }}

),

ikke_utforte as (

    select
        jobber.jobb_id,
        jobber.jobbtype,
        jobber.neste_kjoring,
        behandlinger.behandling_id,
        behandlinger.saksnummer,
        case
            when behandlinger.behandling_id is null or jobber.jobb_id is null then 'ukjent'
            when jobber.neste_kjoring is null then 'uten_tid'
            when jobber.neste_kjoring <= stand.tid then 'forfalt'
            else 'senere'
        end as tilstand

    from jobber
    left join utforte
        on jobber.jobb_id = utforte.jobb_id
    left join {{ ref('silver_saksstatistikk__behandlinger') }} as behandlinger
        on jobber.behandling_id = behandlinger.behandling_id
    cross join stand
    where utforte.jobb_id is null

),

nummererte as (

    select
        *,
        count(*) over (partition by tilstand) as antall,
        row_number() over (
            order by
                case tilstand when 'forfalt' then 1 when 'senere' then 2 else 3 end,
                case when neste_kjoring is null then 1 else 0 end,
                neste_kjoring,
                {{ byte_order('jobb_id') }},
                behandling_id
        ) as nr

    from ikke_utforte

),

final as (

    select
        nr,
        jobb_id,
        jobbtype,
        behandling_id,
        saksnummer,
        neste_kjoring,
        tilstand,
        antall

    from nummererte
    where nr <= 200

)

select * from final
order by nr
