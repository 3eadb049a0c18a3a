-- depends_on: {{ ref('silver_tv1__sessions') }}
-- depends_on: {{ ref('silver_tv1__episodes') }}
-- depends_on: {{ ref('silver_tv1__event_avvik') }}

with

source_blocks as (

    select * from {{ ref('silver_tv1__source_blocks') }}

),

final as (

    select
        block,
        fingerprint

    from source_blocks

)

select * from final
