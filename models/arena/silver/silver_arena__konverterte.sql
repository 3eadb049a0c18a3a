with

-- those that may be sent on; the status of the others is nobody's business
vurderinger as (

    select * from {{ ref('silver_arena__vurderinger') }}
    where sjekk is null

),

meldinger as (

    select * from {{ ref('silver_arena__meldinger') }}

),

gjennomforinger as (

    select * from {{ ref('silver_arena__gjennomforinger_i_pass') }}

),

opplysninger as (

    select
        vurderinger.id,
        meldinger.deltakerstatuskode as kode,
        meldinger.aarsakverdikode as aarsak,
        {{ date_as_local_timestamp('meldinger.dato_fra') }} as start_tid,
        {{ date_as_local_timestamp('meldinger.dato_til') }} as slutt_tid,
        meldinger.dato_statusendring as endret_tid,
        meldinger.reg_dato,
        {{ date_as_local_timestamp('gjennomforinger.mr_slutt_dato') }} as mr_slutt_tid,
        gjennomforinger.mr_status,
        gjennomforinger.er_enkeltplass,
        gjennomforinger.krever_godkjenning,
        gjennomforinger.er_avsluttet,
        {{ date_as_local_timestamp(idag()) }} as idag

    from vurderinger
    inner join meldinger
        on vurderinger.id = meldinger.id
    inner join gjennomforinger
        on vurderinger.gjennomforing_arena_id = gjennomforinger.arena_id

),

-- which row of the table of statuses holds
regler as (

    select
        *,
        case
            when kode in ('AKTUELL', 'INFOMOETE', 'VENTELISTE') then 'soker'
            when kode = 'FEILREG' then 'feilregistrert'
            when kode in ('GJENN', 'TILBUD', 'JATAKK')
                then case
                    when start_tid < idag and slutt_tid < idag then 'gjennomfort'
                    when start_tid <= idag then 'deltar'
                    else 'skal_starte'
                end
            when kode in ('DELAVB', 'FULLF', 'GJENN_AVB', 'GJENN_AVL', 'IKKEM')
                then case when endret_tid > start_tid then 'sluttet' else 'ikke_startet' end
            when
                kode = 'IKKAKTUELL'
                and cast(endret_tid as date) = cast(reg_dato as date)
                then 'feilregistrert'
            when kode in ('IKKAKTUELL', 'AVSLAG', 'NEITAKK') then 'ikke_startet'
        end as regel

    from opplysninger

),

-- the status as the participant's own data have it
egne as (

    select
        *,
        case
            when kode = 'AKTUELL' then 'SOKT_INN'
            when kode = 'INFOMOETE' then 'VURDERES'
            when kode = 'VENTELISTE' then 'VENTELISTE'
            when regel = 'feilregistrert' then 'FEILREGISTRERT'
            when regel = 'deltar' then 'DELTAR'
            when regel = 'skal_starte' then 'VENTER_PA_OPPSTART'
            when regel = 'ikke_startet' then 'IKKE_AKTUELL'
            when not krever_godkjenning then 'HAR_SLUTTET'
            when regel = 'gjennomfort' and slutt_tid < mr_slutt_tid then 'AVBRUTT'
            when regel = 'gjennomfort' or kode = 'FULLF' then 'FULLFORT'
            else 'AVBRUTT'
        end as egen_status,
        case
            when regel = 'gjennomfort' then slutt_tid
            when regel = 'deltar' then start_tid
            when regel = 'sluttet' and slutt_tid < endret_tid then slutt_tid
            else endret_tid
        end as egen_endret_tid

    from regler

),

-- in a measure that is over nobody is under way
justerte as (

    select
        *,
        er_avsluttet
        and egen_status not in ({{ arena_ended_statuses() }})
        and not (er_enkeltplass and mr_status = 'AVSLUTTET' and kode = 'GJENN') as er_for_sent

    from egne

),

med_status as (

    select
        *,
        case when er_for_sent then 'IKKE_AKTUELL' else egen_status end as status,
        case when er_for_sent then endret_tid else egen_endret_tid end as status_endret_dato

    from justerte

),

final as (

    select
        id,
        status,
        case
            when status not in ({{ arena_ended_statuses() }}) then null
            when kode = 'IKKEM' then 'IKKE_MOTT'
            when er_avsluttet and kode in ('AKTUELL', 'INFOMOETE', 'VENTELISTE')
                then 'FIKK_IKKE_PLASS'
            when aarsak = 'SYK' then 'SYK'
            when aarsak = 'BEGA' then 'FATT_JOBB'
            when aarsak = 'FTOAT' then 'TRENGER_ANNEN_STOTTE'
            when kode = 'FULLF' then null
            when kode in ('GJENN_AVB', 'GJENN_AVL') then 'AVLYST_KONTRAKT'
            when kode = 'AVSLAG' then 'FIKK_IKKE_PLASS'
            else 'ANNET'
        end as status_aarsak,
        status in ({{ arena_ended_statuses() }}) as er_avsluttende,
        status_endret_dato

    from med_status

)

select * from final
