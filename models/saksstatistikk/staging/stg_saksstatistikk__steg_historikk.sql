with

source as (

    select * from {{ kilde('saksstatistikk', 'steg_historikk') }}

),

renamed as (

    select
        -- ids
        {{ text('behandling_referanse') }} as behandling_referanse,

        -- text
        {{ text('steg') }} as steg,
        {{ text('status') }} as status,
        {{ text('opprettet_tid') }} as opprettet_tid_tekst,

        -- dates
        {{ safe_local_timestamp('opprettet_tid') }} as opprettet_tid

    from source

)

select * from renamed
