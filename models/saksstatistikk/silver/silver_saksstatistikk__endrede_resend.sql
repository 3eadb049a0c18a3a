with

resend as (

    select * from {{ ref('silver_saksstatistikk__resend') }}

),

sendt as (

    select * from {{ ref('silver_saksstatistikk__sendt') }}

),

sammenligning as (

    select
        resend.behandling_id,
        resend.endret_tid,
        resend.rad_nr,
        sendt.teknisk_tid,
        sendt.id,
        sendt.id is not null
        and {{ saksstatistikk_says_the_same('resend', 'sendt') }} as sier_det_samme

    from resend
    left join sendt
        on
            resend.behandling_uuid = sendt.behandling_uuid
            and resend.endret_tid = sendt.endret_tid

),

-- the rows of one time beside each other, the last one of each side first
nummererte as (

    select
        behandling_id,
        rad_nr,
        sier_det_samme,
        row_number() over (
            partition by behandling_id, endret_tid
            order by
                rad_nr desc,
                case when teknisk_tid is null then 1 else 0 end,
                teknisk_tid desc,
                id desc
        ) as nr

    from sammenligning

),

-- rows are numbered from 1, so that the highest number counts them
endrede as (

    select
        behandling_id,
        max(rad_nr) as antall_rader

    from nummererte
    group by behandling_id
    having max(case when nr = 1 and not sier_det_samme then 1 else 0 end) = 1

),

final as (

    select
        behandling_id,
        antall_rader,
        cast(
            sum(antall_rader) over (
                order by behandling_id
                rows between unbounded preceding and current row
            ) - antall_rader as {{ dbt.type_bigint() }}
        ) as foregaaende

    from endrede

)

select * from final
