{#- The target has one place, the semantic layer. -#}
{%- set target = namespace(expression='null') -%}
{%- if execute -%}
    {%- for model in graph.semantic_models.values() if model.name == 'tv1_sessions' -%}
        {%- for measure in model.measures if measure.name == 'sessions_target' -%}
            {%- set target.expression = measure.expr -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endif -%}

with

sessions as (

    select * from {{ ref('marts_tv1__fct_sessions') }}

),

session_episodes as (

    select * from {{ ref('marts_tv1__fct_session_episodes') }}

),

dim_episodes as (

    select * from {{ ref('marts_tv1__dim_episodes') }}

),

dim_programs as (

    select * from {{ ref('marts_tv1__dim_programs') }}

),

period as (

    select
        min(session_start_date) as foerste_dag,
        max(session_start_date) as sidste_dag

    from sessions

),

watched as (

    select count(distinct dim_programs.program_id) as sete_programmer

    from session_episodes
    inner join dim_episodes
        on session_episodes.episode_id = dim_episodes.episode_id
    inner join dim_programs
        on dim_episodes.program_id = dim_programs.program_id

),

final as (

    select
        period.foerste_dag,
        period.sidste_dag,
        watched.sete_programmer,
        100 * {{ target.expression }} as maal

    from period
    cross join watched

)

select * from final
