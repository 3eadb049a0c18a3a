with

source as (

    select * from {{ kilde('saksstatistikk', 'jobb') }}

),

renamed as (

    select
        -- ids
        {{ text('id') }} as jobb_id,
        {{ safe_whole_number('payload') }} as behandling_id,

        -- text
        {{ text('type') }} as jobbtype,
        {{ text('payload') }} as payload,
        {{ text('neste_kjoring') }} as neste_kjoring_tekst,

        -- dates
        {{ safe_local_timestamp('neste_kjoring') }} as neste_kjoring

    from source

)

select * from renamed
