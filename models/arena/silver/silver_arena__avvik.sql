with

leste as (

    select * from {{ ref('silver_arena__leste_meldinger') }}

),

mottatte as (

    select
        id,
        arena_table_name,
        operation_type,
        pos

    from {{ ref('silver_arena__meldinger') }}

),

{{ arena_lowest_keys('nummer') }},

mulighetsrommet as (

    select * from {{ ref('stg_arena__mulighetsrommet_gjennomforinger') }}

),

personidenter as (

    select * from {{ ref('stg_arena__personidenter') }}

),

amt_deltakere as (

    select * from {{ ref('stg_arena__amt_deltakere') }}

),

input as (

    select distinct mottatt_nr as id
    from {{ ref('stg_arena__meldinger') }}
    where mottatt_nr is not null

),

-- what has no row has none for good
uten_rad as (

    select
        id,
        ingest_status,
        note

    from {{ ref('silver_arena__logg') }}
    where coalesce(ingest_status, 'IGNORED') = 'IGNORED'

),

meldinger_avvik as (

    select
        coalesce({{ text('leste.id') }}, leste.mottatt_nr_tekst) as nokkel,
        coalesce(
            leste.uleselig,
            case when nummer.id is null then 'mottatt_nr_brukt' else 'duplikat' end
        ) as regel

    from leste
    left join nummer
        on
            leste.id = nummer.id
            and {{ dbt.concat(['leste.pos', 'leste.arena_table_name', 'leste.operation_type']) }}
            = nummer.nokkel
    left join mottatte
        on
            leste.id = mottatte.id
            and leste.arena_table_name = mottatte.arena_table_name
            and leste.operation_type = mottatte.operation_type
            and leste.pos = mottatte.pos
    where leste.uleselig is not null or mottatte.id is null

),

uten_rad_avvik as (

    select
        {{ text('uten_rad.id') }} as nokkel,
        case when uten_rad.ingest_status is null then 'ikke_stottet' else 'ignorert' end as regel,
        uten_rad.note

    from uten_rad
    inner join input
        on uten_rad.id = input.id

),

final as (

    select
        'meldinger' as tabell,
        nokkel,
        regel,
        case regel
            when 'mottatt_nr' then 'mottatt_nr is not a whole number.'
            when 'mottatt_nr_brukt' then 'Another message that has the number is used.'
            when 'tabell' then 'The table is none of the three that are read.'
            when 'op_type' then 'op_type is none of I, U and D.'
            when 'op_ts' then 'op_ts is not a time yyyy-mm-dd hh:mm:ss.ffffff.'
            when 'pos' then 'pos is not a number of 1 to 20 digits.'
            when 'json' then 'before or after is not JSON.'
            when 'data_mangler' then 'The operation has no object with data.'
            when 'felt' then 'A field that is needed is missing or of another type.'
            when 'duplikat'
                then 'Another message with that table, operation and pos is used.'
        end as beskrivelse

    from meldinger_avvik

    union all

    select
        'meldinger' as tabell,
        nokkel,
        regel,
        coalesce(note, 'The kind of measure is not supported, so the message is not kept.')
            as beskrivelse

    from uten_rad_avvik

    union all

    select
        'mulighetsrommet_gjennomforinger' as tabell,
        coalesce(arena_id, gjennomforing_id) as nokkel,
        case
            when arena_id is null or gjennomforing_id is null then 'mangler_id'
            else 'duplikat'
        end as regel,
        case
            when arena_id is null or gjennomforing_id is null
                then 'arena_id or id is missing; the row is not used.'
            else 'arena_id or id is there before; the row is not used.'
        end as beskrivelse

    from mulighetsrommet
    where
        arena_id is null
        or gjennomforing_id is null
        or arena_id_nr > 1
        or gjennomforing_id_nr > 1

    union all

    select
        'mulighetsrommet_gjennomforinger' as tabell,
        coalesce(arena_id, gjennomforing_id) as nokkel,
        'dato' as regel,
        'start_dato or slutt_dato is not a date yyyy-mm-dd; it counts as missing.' as beskrivelse

    from mulighetsrommet
    where
        (start_dato_tekst is not null and start_dato is null)
        or (slutt_dato_tekst is not null and slutt_dato is null)

    union all

    select
        'personidenter' as tabell,
        coalesce(person_id, personident) as nokkel,
        case
            when person_id is null or personident is null then 'mangler_id' else 'duplikat'
        end as regel,
        case
            when person_id is null or personident is null
                then 'person_id or personident is missing; the row is not used.'
            else 'person_id is there before; the row is not used.'
        end as beskrivelse

    from personidenter
    where person_id is null or personident is null or forekomst_nr > 1

    union all

    select
        'amt_deltakere' as tabell,
        amt_id as nokkel,
        case when amt_id is null then 'mangler_id' else 'duplikat' end as regel,
        case
            when amt_id is null then 'id is missing; the row is not used.'
            else 'id is there before; the row is not used.'
        end as beskrivelse

    from amt_deltakere
    where amt_id is null or forekomst_nr > 1

)

select * from final
