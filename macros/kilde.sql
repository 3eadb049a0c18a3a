{#- The one way a staging model reads its input: the seed `raw_<product>__<table>`, or the owner's
    own table, source('<product>', '<table>'), when the variable `kilder` is `ekte`. -#}
{% macro kilde(produkt, tabell) %}
    {%- set kilder = var('kilder') -%}
    {%- if kilder == 'ekte' -%}
        {{ return(source(produkt, tabell)) }}
    {%- elif kilder == 'seeds' -%}
        {{ return(ref('raw_' ~ produkt ~ '__' ~ tabell)) }}
    {%- endif -%}
    {{ setting_error("The variable kilder is '" ~ kilder ~ "'; it must be 'seeds' or 'ekte'.") }}
{% endmacro %}
