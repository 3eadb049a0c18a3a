-- Nothing is lost: each event of the source is a session, an episode, or an avvik that says why it
-- is neither. A load that left a block half done would show here.
with

events_of_source as (

    select count(*) as event_count from {{ ref('stg_tv1__tracking') }}

),

facts as (

    select tracking_id from {{ ref('marts_tv1__fct_episodes_streamed') }}
    union all
    select session_tracking_id from {{ ref('marts_tv1__fct_sessions') }}

),

explained as (

    select count(*) as event_count
    from {{ ref('silver_tv1__event_avvik') }}
    where regel in ('no_tracking_id', 'duplicate', 'unknown_type')

),

carried as (

    select count(*) as event_count from facts

),

final as (

    select
        events_of_source.event_count as in_source,
        carried.event_count as in_facts,
        explained.event_count as in_avvik

    from events_of_source
    cross join carried
    cross join explained
    where events_of_source.event_count <> carried.event_count + explained.event_count

)

select * from final
