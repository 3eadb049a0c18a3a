{#- What the report asks of saksstatistikk in more than one question. -#}

{#- The events that resends have sent, as common table expressions of which the last, gjensendt, has
    a row for each event (behandling_uuid, endret_tid) of each sending, with `utfall`: ny (the time
    had never been sent), endret, or lik (a resend sends all events of a case, the right ones too).
    `forrige`, before it, has what was in force when it was sent, by the same key. -#}
{% macro saksstatistikk_resends() -%}
    sendt_paa_nytt as (

    select distinct behandling_uuid
    from {{ ref('gold_saksstatistikk__saksstatistikk') }}
    where er_relast

),

-- sending 1 of an event is the latest; the last row of a sending holds
nummererte as (

    select
        rader.*,
        dense_rank() over (
            partition by rader.behandling_uuid, rader.endret_tid
            order by
                case when rader.teknisk_tid is null then 1 else 0 end,
                rader.teknisk_tid desc
        ) as sending_nr,
        row_number() over (
            partition by rader.behandling_uuid, rader.endret_tid, rader.teknisk_tid
            order by rader.id desc
        ) as rad_nr,
        row_number() over (
            partition by
                rader.behandling_uuid, rader.endret_tid, rader.teknisk_tid, rader.er_relast
            order by rader.id desc
        ) as relast_nr

    from {{ ref('gold_saksstatistikk__saksstatistikk') }} as rader
    inner join sendt_paa_nytt
        on rader.behandling_uuid = sendt_paa_nytt.behandling_uuid
    where rader.endret_tid is not null

),

forrige as (

    select
        sending_nr - 1 as neste_sending_nr,
        id,
        {{ saksstatistikk_column_list() }}

    from nummererte
    where rad_nr = 1

),

gjensendt as (

    select
        nye.sending_nr,
        nye.id,
        {{ saksstatistikk_column_list('nye') }},
        case
            when forrige.id is null then 'ny'
            when
                {{ saksstatistikk_says_the_same('nye', 'forrige') }}
                then 'lik'
            else 'endret'
        end as utfall

    from nummererte as nye
    left join forrige
        on
            nye.behandling_uuid = forrige.behandling_uuid
            and nye.endret_tid = forrige.endret_tid
            and nye.sending_nr = forrige.neste_sending_nr
    where nye.er_relast and nye.relast_nr = 1

)
{%- endmacro %}


{#- What may differ between two sendings of an event, as (column, whether it is a time). -#}
{% macro saksstatistikk_compared_columns() %}
    {%- set apart = ['behandling_uuid', 'teknisk_tid', 'endret_tid', 'versjon', 'er_relast'] -%}
    {%- set found = [] -%}
    {%- for column in saksstatistikk_columns() if column not in apart -%}
        {%- do found.append((column, column.endswith('_tid'))) -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}


{#- The latest time at which anything is known, as common table expressions of which the last,
    stand, has it as `tid`: something was sent, or the product was built. -#}
{% macro saksstatistikk_as_of() -%}
    tider as (

    select max(teknisk_tid) as tid from {{ ref('gold_saksstatistikk__saksstatistikk') }}
    union all
    select max(naa) as tid from {{ ref('silver_saksstatistikk__kjoring') }}

),

stand as (

    select max(tid) as tid from tider

)
{%- endmacro %}
