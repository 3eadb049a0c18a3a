{{
    config(
        partition_by=partition_by_month('naa', 'datetime'),
        cluster_by=['arena_table_name', 'arena_id'],
    )
}}
with

kandidater as (

    select * from {{ ref('silver_arena__kandidater') }}

),

meldinger as (

    select * from {{ ref('silver_arena__meldinger') }}

),

gjennomforinger as (

    select * from {{ ref('silver_arena__gjennomforinger_i_pass') }}

),

konverterte as (

    select * from {{ ref('silver_arena__konverterte') }}

),

gjennomforingsmeldinger as (

    select
        kandidater.id,
        meldinger.tiltakskode,
        meldinger.er_gyldig_gjennomforing,
        meldinger.tiltakskode in ({{ arena_supported_kinds() | indent(8) }}) as er_stottet,
        gjennomforinger.mr_oppslag_id

    from kandidater
    inner join meldinger
        on kandidater.id = meldinger.id
    inner join gjennomforinger
        on kandidater.arena_id = gjennomforinger.arena_id
    where kandidater.fase = 1

),

{% set felles = [
    'id', 'pass_nr', 'utfall', 'ingest_status', 'note', 'gjennomforing_ny_id', 'gjennomforing_id',
    'personident', 'amt_id',
] -%}
-- what became of each message, with what it changed; every table says the same of its own
utfall_per_melding as (

    select
        kandidater.id,
        kandidater.pass_nr,
        'HANDLED' as utfall,
        case when gjennomforingsmeldinger.er_stottet then 'HANDLED' end as ingest_status,
        cast(null as {{ dbt.type_string() }}) as note,
        cast(null as {{ dbt.type_string() }}) as gjennomforing_ny_id,
        cast(null as {{ dbt.type_string() }}) as gjennomforing_id,
        cast(null as {{ dbt.type_string() }}) as personident,
        cast(null as {{ dbt.type_string() }}) as amt_id,
        cast(null as {{ dbt.type_string() }}) as ny_amt_id,
        cast(null as {{ dbt.type_string() }}) as ny_hist_amt_id,
        cast(null as {{ dbt.type_string() }}) as hist_arena_id,
        cast(null as {{ dbt.type_string() }}) as deltaker_endring,
        cast(null as {{ dbt.type_string() }}) as sendt_operation

    from kandidater
    inner join gjennomforingsmeldinger
        on kandidater.id = gjennomforingsmeldinger.id

    union all

    select
        {{ felles | join(',\n        ') }},
        ny_amt_id,
        cast(null as {{ dbt.type_string() }}) as ny_hist_amt_id,
        cast(null as {{ dbt.type_string() }}) as hist_arena_id,
        case when ingest_status = 'HANDLED' then 'lagret' end as deltaker_endring,
        case when ingest_status = 'HANDLED' then operation_type end as sendt_operation

    from {{ ref('silver_arena__deltakere_i_pass') }}

    union all

    select
        {{ felles | join(',\n        ') }},
        cast(null as {{ dbt.type_string() }}) as ny_amt_id,
        ny_hist_amt_id,
        hist_arena_id,
        cast(null as {{ dbt.type_string() }}) as deltaker_endring,
        sendt_operation

    from {{ ref('silver_arena__hist_i_pass') }}

    union all

    -- a delete that has a note is handled by not deleting
    select
        {{ felles | join(',\n        ') }},
        ny_amt_id,
        cast(null as {{ dbt.type_string() }}) as ny_hist_amt_id,
        cast(null as {{ dbt.type_string() }}) as hist_arena_id,
        case
            when ingest_status = 'HANDLED' and note is not null then 'lagret'
            when ingest_status = 'HANDLED' then 'feilregistrert'
        end as deltaker_endring,
        case when ingest_status = 'HANDLED' and note is null then 'MODIFIED' end as sendt_operation

    from {{ ref('silver_arena__slettinger_i_pass') }}

),

sammenstilte as (

    select
        kandidater.id,
        kandidater.arena_id,
        kandidater.arena_table_name,
        case when kandidater.er_ny then 'ny' else 'forsok' end as hendelse,
        kandidater.rekkefolge,
        utfall_per_melding.ingest_status,
        utfall_per_melding.note,
        case
            when kandidater.fase = 1 then kandidater.arena_id
            when utfall_per_melding.gjennomforing_ny_id is not null
                then meldinger.gjennomforing_arena_id
        end as gjennomforing_arena_id,
        gjennomforingsmeldinger.tiltakskode as gjennomforing_tiltak_kode,
        case
            when gjennomforingsmeldinger.er_stottet then gjennomforingsmeldinger.mr_oppslag_id
            else utfall_per_melding.gjennomforing_ny_id
        end as gjennomforing_ny_id,
        utfall_per_melding.ny_amt_id,
        utfall_per_melding.ny_hist_amt_id,
        utfall_per_melding.hist_arena_id,
        utfall_per_melding.deltaker_endring,
        utfall_per_melding.sendt_operation as operation,
        utfall_per_melding.gjennomforing_id,
        utfall_per_melding.personident,
        utfall_per_melding.amt_id,
        utfall_per_melding.sendt_operation is not null as er_sendt,
        coalesce(utfall_per_melding.deltaker_endring = 'feilregistrert', false)
            as er_feilregistrert,
        coalesce(gjennomforinger.er_enkeltplass, false)
        and kandidater.arena_table_name = {{ arena_deltaker_table() }} as er_enkeltplass,
        kandidater.pass_nr,
        case
            when kandidater.er_ny then 0
            when utfall_per_melding.ingest_status = 'HANDLED' then kandidater.forsok
            else kandidater.forsok + 1
        end as ingest_attempts,
        gjennomforingsmeldinger.er_gyldig_gjennomforing as gjennomforing_is_valid,
        case
            when utfall_per_melding.ingest_status = 'HANDLED' then {{ naa() }}
            else kandidater.ingested_timestamp
        end as ingested_timestamp,
        case
            when kandidater.er_ny or utfall_per_melding.ingest_status = 'HANDLED'
                then kandidater.last_attempted
            else {{ naa() }}
        end as last_attempted,
        meldinger.begrunnelse_bestilling,
        meldinger.dager_per_uke,
        meldinger.prosent_deltid,
        meldinger.dato_fra,
        meldinger.dato_til,
        meldinger.reg_dato,
        konverterte.status,
        konverterte.status_aarsak,
        konverterte.status_endret_dato

    from kandidater
    inner join utfall_per_melding
        on
            kandidater.id = utfall_per_melding.id
            and kandidater.pass_nr = utfall_per_melding.pass_nr
    inner join meldinger
        on kandidater.id = meldinger.id
    left join gjennomforingsmeldinger
        on kandidater.id = gjennomforingsmeldinger.id
    left join konverterte
        on kandidater.id = konverterte.id
    left join gjennomforinger
        on meldinger.gjennomforing_arena_id = gjennomforinger.arena_id

),

radene as (

    select
        id,
        arena_id,
        arena_table_name,
        hendelse,
        rekkefolge,
        ingest_status,
        note,
        gjennomforing_arena_id,
        gjennomforing_tiltak_kode,
        gjennomforing_ny_id,
        ny_amt_id,
        ny_hist_amt_id,
        hist_arena_id,
        deltaker_endring,
        case
            when er_sendt and er_enkeltplass then 'amt.arena-enkeltplass-deltaker-v1'
            when er_sendt then 'amt.amt-tiltak-v1'
        end as topic,
        operation,
        case when er_sendt then amt_id end as deltaker_id,
        case when er_sendt then gjennomforing_id end as gjennomforing_id,
        case when er_sendt then personident end as person_ident,
        case
            when er_feilregistrert then 'FEILREGISTRERT'
            when er_sendt then status
        end as status,
        case when er_sendt and not er_feilregistrert then status_aarsak end as status_aarsak,
        case
            when not er_sendt or er_feilregistrert then null
            when arena_table_name = {{ arena_deltaker_table() }}
                then coalesce(begrunnelse_bestilling, '')
            else begrunnelse_bestilling
        end as innsok_begrunnelse,
        pass_nr,
        ingest_attempts,
        case when er_sendt and not er_feilregistrert then dager_per_uke end as dager_per_uke,
        case when er_sendt and not er_feilregistrert then prosent_deltid end as prosent_deltid,
        gjennomforing_is_valid,
        {{ naa() }} as naa,
        ingested_timestamp,
        last_attempted,
        case when er_sendt then dato_fra end as start_dato,
        case when er_sendt then dato_til end as slutt_dato,
        case when er_sendt then reg_dato end as registrert_dato,
        case when er_sendt then status_endret_dato end as status_endret_dato

    from sammenstilte

),

final as (

    select
        {{ arena_typed_log_columns() }}

    from radene
    {%- if is_incremental() %}
    -- the candidates may be those of an earlier run, when this is run alone
    where pass_nr > (select coalesce(max(treated.pass_nr), 0) from {{ this }} as treated)
    {%- endif %}

)

select * from final
