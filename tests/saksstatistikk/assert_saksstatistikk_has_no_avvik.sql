-- Not a failure but a message: how many input rows the outputs do not carry as they came, or that
-- look wrong. The reasons are in saksstatistikk_silver.avvik.
{{ config(severity='warn') }}

select * from {{ ref('silver_saksstatistikk__avvik') }}
