"""tiltak: participants per week, along whichever axes the reader chooses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import altair as alt
import pandas as pd

from scripts.report import charts
from scripts.report.data import Rows
from scripts.report.figures import MOST_PERIODS, Cards, Choice, Column, Figure, Option, Section
from scripts.report.words import Words

LANGUAGE = "nb"
# field of the chart's rows -> its column in gold, its name, and its plural
DIMENSIONS = {
    "tiltak": ("tiltaksnavn", "Tiltak", "tiltak"),
    "avdeling": ("avdeling", "Avdeling", "avdelinger"),
    "gruppe": ("innsatsgruppe", "Innsatsgruppe", "innsatsgrupper"),
    "kontor": ("enhetsnummer", "Kontor", "kontorer"),
}
QUESTION = Words(
    "Hvor mange deltar i hvert tiltak, uke for uke?",
    "How many people take part in each labour-market measure, week by week?",
)
NOBODY = Words("Ingen deltar i noe tiltak.", "Nobody takes part in any measure.")
EVERYBODY = "Alle deltakere"
# Counts that the page can hold and still be read at once; the latest weeks are kept.
MOST_COUNTS = 600_000

_DISTRIBUTION = Words(
    "Deltakere i den valgte uken eller perioden", "Participants in the chosen weeks"
)
_TITLES = "{" + ", ".join(f"{name}: '{title}'" for name, (_, title, _) in DIMENSIONS.items()) + "}"
_COUNTED = (
    "vis == 'prosent' ? 'Prosent av deltakerne' : "
    "perioder[0][0] == perioder[0][1] && length(perioder) == 1 "
    "? 'Deltakere i uken' : 'Deltakere i snitt per uke'"
)


def section(answers: dict[str, Rows]) -> Section:
    """Make the product's part of the page.

    Args:
        answers: `uker` (counts above zero by week and everything else) and `kalender` (the weeks).

    Returns:
        The section.
    """
    if not answers["uker"]:
        return _nothing()
    weeks = [(row["år"], row["uke"]) for row in answers["kalender"]]
    counts = pd.DataFrame(answers["uker"])
    keys = [column for column, _, _ in DIMENSIONS.values()]
    # a row for each combination that ever had anybody, a column for each week, zeros filled in
    grid = _numbered(counts, weeks).pivot_table(
        index=keys, columns="number", values="antall", aggfunc="sum", fill_value=0
    )
    grid = grid.reindex(columns=range(len(weeks)), fill_value=0).astype(int).sort_index()
    kept = min(len(weeks), max(1, MOST_COUNTS // max(1, len(grid))))
    weeks, grid = weeks[-kept:], grid.iloc[:, -kept:]
    rows = [
        dict(zip(DIMENSIONS, key, strict=True)) | {"antall": values.tolist()}
        for key, values in zip(grid.index, grid.to_numpy(), strict=True)
    ]
    mondays = [date.fromisocalendar(year, week, 1) for year, week in weeks]
    labels = [f"{year} uke {week}" for year, week in weeks]
    everything = grid.sum()
    largest = grid.groupby(level="tiltaksnavn").sum().iloc[:, -1].sort_values()
    dropped = len(answers["kalender"]) - kept

    params = {
        "uker": labels,
        "mandag": mondays[0].isoformat(),
        "perioder": [[kept - 1, kept - 1]],
    } | {f"med_{name}": _values(rows, name) for name in DIMENSIONS}
    return Section(
        product="tiltak",
        language=LANGUAGE,
        question=QUESTION,
        headline=Words(
            f"{everything.iloc[-1]} deltakere i {labels[-1]}; "
            f"flest i {largest.index[-1]} ({largest.iloc[-1]}).",
            f"{everything.iloc[-1]} participants in week {weeks[-1][1]} of {weeks[-1][0]}; "
            f"most in {largest.index[-1]} ({largest.iloc[-1]}).",
        ),
        first=mondays[0].isoformat(),
        last=date.fromisocalendar(*weeks[-1], 7).isoformat(),
        remark=Words(
            f"De {dropped} eldste ukene er utelatt for at siden skal være liten.",
            f"The {dropped} oldest weeks are left out to keep the page small.",
        )
        if dropped
        else None,
        choices=[
            Choice(
                "perioder",
                Words("Uke eller perioder", "Week or periods"),
                [Option(number, label) for number, label in enumerate(labels)],
                params["perioder"],
                "periods",
            ),
            *(
                Choice(
                    f"med_{name}",
                    Words(title, title),
                    [Option(value, value) for value in params[f"med_{name}"]],
                    params[f"med_{name}"],
                    "several",
                )
                for name, (_, title, _) in DIMENSIONS.items()
            ),
        ],
        cards=Cards(
            rows=[
                {
                    "deltakere": int(everything.iloc[-1]),
                    "tiltak": len(largest),
                    "endring": int(everything.iloc[-1] - everything.iloc[-53])
                    if kept > 52
                    else None,
                }
            ],
            columns=[
                Column("deltakere", f"Deltakere i {labels[-1]}", "n0"),
                Column("endring", "Endring fra 52 uker før", "n0"),
                Column("tiltak", "Tiltak i tabellen", "n0"),
            ],
        ),
        figures=[_distribution(rows, params), _development(rows, params)],
    )


def _nothing() -> Section:
    """Make the section of a product in which nobody takes part."""
    figure = Figure(
        name="tiltak-fordeling",
        title=_DISTRIBUTION,
        note=NOBODY,
        chart=None,
        rows=[],
        columns=[Column("tiltak", "Tiltak"), Column("antall", "Deltakere", "n0")],
        empty=NOBODY,
    )
    return Section("tiltak", LANGUAGE, QUESTION, NOBODY, None, None, [figure])


def _numbered(counts: pd.DataFrame, weeks: Sequence[tuple[int, int]]) -> pd.DataFrame:
    """Add each row's place in the list of weeks."""
    number = {week: place for place, week in enumerate(weeks)}
    return counts.assign(
        number=[number[week] for week in zip(counts["år"], counts["uke"], strict=True)]
    )


def _values(rows: Rows, name: str) -> list[str]:
    return sorted({row[name] for row in rows})


def _axes(without: bool = False) -> list[Option]:
    """Make the options of an axis."""
    options = [Option(name, title) for name, (_, title, _) in DIMENSIONS.items()]
    return ([Option("", "Ingen")] if without else []) + options


_HOW = (
    Choice(
        "vis",
        Words("Vis", "Show"),
        [Option("antall", "Antall"), Option("prosent", "Prosent")],
        "antall",
    ),
)


def _chosen(params: dict[str, object], **more: object) -> alt.Chart:
    """Start a chart of the rows that the section's choices leave."""
    where = " && ".join(f"indexof(med_{name}, datum.{name}) >= 0" for name in DIMENSIONS)
    return (
        alt.Chart(charts.ROWS)
        .add_params(*charts.parameters(**params, **more))
        .transform_filter(where)
    )


def _distribution(rows: Rows, params: dict[str, object]) -> Figure:
    """Participants along two axes, in one week or several periods beside each other."""
    chart = (
        _chosen(params, rad="tiltak", farge="gruppe", vis="antall", delt=False, sortert="storst")
        .transform_calculate(
            kategori="datum[rad]",
            serie=f"farge == '' ? '{EVERYBODY}' : datum[farge]",
            periode="sequence(length(perioder))",
        )
        .transform_flatten(["periode"])
        .transform_calculate(
            fra="perioder[datum.periode][0]",
            til="perioder[datum.periode][1]",
        )
        .transform_calculate(i_uken="slice(datum.antall, datum.fra, datum.til + 1)")
        .transform_flatten(["i_uken"])
        .transform_aggregate(
            sum="sum(i_uken)", groupby=["kategori", "serie", "periode", "fra", "til"]
        )
        .transform_calculate(
            antall="datum.sum / (datum.til - datum.fra + 1)",
            periodenavn="datum.fra == datum.til ? uker[datum.fra]"
            " : uker[datum.fra] + ' til ' + uker[datum.til]",
            hel="farge == '' ? '' + datum.periode : datum.periode + datum.kategori",
        )
    )
    chart = (
        charts.with_shares(chart, "hel", ["serie", "kategori"])
        .transform_joinaggregate(i_kategorien="sum(antall)", groupby=["kategori"])
        .transform_calculate(nokkel="sortert == 'storst' ? -datum.i_kategorien : 0")
        .transform_window(
            rang="dense_rank()",
            sort=[alt.SortField(name) for name in ("nokkel", "kategori", "periode")],
        )
        .transform_calculate(
            linje="length(perioder) > 1"
            " ? datum.kategori + ' · ' + datum.periodenavn : datum.kategori",
            undergruppe="delt ? datum.serie : ''",
            verdi="vis == 'prosent' ? datum.andel : datum.antall",
        )
        .mark_bar()
        .encode(
            y=alt.Y(
                "linje:N",
                title=f"={_TITLES}[rad]",
                sort=alt.EncodingSortField("rang", op="min", order="ascending"),
            ),
            yOffset=alt.YOffset("undergruppe:N"),
            x=alt.X("verdi:Q", title=f"={_COUNTED}", axis=alt.Axis(format=",.0f")),
            color=alt.Color("serie:N", title=f"=farge == '' ? '' : {_TITLES}[farge]"),
            tooltip=[
                alt.Tooltip("linje:N", title="Linje"),
                alt.Tooltip("serie:N", title="Gruppe"),
                alt.Tooltip("antall:Q", title="Deltakere", format=",.1f"),
                alt.Tooltip("andel:Q", title="Prosent", format=".1f"),
            ],
        )
        .properties(title=f"={_shown()}", width="container", height=alt.Step(charts.BAR_HEIGHT))
    )
    return Figure(
        name="tiltak-fordeling",
        title=_DISTRIBUTION,
        note=Words(
            "Velg hva som står på aksene. En periode på flere uker viser gjennomsnittet per uke.",
            "Choose what is on the axes. A period of several weeks shows the average per week.",
        ),
        chart=chart,
        rows=rows,
        columns=[
            Column("periodenavn", "Periode"),
            Column("kategori", f"={_TITLES}[rad]"),
            Column("serie", f"={_TITLES}[farge]", shown_if="farge != ''"),
            Column("antall", "Deltakere", "n1"),
            Column("andel", "Prosent", "percent"),
        ],
        order=["periode", "rang", "serie"],
        choices=[
            Choice("rad", Words("Linjer", "Rows"), _axes(), "tiltak"),
            Choice("farge", Words("Delt på", "Divided by"), _axes(without=True), "gruppe"),
            *_HOW,
            Choice(
                "sortert",
                Words("Rekkefølge", "Order"),
                [Option("storst", "Største først"), Option("navn", "Etter navn")],
                "storst",
            ),
            Choice("delt", Words("Ved siden av hverandre", "Side by side"), (), False, "switch"),
        ],
        wide=True,
    )


def _development(rows: Rows, params: dict[str, object]) -> Figure:
    """Participants over all weeks, the chosen periods marked."""
    counted = (
        _chosen(params, farge="tiltak", vis="antall", delt=False)
        .transform_calculate(
            serie=f"farge == '' ? '{EVERYBODY}' : datum[farge]", uke="sequence(length(uker))"
        )
        .transform_flatten(["antall", "uke"])
        .transform_aggregate(sum="sum(antall)", groupby=["serie", "uke"])
        .transform_calculate(antall="datum.sum")
    )
    counted = charts.with_shares(counted, "uke", ["serie"]).transform_calculate(
        dag=_monday("datum.uke"),
        ukenavn="uker[datum.uke]",
        verdi="vis == 'prosent' ? datum.andel : datum.antall",
    )
    x = alt.X("dag:T", title="Uke", axis=alt.Axis(format="%G uke %V", labelOverlap=True))
    y_title = "=vis == 'prosent' ? 'Prosent av deltakerne' : 'Deltakere i uken'"
    encoding = {
        "x": x,
        "color": alt.Color("serie:N", title=f"=farge == '' ? '' : {_TITLES}[farge]"),
        "tooltip": [
            alt.Tooltip("ukenavn:N", title="Uke"),
            alt.Tooltip("serie:N", title="Gruppe"),
            alt.Tooltip("antall:Q", title="Deltakere", format=",.0f"),
            alt.Tooltip("andel:Q", title="Prosent", format=".1f"),
        ],
    }
    stacked = (
        counted.transform_filter("!delt")
        .mark_area(interpolate="step-after", opacity=0.85)
        .encode(y=alt.Y("verdi:Q", title=y_title, stack="zero"), **encoding)
    )
    beside = (
        counted.transform_filter("delt")
        .mark_line(interpolate="step-after")
        .encode(y=alt.Y("verdi:Q", title=y_title, stack=None), **encoding)
    )
    marked = (
        alt.Chart(alt.sequence(0, MOST_PERIODS, 1, as_="nr"))
        .transform_filter("datum.nr < length(perioder)")
        .transform_calculate(
            dag=_monday("perioder[datum.nr][0]"), slutt=_monday("perioder[datum.nr][1] + 1")
        )
        .mark_rect(opacity=0.25, color="#888888")
        .encode(x="dag:T", x2="slutt:T")
    )
    return Figure(
        name="tiltak-utvikling",
        title=Words("Utviklingen uke for uke", "The development week by week"),
        note=Words(
            "Perioden som er valgt over, er skyggelagt.", "The period chosen above is shaded."
        ),
        chart=alt.layer(marked, stacked, beside).properties(width="container", height=charts.TALL),
        rows=rows,
        columns=[
            Column("ukenavn", "Uke"),
            Column("serie", f"={_TITLES}[farge]", shown_if="farge != ''"),
            Column("antall", "Deltakere", "n0"),
            Column("andel", "Prosent", "percent"),
        ],
        order=["uke", "serie"],
        choices=[
            Choice("farge", Words("Delt på", "Divided by"), _axes(without=True), "tiltak"),
            *_HOW,
            Choice(
                "delt", Words("Linjer i stedet for flater", "Lines, not areas"), (), False, "switch"
            ),
        ],
        wide=True,
    )


def _shown() -> str:
    """Write an expression for what is shown now, such as "Antall per tiltak" and "2025 uke 28"."""
    period = (
        "(perioder[{0}][0] == perioder[{0}][1] ? uker[perioder[{0}][0]]"
        " : uker[perioder[{0}][0]] + ' til ' + uker[perioder[{0}][1]])"
    )
    periods = " + ".join(
        f"(length(perioder) > {number} ? ' og ' + {period.format(number)} : '')"
        for number in range(1, MOST_PERIODS)
    )
    return (  # two lines, for narrow pages
        f"[(vis == 'prosent' ? 'Prosent' : 'Antall') + ' per ' + lower({_TITLES}[rad])"
        f" + (farge == '' ? '' : ', delt på ' + lower({_TITLES}[farge])),"
        f" {period.format(0)} + {periods}]"
    )


def _monday(number: str) -> str:
    """Write an expression for the Monday of a week, by its place in the list of weeks."""
    return f"timeOffset('day', toDate(mandag + 'T00:00:00'), 7 * ({number}))"
