-- The id that AMT knows a participant by can always be led back to Arena: it is in one of the two
-- translations.
with

sendte as (

    select distinct deltaker_id from {{ ref('gold_arena__amt_meldinger') }}

),

oversettelser as (

    select amt_id from {{ ref('silver_arena__id_oversettelser') }}
    union distinct
    select amt_id from {{ ref('silver_arena__hist_id_oversettelser') }}

),

final as (

    select sendte.deltaker_id

    from sendte
    left join oversettelser
        on sendte.deltaker_id = oversettelser.amt_id
    where oversettelser.amt_id is null

)

select * from final
