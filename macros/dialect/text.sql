{#- Whether a text matches a regular expression (the subset that RE2 and PostgreSQL share). -#}
{% macro matches(column, pattern) -%}
    {{ return(adapter.dispatch('matches', 'flette')(column, pattern)) }}
{%- endmacro %}

{% macro duckdb__matches(column, pattern) -%}
    regexp_matches({{ text(column) }}, '{{ pattern }}')
{%- endmacro %}

{% macro postgres__matches(column, pattern) -%}
    {{ text(column) }} ~ '{{ pattern }}'
{%- endmacro %}

{% macro bigquery__matches(column, pattern) -%}
    regexp_contains({{ text(column) }}, r'{{ pattern }}')
{%- endmacro %}


{#- A text that sorts by its bytes, so that "the lowest" is the same on every engine. -#}
{% macro byte_order(expression) -%}
    {{ return(adapter.dispatch('byte_order', 'flette')(expression)) }}
{%- endmacro %}

{% macro default__byte_order(expression) -%}
    {{ expression }}
{%- endmacro %}

{#- PostgreSQL sorts by the database's locale unless told otherwise. -#}
{% macro postgres__byte_order(expression) -%}
    {{ expression }} collate "C"
{%- endmacro %}


{#- Upper and lower case of the letters that Nordic and other Latin-1 words are written with. -#}
{% macro upper_text(expression) -%}
    {{ return(adapter.dispatch('upper_text', 'flette')(expression)) }}
{%- endmacro %}

{% macro default__upper_text(expression) -%}
    upper({{ expression }})
{%- endmacro %}

{#- PostgreSQL leaves ø alone where the database's locale does not know it. -#}
{% macro postgres__upper_text(expression) -%}
    translate(upper({{ expression }}), '{{ latin_letters() | lower }}', '{{ latin_letters() }}')
{%- endmacro %}


{% macro lower_text(expression) -%}
    {{ return(adapter.dispatch('lower_text', 'flette')(expression)) }}
{%- endmacro %}

{% macro default__lower_text(expression) -%}
    lower({{ expression }})
{%- endmacro %}

{#- PostgreSQL leaves Ø alone where the database's locale does not know it. -#}
{% macro postgres__lower_text(expression) -%}
    translate(lower({{ expression }}), '{{ latin_letters() }}', '{{ latin_letters() | lower }}')
{%- endmacro %}


{% macro latin_letters() -%}
    ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞ
{%- endmacro %}


{#- What the group in parentheses matches first, NULL when nothing does. -#}
{% macro first_match(column, pattern) -%}
    {{ return(adapter.dispatch('first_match', 'flette')(column, pattern)) }}
{%- endmacro %}

{#- DuckDB's answer to no match is an empty text. -#}
{% macro duckdb__first_match(column, pattern) -%}
    nullif(regexp_extract({{ column }}, '{{ pattern }}', 1), '')
{%- endmacro %}

{#- PostgreSQL has the standard's own form. -#}
{% macro postgres__first_match(column, pattern) -%}
    substring({{ column }} from '{{ pattern }}')
{%- endmacro %}

{#- BigQuery returns the group, if there is one. -#}
{% macro bigquery__first_match(column, pattern) -%}
    regexp_extract({{ column }}, r'{{ pattern }}')
{%- endmacro %}


{#- A text without the character zero and without its JSON escape, which not every engine can
    hold. -#}
{% macro without_zero(expression) -%}
    {{ return(adapter.dispatch('without_zero', 'flette')(expression)) }}
{%- endmacro %}

{#- DuckDB finds that there is nothing to replace ten times faster than it replaces. -#}
{% macro duckdb__without_zero(expression) -%}
    case
        when contains({{ expression }}, chr(0)) or contains({{ expression }}, '\u0000')
            then replace(replace({{ expression }}, chr(0), ''), '\u0000', '')
        else {{ expression }}
    end
{%- endmacro %}

{#- A text of PostgreSQL has no character zero, and its chr(0) is an error. -#}
{% macro postgres__without_zero(expression) -%}
    replace({{ expression }}, '\u0000', '')
{%- endmacro %}

{#- BigQuery reads escapes in texts, unless they are raw. -#}
{% macro bigquery__without_zero(expression) -%}
    replace(replace({{ expression }}, code_points_to_string([0]), ''), r'\u0000', '')
{%- endmacro %}


{#- A text of digits with zeros before it, so that texts of one length sort as their numbers do. -#}
{% macro padded_digits(expression, length) -%}
    lpad({{ expression }}, {{ length }}, '0')
{%- endmacro %}


{#- A text without numbers and ids: what is made of digits, the letters of hexadecimals and hyphens,
    and has a digit. -#}
{% macro without_ids(expression) -%}
    {{ adapter.dispatch('without_ids', 'flette')(expression) }}
{%- endmacro %}

{% macro default__without_ids(expression) -%}
    regexp_replace({{ expression }}, '[0-9a-f-]*[0-9][0-9a-f-]*', '', 'g')
{%- endmacro %}

{#- BigQuery replaces all anyway. -#}
{% macro bigquery__without_ids(expression) -%}
    regexp_replace({{ expression }}, '[0-9a-f-]*[0-9][0-9a-f-]*', '')
{%- endmacro %}
