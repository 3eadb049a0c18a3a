{%- set gull = as_it_stands('gold_saksstatistikk__saksstatistikk') -%}

with

{% if gull is none %}

-- nothing is in gold yet: what was sent is what the owner's table says
inndata as (

    select * from {{ ref('stg_saksstatistikk__saksstatistikk') }}

),

sendt as (

    select
        *,
        {{ saksstatistikk_sak_utland('ansvarlig_enhet_kode') }} as sak_utland

    from inndata
    where id is not null

),

{% else %}

sendt as (

    select * from {{ gull }}

),

{% endif %}

final as (

    select
        id,
        {{ saksstatistikk_column_list() }}

    from sendt

)

select * from final
