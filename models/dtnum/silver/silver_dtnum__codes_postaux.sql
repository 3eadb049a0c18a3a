with

officiels as (

    select * from {{ ref('stg_dtnum__codes_postaux') }}

),

ajouts as (

    select * from {{ ref('stg_dtnum__codes_postaux_ajouts') }}

),

-- what was looked up never stands in the way of the official list
unioned as (

    select
        *,
        1 as rang_source

    from officiels

    union all

    select
        *,
        2 as rang_source

    from ajouts

),

numbered as (

    select
        *,
        row_number() over (
            partition by code_postal
            order by rang_source, {{ byte_order('code_departement') }}
        ) as occurrence

    from unioned

),

final as (

    select
        code_postal,
        departement || ' (' || code_departement || ')' as departement,
        region

    from numbered
    where occurrence = 1

)

select * from final
