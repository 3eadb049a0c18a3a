-- A run ends with nothing left to load: every block of the source is among those that are loaded,
-- with the fingerprint that it had when the run began.
with

source_blocks as (

    select * from {{ ref('silver_tv1__source_blocks') }}

),

loaded_blocks as (

    select * from {{ ref('silver_tv1__loaded_blocks') }}

),

final as (

    select source_blocks.block

    from source_blocks
    left join loaded_blocks
        on
            source_blocks.block = loaded_blocks.block
            and source_blocks.fingerprint = loaded_blocks.fingerprint
    where loaded_blocks.block is null

)

select * from final
