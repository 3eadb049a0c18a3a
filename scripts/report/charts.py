"""The kinds of chart that several products draw, each an Altair chart over the data `rows`.

What can be chosen is a parameter; transforms inside the chart do what it asks for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

ROWS = alt.NamedData(name="rows")
BAR_HEIGHT = 22
TALL = 280


def parameters(**initial: Any) -> list[alt.Parameter]:
    """Make the parameters of a chart from their first values."""
    return [alt.param(name=name, value=value) for name, value in initial.items()]


def whole_numbers() -> alt.Axis:
    """Make an axis of counts, which labels no halves where there are only a few."""
    return alt.Axis(format=",.0f", labelExpr="datum.value == floor(datum.value) ? datum.label : ''")


def with_shares(chart: alt.Chart, whole: str, tie: Sequence[str]) -> alt.Chart:
    """Add `andel` to rows that have `antall`: the share of a whole, in percent with one decimal.

    The shares of a whole add up to 100.0: each is rounded down, and the tenths that are missing go
    to those with the largest remainders (the largest remainder method).

    Args:
        chart: its rows have `antall`, 0 or more.
        whole: the field whose equal values make a whole.
        tie: fields that decide among equal remainders.

    Returns:
        The chart with `andel`; 0 where the whole is 0.
    """
    return (
        chart.transform_joinaggregate(hele="sum(antall)", groupby=[whole])
        .transform_calculate(
            # 1e-9: a share that is a whole number of tenths may come out a little below it
            tideler="datum.hele > 0 ? floor(1000 * datum.antall / datum.hele + 1e-9) : 0",
            rest="datum.hele > 0 ? 1000 * datum.antall / datum.hele - datum.tideler : 0",
        )
        .transform_joinaggregate(delt_ut="sum(tideler)", groupby=[whole])
        .transform_window(
            plass="row_number()",
            groupby=[whole],
            sort=[
                alt.SortField("rest", order="descending"),
                *(alt.SortField(name) for name in tie),
            ],
        )
        .transform_calculate(
            andel="datum.hele > 0"
            " ? (datum.tideler + (datum.plass <= 1000 - datum.delt_ut ? 1 : 0)) / 10 : 0"
        )
    )


def bars(
    category: str,
    value: str,
    *,
    category_title: str,
    value_title: str,
    value_format: str = ",.0f",
    colour: str | None = None,
    colour_title: str | None = None,
    colours: Mapping[str, str] | None = None,
    order: str | None = None,
    offset: str | None = None,
    where: str | None = None,
    params: Mapping[str, Any] | None = None,
) -> alt.Chart:
    """Draw horizontal bars, whose long labels fit on a phone.

    Args:
        category: field with a bar for each value.
        value: field with its length.
        category_title: of the axis; an expression when it begins with `=`.
        value_title: the same.
        value_format: of numbers, as d3 writes it.
        colour: field that a bar is stacked by, if any.
        colour_title: of the legend.
        colours: value -> colour, where values have a meaning.
        order: field that bars are sorted by, the smallest first; the largest bar first when None.
        offset: field that divides a bar into bars beside each other.
        where: an expression that rows must fulfil.
        params: parameters and their first values.

    Returns:
        The chart, as wide as its place.
    """
    sort = (
        alt.EncodingSortField(order, op="min", order="ascending")
        if order
        else alt.EncodingSortField(value, op="sum", order="descending")
    )
    encoding: dict[str, Any] = {
        "y": alt.Y(f"{category}:N", title=category_title, sort=sort),
        "x": alt.X(f"{value}:Q", title=value_title, axis=alt.Axis(format=value_format)),
        "tooltip": [
            alt.Tooltip(f"{category}:N", title=category_title.lstrip("=")),
            alt.Tooltip(f"{value}:Q", title=value_title.lstrip("="), format=value_format),
        ],
    }
    if colour:
        scale = alt.Scale(domain=list(colours), range=list(colours.values())) if colours else None
        encoding["color"] = alt.Color(
            f"{colour}:N",
            title=colour_title,
            **({"scale": scale} if scale else {}),
        )
        encoding["tooltip"].insert(1, alt.Tooltip(f"{colour}:N", title=colour_title))
    if offset:
        encoding["yOffset"] = alt.YOffset(f"{offset}:N")
    chart = alt.Chart(ROWS).mark_bar()
    if where:
        chart = chart.transform_filter(where)
    return (
        chart.add_params(*parameters(**(params or {})))
        .encode(**encoding)
        .properties(width="container", height=alt.Step(BAR_HEIGHT))
    )
