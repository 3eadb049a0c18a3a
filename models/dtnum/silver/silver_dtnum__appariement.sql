with

suivi as (

    select
        rang,
        case when {{ dtnum_is_number('n_demande_v2') }} then n_demande_v2 end as n_demande,
        n_habilitation_v2,
        n_habilitation_v2 is null or {{ dtnum_is_number('n_habilitation_v2') }} as est_comparable

    from {{ ref('silver_dtnum__suivi') }}

),

lignes as (

    select
        demande_cle,
        rang_habilitation,
        etat,
        est_supprimee,
        case when {{ dtnum_is_number('n_demande_v2') }} then n_demande_v2 end as n_demande,
        n_habilitation_v2,
        n_habilitation_v2 is null or {{ dtnum_is_number('n_habilitation_v2') }} as est_comparable

    from {{ ref('silver_dtnum__lignes') }}
    where motif is null

),

-- step 1: the same demande and the same habilitation, or none on either side
suivi_exact as (

    select
        rang,
        n_demande || ':' || coalesce(n_habilitation_v2, '') as cle,
        row_number() over (
            partition by n_demande, n_habilitation_v2 order by rang
        ) as tour

    from suivi
    where n_demande is not null and est_comparable

),

lignes_exactes as (

    select
        demande_cle,
        rang_habilitation,
        n_demande || ':' || coalesce(n_habilitation_v2, '') as cle,
        count(*) over (partition by n_demande, n_habilitation_v2) as nombre_lignes

    from lignes
    where n_demande is not null and est_comparable

),

fusions as (

    select
        suivi_exact.rang,
        lignes_exactes.demande_cle,
        lignes_exactes.rang_habilitation

    from suivi_exact
    inner join lignes_exactes
        on suivi_exact.cle = lignes_exactes.cle
    where suivi_exact.tour = 1 and lignes_exactes.nombre_lignes = 1

),

ambigus_exacts as (

    select distinct suivi_exact.rang

    from suivi_exact
    inner join lignes_exactes
        on suivi_exact.cle = lignes_exactes.cle
    where lignes_exactes.nombre_lignes > 1

),

-- step 2: a demande that has gained a habilitation since the file was written
suivi_sans_habilitation as (

    select
        suivi.rang,
        suivi.n_demande,
        row_number() over (partition by suivi.n_demande order by suivi.rang) as tour

    from suivi
    left join fusions
        on suivi.rang = fusions.rang
    left join ambigus_exacts
        on suivi.rang = ambigus_exacts.rang
    where
        suivi.n_demande is not null
        and suivi.n_habilitation_v2 is null
        and fusions.rang is null
        and ambigus_exacts.rang is null

),

habilitations_libres as (

    select
        lignes.demande_cle,
        lignes.rang_habilitation,
        lignes.n_demande,
        count(*) over (partition by lignes.n_demande) as nombre_lignes

    from lignes
    left join fusions
        on
            lignes.demande_cle = fusions.demande_cle
            and lignes.rang_habilitation = fusions.rang_habilitation
    where
        lignes.etat = 'habilitation'
        and lignes.n_demande is not null
        and fusions.rang is null

),

habilitations_gagnees as (

    select
        suivi_sans_habilitation.rang,
        habilitations_libres.demande_cle,
        habilitations_libres.rang_habilitation

    from suivi_sans_habilitation
    inner join habilitations_libres
        on suivi_sans_habilitation.n_demande = habilitations_libres.n_demande
    where suivi_sans_habilitation.tour = 1 and habilitations_libres.nombre_lignes = 1

),

ambigus as (

    select rang from ambigus_exacts

    union distinct

    select suivi_sans_habilitation.rang

    from suivi_sans_habilitation
    inner join habilitations_libres
        on suivi_sans_habilitation.n_demande = habilitations_libres.n_demande
    where habilitations_libres.nombre_lignes > 1

),

paires as (

    select
        rang,
        demande_cle,
        rang_habilitation,
        'fusion' as origine

    from fusions

    union all

    select
        rang,
        demande_cle,
        rang_habilitation,
        'nouvelle_habilitation' as origine

    from habilitations_gagnees

),

-- every row of the file and every line of DataPass once, together or alone
final as (

    select
        suivi.rang,
        paires.demande_cle,
        paires.rang_habilitation,
        coalesce(paires.origine, 'suivi_sans_correspondance') as origine,
        ambigus.rang is not null as est_ambigu

    from suivi
    left join paires
        on suivi.rang = paires.rang
    left join ambigus
        on suivi.rang = ambigus.rang

    union all

    select
        cast(null as {{ dbt.type_bigint() }}) as rang,
        lignes.demande_cle,
        lignes.rang_habilitation,
        case when lignes.est_supprimee then 'supprime' else 'nouvelle_demande' end as origine,
        false as est_ambigu

    from lignes
    left join paires
        on
            lignes.demande_cle = paires.demande_cle
            and lignes.rang_habilitation = paires.rang_habilitation
    where paires.rang is null

)

select * from final
