{#- A schema is named exactly `<product>_<layer>` on every target, as the contract asks; dbt's own
    rule would put the target's schema in front. FLETTE_SCHEMA_PREFIX keeps several people
    apart. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ env_var('FLETTE_SCHEMA_PREFIX', '') ~ ((custom_schema_name or target.schema) | trim) }}
{%- endmacro %}
