with

gjennomforinger as (

    select * from {{ ref('silver_tiltak__gjennomforinger_snapshot') }}

),

avdelinger as (

    select * from {{ ref('stg_tiltak__gjennomforing_avdelinger') }}

),

-- what the mother table says of a deltaker's gjennomforing; the number stands for the names until
-- the people are counted
final as (

    select
        cast(row_number() over (
            order by
                gjennomforinger.gjennomforing_id, gjennomforinger.enhetsnummer, avdelinger.avdeling
        ) as {{ dbt.type_int() }}) as grunnlag_nr,
        gjennomforinger.gjennomforing_id,
        gjennomforinger.enhetsnummer,
        gjennomforinger.navn as tiltaksnavn,
        avdelinger.avdeling

    from gjennomforinger
    inner join avdelinger
        on gjennomforinger.gjennomforing_id = avdelinger.gjennomforing_id
    where
        gjennomforinger.slutt_dato is not null
        and gjennomforinger.navn is not null
        and {{ tiltak_is_asked_office('gjennomforinger.enhetsnummer') }}
        and avdelinger.forekomst_nr = 1
        and avdelinger.avdeling is not null

)

select * from final
