{#- Settings are checked where they are read, while dbt parses: a wrong one stops the run with one
    sentence before anything is written. -#}
{% macro setting_error(sentence) %}
    {{ exceptions.raise_compiler_error(sentence) }}
{% endmacro %}


{#- A variable that is a date, as a Python date. YAML reads an unquoted 2025-07-07 as a date
    already. -#}
{% macro date_setting(navn, value=none) %}
    {%- set tekst = (var(navn) if value is none else value) | string | trim -%}
    {%- set form = '^\\d{4}-\\d{2}-\\d{2}$' -%}
    {%- if modules.re.match(form, tekst) is none or not is_calendar_day(tekst) -%}
        {{ setting_error(
            "The variable " ~ navn ~ " is '" ~ tekst ~ "'; it must be a date written YYYY-MM-DD."
        ) }}
    {%- endif -%}
    {{ return(modules.datetime.date.fromisoformat(tekst)) }}
{% endmacro %}


{#- Whether YYYY-MM-DD is a day of the calendar: asked without raising, so that the caller can say
    it. -#}
{% macro is_calendar_day(tekst) %}
    {%- set year, month, day = tekst[:4] | int, tekst[5:7] | int, tekst[8:10] | int -%}
    {%- set leap = (year % 4 == 0 and year % 100 != 0) or year % 400 == 0 -%}
    {%- set days = [31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] -%}
    {{ return(year >= 1 and 1 <= month and month <= 12 and 1 <= day and day <= days[month - 1]) }}
{% endmacro %}


{#- A variable that is a list of texts. A single text or a number is refused: 0219 without quotes is
    a number to YAML and would silently become another office. -#}
{% macro text_list_setting(navn) %}
    {%- set value = var(navn) -%}
    {%- if value is string or value is mapping or value is not iterable or value | length == 0 -%}
        {{ setting_error(
            "The variable " ~ navn ~ " is '" ~ value
            ~ "'; it must be a list of quoted texts, such as ['0219']."
        ) }}
    {%- endif -%}
    {%- for element in value -%}
        {%- if element is not string or element == '' -%}
            {{ setting_error(
                "The variable " ~ navn ~ " holds " ~ element
                ~ ", which is no quoted text; quote it with its leading zeros, as in ['0219']."
            ) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(value | list) }}
{% endmacro %}


{#- An on-run-start hook: a seed file without a single character cannot be what it claims to be, and
    dbt itself says only that a callable raised StopIteration. It is known by the checksum of
    nothing. -#}
{% macro require_seed_headers() %}
    {%- if execute -%}
        {%- set nothing = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' -%}
        {%- for seed in graph.nodes.values() | selectattr('resource_type', 'equalto', 'seed') -%}
            {%- if seed.unique_id in selected_resources and seed.checksum.checksum == nothing -%}
                {{ setting_error(
                    seed.original_file_path ~ " is empty; its header must name "
                    ~ seed.config.column_types | join(', ') ~ "."
                ) }}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}
