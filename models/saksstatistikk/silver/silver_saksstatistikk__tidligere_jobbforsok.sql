{%- set tidligere = as_it_stands('silver_saksstatistikk__jobbforsok') -%}

with

{% if tidligere is none %}

-- nothing was tried yet; the jobs lend their types
forsok as (

    select
        jobb_id,
        jobbtype,
        behandling_id,
        neste_kjoring as forsokt_tid,
        behandling_id as antall_rader,
        behandling_id as siste_id

    from {{ ref('stg_saksstatistikk__jobb') }}
    where 1 = 0

),

{% else %}

forsok as (

    select
        jobb_id,
        jobbtype,
        behandling_id,
        forsokt_tid,
        antall_rader,
        siste_id

    from {{ tidligere }}

),

{% endif %}

final as (

    select * from forsok

)

select * from final
