with

source as (

    select * from {{ kilde('saksstatistikk', 'paaklaget_behandling') }}

),

renamed as (

    select
        -- ids
        {{ text('klagebehandling_referanse') }} as klagebehandling_referanse,
        {{ text('paaklaget_behandling_referanse') }} as paaklaget_behandling_referanse,

        -- text
        {{ text('status') }} as status,
        {{ text('aktiv') }} as aktiv_tekst,

        -- booleans
        {{ safe_boolean('aktiv') }} as aktiv

    from source

)

select * from renamed
