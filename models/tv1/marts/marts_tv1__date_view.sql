{%- set days = tv1_days_around() -%}
{%- set this_year = idag_date().year -%}

with

dim_date as (

    select * from {{ ref('marts_tv1__dim_date') }}

),

final as (

    select
        date_dim_id,
        date_actual,
        day_name,
        day_of_week,
        day_of_month,
        day_of_quarter,
        day_of_year,
        week_of_month,
        week_of_year,
        week_of_year_iso,
        month_actual,
        month_name,
        quarter_actual,
        quarter_name,
        year_actual,
        first_day_of_week,
        last_day_of_week,
        first_day_of_month,
        last_day_of_month,
        first_day_of_quarter,
        last_day_of_quarter,
        first_day_of_year,
        last_day_of_year,
        mmyyyy,
        yyyymm,
        weekend_indr,
        case
            when month_actual = 1 and week_of_year > 50 then 0
            when month_actual = 12 and week_of_year = 1 then 53
            else week_of_year
        end as week_of_year_conv,
        case when date_actual = {{ days.today }} then 1 else 0 end as is_today,
        case when date_actual = {{ days.yesterday }} then 1 else 0 end as is_yesterday,
        case when first_day_of_week = {{ days.this_week }} then 1 else 0 end as is_this_week,
        case first_day_of_week
            when {{ days.this_week }} then 'this week'
            when {{ days.last_week }} then 'last week'
            else ''
        end as last_or_thisweek,
        case when first_day_of_month = {{ days.this_month }} then 1 else 0 end as is_this_month,
        case when first_day_of_month = {{ days.last_month }} then 1 else 0 end as is_last_month,
        case first_day_of_month
            when {{ days.this_month }} then 'this month'
            when {{ days.last_month }} then 'last month'
            else ''
        end as last_or_thismonth,
        case when first_day_of_quarter = {{ days.this_quarter }} then 1 else 0 end
            as is_this_quarter,
        case when year_actual = {{ this_year }} then 1 else 0 end as is_this_year,
        case when year_actual in ({{ this_year - 1 }}, {{ this_year }}) then 1 else 0 end
            as is_last_two_year,
        case when date_actual <= {{ days.today }} then 1 else 0 end as is_past,
        case when date_actual < {{ days.next_month }} then 1 else 0 end as is_before_next_month

    from dim_date
    where year_actual between 2024 and {{ this_year + 1 }}

)

select * from final
