-- A need group that nobody has heard of is counted like the others, but somebody should look at
-- it.
{{ config(severity='warn') }}

select innsatsgruppe
from {{ ref('silver_tiltak__innsatsgrupper') }}
where innsatsgruppe not in ('IKVAL', 'IVURD', 'VARIG', 'BATT', 'BFORM', 'UKJENT')
