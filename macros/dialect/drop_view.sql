{#- dbt drops the old view when the new one is in place, and with it, by cascade, the views that
    read it. Two threads that drop what one view reads lock its parts in different orders, which
    PostgreSQL ends by failing one of them; so they drop one after the other. -#}
{% macro postgres__drop_view(relation) -%}
    select pg_advisory_xact_lock({{ drop_view_lock() }});
    drop view if exists {{ relation.render() }} cascade
{%- endmacro %}


{#- Any number will do, as long as all threads name the same. -#}
{% macro drop_view_lock() -%}
    706608
{%- endmacro %}
