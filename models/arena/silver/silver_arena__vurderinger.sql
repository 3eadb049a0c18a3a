with

kandidater as (

    select * from {{ ref('silver_arena__kandidater') }}
    where fase > 1

),

meldinger as (

    select * from {{ ref('silver_arena__meldinger') }}

),

gjennomforinger as (

    select * from {{ ref('silver_arena__gjennomforinger_i_pass') }}

),

personidenter as (

    select * from {{ ref('stg_arena__personidenter') }}
    where forekomst_nr = 1 and personident is not null

),

sammenstilte as (

    select
        kandidater.id,
        kandidater.arena_id,
        kandidater.arena_table_name,
        kandidater.operation_type,
        kandidater.pos,
        kandidater.rekkefolge,
        kandidater.forrige_status,
        kandidater.fase,
        kandidater.forsok,
        kandidater.pass_nr,
        kandidater.er_ny,
        kandidater.arena_table_name = {{ arena_hist_table() }} as er_hist,
        meldinger.gjennomforing_arena_id,
        meldinger.person_id,
        meldinger.ekstern_id,
        meldinger.deltakertypekode,
        meldinger.validering_status,
        meldinger.validering_note,
        meldinger.dato_statusendring,
        gjennomforinger.arena_id is not null as er_kjent_gjennomforing,
        gjennomforinger.er_stottet,
        gjennomforinger.is_valid,
        gjennomforinger.gjennomforing_id,
        gjennomforinger.mangler_id,
        gjennomforinger.finnes_hos_mr,
        personidenter.personident

    from kandidater
    inner join meldinger
        on kandidater.id = meldinger.id
    left join gjennomforinger
        on meldinger.gjennomforing_arena_id = gjennomforinger.arena_id
    left join personidenter
        on meldinger.person_id = personidenter.person_id

),

-- the first check that stops a message; what hangs on other messages is decided later
sjekkede as (

    select
        *,
        case
            when not er_kjent_gjennomforing then 'ukjent_gjennomforing'
            when not er_stottet then 'ikke_stottet'
            when not is_valid then 'ugyldig_gjennomforing'
            when gjennomforing_id is null then 'mangler_hos_mr'
            when not finnes_hos_mr then 'borte_hos_mr'
            when
                ekstern_id is not null
                and not {{ matches(
                    'ekstern_id',
                    '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$'
                ) }}
                then 'ikke_uuid'
            when ekstern_id is not null then 'ekstern_id'
            when deltakertypekode = 'EKSTERN' then 'ekstern_type'
            when er_hist and operation_type <> 'CREATED' then 'hist_operasjon'
            when validering_status is not null then 'validering'
            when personident is null then 'personident'
            when er_hist and dato_statusendring is null then 'statusendring'
        end as sjekk

    from sammenstilte

),

final as (

    select
        -- ids
        id,
        arena_id,
        gjennomforing_arena_id,
        person_id,
        ekstern_id,
        gjennomforing_id,
        -- a missing id is filled in by whoever comes as far as to need it
        case
            when
                mangler_id
                and coalesce(sjekk, '') not in (
                    'ukjent_gjennomforing', 'ikke_stottet', 'ugyldig_gjennomforing'
                )
                then gjennomforing_id
        end as gjennomforing_ny_id,
        personident,

        -- text
        arena_table_name,
        operation_type,
        pos,
        rekkefolge,
        forrige_status,
        sjekk,
        case
            when sjekk in (
                'ukjent_gjennomforing', 'mangler_hos_mr', 'borte_hos_mr', 'ikke_uuid'
            ) then 'RETRY'
            when sjekk in ('ikke_stottet', 'hist_operasjon') then 'IGNORED'
            when sjekk = 'ugyldig_gjennomforing' then 'WAITING'
            when sjekk = 'ekstern_type' then 'EXTERNAL_SOURCE'
            when sjekk = 'validering' then validering_status
            when sjekk in ('personident', 'statusendring') then 'INVALID'
        end as utfall,
        case
            when sjekk = 'ukjent_gjennomforing'
                then {{ dbt.concat([
                    "'Venter på at gjennomføring med id='", 'gjennomforing_arena_id',
                    "' skal bli håndtert'"
                ]) }}
            when sjekk = 'ikke_stottet'
                then {{ dbt.concat([
                    "'Deltaker på gjennomføring med arenakode '", 'gjennomforing_arena_id',
                    "' er ikke støttet'"
                ]) }}
            when sjekk = 'ugyldig_gjennomforing'
                then {{ dbt.concat([
                    "'Deltaker på ugyldig gjennomføring <'", 'gjennomforing_arena_id', "'>'"
                ]) }}
            when sjekk = 'mangler_hos_mr'
                then {{ dbt.concat([
                    "'Venter på at gjennomføring med id='", 'gjennomforing_arena_id',
                    "' skal bli håndtert av Mulighetsrommet'"
                ]) }}
            when sjekk = 'borte_hos_mr'
                then {{ dbt.concat([
                    "'Fant ikke gjennomføring med id='", 'gjennomforing_id',
                    "' hos Mulighetsrommet'"
                ]) }}
            when sjekk = 'ikke_uuid'
                then {{ dbt.concat(["'EKSTERN_ID '", 'ekstern_id', "' er ikke en UUID'"]) }}
            when sjekk = 'ekstern_type' and er_hist
                then {{ dbt.concat([
                    "'hist-deltaker har deltakertypekode ekstern, arenaid '", 'arena_id'
                ]) }}
            when sjekk = 'ekstern_type'
                then {{ dbt.concat([
                    "'Deltaker har deltakertypekode ekstern, arenaid '", 'arena_id'
                ]) }}
            when sjekk = 'hist_operasjon'
                then {{ dbt.concat([
                    "'Ignorerer hist-deltaker som har operation type '", 'operation_type'
                ]) }}
            when sjekk = 'validering' then validering_note
            when sjekk = 'personident'
                then {{ dbt.concat([
                    "'Arena mangler personlig ident for personId='", 'person_id'
                ]) }}
            when sjekk = 'statusendring'
                then 'Kan ikke matche hist deltaker som mangler DATO_STATUSENDRING'
        end as note,

        -- numbers
        fase,
        forsok,
        pass_nr,

        -- booleans
        er_ny,
        er_hist

    from sjekkede

)

select * from final
