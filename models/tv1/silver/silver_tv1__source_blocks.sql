{%- set loaded = as_it_stands('silver_tv1__loaded_blocks') -%}

with

tracking as (

    select * from {{ ref('stg_tv1__tracking') }}

),

-- few ids each: a power of two for each id says whether one is there twice, without a sort
neighbours as (

    select
        block,
        {{ tv1_block('tracking_id', tv1_neighbour_bits()) }} as neighbourhood,
        count(*) as event_count,
        {{ fingerprint_sum('fingerprint') }} as fingerprint,
        sum({{ tv1_id_power() }}) <> bit_or({{ tv1_id_power() }}) as may_repeat_ids,
        max(case when {{ tv1_is_asked_again('event_time') }} then 1 else 0 end) as is_asked_again

    from tracking
    group by block, neighbourhood

),

blocks as (

    select
        block,
        sum(event_count) as event_count,
        cast({{ fingerprint_sum('fingerprint') }} as {{ dbt.type_string() }}) as fingerprint,
        max(case when may_repeat_ids then 1 else 0 end) = 1 as may_repeat_ids,
        max(is_asked_again) = 1 as is_asked_again

    from neighbours
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
        cast(blocks.event_count as {{ dbt.type_bigint() }}) as event_count,
        blocks.fingerprint,
        blocks.may_repeat_ids,
        coalesce(blocks.fingerprint <> loaded_blocks.fingerprint, true)
        or blocks.is_asked_again as is_changed

    from blocks
    left join loaded_blocks
        on blocks.block = loaded_blocks.block

)

select * from final
