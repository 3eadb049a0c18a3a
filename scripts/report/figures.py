"""What a page consists of: sections, figures, what can be chosen, and what the table shows."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import altair as alt
import vl_convert

from scripts.report.data import Rows
from scripts.report.words import NUMBERS, TIMES, Words

# How a value is written: text as it is, whole numbers, one or two decimals, percent of 100, a day,
# a day with its time.
Format = Literal["text", "n0", "n1", "n2", "percent", "day", "time"]

# Colours that people with any colour vision tell apart, on white and on black (after Paul Tol).
COLOURS = (
    *("#4477aa", "#ee6677", "#2f9e5b", "#c9a227", "#56b4e9", "#aa3377", "#8c8c8c", "#e8833a"),
    *("#7a5cc4", "#a05a2c", "#1fa39a", "#d670b8"),
)

# How many periods a reader can put beside each other.
MOST_PERIODS = 4

# The rows that marks are drawn from, sorted as the figure's table shows them.
TABLE = "table"
# In an Altair title: what follows is an expression over the figure's parameters.
EXPRESSION = "="


@dataclass(frozen=True)
class Column:
    """A column of a figure's table, and of its CSV.

    Attributes:
        name: the field in the chart's rows.
        label: the heading.
        format: how values are written on the page (a CSV has them as they are).
        shown_if: an expression over the parameters; the column is left out where it is false.
    """

    name: str
    label: str
    format: Format = "text"
    shown_if: str | None = None


@dataclass(frozen=True)
class Option:
    """One of the values of a choice.

    Attributes:
        value: the parameter's value.
        label: how it is called on the page.
        within: the value of another choice that this one belongs to, if any.
    """

    value: Any
    label: str
    within: str | None = None


@dataclass(frozen=True)
class Choice:
    """Something that a reader can choose: a parameter of one figure's charts or of a section's.

    Attributes:
        parameter: the name in the charts.
        label: what is chosen.
        options: the values.
        initial: the value at first: of a `select` one option's, of `several` a list, of a `switch`
            a boolean, of `periods` a list of [first, last].
        kind: `select` one of the options, `several` of them, a `switch` that is on or off, or
            `periods`: up to `MOST_PERIODS`, each from one option to another.
        depends_on: the parameter whose value the options are `within`.
    """

    parameter: str
    label: Words
    options: Sequence[Option] = ()
    initial: Any = None
    kind: Literal["select", "several", "switch", "periods"] = "select"
    depends_on: str | None = None


@dataclass(frozen=True)
class Figure:
    """A chart with its table.

    Attributes:
        name: unique on the page; the anchor.
        title: what it shows.
        note: how to read it, one or two sentences.
        chart: an Altair chart over the named data `rows`; None for a table alone.
        rows: what the chart reads.
        columns: what the table shows.
        order: fields of the chart's rows that the table is sorted by, `-` in front: descending.
        choices: what can be chosen in this figure.
        wide: whether it takes the whole width.
        empty: said instead of the chart when there are no rows.
    """

    name: str
    title: Words
    note: Words
    chart: alt.TopLevelMixin | None
    rows: Rows
    columns: Sequence[Column]
    order: Sequence[str] = ()
    choices: Sequence[Choice] = ()
    wide: bool = False
    empty: Words | None = None


@dataclass(frozen=True)
class Cards:
    """Key figures: those of the one row that the section's choices pick.

    Attributes:
        rows: one row for each combination of the choices.
        columns: the figures, in order.
        keys: field -> parameter: the row whose fields equal the parameters is shown; empty when
            there is one row.
        target: field -> the sentence about its target, if it has one.
    """

    rows: Rows
    columns: Sequence[Column]
    keys: dict[str, str] = field(default_factory=dict)
    target: dict[str, Words] = field(default_factory=dict)


@dataclass(frozen=True)
class Section:
    """What the page says of one product.

    Attributes:
        product: its name.
        language: `nb`, `da`, `fr` or `en`.
        question: what the product answers, one sentence.
        headline: the answer in one sentence, for the front of the page.
        first: first day or time that the data speak of, ISO text.
        last: the last one.
        figures: in order.
        cards: key figures, if any.
        choices: what can be chosen for the whole section.
        remark: something that a reader must know of these data, if anything.
    """

    product: str
    language: str
    question: Words
    headline: Words
    first: str | None
    last: str | None
    figures: Sequence[Figure]
    cards: Cards | None = None
    choices: Sequence[Choice] = ()
    remark: Words | None = None


def compiled(figure: Figure, choices: Sequence[Choice]) -> dict[str, Any]:
    """Compile a figure's chart to Vega, with its parameters at their first values.

    Args:
        figure: one with a chart.
        choices: those of its section.

    Returns:
        A Vega specification whose data set `rows` is empty, with a data set `TABLE`.

    Raises:
        ValueError: the chart lacks a parameter of the figure's, or has a field that it should not.
    """
    specification = figure.chart.to_dict()
    specification.setdefault("config", {}).update(_CONFIG)
    vega = vl_convert.vegalite_to_vega(specification)
    vega["background"] = None
    vega["description"] = figure.title.own
    vega = _with_expressions(vega)
    signals = {signal["name"]: signal for signal in vega.get("signals", [])}
    for choice in figure.choices:
        if choice.parameter not in signals:
            raise ValueError(f"{figure.name}: the chart has no parameter {choice.parameter}")
    for choice in (*figure.choices, *choices):
        if choice.parameter in signals:
            signals[choice.parameter]["value"] = choice.initial
    for number, column in enumerate(figure.columns):
        if column.label.startswith(EXPRESSION):
            vega["signals"].append(
                {"name": f"label_{number}", "update": column.label[len(EXPRESSION) :]}
            )
        if column.shown_if:
            vega["signals"].append({"name": f"shown_{number}", "update": column.shown_if})
    fields = [name.removeprefix("-") for name in figure.order]
    orders = ["descending" if name.startswith("-") else "ascending" for name in figure.order]
    sort = {"sort": {"field": fields, "order": orders}} if fields else {}
    table = {
        "name": TABLE,
        "source": _drawn_from(vega),
        "transform": [{"type": "collect", **sort}],
    }
    vega["data"].append(table)
    return vega


def picture(vega: dict[str, Any], rows: Rows, language: str, width: int) -> str:
    """Draw a compiled chart as it is at first.

    Args:
        vega: what `compiled` returned.
        rows: what it reads.
        language: of numbers and days.
        width: in pixels.

    Returns:
        An SVG element that scales to the width that it gets.
    """
    filled = copy.deepcopy(vega)
    filled["data"][0]["values"] = rows
    for signal in filled["signals"]:
        if signal["name"] == "width":  # there is no page yet whose width it could take
            signal.pop("init", None)
            signal.pop("on", None)
            signal["value"] = width
    svg = vl_convert.vega_to_svg(
        filled, format_locale=NUMBERS[language], time_format_locale=TIMES[language]
    )
    return svg.replace("<svg ", '<svg role="img" ', 1)


# On a phone labels take at most two fifths of the width, and legends stand in one column. (A
# picture has no container to ask.)
CONTAINER = "isFinite(containerSize()[0]) ? containerSize()[0] : 1000"
_LABELS = f"clamp(0.4 * ({CONTAINER}), 110, 260)"
_LEGEND_COLUMNS = f"({CONTAINER}) < 500 ? 1 : 3"

_CONFIG = {
    "background": None,
    "view": {"stroke": None},
    "font": "Arial, Helvetica, sans-serif",
    "range": {"category": list(COLOURS)},
    "axis": {
        "labelLimit": {"expr": _LABELS},
        # Vega's own 200 would put a title into long labels
        "maxExtent": 480,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "gridOpacity": 0.5,
    },
    "axisXQuantitative": {"tickCount": {"expr": "ceil(width / 90)"}, "labelOverlap": True},
    "legend": {
        "orient": "top",
        "columns": {"expr": _LEGEND_COLUMNS},
        "labelLimit": 220,
        "labelFontSize": 12,
        "titleFontSize": 12,
    },
    "title": {"anchor": "start", "fontSize": 13, "fontWeight": "normal", "limit": 0},
    "bar": {"color": COLOURS[0]},
    "line": {"color": COLOURS[0]},
}


def _with_expressions(part: Any) -> Any:
    """Turn titles that begin with `EXPRESSION` into signals, which Vega-Lite has no word for."""
    if isinstance(part, list):
        return [_with_expressions(one) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        key: {"signal": value[len(EXPRESSION) :]}
        if key in ("title", "text") and isinstance(value, str) and value.startswith(EXPRESSION)
        else _with_expressions(value)
        for key, value in part.items()
    }


def _drawn_from(vega: dict[str, Any]) -> str:
    """Name the data that all marks made of `rows` have in common: what the reader sees."""
    sources = {data["name"]: data.get("source") for data in vega["data"]}

    def line(name: str) -> list[str]:
        found = [name]
        while sources.get(found[-1]):
            found.append(sources[found[-1]])
        return found

    lines = [line(name) for name in _sources(vega["marks"])]
    of_rows = [one for one in lines if one[-1] == "rows"]
    if not of_rows:
        raise ValueError("the chart draws no data")
    return next(name for name in of_rows[0] if all(name in one for one in of_rows))


def _sources(marks: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Name the data sets that marks, and marks inside them, are drawn from."""
    for mark in marks:
        source = mark.get("from", {})
        if "data" in source:
            yield source["data"]
        elif "facet" in source:
            yield source["facet"]["data"]
        else:
            yield from _sources(mark.get("marks", []))
