{#- Distinct users cannot be added up, so each combination that the page offers is counted here:
    periods, choices of programmes, and platforms. What is offered is bounded, so that the answer is
    small whatever the data: the last months, weeks and days, the programmes, categories and
    platforms with most minutes or sessions. The page sorts the rows. -#}
{%- set last_months, last_weeks, last_days = 24, 26, 31 -%}
{%- set most_programs, most_categories, most_platforms = 100, 20, 6 -%}
{%- set bins = [0] + tv1_session_bins() + [300] -%}

with

sessions_view as (

    select * from {{ ref('marts_tv1__sessions_view') }}

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

platforms as (

    select
        platform,
        row_number() over (order by count(*) desc, {{ byte_order('platform') }}) as place

    from sessions_view
    where platform is not null
    group by platform

),

sessions as (

    select
        sessions_view.session_tracking_id,
        sessions_view.user_id,
        sessions_view.session_start_date,
        sessions_view.session_duration_group_order,
        case when sessions_view.episodes_in_session > 0 then 1 else 0 end as is_streaming,
        case
            when sessions_view.platform is null then 'Ukendt'
            when platforms.place <= {{ most_platforms }} then sessions_view.platform
            else 'Andre'
        end as platform

    from sessions_view
    left join platforms
        on sessions_view.platform = platforms.platform

),

-- the day, its week and its month, and the whole (day_date is null for the whole)
days as (

    select distinct session_start_date as day_date
    from sessions
    where session_start_date is not null

),

last_day as (

    select max(day_date) as last_date
    from days

),

periods as (

    select
        days.day_date,
        'dag' as periodetype,
        days.day_date as fra
    from days
    cross join last_day
    where days.day_date > {{ add_days('last_day.last_date', -last_days) }}

    union all

    select
        days.day_date,
        'uge' as periodetype,
        {{ monday_of('days.day_date') }} as fra
    from days
    cross join last_day
    where
        {{ monday_of('days.day_date') }}
        > {{ add_days(monday_of('last_day.last_date'), -7 * last_weeks) }}

    union all

    select
        days.day_date,
        'maaned' as periodetype,
        cast({{ dbt.date_trunc('month', 'days.day_date') }} as date) as fra
    from days
    cross join last_day
    where
        12 * extract(year from days.day_date) + extract(month from days.day_date)
        > 12 * extract(year from last_day.last_date) + extract(month from last_day.last_date)
        - {{ last_months }}

),

-- one row per session and programme; an episode that the catalogue lacks is of no programme
watched as (

    select
        session_episodes.session_tracking_id,
        dim_programs.program_id,
        coalesce(dim_programs.category, 'Uden kategori') as kategori,
        sum(coalesce(session_episodes.watched_minutes, 0)) as minutter

    from session_episodes
    inner join dim_episodes
        on session_episodes.episode_id = dim_episodes.episode_id
    inner join dim_programs
        on dim_episodes.program_id = dim_programs.program_id
    group by
        session_episodes.session_tracking_id,
        dim_programs.program_id,
        coalesce(dim_programs.category, 'Uden kategori')

),

programs as (

    select
        program_id,
        row_number() over (order by sum(minutter) desc, program_id) as place

    from watched
    group by program_id

),

categories as (

    select
        kategori,
        row_number() over (order by sum(minutter) desc, {{ byte_order('kategori') }}) as place

    from watched
    group by kategori

),

session_minutes as (

    select
        session_tracking_id,
        sum(coalesce(watched_minutes, 0)) as minutter

    from session_episodes
    group by session_tracking_id

),

-- the sessions of each choice, with the minutes that were watched of it
chosen as (

    select
        sessions.session_tracking_id,
        '*' as kategori,
        cast(null as {{ dbt.type_bigint() }}) as program_id,
        coalesce(session_minutes.minutter, 0) as minutter
    from sessions
    left join session_minutes
        on sessions.session_tracking_id = session_minutes.session_tracking_id

    union all

    select
        watched.session_tracking_id,
        watched.kategori,
        cast(null as {{ dbt.type_bigint() }}) as program_id,
        sum(watched.minutter) as minutter
    from watched
    inner join categories
        on watched.kategori = categories.kategori
    where categories.place <= {{ most_categories }}
    group by watched.session_tracking_id, watched.kategori

    union all

    select
        watched.session_tracking_id,
        watched.kategori,
        watched.program_id,
        watched.minutter
    from watched
    inner join programs
        on watched.program_id = programs.program_id
    where programs.place <= {{ most_programs }}

),

joined as (

    select
        chosen.kategori,
        chosen.program_id,
        chosen.minutter,
        sessions.user_id,
        sessions.platform,
        sessions.session_start_date,
        sessions.is_streaming,
        sessions.session_duration_group_order

    from chosen
    inner join sessions
        on chosen.session_tracking_id = sessions.session_tracking_id

),

of_periods as (

    select
        'alt' as periodetype,
        cast(null as date) as fra,
        joined.*
    from joined

    union all

    select
        periods.periodetype,
        periods.fra,
        joined.*
    from joined
    inner join periods
        on joined.session_start_date = periods.day_date

),

-- each session counts for its platform and for all of them
scopes as (

    select 0 as alle_platforme
    union all
    select 1 as alle_platforme

),

scoped as (

    select
        of_periods.periodetype,
        of_periods.fra,
        of_periods.kategori,
        of_periods.program_id,
        scopes.alle_platforme,
        of_periods.minutter,
        of_periods.user_id,
        of_periods.is_streaming,
        of_periods.session_duration_group_order,
        case when scopes.alle_platforme = 0 then of_periods.platform end as platform

    from of_periods
    cross join scopes

),

counted as (

    select
        periodetype,
        fra,
        kategori,
        program_id,
        platform,
        count(*) as sessioner,
        sum(is_streaming) as streamingsessioner,
        count(distinct user_id) as brugere,
        {%- for bound in bins %}
        sum(case when session_duration_group_order = {{ bound }} then 1 else 0 end)
            as laengde_{{ bound }},
        {%- endfor %}
        sum(minutter) as minutter

    from scoped
    group by periodetype, fra, kategori, program_id, platform

),

final as (

    select
        counted.periodetype,
        counted.fra,
        counted.kategori,
        counted.program_id,
        programs.place as plads,
        dim_programs.title as titel,
        counted.platform,
        counted.sessioner,
        counted.streamingsessioner,
        counted.brugere,
        {%- for bound in bins %}
        counted.laengde_{{ bound }},
        {%- endfor %}
        counted.minutter

    from counted
    left join programs
        on counted.program_id = programs.program_id
    left join dim_programs
        on counted.program_id = dim_programs.program_id

)

select * from final
