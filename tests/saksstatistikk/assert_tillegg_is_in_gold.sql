-- What the run decided to append is what gold ends with: the same ids, each once, nothing after
-- them.
with

tillegg as (

    select * from {{ ref('silver_saksstatistikk__tillegg') }}

),

gull as (

    select * from {{ ref('gold_saksstatistikk__saksstatistikk') }}

),

forste as (

    select min(id) as id
    from tillegg

),

siste_rader as (

    select gull.*

    from gull
    cross join forste
    where gull.id >= forste.id

),

final as (

    select
        tillegg.id as tillegg_id,
        siste_rader.id as gull_id

    from tillegg
    full outer join siste_rader
        on
            tillegg.id = siste_rader.id
            and tillegg.behandling_uuid = siste_rader.behandling_uuid
            and tillegg.teknisk_tid = siste_rader.teknisk_tid
    where tillegg.id is null or siste_rader.id is null

)

select * from final
