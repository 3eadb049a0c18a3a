-- Not a failure but a message: what the facts and dimensions do not carry as it came, or what
-- nobody will find in them. The reasons are in tv1_silver.avvik.
{{ config(severity='warn') }}

select * from {{ ref('silver_tv1__avvik') }}
