with

vurderinger as (

    select * from {{ ref('silver_arena__deltakervurderinger') }}
    where fase = 4

),

apne as (

    select * from {{ ref('silver_arena__apne_meldinger') }}
    where arena_table_name = {{ arena_deltaker_table() }}

),

deltakere_i_pass as (

    select * from {{ ref('silver_arena__deltakere_i_pass') }}

),

historiserte as (

    select ny_hist_amt_id as amt_id
    from {{ ref('silver_arena__tidligere_logg') }}
    where ny_hist_amt_id is not null

    union distinct

    select ny_hist_amt_id as amt_id
    from {{ ref('silver_arena__hist_i_pass') }}
    where ny_hist_amt_id is not null

),

egne as (

    select
        vurderinger.id,
        vurderinger.arena_id,
        vurderinger.gjennomforing_ny_id,
        vurderinger.gjennomforing_id,
        vurderinger.personident,
        vurderinger.amt_id,
        vurderinger.ny_amt_id,
        vurderinger.pos,
        vurderinger.operation_type,
        vurderinger.rekkefolge,
        vurderinger.forrige_status,
        case
            when vurderinger.utfall is not null then vurderinger.utfall
            when historiserte.amt_id is null and vurderinger.forsok < 2 then 'RETRY'
            else 'HANDLED'
        end as utfall,
        case
            when vurderinger.utfall is not null then vurderinger.note
            when historiserte.amt_id is not null
                then 'Slettes ikke fordi deltaker ble historisert'
            when vurderinger.forsok < 2
                then {{ dbt.concat([
                    "'Fant ikke hist-deltaker for deltaker id='", 'vurderinger.amt_id',
                    "' arenaId='", 'vurderinger.arena_id'
                ]) }}
        end as note,
        vurderinger.forsok,
        vurderinger.pass_nr,
        vurderinger.er_ny,
        vurderinger.utfall is null as er_forbi_sjekkene

    from vurderinger
    left join historiserte
        on vurderinger.amt_id = historiserte.amt_id

),

-- what this phase does not treat is as the phases before have left it
sperrer as (

    select
        apne.arena_id,
        apne.pos

    from apne
    left join egne
        on apne.id = egne.id
    left join deltakere_i_pass
        on apne.id = deltakere_i_pass.id
    where egne.id is null and deltakere_i_pass.id is null

    union all

    select
        arena_id,
        pos

    from deltakere_i_pass
    where ingest_status in ({{ arena_open_statuses() }})

),

{{ arena_wait_for_older('egne', 'sperrer') }},

final as (

    select * from ferdige

)

select * from final
