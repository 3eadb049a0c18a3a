{#- The rules of arena that several models share, each in one place. -#}

{#- The three tables of Arena whose messages are read. -#}
{% macro arena_gjennomforing_table() -%}
    'SIAMO.TILTAKGJENNOMFORING'
{%- endmacro %}

{% macro arena_deltaker_table() -%}
    'SIAMO.TILTAKDELTAKER'
{%- endmacro %}

{% macro arena_hist_table() -%}
    'SIAMO.HIST_TILTAKDELTAKER'
{%- endmacro %}


{#- The kinds of measure whose participants are sent on, and those of them with one place only. -#}
{% macro arena_single_place_kinds() -%}
    'ENKELAMO', 'ENKFAGYRKE', 'HOYEREUTD'
{%- endmacro %}

{% macro arena_supported_kinds() -%}
    'INDOPPFAG', 'ARBFORB', 'AVKLARAG', 'VASV', 'ARBRRHDAG', 'DIGIOPPARB', 'JOBBK', 'GRUPPEAMO',
    'GRUFAGYRKE', {{ arena_single_place_kinds() }}
{%- endmacro %}


{#- A time as Arena writes it, `yyyy-mm-dd hh:mm:ss` and nothing else. -#}
{% macro arena_time(column) -%}
    case
        when length({{ column }}) = 19 and substr({{ column }}, 11, 1) = ' '
            then {{ safe_local_timestamp(column) | indent(12) }}
    end
{%- endmacro %}


{#- The id that AMT knows an Arena row by: the md5 of its table and id, in the form of a UUID. -#}
{% macro arena_amt_id(table_name, arena_id) -%}
    {%- set digest = dbt.hash(dbt.concat([table_name, "'|'", arena_id])) -%}
    {{ dbt.concat([
        'substr(' ~ digest ~ ', 1, 8)', "'-'",
        'substr(' ~ digest ~ ', 9, 4)', "'-'",
        'substr(' ~ digest ~ ', 13, 4)', "'-'",
        'substr(' ~ digest ~ ', 17, 4)', "'-'",
        'substr(' ~ digest ~ ', 21, 12)',
    ]) }}
{%- endmacro %}


{#- The statuses of messages that are not done with, and that later messages of the same participant
    wait for. -#}
{% macro arena_open_statuses() -%}
    'RETRY', 'FAILED', 'WAITING'
{%- endmacro %}


{#- The status that a message gets from what became of its treatment. A new message gets just that.
    On a retry only these outcomes show; any other failure keeps the status, until the tenth
    attempt. -#}
{% macro arena_status_after(utfall) -%}
    case
        when er_ny then {{ utfall }}
        when {{ utfall }} in ('HANDLED', 'IGNORED', 'EXTERNAL_SOURCE', 'WAITING') then {{ utfall }}
        when forrige_status = 'RETRY' and forsok + 1 >= 10 then 'FAILED'
        else forrige_status
    end
{%- endmacro %}


{#- CTEs of which the last, `tildelt`, says who gets an id where several ask for one: asked in
    order, an id is given once, and whoever has one needs no other (unless `trenger_ledig` is
    false: then only the id has to be free). Whoever is first for all that it needs gets it, then
    those that ask for what was given are out, and so on: as many rounds as the longest chain of
    ids that hang on each other in this pass. Real data knows chains of one; what is left after six
    rounds is in `uavgjort`. The relation has amt_id, eier, trenger_ledig, rekkefolge. -#}
{% macro arena_tildel(relation) -%}
{%- for runde in range(1, 7) %}
runde_{{ runde }} as (

    select
        amt_id,
        eier,
        trenger_ledig,
        rekkefolge,
        row_number() over (partition by amt_id order by rekkefolge) = 1
        and (
            not trenger_ledig
            or row_number() over (partition by eier order by rekkefolge) = 1
        ) as er_forst

    from {{ relation if loop.first else 'igjen_' ~ (runde - 1) }}

),

utfall_{{ runde }} as (

    select
        *,
        max(case when er_forst then 1 else 0 end) over (partition by amt_id) = 1 as er_opptatt,
        max(case when er_forst then 1 else 0 end) over (partition by eier) = 1 as har_id

    from runde_{{ runde }}

),

igjen_{{ runde }} as (

    select
        amt_id,
        eier,
        trenger_ledig,
        rekkefolge

    from utfall_{{ runde }}
    where not er_opptatt and not (trenger_ledig and har_id)

),
{% endfor %}
tildelt as (
    {%- for runde in range(1, 7) %}

    select
        amt_id,
        eier,
        rekkefolge

    from runde_{{ runde }}
    where er_forst
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- endfor %}

),

uavgjort as (

    select rekkefolge from igjen_6

)
{%- endmacro %}


{#- A CTE with the key of each number that can be read; where a number has several keys, the lowest
    has it. -#}
{% macro arena_lowest_keys(name) -%}
{{ name }} as (

    select
        id,
        min({{ dbt.concat(['pos', 'arena_table_name', 'operation_type']) }}) as nokkel

    from {{ ref('silver_arena__leste_meldinger') }}
    where uleselig is null
    group by id

)
{%- endmacro %}


{#- The columns of the log, in its order, with their types. -#}
{% macro arena_log_columns() %}
    {{ return({
        'id': dbt.type_bigint(),
        'arena_id': dbt.type_string(),
        'arena_table_name': dbt.type_string(),
        'hendelse': dbt.type_string(),
        'rekkefolge': dbt.type_string(),
        'ingest_status': dbt.type_string(),
        'note': dbt.type_string(),
        'gjennomforing_arena_id': dbt.type_string(),
        'gjennomforing_tiltak_kode': dbt.type_string(),
        'gjennomforing_ny_id': dbt.type_string(),
        'ny_amt_id': dbt.type_string(),
        'ny_hist_amt_id': dbt.type_string(),
        'hist_arena_id': dbt.type_string(),
        'deltaker_endring': dbt.type_string(),
        'topic': dbt.type_string(),
        'operation': dbt.type_string(),
        'deltaker_id': dbt.type_string(),
        'gjennomforing_id': dbt.type_string(),
        'person_ident': dbt.type_string(),
        'status': dbt.type_string(),
        'status_aarsak': dbt.type_string(),
        'innsok_begrunnelse': dbt.type_string(),
        'pass_nr': dbt.type_int(),
        'ingest_attempts': dbt.type_int(),
        'dager_per_uke': type_double(),
        'prosent_deltid': type_double(),
        'gjennomforing_is_valid': 'boolean',
        'naa': type_local_timestamp(),
        'ingested_timestamp': type_local_timestamp(),
        'last_attempted': type_local_timestamp(),
        'start_dato': 'date',
        'slutt_dato': 'date',
        'registrert_dato': type_local_timestamp(),
        'status_endret_dato': type_local_timestamp(),
    }) }}
{% endmacro %}


{#- The columns of the log as parts of a select, each with its type; NULL where there are no rows to
    take them from. -#}
{% macro arena_typed_log_columns(nulls=false) -%}
    {%- set columns = [] -%}
    {%- for column, type in arena_log_columns().items() -%}
        {%- do columns.append(
            'cast(' ~ ('null' if nulls else column) ~ ' as ' ~ type ~ ') as ' ~ column
        ) -%}
    {%- endfor -%}
    {{ return(columns | join(',\n        ')) }}
{%- endmacro %}


{#- Two CTEs, of which the second has what a stream of changes says of each gjennomføring: the first
    kind, the last validity, the last id. The relation has arena_id, tiltak_kode, is_valid and
    ny_id (NULL where a change says nothing of them), pass_nr and rekkefolge. -#}
{% macro arena_gjennomforinger(name, relation) -%}
{{ name }}_nummerert as (

    select
        arena_id,
        tiltak_kode,
        is_valid,
        ny_id,
        row_number() over (
            partition by arena_id, case when tiltak_kode is null then 1 else 0 end
            order by pass_nr, rekkefolge
        ) as forste_nr,
        row_number() over (
            partition by arena_id, case when is_valid is null then 1 else 0 end
            order by pass_nr desc, rekkefolge desc
        ) as siste_nr,
        row_number() over (
            partition by arena_id, case when ny_id is null then 1 else 0 end
            order by pass_nr desc, rekkefolge desc
        ) as id_nr

    from {{ relation }}

),

{{ name }} as (

    select
        arena_id,
        max(case when forste_nr = 1 then tiltak_kode end) as tiltak_kode,
        max(case when id_nr = 1 then ny_id end) as id,
        max(case when siste_nr = 1 and is_valid then 1 else 0 end) = 1 as is_valid

    from {{ name }}_nummerert
    group by arena_id

)
{%- endmacro %}


{#- The midnight job: whether this run also tries what has failed ten times. -#}
{% macro arena_retry_failed() %}
    {%- set value = var('arena_prosesser_feilede') -%}
    {%- if value is not boolean -%}
        {{ setting_error(
            "The variable arena_prosesser_feilede is '" ~ value ~ "'; it must be true or false."
        ) }}
    {%- endif -%}
    {{ return(value) }}
{% endmacro %}


{#- The statuses of AMT that say that a participation is over. -#}
{% macro arena_ended_statuses() -%}
    'IKKE_AKTUELL', 'HAR_SLUTTET', 'FEILREGISTRERT', 'AVBRUTT', 'FULLFORT'
{%- endmacro %}


{#- What a message is told whose amt id hangs on more others than a pass decides. -#}
{% macro arena_undecided_note() -%}
    'Hvilken amt-id deltakeren får avgjøres ved neste forsøk'
{%- endmacro %}


{#- CTEs of which the last, `ferdige`, has the messages of one phase with their final `utfall`,
    `note` and `ingest_status`: a message that would be handled waits while an older one of the
    same participant is open. Whoever waits is open, too, so the oldest of those that are open for
    another reason decides. `egne` has the messages with the outcome of their own checks, `sperrer`
    the other open messages (arena_id, pos). -#}
{% macro arena_wait_for_older(egne, sperrer) -%}
egne_med_status as (

    select
        *,
        {{ arena_status_after('utfall') | indent(8) }} as egen_status

    from {{ egne }}

),

alle_sperrer as (

    select
        arena_id,
        pos

    from {{ sperrer }}

    union all

    select
        arena_id,
        pos

    from egne_med_status
    where egen_status in ({{ arena_open_statuses() }})

),

eldste_sperre as (

    select
        arena_id,
        min(pos) as pos

    from alle_sperrer
    group by arena_id

),

med_sperre as (

    select
        egne_med_status.*,
        egne_med_status.er_forbi_sjekkene
        and coalesce(eldste_sperre.pos < egne_med_status.pos, false) as er_sperret

    from egne_med_status
    left join eldste_sperre
        on egne_med_status.arena_id = eldste_sperre.arena_id

),

avgjorte as (

    select
        id,
        arena_id,
        gjennomforing_ny_id,
        gjennomforing_id,
        personident,
        amt_id,
        ny_amt_id,
        pos,
        operation_type,
        rekkefolge,
        forrige_status,
        case when er_sperret then 'RETRY' else utfall end as utfall,
        case
            when er_sperret
                then {{ dbt.concat([
                    "'Forrige melding på deltaker med id='", 'arena_id',
                    "' er ikke håndtert enda'"
                ]) }}
            else note
        end as note,
        forsok,
        pass_nr,
        er_ny

    from med_sperre

),

ferdige as (

    select
        *,
        {{ arena_status_after('utfall') | indent(8) }} as ingest_status

    from avgjorte

)
{%- endmacro %}


{#- CTEs that find the latest row of each message in the log, of those that fulfil the condition;
    the last is `siste_i_loggen`. -#}
{% macro arena_latest_of_log(logg, columns, condition=none) -%}
nummererte as (

    select
        {{ columns | join(',\n        ') }},
        row_number() over (partition by id order by pass_nr desc) as nr

    from {{ logg }}
    {%- if condition is not none %}
    where {{ condition }}
    {%- endif %}

),

siste_i_loggen as (

    select
        {{ columns | join(',\n        ') }}

    from nummererte
    where nr = 1

)
{%- endmacro %}


{#- The operation `arena_rekonstruer`: puts the newest message with a status of every Arena id back
    to RETRY, in one statement. The log gets a row for each, under a number of its own, so nothing
    of what was logged is lost. -#}
{% macro arena_rekonstruer(arena_table_name, ingest_status) %}
    {%- if execute -%}
    {%- set tables = [arena_gjennomforing_table(), arena_deltaker_table(), arena_hist_table()] -%}
    {%- if "'" ~ arena_table_name ~ "'" not in tables -%}
        {{ setting_error(
            "arena_table_name is '" ~ arena_table_name ~ "'; it must be one of "
            ~ tables | join(', ') ~ '.'
        ) }}
    {%- endif -%}
    {%- set statuses = [
        'HANDLED', 'RETRY', 'FAILED', 'WAITING', 'INVALID', 'EXTERNAL_SOURCE',
    ] -%}
    {%- if ingest_status not in statuses -%}
        {{ setting_error(
            "ingest_status is '" ~ ingest_status ~ "'; it must be one of " ~ statuses | join(', ')
            ~ '.'
        ) }}
    {%- endif -%}
    {%- set logg = as_it_stands('silver_arena__logg') -%}
    {%- if logg is none -%}
        {{ setting_error(
            'There is no log of arena to reconstruct from yet; build it first: '
            ~ 'dbt build --select arena.'
        ) }}
    {%- endif -%}
    {%- call statement('rekonstruer', auto_begin=true, fetch_result=false) -%}
        {{ arena_rekonstruer_sql(logg, arena_table_name, ingest_status) }}
    {%- endcall -%}
    {%- do commit_operation() -%}
    {%- endif -%}
{% endmacro %}

{% macro arena_rekonstruer_sql(logg, arena_table_name, ingest_status) %}
    {%- set kept = [
        'id', 'arena_id', 'arena_table_name', 'rekkefolge', 'note', 'ingested_timestamp',
    ] -%}
    insert into {{ logg }} ({{ arena_log_columns() | join(', ') }})
    with

    {{ arena_latest_of_log(
        logg, kept + ['ingest_status'], "arena_table_name = '" ~ arena_table_name ~ "'"
    ) | indent(4) }},

    utvalgte as (

        select
            {{ kept | join(',\n            ') }},
            row_number() over (partition by arena_id order by id desc) as arena_nr

        from siste_i_loggen
        where ingest_status = '{{ ingest_status }}'

    ),

    siste as (

        select max(pass_nr) as pass_nr from {{ logg }}

    )

    select
        {%- for column, type in arena_log_columns().items() %}
        {%- if column in kept %}
        utvalgte.{{ column }}
        {%- elif column == 'pass_nr' %}
        siste.pass_nr + 1
        {%- else %}
        cast(
            {%- if column == 'hendelse' %}'rekonstruert'
            {%- elif column == 'ingest_status' %}'RETRY'
            {%- elif column == 'ingest_attempts' %}0
            {%- elif column == 'naa' %}{{ naa() }}
            {%- else %}null
            {%- endif %} as {{ type }}
        )
        {%- endif %}{{ ',' if not loop.last }}
        {%- endfor %}

    from utvalgte
    cross join siste
    where utvalgte.arena_nr = 1
{% endmacro %}


{#- An on-run-end hook: a run that comes to its end has ended its pass, whatever its tests say.
    What a run that was killed has tried is known by the missing row. -#}
{% macro arena_end_pass(results) %}
    {%- if execute -%}
        {%- for result in results
            if result.node.unique_id == 'model.flette.silver_arena__logg'
            and result.status == 'success' -%}
            {%- set fullforte = as_it_stands('silver_arena__fullforte_pass') -%}
            {%- if fullforte is not none -%}
                insert into {{ fullforte }} (pass_nr, fullfort_tid)
                with

                siste as (

                    select max(pass_nr) as pass_nr from {{ as_it_stands('silver_arena__logg') }}

                )

                select
                    siste.pass_nr,
                    {{ naa() }} as fullfort_tid

                from siste
                left join {{ fullforte }} as fullforte
                    on siste.pass_nr = fullforte.pass_nr
                where siste.pass_nr is not null and fullforte.pass_nr is null
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}
