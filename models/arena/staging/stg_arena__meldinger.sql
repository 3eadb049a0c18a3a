with

source as (

    select * from {{ kilde('arena', 'meldinger') }}

),

renamed as (

    select
        -- ids
        {{ safe_whole_number('mottatt_nr') }} as mottatt_nr,
        {{ text('mottatt_nr') }} as mottatt_nr_tekst,

        -- text
        {{ text('arena_table_name') }} as arena_table_name,
        {{ text('op_type') }} as op_type,
        {{ text('op_ts') }} as op_ts,
        {{ text('pos') }} as operation_pos,
        {{ text('before') }} as before,
        {{ text('after') }} as after

    from source

)

select * from renamed
