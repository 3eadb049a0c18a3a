-- In how many of the events that resends have changed was each column another than before?
{% set columns = saksstatistikk_compared_columns() %}
with

{{ saksstatistikk_resends() }},

siste as (

    select max(teknisk_tid) as teknisk_tid from gjensendt

),

antall as (

    select
        {% for column, _ in columns -%}
        count(
            case
                when gjensendt.{{ column }} is distinct from forrige.{{ column }} then gjensendt.id
            end
        ) as {{ column }}_alle,
        count(
            case
                when
                    gjensendt.{{ column }} is distinct from forrige.{{ column }}
                    and gjensendt.teknisk_tid = siste.teknisk_tid
                    then gjensendt.id
            end
        ) as {{ column }}_siste,
        {% endfor -%}
        count(*) as hendelser

    from gjensendt
    inner join forrige
        on
            gjensendt.behandling_uuid = forrige.behandling_uuid
            and gjensendt.endret_tid = forrige.endret_tid
            and gjensendt.sending_nr = forrige.neste_sending_nr
    cross join siste
    where gjensendt.utfall = 'endret'

),

felter as (

    {% for column, _ in columns %}
    select
        '{{ column }}' as felt,
        {{ column }}_alle as alle,
        {{ column }}_siste as siste

    from antall
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        felt,
        alle,
        siste

    from felter
    where alle > 0

)

select * from final
order by alle desc, felt asc
