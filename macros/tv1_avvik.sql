{#- What can be wrong with a row of tv1, in one place: name and reason. A rule that an event breaks
    by itself has a condition; the others look at more than one row, in silver_tv1__avvik. -#}
{% macro tv1_avvik_rules() %}
    {%- set used_episode = 'is_used and is_episode_start' -%}
    {{ return({
        'no_key': {'reason': 'The row has no id that is a whole number, and is not used'},
        'no_tracking_id': {
            'reason': 'The event has no tracking_id that is a whole number, and is not used',
            'event': 'tracking_id is null',
        },
        'duplicate': {
            'reason': 'Another row with the same id is used',
            'event': 'is_duplicate',
        },
        'unknown_type': {
            'reason': 'The event starts neither a session nor an episode, and is not used',
            'event': 'tracking_id is not null and not is_duplicate and not is_used',
        },
        'no_time': {
            'reason': 'tracking_time is no time',
            'event': 'is_used and event_time is null',
        },
        'no_session_id': {
            'reason': 'session_id is no whole number',
            'event': 'is_used and session_id is null',
        },
        'no_user_id': {
            'reason': 'user_id is no whole number',
            'event': 'is_used and user_id is null',
        },
        'broken_json': {
            'reason': 'context is no JSON object; nothing is read from it',
            'event': 'is_used and not has_context',
        },
        'no_episode_id': {
            'reason': 'target_id is no whole number; the episode does not count as watched',
            'event': used_episode ~ ' and episode_id is null',
        },
        'no_start_time': {
            'reason': 'start_time in context is no time',
            'event': used_episode ~ ' and has_context and episode_start_time is null',
        },
        'no_end_time': {
            'reason': 'end_time in context is no time',
            'event': used_episode ~ ' and has_context and episode_end_time is null',
        },
        'no_finished': {
            'reason': 'finished in context is neither true nor false',
            'event': used_episode ~ ' and has_context and finished is null',
        },
        'end_before_start': {
            'reason': 'The episode ends before it starts; its minutes are negative',
            'event': used_episode ~ ' and coalesce(episode_end_time < episode_start_time, false)',
        },
        'unknown_user': {'reason': 'No user has this user_id'},
        'unknown_episode': {'reason': 'No episode of the catalogue has this target_id'},
        'unknown_session': {'reason': 'No session has this session_id; the episode counts nowhere'},
        'shared_session_id': {
            'reason': 'Another session has the same session_id; each has the episodes of both',
        },
        'no_segment_id': {'reason': 'segment_id is no whole number'},
        'unknown_segment': {'reason': 'No segment has this segment_id'},
        'unknown_program': {'reason': 'No program has this program_id'},
        'unknown_season': {'reason': 'No season has this season_id'},
    }) }}
{% endmacro %}


{#- The conditions of the rules that an event breaks by itself, by name. -#}
{% macro tv1_event_rules() %}
    {%- set rules = {} -%}
    {%- for name, rule in tv1_avvik_rules().items() if rule.event -%}
        {%- do rules.update({name: rule.event}) -%}
    {%- endfor -%}
    {{ return(rules) }}
{% endmacro %}


{#- What can point nowhere: a table's rows, by their key, refer to the used rows of a dimension, or
    to a session, by the column of the same name. NULL is avvik of its own kind, or none, unless a
    row has to have what is referred to. -#}
{% macro tv1_references() %}
    {{ return([
        {
            'table': 'tracking', 'rows': 'used_events', 'key': 'tracking_id',
            'rule': 'unknown_user', 'referred': 'used_users', 'column': 'user_id',
        },
        {
            'table': 'tracking', 'rows': 'episode_events', 'key': 'tracking_id',
            'rule': 'unknown_episode', 'referred': 'used_episodes', 'column': 'episode_id',
        },
        {
            'table': 'tracking', 'rows': 'episode_events', 'key': 'tracking_id',
            'rule': 'unknown_session', 'referred': 'session_ids', 'column': 'session_id',
        },
        {
            'table': 'users', 'rows': 'used_users', 'key': 'user_id',
            'rule': 'unknown_segment', 'referred': 'used_segmentation', 'column': 'segment_id',
        },
        {
            'table': 'seasons', 'rows': 'used_seasons', 'key': 'season_id',
            'rule': 'unknown_program', 'referred': 'used_programs', 'column': 'program_id',
            'required': true,
        },
        {
            'table': 'episodes', 'rows': 'used_episodes', 'key': 'episode_id',
            'rule': 'unknown_program', 'referred': 'used_programs', 'column': 'program_id',
            'required': true,
        },
        {
            'table': 'episodes', 'rows': 'used_episodes', 'key': 'episode_id',
            'rule': 'unknown_season', 'referred': 'used_seasons', 'column': 'season_id',
            'required': true,
        },
    ]) }}
{% endmacro %}
