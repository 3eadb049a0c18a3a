-- What is not done with, by its age: whole days from the operation to the newest operation that is
-- known, as the lowest number of days of its bin.
{% set bins = [365, 90, 30, 7, 1] %}
with

siste as (

    select max(operation_timestamp) as tid from {{ ref('silver_arena__arena_data') }}

),

alder as (

    select
        arena_data.arena_table_name,
        arena_data.ingest_status,
        case
            {% for days in bins -%}
            when
                {{ microseconds_between('arena_data.operation_timestamp', 'siste.tid') }}
                >= {{ days * 24 * 60 * 60 * 1000000 }}
                then {{ days }}
            {% endfor -%}
            else 0
        end as fra_dager

    from {{ ref('silver_arena__arena_data') }} as arena_data
    cross join siste
    where arena_data.ingest_status in ({{ arena_open_statuses() }})

),

final as (

    select
        arena_table_name,
        ingest_status,
        fra_dager,
        count(*) as antall

    from alder
    group by arena_table_name, ingest_status, fra_dager

)

select * from final
order by
    {{ byte_order('arena_table_name') }},
    {{ byte_order('ingest_status') }},
    fra_dager
