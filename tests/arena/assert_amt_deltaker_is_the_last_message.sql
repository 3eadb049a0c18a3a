-- AMT has of every participant what was sent last. What amt_deltaker says must be among what the
-- last pass that sent anything of the participant has sent, and nobody may be missing.
with

amt_deltaker as (

    select * from {{ ref('gold_arena__amt_deltaker') }}

),

sendte as (

    select
        meldinger.*,
        logg.pass_nr,
        max(logg.pass_nr) over (partition by meldinger.deltaker_id) as siste_pass_nr

    from {{ ref('gold_arena__amt_meldinger') }} as meldinger
    inner join {{ ref('silver_arena__logg') }} as logg
        on
            meldinger.arena_data_id = logg.id
            and meldinger.deltaker_id = logg.deltaker_id
            and meldinger.sendt_tid = logg.naa

),

{% set innhold = [
    'gjennomforing_id', 'person_ident', 'start_dato', 'slutt_dato', 'status', 'status_aarsak',
    'dager_per_uke', 'prosent_deltid', 'registrert_dato', 'status_endret_dato',
    'innsok_begrunnelse',
] -%}
begge as (

    select
        id,
        {{ innhold | join(',\n        ') }},
        0 as er_sendt

    from amt_deltaker

    union all

    select
        deltaker_id as id,
        {{ innhold | join(',\n        ') }},
        1 as er_sendt

    from sendte
    where pass_nr = siste_pass_nr

),

ikke_sendt as (

    select id
    from begge
    group by id, {{ innhold | join(', ') }}
    having max(er_sendt) = 0

),

mangler as (

    select distinct sendte.deltaker_id as id

    from sendte
    left join amt_deltaker
        on sendte.deltaker_id = amt_deltaker.id
    where amt_deltaker.id is null

),

final as (

    select id from ikke_sendt
    union all
    select id from mangler

)

select * from final
