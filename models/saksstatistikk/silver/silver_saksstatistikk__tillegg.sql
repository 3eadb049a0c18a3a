with

kjoring as (

    select * from {{ ref('silver_saksstatistikk__kjoring') }}

),

{% for steg in saksstatistikk_steps() -%}
{{ steg }}_rader as (

    {{ saksstatistikk_rows_of_step(steg) }}

),

{{ steg }}_antall as (

    select count(*) as antall_rader
    from {{ steg }}_rader

),

{% endfor -%}
final as (

    {% for steg in saksstatistikk_steps() -%}
    select
        kjoring.siste_id
        {%- for tidligere in saksstatistikk_steps_before(steg) %}
        + {{ tidligere }}_antall.antall_rader
        {%- endfor %}
        + {{ steg }}_rader.nr_i_steg as id,
        {{ saksstatistikk_column_list(steg ~ '_rader') }}

    from {{ steg }}_rader
    cross join kjoring
    {%- for tidligere in saksstatistikk_steps_before(steg) %}
    cross join {{ tidligere }}_antall
    {%- endfor %}
    {% if not loop.last %}
    union all

    {% endif -%}
    {% endfor %}

)

select * from final
