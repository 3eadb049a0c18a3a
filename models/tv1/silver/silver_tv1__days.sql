{%- set days_later = 'cast(generated_number as ' ~ dbt.type_int() ~ ') - 1' -%}

with

-- 7,300 days after the first one
numbers as (

    {{ dbt.generate_series(7301) }}

),

final as (

    select {{ add_days(date_literal('2020-01-01'), days_later) }} as day_date
    from numbers

)

select * from final
