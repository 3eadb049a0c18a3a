{%- set loaded = as_it_stands('silver_tv1__loaded_blocks') -%}

with

tracking as (

    select * from {{ ref('stg_tv1__tracking') }}

),

blocks as (

    select
        block,
        count(*) as event_count,
        {{ rows_fingerprint('fingerprint') }} as fingerprint,
        max(case when {{ tv1_is_asked_again('event_time') }} then 1 else 0 end) = 1
            as is_asked_again

    from tracking
    group by block

),

loaded_blocks as (

    {% if loaded is none or flags.FULL_REFRESH %}
    select
        block,
        fingerprint

    from blocks
    where false
    {% else %}
    select
        block,
        fingerprint

    from {{ loaded }}
    {% endif %}

),

final as (

    select
        blocks.block,
        blocks.event_count,
        blocks.fingerprint,
        coalesce(blocks.fingerprint <> loaded_blocks.fingerprint, true)
        or blocks.is_asked_again as is_changed

    from blocks
    left join loaded_blocks
        on blocks.block = loaded_blocks.block

)

select * from final
