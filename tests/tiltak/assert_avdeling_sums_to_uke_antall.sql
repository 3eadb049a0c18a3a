-- The two tables of the dashboard must agree, or two charts on one page contradict each other.
with

uke_antall as (

    select
        {{ adapter.quote('år') }} as iso_aar,
        uke,
        tiltaksnavn,
        avdeling,
        sum(antall) as antall

    from {{ ref('gold_tiltak__uke_antall') }}
    group by 1, 2, 3, 4

),

per_avdeling as (

    select
        {{ adapter.quote('år') }} as iso_aar,
        uke,
        tiltaksnavn,
        avdeling,
        antall

    from {{ ref('gold_tiltak__uke_antall_avdeling') }}

),

final as (

    select
        uke_antall.antall,
        per_avdeling.antall as antall_avdeling

    from uke_antall
    full outer join per_avdeling
        on
            uke_antall.iso_aar = per_avdeling.iso_aar
            and uke_antall.uke = per_avdeling.uke
            and uke_antall.tiltaksnavn = per_avdeling.tiltaksnavn
            and uke_antall.avdeling = per_avdeling.avdeling
    where
        uke_antall.antall is null
        or per_avdeling.antall is null
        or uke_antall.antall <> per_avdeling.antall

)

select * from final
