-- Not a failure but a message: how many input rows the outputs do not carry as they came. The
-- reasons are in tiltak_silver.avvik.
{{ config(severity='warn') }}

select * from {{ ref('silver_tiltak__avvik') }}
