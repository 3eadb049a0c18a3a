-- Nothing is lost: a message of the input has a row in arena_data, or avvik says why it has none.
with

meldinger as (

    select
        coalesce({{ text('mottatt_nr') }}, mottatt_nr_tekst, '') as nokkel,
        mottatt_nr as id

    from {{ ref('stg_arena__meldinger') }}

),

arena_data as (

    select id from {{ ref('silver_arena__arena_data') }}

),

forklarte as (

    select distinct coalesce(nokkel, '') as nokkel
    from {{ ref('silver_arena__avvik') }}
    where tabell = 'meldinger'

),

final as (

    select meldinger.nokkel

    from meldinger
    left join arena_data
        on meldinger.id = arena_data.id
    left join forklarte
        on meldinger.nokkel = forklarte.nokkel
    where arena_data.id is null and forklarte.nokkel is null

)

select * from final
