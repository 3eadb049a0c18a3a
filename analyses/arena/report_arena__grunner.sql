-- Why messages wait or were refused: their notes, without ids. 60 of them at most.
{% set uten_id_er = without_ids('note') %}
with

grunner as (

    select
        arena_table_name,
        ingest_status,
        coalesce({{ uten_id_er }}, '') as grunn,
        count(*) as antall,
        min(operation_timestamp) as eldste

    from {{ ref('silver_arena__arena_data') }}
    where ingest_status in ({{ arena_open_statuses() }}, 'INVALID')
    group by arena_table_name, ingest_status, coalesce({{ uten_id_er }}, '')

),

nummererte as (

    select
        *,
        count(*) over () as grunner,
        row_number() over (
            order by
                antall desc,
                {{ byte_order('arena_table_name') }},
                {{ byte_order('ingest_status') }},
                {{ byte_order('grunn') }}
        ) as nr

    from grunner

),

final as (

    select
        nr,
        arena_table_name,
        ingest_status,
        grunn,
        antall,
        eldste,
        grunner

    from nummererte
    where nr <= 60

)

select * from final
order by nr
