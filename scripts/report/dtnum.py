"""dtnum: where the requests for access to the APIs stand, and what is to be corrected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import altair as alt

from scripts.dtnum_classeur import MESSAGES, MOTIFS, ORIGINS
from scripts.report import charts
from scripts.report.data import Row, Rows
from scripts.report.figures import COLOURS, Cards, Choice, Column, Figure, Option, Section
from scripts.report.words import Words

LANGUAGE = "fr"
EVERYTHING = "*"
NONE = "Non renseigné"
OTHERS = "Autres"
BY_HAND = "Autre texte, saisi à la main"
# People type into the file: values beyond the most frequent ones count together.
MOST = {"api": 25, "statut": 12, "environnement": 6, "region": 25}
# Rows to work through that the page holds.
MOST_ROWS = 500

# The order of a request's life, and colours that say how it goes.
STATUSES = {
    "Brouillon": COLOURS[4],
    "Traitement en cours par la DGFiP": COLOURS[0],
    "Modifications demandées au partenaire": COLOURS[3],
    "Accepté": COLOURS[2],
    "Refusé": COLOURS[1],
    "Révoqué": COLOURS[5],
    "Supprimé": COLOURS[6],
    "Statut inconnu": COLOURS[7],
}
_MOMENTS = {"avant": "Avant la fusion", "apres": "Après la fusion"}
_FIELDS = {"api": "API", "statut": "Statut", "environnement": "Environnement", "region": "Région"}
_EMPTY = Words("Aucune ligne.", "No rows.")
_IS_CHOSEN = (
    "(environnement == '*' || datum.environnement == environnement)"
    " && (region == '*' || datum.region == region)"
)
_CHOSEN_TITLE = (
    "=(environnement == '*' ? 'Tous les environnements' : environnement)"
    " + (region == '*' ? '' : ' · ' + region)"
)
_HOW = Choice(
    "affichage",
    Words("Afficher", "Show"),
    [Option("nombre", "Nombre"), Option("pourcentage", "Pourcentage de la barre")],
    "nombre",
)


def section(answers: dict[str, Rows]) -> Section:
    """Make the product's part of the page.

    Args:
        answers: `suivi`, `reste_suivi` and `reste_datapass` (counts), `erreurs` (rows of the new
            file with a remark) and `periode` (its first and last day).

    Returns:
        The section.
    """
    (period,) = answers["periode"]
    kept = {name: _most_frequent(answers["suivi"], name) for name in MOST}
    rows = _named(answers["suivi"], kept)
    rows = [row | {"origine": ORIGINS.get(row["origine"], row["origine"])} for row in rows]
    entries = list(_entries(_named(answers["erreurs"], kept)))
    before_after = [
        row | {"moment": _MOMENTS.get(row["moment"], row["moment"])}
        for row in _named(answers["reste_suivi"], kept)
    ]
    left_over = [
        row | {"motif": MOTIFS.get(row["motif"], row["motif"])}
        for row in _named(answers["reste_datapass"], kept)
    ]
    statuses = _statuses([*rows, *before_after])
    cards = list(_card_rows(rows, entries, left_over))
    figures = [
        _by_api(rows, statuses),
        _by_rule(entries),
        _to_correct(entries),
        _of_the_file(
            rows,
            statuses,
            "dtnum-regions",
            Words("Le fichier par région", "The file by region"),
            Words(
                "La région du demandeur, d'après son code postal.",
                "The applicant's region, by its postcode.",
            ),
            {"region": "Région"},
        ),
        _of_the_file(
            rows,
            statuses,
            "dtnum-origine",
            Words("D'où viennent les lignes", "Where the rows come from"),
            Words(
                "Chaque ligne du nouveau fichier vient du suivi, de DataPass ou des deux.",
                "Each row of the new file comes from the tracking file, from DataPass or both.",
            ),
            {"origine": "Origine"},
            lines=True,
        ),
        _before_and_after(before_after),
        _not_taken(left_over),
    ]
    return Section(
        product="dtnum",
        language=LANGUAGE,
        question=Words(
            "Où en sont les demandes d'accès aux API, et que reste-t-il à corriger ?",
            "Where do the requests for access to the APIs stand, and what is to be corrected?",
        ),
        headline=_headline(cards[0], rows),
        first=period["premier"],
        last=period["dernier"],
        choices=[
            _choice("environnement", Words("Environnement", "Environment"), "Tous", rows),
            _choice("region", Words("Région", "Region"), "Toutes", rows),
        ],
        cards=Cards(
            rows=cards,
            columns=[
                Column("lignes", "Lignes du nouveau suivi", "n0"),
                Column("nouvelles", "Nouvelles lignes de DataPass", "n0"),
                Column("a_corriger", "Lignes à corriger", "n0"),
                Column("absentes", "Lignes de DataPass absentes du suivi", "n0"),
            ],
            keys={"environnement": "environnement", "region": "region"},
        ),
        figures=figures,
    )


def _most_frequent(rows: Rows, name: str) -> set[str]:
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row[name] or NONE] += row["nombre"]
    in_order = sorted(counts, key=lambda value: (-counts[value], value))
    return set(in_order[: MOST[name]]) | {NONE}


def _named(rows: Rows, kept: Mapping[str, set[str]]) -> Rows:
    """Give a name to what is missing, and one to all that is rare."""

    def named(name: str, value: Any) -> Any:
        if name not in kept:
            return value
        return (value or NONE) if (value or NONE) in kept[name] else OTHERS

    return [{name: named(name, value) for name, value in row.items()} for row in rows]


def _statuses(rows: Iterable[Row]) -> list[str]:
    """List the statuses: in the order of a request's life, then what else people wrote."""
    order = list(STATUSES)
    last = (OTHERS, NONE)
    return sorted(
        {row["statut"] for row in rows},
        key=lambda one: (
            one in last,
            last.index(one) if one in last else 0,
            order.index(one) if one in order else len(order),
            one,
        ),
    )


def _status_colour(statuses: Sequence[str]) -> alt.Color:
    others = [COLOURS[number] for number in (8, 9, 10, 11)]
    unnamed = [status for status in statuses if status not in STATUSES]
    colours = STATUSES | {one: others[place % 4] for place, one in enumerate(unnamed)}
    scale = alt.Scale(domain=list(statuses), range=[colours[status] for status in statuses])
    # one column: a legend that folds as the page narrows is cut off
    legend = alt.Legend(columns=1, labelLimit=alt.ExprRef("width - 20"))
    return alt.Color("statut:N", title="Statut", scale=scale, legend=legend)


def _entries(rows: Rows) -> Iterator[Row]:
    """Take the remarks of rows apart: a row for each, with the rule that it is of."""
    for row in rows:
        lines = dict.fromkeys(line.strip() for line in row["erreurs"].split("\n"))
        for line in lines:
            if line:
                rule = next((one for one in MESSAGES if line.startswith(one)), BY_HAND)
                yield {name: value for name, value in row.items() if name != "erreurs"} | {
                    "regle": rule.rstrip(" :"),
                    "message": line,
                }


def _card_rows(rows: Rows, entries: Rows, left_over: Rows) -> Iterator[Row]:
    """Count what each choice of environment and region leaves."""

    def values(name: str) -> list[str]:
        return [EVERYTHING, *sorted({row[name] for row in rows})]

    for environment in values("environnement"):
        for region in values("region"):
            chosen = {"environnement": environment, "region": region}

            def of(
                some: Rows,
                chosen: Mapping[str, str] = chosen,
            ) -> Rows:
                return [
                    row
                    for row in some
                    if all(value in (EVERYTHING, row[name]) for name, value in chosen.items())
                ]

            yield chosen | {
                "lignes": sum(row["nombre"] for row in of(rows)),
                "nouvelles": sum(
                    row["nombre"]
                    for row in of(rows)
                    if row["origine"] == ORIGINS["nouvelle_demande"]
                ),
                "a_corriger": len({row["ordre"] for row in of(entries)}),
                "absentes": sum(row["nombre"] for row in of(left_over)),
            }


def _headline(everything: Row, rows: Rows) -> Words:
    total = everything["lignes"]
    if not total:
        return Words("Le nouveau suivi est vide.", "The new file is empty.")
    waiting = sum(
        row["nombre"] for row in rows if row["statut"] == "Traitement en cours par la DGFiP"
    )
    spaced = f"{total:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    return Words(
        f"{spaced} lignes dans le nouveau suivi : {waiting} en cours de traitement par la DGFiP, "
        f"{everything['a_corriger']} à corriger.",
        f"{total:,} rows in the new file: {waiting} being handled by the DGFiP, "
        f"{everything['a_corriger']} to correct.",
    )


def _choice(name: str, label: Words, everything: str, rows: Rows) -> Choice:
    last = (OTHERS, NONE)
    values = sorted({row[name] for row in rows}, key=lambda one: (one in last, one.casefold(), one))
    return Choice(
        name,
        label,
        [Option(EVERYTHING, everything), *(Option(value, value) for value in values)],
        EVERYTHING,
    )


def _chosen(**more: Any) -> alt.Chart:
    """Start a chart of the rows that the section's choices leave."""
    return (
        alt.Chart(charts.ROWS)
        .add_params(*charts.parameters(environnement=EVERYTHING, region=EVERYTHING, **more))
        .transform_filter(_IS_CHOSEN)
    )


_PERCENT_OR_COUNT = "=affichage == 'pourcentage' ? 'Pourcentage des lignes' : 'Nombre de lignes'"
# long labels on several lines, which leaves a phone room, and bars high enough for them
_SEVERAL_LINES = r"split(replace(datum.label, regexp('(.{14,20}[^ ]*) ', 'g'), '$1\n'), '\n')"
_LINES_HEIGHT = 44
_BY_SIZE = alt.EncodingSortField("place", op="min", order="ascending")


def _of_the_file(
    rows: Rows,
    statuses: Sequence[str],
    name: str,
    title: Words,
    note: Words,
    fields: Mapping[str, str],
    *,
    lines: bool = False,
) -> Figure:
    """Draw the rows of the file by one field, stacked by status, as numbers or percent.

    Args:
        rows: counts by origin, API, environment, status and region.
        statuses: in the order in which they are stacked.
        name: the figure's.
        title: the figure's.
        note: the figure's.
        fields: field -> its name, of which a reader chooses one for the bars.
        lines: whether labels are long.

    Returns:
        The figure.
    """
    first = next(iter(fields))
    names = "{" + ", ".join(f"{field}: '{label}'" for field, label in fields.items()) + "}"
    summed = (
        _chosen(par=first, affichage="nombre", statuts=list(statuses))
        .transform_calculate(ligne="datum[par]")
        .transform_aggregate(antall="sum(nombre)", groupby=["ligne", "statut"])
        .transform_calculate(rang="indexof(statuts, datum.statut)")
    )
    chart = (
        charts.with_shares(summed, "ligne", ["rang"])
        .transform_calculate(
            cle="-datum.hele", valeur="affichage == 'pourcentage' ? datum.andel : datum.antall"
        )
        .transform_window(place="dense_rank()", sort=[alt.SortField("cle"), alt.SortField("ligne")])
        .mark_bar()
        .encode(
            y=alt.Y(
                "ligne:N",
                title=f"={names}[par]",
                sort=_BY_SIZE,
                axis=alt.Axis(labelExpr=_SEVERAL_LINES) if lines else alt.Axis(labelLimit=175),
            ),
            x=alt.X("valeur:Q", title=_PERCENT_OR_COUNT, axis=charts.whole_numbers()),
            color=_status_colour(statuses),
            order=alt.Order("rang:Q"),
            tooltip=[
                alt.Tooltip("ligne:N", title="Barre"),
                alt.Tooltip("statut:N", title="Statut"),
                alt.Tooltip("antall:Q", title="Lignes", format=",.0f"),
                alt.Tooltip("andel:Q", title="Pourcentage", format=".1f"),
            ],
        )
        .properties(
            width="container",
            height=alt.Step(_LINES_HEIGHT if lines else charts.BAR_HEIGHT),
            title=_CHOSEN_TITLE,
        )
    )
    by = Choice(
        "par",
        Words("Une barre par", "A bar for each"),
        [Option(field, label) for field, label in fields.items()],
        first,
    )
    return Figure(
        name=name,
        title=title,
        note=note,
        chart=chart,
        rows=rows,
        columns=[
            Column("ligne", f"={names}[par]"),
            Column("statut", "Statut"),
            Column("antall", "Lignes", "n0"),
            Column("andel", "Pourcentage", "percent"),
        ],
        order=["place", "rang"],
        choices=[by, _HOW] if len(fields) > 1 else [_HOW],
        empty=_EMPTY,
    )


def _by_api(rows: Rows, statuses: Sequence[str]) -> Figure:
    """The file by API and status."""
    return _of_the_file(
        rows,
        statuses,
        "dtnum-statuts",
        Words("Le fichier par API et par statut", "The file by API and status"),
        Words(
            "« FC » : avec FranceConnect. En pourcentage, chaque barre fait 100 %.",
            "“FC”: with FranceConnect. In percent each bar adds up to 100.",
        ),
        {"api": "API", "statut": "Statut", "environnement": "Environnement"},
    )


def _by_rule(entries: Rows) -> Figure:
    """How many rows each rule has something to say of."""
    counts: Counter[tuple[str, str, str]] = Counter(
        (row["regle"], row["environnement"], row["region"]) for row in entries
    )
    rows = [
        {"regle": rule, "environnement": environment, "region": region, "nombre": count}
        for (rule, environment, region), count in sorted(counts.items())
    ]
    chart = (
        _chosen()
        .transform_aggregate(lignes="sum(nombre)", groupby=["regle"])
        .mark_bar(color=COLOURS[1])
        .encode(
            y=alt.Y(
                "regle:N",
                title="Règle",
                sort=alt.EncodingSortField("lignes", op="sum", order="descending"),
                axis=alt.Axis(labelExpr=_SEVERAL_LINES),
            ),
            x=alt.X("lignes:Q", title="Nombre de lignes", axis=charts.whole_numbers()),
            tooltip=[
                alt.Tooltip("regle:N", title="Règle"),
                alt.Tooltip("lignes:Q", title="Lignes", format=",.0f"),
            ],
        )
        .properties(width="container", height=alt.Step(_LINES_HEIGHT), title=_CHOSEN_TITLE)
    )
    return Figure(
        name="dtnum-erreurs",
        title=Words("Les erreurs, par règle", "Errors by rule"),
        note=Words(
            "Ce que la colonne Erreurs du nouveau suivi signale. Une ligne compte pour chaque "
            "règle qu'elle enfreint.",
            "What the column Erreurs of the new file says. A row counts for each rule that it "
            "breaks.",
        ),
        chart=chart,
        rows=rows,
        columns=[Column("regle", "Règle"), Column("lignes", "Lignes", "n0")],
        order=["-lignes", "regle"],
        empty=Words("Aucune erreur.", "No errors."),
    )


def _to_correct(entries: Rows) -> Figure:
    """The rows themselves: a list to work through, each a piece of its API's bar."""
    rules = sorted({row["regle"] for row in entries})
    rows = [
        {name: "" if row[name] is None else row[name] for name in _LISTED} | {"ligne": 1}
        for row in sorted(entries, key=lambda row: (row["ordre"], row["regle"], row["message"]))
    ]
    chart = (
        _chosen(regle=EVERYTHING)
        .transform_filter("regle == '*' || datum.regle == regle")
        .mark_bar(stroke="white", strokeWidth=0.5)
        .encode(
            y=alt.Y(
                "api:N",
                title="API",
                sort=alt.EncodingSortField("ligne", op="sum", order="descending"),
            ),
            x=alt.X(
                "ligne:Q",
                title="Lignes à corriger",
                stack="zero",
                axis=charts.whole_numbers(),
            ),
            color=alt.Color(
                "regle:N",
                title="Règle",
                scale=alt.Scale(domain=rules),
                legend=alt.Legend(columns=1, labelLimit=alt.ExprRef("width - 20")),
            ),
            order=alt.Order("ordre:Q"),
            tooltip=[
                alt.Tooltip("ordre:Q", title="Ligne du nouveau suivi"),
                alt.Tooltip("n_demande_v2:N", title="N° Demande"),
                alt.Tooltip("raison_sociale_demandeur:N", title="Demandeur"),
                alt.Tooltip("message:N", title="Erreur"),
            ],
        )
        .properties(width="container", height=alt.Step(charts.BAR_HEIGHT), title=_CHOSEN_TITLE)
    )
    cut = len(rows) > MOST_ROWS
    return Figure(
        name="dtnum-a-corriger",
        title=Words("Les lignes à corriger", "The rows to correct"),
        note=Words(
            "Le tableau est la liste de travail, dans l'ordre du nouveau suivi."
            + (
                f" Voici les {MOST_ROWS} premières entrées sur {len(rows)} ; toutes sont dans le "
                "nouveau suivi, colonne Erreurs."
                if cut
                else ""
            ),
            "The table is the list to work through, in the order of the new file."
            + (
                f" These are the first {MOST_ROWS} entries of {len(rows)}; all are in the new "
                "file, column Erreurs."
                if cut
                else ""
            ),
        ),
        chart=chart,
        rows=rows[:MOST_ROWS],
        columns=[Column(name, label) for name, label in _LISTED.items()],
        order=["ordre", "regle", "message"],
        choices=[
            Choice(
                "regle",
                Words("Règle", "Rule"),
                [Option(EVERYTHING, "Toutes"), *(Option(rule, rule) for rule in rules)],
                EVERYTHING,
            )
        ],
        wide=True,
        empty=Words("Aucune ligne à corriger.", "No rows to correct."),
    )


_LISTED = {
    "ordre": "Ligne",
    "n_demande_v2": "N° Demande v2",
    "n_habilitation_v2": "N° Habilitation v2",
    "regle": "Règle",
    "message": "Erreur",
    "api": "API",
    "environnement": "Environnement",
    "statut": "Statut",
    "region": "Région",
    "raison_sociale_demandeur": "Demandeur",
    "nom_projet": "Projet",
}


def _before_and_after(rows: Rows) -> Figure:
    """The status of rows that DataPass does not know, before the merge and after it."""
    moments = list(_MOMENTS.values())
    chart = (
        _chosen()
        .transform_aggregate(lignes="sum(nombre)", groupby=["statut", "moment"])
        .mark_bar()
        .encode(
            y=alt.Y(
                "statut:N",
                title="Statut",
                sort=_statuses(rows),
                axis=alt.Axis(labelExpr=_SEVERAL_LINES),
            ),
            yOffset=alt.YOffset("moment:N", sort=moments),
            x=alt.X("lignes:Q", title="Nombre de lignes", axis=charts.whole_numbers()),
            color=alt.Color(
                "moment:N",
                title=None,
                scale=alt.Scale(domain=moments, range=[COLOURS[6], COLOURS[0]]),
                legend=alt.Legend(columns=1),
            ),
            tooltip=[
                alt.Tooltip("statut:N", title="Statut"),
                alt.Tooltip("moment:N", title="Moment"),
                alt.Tooltip("lignes:Q", title="Lignes", format=",.0f"),
            ],
        )
        .properties(width="container", height=alt.Step(_LINES_HEIGHT // 2 - 4), title=_CHOSEN_TITLE)
    )
    return Figure(
        name="dtnum-reste-suivi",
        title=Words(
            "Lignes du suivi sans correspondance dans DataPass",
            "Rows of the tracking file that DataPass does not know",
        ),
        note=Words(
            "Le statut avant et après la fusion : les événements de DataPass disent parfois "
            "qu'une demande a été refusée ou supprimée (feuille reste_suivi).",
            "The status before and after the merge: events of DataPass sometimes say that a "
            "request was refused or deleted (sheet reste_suivi).",
        ),
        chart=chart,
        rows=rows,
        columns=[
            Column("statut", "Statut"),
            Column("moment", "Moment"),
            Column("lignes", "Lignes", "n0"),
        ],
        order=["statut", "-moment"],
        empty=Words(
            "Toutes les lignes du suivi ont leur correspondance.",
            "DataPass knows all rows of the tracking file.",
        ),
    )


def _not_taken(rows: Rows) -> Figure:
    """What DataPass has and the new file does not, by reason."""
    chart = (
        _chosen()
        .transform_aggregate(lignes="sum(nombre)", groupby=["motif", "environnement"])
        .mark_bar()
        .encode(
            y=alt.Y("motif:N", title="Motif", sort=list(MOTIFS.values())),
            x=alt.X("lignes:Q", title="Nombre de lignes", axis=charts.whole_numbers()),
            color=alt.Color("environnement:N", title="Environnement"),
            tooltip=[
                alt.Tooltip("motif:N", title="Motif"),
                alt.Tooltip("environnement:N", title="Environnement"),
                alt.Tooltip("lignes:Q", title="Lignes", format=",.0f"),
            ],
        )
        .properties(width="container", height=alt.Step(charts.BAR_HEIGHT), title=_CHOSEN_TITLE)
    )
    return Figure(
        name="dtnum-reste-datapass",
        title=Words(
            "Lignes de DataPass absentes du nouveau suivi",
            "Rows of DataPass that are not in the new file",
        ),
        note=Words(
            "Et pourquoi : un brouillon, une demande jamais soumise, supprimée dans DataPass, ou "
            "des données illisibles (feuille reste_datapass).",
            "And why: a draft, a request never submitted, deleted in DataPass, or unreadable data "
            "(sheet reste_datapass).",
        ),
        chart=chart,
        rows=rows,
        columns=[
            Column("motif", "Motif"),
            Column("environnement", "Environnement"),
            Column("lignes", "Lignes", "n0"),
        ],
        order=["motif", "environnement"],
        empty=Words("Rien n'a été laissé de côté.", "Nothing was left out."),
    )
