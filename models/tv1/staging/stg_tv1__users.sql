with

source as (

    select * from {{ kilde('tv1', 'users') }}

),

renamed as (

    select
        -- ids
        {{ safe_whole_number('user_id') }} as user_id,
        {{ safe_whole_number('segment_id') }} as segment_id,

        -- text
        {{ text('user_id') }} as user_id_text,
        {{ text('segment_id') }} as segment_id_text,
        {{ text('age_group') }} as age_group,
        {{ text('household_size') }} as household_size,
        {{ text('region') }} as region,
        {{ text('children_under5') }} as children_under5

    from source

),

numbered as (

    select
        *,
        {{ occurrence_number(
            ['user_id'],
            [
                byte_order('age_group'),
                byte_order('household_size'),
                byte_order('region'),
                byte_order('children_under5'),
                byte_order('segment_id_text'),
            ]
        ) }} as occurrence_nr

    from renamed

)

select * from numbered
