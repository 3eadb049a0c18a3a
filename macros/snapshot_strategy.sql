{#- Snapshots of loads that are told apart by `naa` alone: dbt's check strategy with two
    differences.

    A load may come at the same `naa` as the one before it (a repeated run). dbt would give a new
    version the id of the one that it closes; here the id counts the versions before it, so that no
    id is given twice. The overtaken version is closed as empty (valid_to = valid_from).

    A load may come at an earlier `naa` (a replay): see rewind_snapshot(). -#}
{% macro snapshot_check_by_naa_strategy(
    node, snapshotted_rel, current_rel, model_config, target_exists
) %}
    {%- set strategy = snapshot_check_strategy(
        node, snapshotted_rel, current_rel, model_config, target_exists
    ) -%}
    {%- set versions_so_far = '(select count(*) from ' ~ this ~ ')' if target_exists else '0' -%}
    {%- do strategy.update({
        'scd_id': snapshot_hash_arguments(
            config.get('unique_key') + [strategy.updated_at, versions_so_far]
        ),
    }) -%}
    {{ return(strategy) }}
{% endmacro %}


{#- A pre-hook of such snapshots. A load with an earlier `naa` than others begins history anew from
    there: versions that began later never stood (they are kept, closed as empty), and those that
    stood at `naa` are current again. Going forward in time, as a schedule does, neither finds a
    row. -#}
{% macro rewind_snapshot() %}
    {%- if execute and load_relation(this) is not none -%}
        update {{ this }}
        set dbt_valid_to = case when dbt_valid_from > {{ naa() }} then dbt_valid_from end
        where
            dbt_valid_from > {{ naa() }}
            or (dbt_valid_to > {{ naa() }} and dbt_valid_from <= {{ naa() }})
    {%- endif -%}
{% endmacro %}
