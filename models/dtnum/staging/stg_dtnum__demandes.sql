with

source as (

    select * from {{ kilde('dtnum', 'demandes') }}

),

renamed as (

    select
        -- ids
        nullif({{ text('demande_id') }}, '') as demande_id,

        -- text
        nullif({{ text('payload') }}, '') as payload

    from source

),

-- what the text holds is asked here and nowhere else
typed as (

    select
        *,
        {{ json_kind('payload') }} as payload_genre

    from renamed

)

select * from typed
