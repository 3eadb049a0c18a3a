with

final as (

    select
        arena_table_name,
        ingest_status,
        cast(count(*) as {{ dbt.type_bigint() }}) as antall,
        min(operation_timestamp) as eldste_operation_timestamp

    from {{ ref('silver_arena__arena_data') }}
    group by arena_table_name, ingest_status

)

select * from final
