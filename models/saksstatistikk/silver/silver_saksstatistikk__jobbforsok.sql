-- depends_on: {{ ref('silver_saksstatistikk__flettede_hendelser') }}

with

jobber as (

    select * from {{ ref('silver_saksstatistikk__jobber') }}

),

behandlinger as (

    select * from {{ ref('silver_saksstatistikk__behandlinger') }}

),

kjoring as (

    select * from {{ ref('silver_saksstatistikk__kjoring') }}

),

omfang as (

    select count(*) as antall_rader
    from {{ ref('silver_saksstatistikk__tillegg') }}

),

forsok as (

    select
        jobber.jobb_id,
        jobber.jobbtype,
        jobber.behandling_id,
        {{ naa() }} as forsokt_tid,
        omfang.antall_rader,
        kjoring.siste_id + omfang.antall_rader as siste_id

    from jobber
    inner join behandlinger
        on jobber.behandling_id = behandlinger.behandling_id
    cross join omfang
    cross join kjoring
    where not jobber.er_utfort

),

{% if is_incremental() %}

final as (

    select forsok.*

    from forsok
    left join {{ this }} as tidligere
        on
            forsok.jobb_id = tidligere.jobb_id
            and forsok.behandling_id = tidligere.behandling_id
            and forsok.forsokt_tid = tidligere.forsokt_tid
            and forsok.siste_id = tidligere.siste_id
            and forsok.antall_rader = tidligere.antall_rader
    where tidligere.jobb_id is null

)

{% else %}

final as (

    select * from forsok

)

{% endif %}

select * from final
