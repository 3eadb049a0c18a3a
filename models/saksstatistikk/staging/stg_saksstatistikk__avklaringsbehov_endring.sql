with

source as (

    select * from {{ kilde('saksstatistikk', 'avklaringsbehov_endring') }}

),

renamed as (

    select
        -- ids
        {{ text('behandling_referanse') }} as behandling_referanse,
        {{ safe_whole_number('behov_nr') }} as behov_nr,
        {{ safe_whole_number('endring_nr') }} as endring_nr,
        {{ text('behov_nr') }} as behov_nr_tekst,
        {{ text('endring_nr') }} as endring_nr_tekst,

        -- text
        {{ text('definisjon') }} as definisjon,
        {{ text('behov_type') }} as behov_type,
        {{ text('steg') }} as steg,
        {{ text('steg_status') }} as steg_status,
        {{ text('status') }} as status,
        {{ text('endret_av') }} as endret_av,
        {{ text('aarsak_til_satt_paa_vent') }} as aarsak_til_satt_paa_vent,
        {{ text('aarsak_til_retur') }} as aarsak_til_retur,
        {{ text('tidsstempel') }} as tidsstempel_tekst,

        -- dates
        {{ safe_local_timestamp('tidsstempel') }} as tidsstempel

    from source

)

select * from renamed
