with

gjennomforinger as (

    select * from {{ ref('stg_tiltak__gjennomforinger') }}

),

tiltakstyper as (

    select * from {{ ref('stg_tiltak__tiltakstyper') }}

),

nav_enheter as (

    select * from {{ ref('stg_tiltak__gjennomforing_nav_enheter') }}

),

final as (

    select
        gjennomforinger.gjennomforing_id,
        tiltakstyper.navn,
        nav_enheter.enhetsnummer,
        gjennomforinger.start_dato,
        gjennomforinger.slutt_dato,
        gjennomforinger.opprettet_tidspunkt,
        gjennomforinger.oppdatert_tidspunkt,
        gjennomforinger.avsluttet_tidspunkt

    from gjennomforinger
    inner join tiltakstyper
        on gjennomforinger.tiltakstype_id = tiltakstyper.tiltakstype_id
    inner join nav_enheter
        on gjennomforinger.gjennomforing_id = nav_enheter.gjennomforing_id
    where
        gjennomforinger.forekomst_nr = 1
        and tiltakstyper.forekomst_nr = 1
        and nav_enheter.forekomst_nr = 1
        and nav_enheter.enhetsnummer is not null
        and {{ tiltak_in_scope('gjennomforinger.slutt_dato') }}

)

select * from final
