-- What the latest resends have changed: a row for each column of an event that says something else
-- than before, and one for an event whose time had never been sent. As many events as have 400 rows
-- between them, and 300 at most.
with

{{ saksstatistikk_resends() }},

rekkefolge as (

    select
        gjensendt.*,
        row_number() over (
            order by
                case when gjensendt.teknisk_tid is null then 1 else 0 end,
                gjensendt.teknisk_tid desc,
                {{ byte_order('gjensendt.saksnummer') }},
                {{ byte_order('gjensendt.behandling_uuid') }},
                gjensendt.endret_tid
        ) as hendelse_nr

    from gjensendt
    where gjensendt.utfall <> 'lik'

),

felter as (

    {% for column, is_time in saksstatistikk_compared_columns() -%}
    select
        rekkefolge.hendelse_nr,
        rekkefolge.teknisk_tid,
        rekkefolge.saksnummer,
        rekkefolge.behandling_uuid,
        rekkefolge.endret_tid,
        {{ loop.index }} as felt_nr,
        '{{ column }}' as felt,
        {{ 'cast(null as ' ~ dbt.type_string() ~ ')' if is_time else 'forrige.' ~ column }}
            as foer,
        {{ 'cast(null as ' ~ dbt.type_string() ~ ')' if is_time else 'rekkefolge.' ~ column }}
            as etter,
        {{ 'forrige.' ~ column if is_time else 'cast(null as ' ~ type_local_timestamp() ~ ')' }}
            as foer_tid,
        {{ 'rekkefolge.' ~ column if is_time else 'cast(null as ' ~ type_local_timestamp() ~ ')' }}
            as etter_tid

    from rekkefolge
    inner join forrige
        on
            rekkefolge.behandling_uuid = forrige.behandling_uuid
            and rekkefolge.endret_tid = forrige.endret_tid
            and rekkefolge.sending_nr = forrige.neste_sending_nr
    where
        rekkefolge.hendelse_nr <= 300
        and rekkefolge.utfall = 'endret'
        and rekkefolge.{{ column }} is distinct from forrige.{{ column }}

    union all

    {% endfor -%}
    select
        hendelse_nr,
        teknisk_tid,
        saksnummer,
        behandling_uuid,
        endret_tid,
        0 as felt_nr,
        cast(null as {{ dbt.type_string() }}) as felt,
        cast(null as {{ dbt.type_string() }}) as foer,
        behandling_status as etter,
        cast(null as {{ type_local_timestamp() }}) as foer_tid,
        cast(null as {{ type_local_timestamp() }}) as etter_tid

    from rekkefolge
    where hendelse_nr <= 300 and utfall = 'ny'

),

talte as (

    select
        *,
        count(*) over (order by hendelse_nr) as rader_hittil

    from felter

),

final as (

    -- times have microseconds, which the page would lose
    select
        hendelse_nr,
        felt_nr,
        teknisk_tid,
        saksnummer,
        behandling_uuid,
        felt,
        foer,
        {% for tid in ['endret_tid', 'foer_tid', 'etter_tid'] -%}
        {{ tid }},
        {{ microseconds_between(whole_seconds(tid), tid) }} as {{ tid }}_mikro,
        {% endfor -%}
        etter

    from talte
    where rader_hittil <= 400

)

select * from final
order by hendelse_nr, felt_nr
