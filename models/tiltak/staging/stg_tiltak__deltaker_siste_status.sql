with

source as (

    select * from {{ kilde('tiltak', 'deltaker_siste_status') }}

),

renamed as (

    select
        -- ids
        {{ text('bruker_id') }} as bruker_id,
        {{ text('gjennomforing_id') }} as gjennomforing_id,

        -- text
        {{ text('status') }} as status,
        {{ text('start_dato') }} as start_dato_tekst,
        {{ text('slutt_dato') }} as slutt_dato_tekst,

        -- dates
        {{ safe_date('start_dato') }} as start_dato,
        {{ safe_date('slutt_dato') }} as slutt_dato

    from source

),

-- the text is looked at only where there is no date
flagged as (

    select
        *,
        case
            when start_dato is null then start_dato_tekst is not null else false
        end as har_ugyldig_start,
        case
            when slutt_dato is null then slutt_dato_tekst is not null else false
        end as har_ugyldig_slutt

    from renamed

)

select * from flagged
