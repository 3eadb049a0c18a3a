{#- The target has one place, the semantic layer. -#}
{%- set models = graph.semantic_models.values() if execute else [] -%}
{%- set measures = models | selectattr('name', 'eq', 'tv1_sessions') | map(attribute='measures') -%}
{%- set target = measures | sum(start=[]) | selectattr('name', 'eq', 'sessions_target') | first -%}

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
        100 * {{ target.expr | default('null') }} as maal

    from period
    cross join watched

)

select * from final
