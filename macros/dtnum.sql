{#- The rules of dtnum that several models share, each in one place. -#}

{#- The columns of the tracking file that DataPass knows of, in the order of the contract. -#}
{% macro dtnum_datapass_columns() %}
    {{ return([
        'n_demande_v2',
        'n_habilitation_v2',
        'n_datapass_fc_rattache',
        'api',
        'environnement',
        'criticite',
        'type',
        'cas_usage',
        'nom_projet',
        'description_projet',
        'destinataires_donnees',
        'date_previsionnelle_ouverture',
        'volumetrie',
        'quotas',
        'date_reception',
        'date_derniere_soumission_ou_instruction',
        'statut',
        'siret_demandeur',
        'raison_sociale_demandeur',
        'code_postal',
        'ville',
    ]) }}
{% endmacro %}


{#- The columns of the tracking file but ligne_nr, in the order of the contract. -#}
{% macro dtnum_suivi_columns() %}
    {{ return(
        ['n_datapass_v1'] + dtnum_datapass_columns()
        + ['departement', 'region', 'motif_refus', 'erreurs', 'autres_colonnes']
    ) }}
{% endmacro %}


{#- Columns as part of a select, with the name of a relation before each, some left out. -#}
{% macro dtnum_list(columns, relation=none, leave_out=[]) -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    {%- set kept = [] -%}
    {%- for column in columns if column not in leave_out -%}
        {%- do kept.append(prefix ~ column) -%}
    {%- endfor -%}
    {{ return(kept | join(',\n        ')) }}
{%- endmacro %}


{#- Whether an id is a number: digits only. Anything else matches nothing. -#}
{% macro dtnum_is_number(column) -%}
    {{ matches(column, '^[0-9]+$') }}
{%- endmacro %}


{#- The order of ids: numbers by their value however long they are, then other texts, then none. -#}
{% macro dtnum_id_order(column) -%}
    case
            when {{ column }} is null then 3
            when {{ dtnum_is_number(column) }} then 1
            else 2
        end,
        case when {{ dtnum_is_number(column) }} then length(ltrim({{ column }}, '0')) end,
        {{ byte_order(
            "case when " ~ dtnum_is_number(column) ~ " then ltrim(" ~ column ~ ", '0') else "
            ~ column ~ " end"
        ) }}
{%- endmacro %}


{#- Texts as part of an order, NULL last: the last word where nothing else tells rows apart. -#}
{% macro dtnum_text_order(columns) -%}
    {%- set keys = [] -%}
    {%- for column in columns -%}
        {%- do keys.append(
            'case when ' ~ column ~ ' is null then 1 else 0 end,\n            '
            ~ byte_order(column)
        ) -%}
    {%- endfor -%}
    {{ return(keys | join(',\n            ')) }}
{%- endmacro %}


{#- A date of DataPass as the tracking file writes it (dd/mm/yyyy), by its text: no zone moves it.
    Anything that does not begin with a date stays as it is. -#}
{% macro dtnum_date(column) -%}
    case
        when {{ matches(column, '^[0-9]{4}-[0-9]{2}-[0-9]{2}($|[T ])') }}
            then
                substr({{ column }}, 9, 2) || '/' || substr({{ column }}, 6, 2)
                || '/' || substr({{ column }}, 1, 4)
        else {{ column }}
    end
{%- endmacro %}


{#- The label that stands where no seed knows an API. -#}
{% macro dtnum_unknown_api() -%}
    API inconnue
{%- endmacro %}

{#- The label that stands where no seed knows a state. -#}
{% macro dtnum_unknown_statut() -%}
    Statut inconnu
{%- endmacro %}


{#- What people write where there is no number, postcode or SIRET. -#}
{% macro dtnum_is_placeholder(column) -%}
    (
        {{ column }} is null
        or {{ column }} in ('NON RENSEIGNE', 'CODE POSTAL NON VALIDE', 'SIRET NON VALIDE')
    )
{%- endmacro %}


{#- A remark with a message added on a line of its own; alone where the remark is blank, and never
    said twice. -#}
{% macro dtnum_remark(remark, message) -%}
    case
        when {{ message }} is null then {{ remark }}
        when {{ remark }} is null or {{ matches(remark, '^[ \\t\\r\\n]*$') }} then {{ message }}
        when {{ dbt.position(message, remark) }} > 0 then {{ remark }}
        else {{ remark }} || chr(10) || {{ message }}
    end
{%- endmacro %}


{#- For each column whether DataPass has the first word (1) or the file (0), as one row of a select
    from the seed's rows. -#}
{% macro dtnum_priorities() -%}
    {%- set columns = [] -%}
    {%- for column in dtnum_datapass_columns() -%}
        {%- do columns.append(
            "max(case when colonne = '" ~ column ~ "' and est_prioritaire then 1 else 0 end) as "
            ~ column
        ) -%}
    {%- endfor -%}
    {{ return(columns | join(',\n        ')) }}
{%- endmacro %}


{#- A value after the merge: DataPass first where the seed dtnum_colonnes says so, else the file
    first; the other one where the first is empty. -#}
{% macro dtnum_merged(column, datapass_knows=none) -%}
    case
            when priorites.{{ column }} = 1
                {%- if datapass_knows %} and {{ datapass_knows }}{% endif %}
                then coalesce(lignes.{{ column }}, suivi.{{ column }})
            else coalesce(suivi.{{ column }}, lignes.{{ column }})
        end as {{ column }}
{%- endmacro %}


{#- The columns with the messages of the merge, in the order in which they are appended. -#}
{% macro dtnum_messages() %}
    {{ return([
        'message_api',
        'message_statut',
        'message_correspondance',
        'message_evenements',
    ]) }}
{% endmacro %}
