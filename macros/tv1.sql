{#- The rules of tv1 that several models share, each in one place. -#}

{% macro tv1_session_type() -%}
    'Session starts'
{%- endmacro %}

{% macro tv1_episode_type() -%}
    'Episode starts'
{%- endmacro %}


{#- The block of an event: events are compared with what was loaded, and loaded again, by blocks of
    neighbouring ids. Ids that are none, or negative, are one block. -#}
{% macro tv1_block(tracking_id, bits=none) -%}
    coalesce(
        case
            when {{ tracking_id }} >= 0
                then {{ tracking_id }} >> {{ tv1_block_bits() if bits is none else bits }}
        end,
        -1
    )
{%- endmacro %}

{% macro tv1_block_bits() %}
    {%- set bits = var('tv1_block_bits') -%}
    {%- if bits is not integer or bits is boolean or not 0 <= bits <= 40 -%}
        {{ setting_error(
            "The variable tv1_block_bits is '" ~ bits ~ "'; it must be a whole number from 0 to 40."
        ) }}
    {%- endif -%}
    {{ return(bits) }}
{% endmacro %}


{#- How many neighbouring ids are asked together whether one of them is there twice: 2 to the power
    of this. A power of two for each has to fit in a number. -#}
{% macro tv1_neighbour_bits() %}
    {{ return(5) }}
{% endmacro %}

{#- The power of two that stands for an id among its neighbours. Where all ids differ, adding the
    powers up is the same as laying them over each other. -#}
{% macro tv1_id_power() -%}
    (
        cast(1 as {{ dbt.type_bigint() }})
        << cast((tracking_id & {{ 2 ** tv1_neighbour_bits() - 1 }}) as {{ dbt.type_int() }})
    )
{%- endmacro %}


{#- Whether a context has what the simulation writes, and nothing else: two times and true or false
    can be read of it, and with the names and signs around them they are as long as it is. Such a
    text is JSON without asking. -#}
{% macro tv1_is_plain_context() -%}
    start_timestamp is not null
    and end_timestamp is not null
    and finished_text in ('true', 'false')
    and length(context)
    = length('{"start_time":"","end_time":"","finished":}')
    + length(start_time) + length(end_time) + length(finished_text)
{%- endmacro %}


{#- Whether an event is of a day that `tv1_redo_dates` asks to load again. -#}
{% macro tv1_is_asked_again(event_time) -%}
    {%- set days = [] -%}
    {%- if var('tv1_redo_dates') is string or var('tv1_redo_dates') is not iterable -%}
        {{ setting_error(
            "The variable tv1_redo_dates is '" ~ var('tv1_redo_dates')
            ~ "'; it must be a list of dates, such as ['2025-01-03']."
        ) }}
    {%- endif -%}
    {%- for day in var('tv1_redo_dates') -%}
        {%- do days.append(date_literal(date_setting('tv1_redo_dates', day))) -%}
    {%- endfor -%}
    {%- if days -%}
        cast({{ event_time }} as date) in ({{ days | join(', ') }})
    {%- else -%}
        false
    {%- endif -%}
{%- endmacro %}


{#- Minutes between two times: two decimals, rounded half away from zero, exact however long. -#}
{% macro tv1_minutes(start_time, end_time) -%}
    {%- set microseconds = microseconds_between(start_time, end_time) -%}
    cast(
        cast(
            case when {{ microseconds }} < 0 then -1 else 1 end
            * {{ whole_quotient('abs(' ~ microseconds ~ ') + 300000', '600000') }}
            as numeric(18, 0)
        ) * cast('0.01' as numeric(4, 2))
        as numeric(18, 2)
    )
{%- endmacro %}


{#- Seconds of an episode from its details, of which the second part between bars is the length:
    hours (t or h), minutes and seconds in any combination. -#}
{% macro tv1_duration_seconds(details) -%}
    {%- set length = dbt.split_part(details, "'|'", 2) -%}
    {%- set seconds = [] -%}
    {%- set found = [] -%}
    {%- for letters, factor in [('tThH', 3600), ('mM', 60), ('sS', 1)] -%}
        {%- set number = first_match(length, '([0-9]+) *[' ~ letters ~ ']') -%}
        {%- do found.append(number) -%}
        {%- do seconds.append(
            factor ~ ' * case when ' ~ number ~ ' is null then 0 when length(' ~ number
            ~ ') <= 9 then cast(' ~ number ~ ' as ' ~ dbt.type_bigint() ~ ') end'
        ) -%}
    {%- endfor -%}
    case
        when coalesce({{ found | join(', ') }}) is not null
            then
                {{ seconds | join('\n                + ') }}
    end
{%- endmacro %}


{#- The right-closed bins of session lengths, in minutes: the upper bounds between the first and the
    last label. -#}
{% macro tv1_session_bins() %}
    {{ return([1, 2, 3, 5, 10, 15, 20, 30, 40, 50, 60, 75, 90, 120, 150, 180, 210, 240]) }}
{% endmacro %}

{#- The label of a session's length and its place among labels: the bin's upper bound. -#}
{% macro tv1_session_duration_group(minutes) -%}
    case
        when {{ minutes }} is null then null
        when {{ minutes }} = 0 then '0 min'
        {%- for bound in tv1_session_bins() %}
        when {{ minutes }} <= {{ bound }}
            then '{{ 0 if loop.first else loop.previtem }}–{{ bound }} min'
        {%- endfor %}
        else '{{ tv1_session_bins() | last }}+ min'
    end
{%- endmacro %}

{% macro tv1_session_duration_group_order(minutes) -%}
    case
        when {{ minutes }} is null then null
        when {{ minutes }} = 0 then 0
        {%- for bound in tv1_session_bins() %}
        when {{ minutes }} <= {{ bound }} then {{ bound }}
        {%- endfor %}
        else 300
    end
{%- endmacro %}


{#- The blocks whose events are in the facts as they are in the source. -#}
{% macro tv1_unchanged_blocks() -%}
    select source_blocks.block
    from {{ ref('silver_tv1__source_blocks') }} as source_blocks
    where not source_blocks.is_changed
{%- endmacro %}


{#- Post-hook of the model that compares: until the last model has written what was loaded, nothing
    counts as loaded, so that a run that was killed is followed by one that loads everything. -#}
{% macro tv1_begin_loading() -%}
    {%- set loaded = as_it_stands('silver_tv1__loaded_blocks') -%}
    {%- if loaded is not none -%}
        update {{ loaded }}
        set fingerprint = null
        where exists (select 1 from {{ this }} where is_changed)
    {%- endif -%}
{%- endmacro %}


{#- Pre-hook of a model that holds events: takes out what is loaded again, and what is gone. -#}
{% macro tv1_take_out_changed_blocks(tracking_id) -%}
    {%- set unchanged_blocks = tv1_unchanged_blocks() -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where {{ tv1_block(tracking_id) }} not in ({{ unchanged_blocks }})
    {%- endif -%}
{%- endmacro %}


{#- Whether a row of a dimension is the one in use. -#}
{% macro tv1_is_used(key) -%}
    {{ key }} is not null and occurrence_nr = 1
{%- endmacro %}


{#- English names, in the order of their numbers from 1. -#}
{% macro tv1_weekdays() %}
    {{ return(
        ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
    ) }}
{% endmacro %}

{% macro tv1_months() %}
    {{ return([
        'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September',
        'October', 'November', 'December',
    ]) }}
{% endmacro %}

{% macro tv1_name_of(number, names) -%}
    case {{ number }}
        {%- for name in names %}
        when {{ loop.index }} then '{{ name }}'
        {%- endfor %}
    end
{%- endmacro %}


{#- The dates that a day is compared with, as SQL literals, from the run's date. -#}
{% macro tv1_days_around() %}
    {%- set today = idag_date() -%}
    {%- set monday = today - modules.datetime.timedelta(days=today.weekday()) -%}
    {%- set month = today.replace(day=1) -%}
    {%- set days = {
        'today': today,
        'yesterday': today - modules.datetime.timedelta(days=1),
        'this_week': monday,
        'last_week': monday - modules.datetime.timedelta(days=7),
        'this_month': month,
        'last_month': (month - modules.datetime.timedelta(days=1)).replace(day=1),
        'next_month': (month + modules.datetime.timedelta(days=31)).replace(day=1),
        'this_quarter': month.replace(month=month.month - (month.month - 1) % 3),
    } -%}
    {%- set literals = {} -%}
    {%- for name, day in days.items() -%}
        {%- do literals.update({name: date_literal(day)}) -%}
    {%- endfor -%}
    {{ return(literals) }}
{% endmacro %}


{#- Which day of a period it is, the first being 1. -#}
{% macro tv1_day_number(first_day, day) -%}
    cast({{ dbt.datediff(first_day, day, 'day') }} as {{ dbt.type_int() }}) + 1
{%- endmacro %}


{#- The first seven days of a month are its first week, and so on. -#}
{% macro tv1_week_of_month(day_of_month) -%}
    {{ whole_quotient(day_of_month ~ ' - 1', '7') }} + 1
{%- endmacro %}
