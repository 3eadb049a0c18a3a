"""Numbers over time: one for each week and each of the latest days, with zeros where nothing was.

A row of a chart has a list of numbers, the first of them for the period that begins `fra`: much
smaller than a row for each number. The chart takes the lists apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Literal

import altair as alt
import numpy as np

from scripts.report import charts
from scripts.report.data import Row, Rows
from scripts.report.figures import Choice, Option
from scripts.report.words import Words

Per = Literal["dag", "uke"]
LENGTH: dict[Per, int] = {"dag": 1, "uke": 7}
# So many single days, the latest; and no chart begins later than two weeks before it ends.
DAYS = 92
FEWEST_DAYS = 14
# Numbers that a figure holds at most; the latest weeks are kept.
MOST_NUMBERS = 60_000
# A series of numbers: what the chart's rows say of it. A number belongs to a series and a day.
Series = tuple[Any, ...]
Numbers = Iterable[tuple[Series, date, int]]

# whether numbers or percent are shown, the parameter `vis`
HOW = Choice(
    "vis",
    Words("Vis", "Show"),
    [Option("antall", "Antall"), Option("prosent", "Prosent")],
    "antall",
)


def choice(initial: Per) -> Choice:
    """Make the choice between weeks and days, the parameter `per`."""
    options = [Option("uke", "Uke"), Option("dag", f"Dag (de siste {DAYS})")]
    return Choice("per", Words("Per", "By"), options, initial)


def begin(per: Per, first: date, last: date, series: int) -> date:
    """Return the first day of the first period that is shown.

    Args:
        per: day or week.
        first: the first day of the data.
        last: the last one.
        series: how many lists there will be.
    """
    first = min(first, last - timedelta(days=FEWEST_DAYS - 1))
    if per == "dag":
        return max(first, last - timedelta(days=DAYS - 1))
    most = max(2, MOST_NUMBERS // max(1, series))
    latest = last - timedelta(days=last.weekday())
    return max(first - timedelta(days=first.weekday()), latest - timedelta(days=7 * (most - 1)))


def levels(names: Sequence[str], changes: Numbers, first: date, last: date) -> Rows:
    """Add changes up: how many there are at the end of each period.

    Args:
        names: fields of a row, one for each part of a series.
        changes: how many more or fewer there are from a day on.
        first: the first day of the data; earlier changes count from the beginning.
        last: the last one; later changes do not count.

    Returns:
        A row for each series, for days and for weeks, in their order.
    """
    return _lists(names, changes, first, last, running=True)


def counts(names: Sequence[str], numbers: Numbers, first: date, last: date) -> Rows:
    """Count what there is in each period; the arguments and rows are those of `levels`."""
    return _lists(names, numbers, first, last, running=False)


def _lists(
    names: Sequence[str], numbers: Numbers, first: date, last: date, *, running: bool
) -> Rows:
    of_series: dict[Series, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for series, day, number in numbers:
        of_series[series][day] += number
    rows: list[Row] = []
    for per, length in LENGTH.items():
        start = begin(per, first, last, len(of_series))
        size = (last - start).days // length + 1
        for series in sorted(of_series, key=lambda one: [str(part) for part in one]):
            found = np.zeros(size, dtype=int)
            for day, number in of_series[series].items():
                place = (day - start).days // length
                if running:
                    place = max(0, place)
                if 0 <= place < size:
                    found[place] += number
            listed = (np.cumsum(found) if running else found).tolist()
            if any(listed):
                names_and_parts = dict(zip(names, series, strict=True))
                rows.append(
                    names_and_parts | {"per": per, "fra": start.isoformat(), "antall": listed}
                )
    return rows


def apart(chart: alt.Chart, *lists: str) -> alt.Chart:
    """Make a row of each number of the chosen kind of period: `nr` is the place of its period.

    Args:
        chart: one with the parameter `per`, whose rows are those of `levels` or `counts`.
        lists: fields with lists beside `antall`.
    """
    return (
        chart.transform_filter("datum.per == per")
        .transform_calculate(nr="sequence(length(datum.antall))")
        .transform_flatten(["antall", *lists, "nr"])
    )


def dated(chart: alt.Chart) -> alt.Chart:
    """Say from when (`dag`) until when (`slutt`) a row's period lasts, and what it is called.

    Args:
        chart: its rows have `fra` and `nr`, and it has the parameter `per`.

    Returns:
        The chart, whose rows have `periode`: `2025-03-31` or `2025 uke 14`.
    """
    begins = "timeOffset('day', toDate(datum.fra + 'T00:00:00'), (per == 'uke' ? 7 : 1) * {})"
    return chart.transform_calculate(
        dag=begins.format("datum.nr"), slutt=begins.format("(datum.nr + 1)")
    ).transform_calculate(
        periode="timeFormat(datum.dag, per == 'uke' ? '%G uke %V' : '%Y-%m-%d')",
    )


def axis() -> alt.X:
    """Make the axis of `dag`: days of the month, or months where there are many."""
    many = "domain('x')[1] - domain('x')[0] > 200 * 24 * 60 * 60 * 1000"
    return alt.X(
        "dag:T",
        title="=per == 'uke' ? 'Uke' : 'Dag'",
        axis=alt.Axis(
            labelOverlap=True,
            labelSeparation=8,
            labelExpr=f"timeFormat(datum.value, {many} ? '%b %Y' : '%-d. %b')",
        ),
    )


def stacked(
    chart: alt.Chart, value: str, y: alt.Y, colour: alt.Color, tooltip: Sequence[alt.Tooltip]
) -> alt.Chart:
    """Draw a column for each period, as wide as it lasts, its parts in the order of `rang`.

    Args:
        chart: its rows have `nr`, `dag`, `slutt`, `periode` and `rang`.
        value: field with the height of a part.
        y: the axis, of the field `under`.
        colour: of the parts.
        tooltip: what is said of a part beside its period.
    """
    return (
        chart.transform_stack(
            stack=value, groupby=["nr"], sort=[alt.SortField("rang")], as_=["under", "over"]
        )
        .transform_filter("datum.over > datum.under")
        # the pictures hold hundreds of these; what they say is in the table
        .mark_rect(aria=False)
        .encode(
            x=axis(),
            x2="slutt:T",
            y=y,
            y2="over:Q",
            color=colour,
            tooltip=[alt.Tooltip("periode:N", title="Periode"), *tooltip],
        )
    )


def bars(
    *,
    colour: str,
    colour_title: str,
    colours: Mapping[str, str],
    value_title: str,
    lists: Sequence[str] = (),
    tooltip: Sequence[alt.Tooltip] = (),
    where: str | None = None,
    params: Mapping[str, Any],
) -> alt.Chart:
    """Draw how many there were in each period.

    Args:
        colour: field that columns are stacked by.
        colour_title: of the legend.
        colours: value -> colour.
        value_title: what `antall` counts.
        lists: fields with lists beside `antall`, the same for all parts of a column.
        tooltip: what is said of a part beside its period, `colour` and number.
        where: an expression that rows must fulfil.
        params: parameters and their first values; `per` is one.

    Returns:
        The chart, as wide as its place.
    """
    chart = alt.Chart(charts.ROWS).add_params(*charts.parameters(**params))
    if where:
        chart = chart.transform_filter(where)
    counted = dated(
        apart(chart, *lists).transform_aggregate(
            antall="sum(antall)", groupby=[colour, "rang", "nr", "fra", *lists]
        )
    )
    return stacked(
        counted,
        "antall",
        alt.Y("under:Q", title=value_title, axis=alt.Axis(format=",.0f", tickMinStep=1)),
        alt.Color(
            f"{colour}:N",
            title=colour_title,
            scale=alt.Scale(domain=list(colours), range=list(colours.values())),
        ),
        [
            alt.Tooltip(f"{colour}:N", title=colour_title),
            alt.Tooltip("antall:Q", title=value_title, format=",.0f"),
            *tooltip,
        ],
    ).properties(width="container", height=charts.TALL)
