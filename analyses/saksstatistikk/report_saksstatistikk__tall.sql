with

{{ saksstatistikk_as_of() }},

omfang as (

    select
        count(*) as rader,
        count(distinct behandling_uuid) as behandlinger,
        count(distinct case when er_relast then behandling_uuid end) as resendte_behandlinger,
        count(case when er_relast then id end) as resendte_rader,
        count(case when behandling_uuid is null or endret_tid is null then id end) as uten_tid,
        min(endret_tid) as forste_tid,
        max(endret_tid) as siste_tid,
        max(case when er_relast then teknisk_tid end) as siste_resend

    from {{ ref('gold_saksstatistikk__saksstatistikk') }}

),

final as (

    select
        omfang.rader,
        omfang.behandlinger,
        omfang.resendte_behandlinger,
        omfang.resendte_rader,
        omfang.uten_tid,
        omfang.forste_tid,
        omfang.siste_tid,
        omfang.siste_resend,
        stand.tid as stand

    from omfang
    cross join stand

)

select * from final
