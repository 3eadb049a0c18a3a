{%- set unchanged_blocks = tv1_unchanged_blocks() -%}
{%- set sessions = as_it_stands('silver_tv1__sessions') -%}
{%- set episodes = as_it_stands('silver_tv1__episodes') -%}

with

events as (

    select * from {{ ref('silver_tv1__events') }}

),

touched as (

    select session_id
    from events
    where
        is_used
        {%- if sessions is none %}
        -- the first run computes every session
        and false
        {%- endif %}
    {%- if sessions is not none %}

    union all

    select session_id
    from {{ sessions }}
    where {{ tv1_block('session_tracking_id') }} not in ({{ unchanged_blocks }})
    {%- endif %}
    {%- if episodes is not none %}

    union all

    select session_id
    from {{ episodes }}
    where {{ tv1_block('tracking_id') }} not in ({{ unchanged_blocks }})
    {%- endif %}

),

final as (

    select distinct session_id
    from touched
    where session_id is not null

)

select * from final
