with

-- an external id is looked up for those alone whom it decides
vurderinger as (

    select
        *,
        case when sjekk = 'ekstern_id' then ekstern_id end as avgjorende_id

    from {{ ref('silver_arena__vurderinger') }}
    where not er_hist

),

kjente as (

    select
        arena_id,
        ny_amt_id as amt_id

    from {{ ref('silver_arena__tidligere_logg') }}
    where ny_amt_id is not null

),

-- whoever comes past the checks asks for an id, and an external id asks to be the participant's own
onsker as (

    select
        vurderinger.id,
        vurderinger.arena_id,
        vurderinger.rekkefolge,
        vurderinger.sjekk = 'ekstern_id' as er_ekstern,
        case
            when vurderinger.sjekk = 'ekstern_id' then vurderinger.ekstern_id
            else {{ arena_amt_id(arena_deltaker_table(), 'vurderinger.arena_id') | indent(12) }}
        end as amt_id

    from vurderinger
    left join kjente
        on vurderinger.arena_id = kjente.arena_id
    where
        kjente.arena_id is null
        and coalesce(vurderinger.sjekk, 'ekstern_id') = 'ekstern_id'

),

ledige as (

    select
        onsker.arena_id as eier,
        onsker.amt_id,
        min(onsker.rekkefolge) as rekkefolge,
        max(case when onsker.er_ekstern then 1 else 0 end) = 1 as er_ekstern

    from onsker
    left join kjente
        on onsker.amt_id = kjente.amt_id
    where kjente.amt_id is null
    group by onsker.arena_id, onsker.amt_id

),

eksterne as (

    select
        eier,
        amt_id

    from ledige
    where er_ekstern

),

-- nearly everybody asks alone; only what external ids have to do with takes rounds
omstridte as (

    select distinct
        ledige.amt_id,
        ledige.eier,
        true as trenger_ledig,
        ledige.rekkefolge

    from ledige
    left join eksterne as egne
        on ledige.eier = egne.eier
    left join eksterne as samme
        on ledige.amt_id = samme.amt_id
    where egne.eier is not null or samme.amt_id is not null

),

uomstridte as (

    select
        ledige.eier,
        ledige.amt_id,
        ledige.rekkefolge

    from ledige
    left join omstridte
        on ledige.eier = omstridte.eier
    where omstridte.eier is null

),

{{ arena_tildel('omstridte') }},

nye as (

    select
        amt_id,
        eier,
        rekkefolge

    from tildelt

    union all

    select
        amt_id,
        eier,
        rekkefolge

    from uomstridte

),

alle as (

    select
        amt_id,
        eier,
        rekkefolge

    from nye

    union all

    select
        amt_id,
        arena_id as eier,
        '' as rekkefolge

    from kjente

),

-- who has the external id when its message is treated, and which id the participant has in the end
med_id as (

    select
        vurderinger.*,
        egen.amt_id,
        ny.amt_id as ny_amt_id,
        case when ekstern.rekkefolge < vurderinger.rekkefolge then ekstern.eier end as ekstern_eier,
        coalesce(uavgjort.rekkefolge is not null, false) as er_uavgjort

    from vurderinger
    left join alle as egen
        on vurderinger.arena_id = egen.eier
    left join nye as ny
        on
            vurderinger.arena_id = ny.eier
            and vurderinger.rekkefolge = ny.rekkefolge
    left join alle as ekstern
        on vurderinger.avgjorende_id = ekstern.amt_id
    left join uavgjort
        on vurderinger.rekkefolge = uavgjort.rekkefolge

),

final as (

    select
        -- ids
        id,
        arena_id,
        gjennomforing_arena_id,
        gjennomforing_id,
        gjennomforing_ny_id,
        person_id,
        personident,
        amt_id,
        ny_amt_id,

        -- text
        arena_table_name,
        operation_type,
        pos,
        rekkefolge,
        forrige_status,
        case
            when er_uavgjort or (sjekk is null and amt_id is null) then 'RETRY'
            when sjekk is null or sjekk <> 'ekstern_id' then utfall
            when ekstern_eier <> arena_id then 'INVALID'
            else 'EXTERNAL_SOURCE'
        end as utfall,
        case
            when er_uavgjort or (sjekk is null and amt_id is null)
                then {{ arena_undecided_note() }}
            when sjekk is null or sjekk <> 'ekstern_id' then note
            when ekstern_eier <> arena_id
                then {{ dbt.concat([
                    "'Fikk arenadeltaker med id '", 'arena_id', "' og EKSTERN_ID '", 'ekstern_id',
                    "' men arenaId er allerede mappet til '", 'ekstern_eier'
                ]) }}
            else {{ dbt.concat(["'Deltaker har eksternid '", 'ekstern_id']) }}
        end as note,

        -- numbers
        fase,
        forsok,
        pass_nr,

        -- booleans
        er_ny

    from med_id

)

select * from final
