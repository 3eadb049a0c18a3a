with

calendar as (

    select * from {{ ref('silver_tv1__days') }}

),

days as (

    select
        day_date as date_actual,
        {{ monday_of('day_date') }} as monday,
        cast({{ dbt.date_trunc('quarter', 'day_date') }} as date) as first_day_of_quarter,
        cast({{ dbt.date_trunc('year', 'day_date') }} as date) as first_day_of_year,
        {{ iso_year('day_date') }} as iso_year,
        {{ iso_week('day_date') }} as week_of_year,
        cast(extract(year from day_date) as {{ dbt.type_int() }}) as year_actual,
        cast(extract(quarter from day_date) as {{ dbt.type_int() }}) as quarter_actual,
        cast(extract(month from day_date) as {{ dbt.type_int() }}) as month_actual,
        cast(extract(day from day_date) as {{ dbt.type_int() }}) as day_of_month

    from calendar

),

numbered as (

    select
        *,
        {{ tv1_day_number('monday', 'date_actual') }} as day_of_week,
        {{ tv1_day_number('first_day_of_quarter', 'date_actual') }} as day_of_quarter,
        {{ tv1_day_number('first_day_of_year', 'date_actual') }} as day_of_year,
        cast(year_actual as {{ dbt.type_string() }}) as year_text,
        lpad(cast(month_actual as {{ dbt.type_string() }}), 2, '0') as month_text

    from days

),

final as (

    select
        10000 * year_actual + 100 * month_actual + day_of_month as date_dim_id,
        date_actual,
        {{ tv1_name_of('day_of_week', tv1_weekdays()) }} as day_name,
        day_of_week,
        day_of_month,
        day_of_quarter,
        day_of_year,
        {{ tv1_week_of_month('day_of_month') }} as week_of_month,
        week_of_year,
        cast(iso_year as {{ dbt.type_string() }})
        || '-W' || lpad(cast(week_of_year as {{ dbt.type_string() }}), 2, '0')
        || '-' || cast(day_of_week as {{ dbt.type_string() }}) as week_of_year_iso,
        month_actual,
        {{ tv1_name_of('month_actual', tv1_months()) }} as month_name,
        quarter_actual,
        {{ tv1_name_of('quarter_actual', ['First', 'Second', 'Third', 'Fourth']) }} as quarter_name,
        year_actual,
        monday as first_day_of_week,
        {{ add_days('monday', 6) }} as last_day_of_week,
        {{ add_days('date_actual', '1 - day_of_month') }} as first_day_of_month,
        cast({{ dbt.last_day('date_actual', 'month') }} as date) as last_day_of_month,
        first_day_of_quarter,
        cast({{ dbt.last_day('date_actual', 'quarter') }} as date) as last_day_of_quarter,
        first_day_of_year,
        cast({{ dbt.last_day('date_actual', 'year') }} as date) as last_day_of_year,
        month_text || year_text as mmyyyy,
        100 * year_actual + month_actual as yyyymm,
        day_of_week >= 6 as weekend_indr

    from numbered

)

select * from final
