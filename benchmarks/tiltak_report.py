"""The report of ``benchmarks.tiltak``: what was measured, as Markdown."""

import itertools
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from benchmarks.common import DISTURBED, Run, as_table, machine

# What the project is to reach at the largest size.
MOST_TIMES_STATEMENT = 1.3
LEAST_TIMES_FASTER_THAN_PANDAS = 15
MOST_MEMORY = 3000

SECOND_LOAD_SIZE = 1_000_000


@dataclass
class Measured:
    """The best of each contestant's runs, size by size.

    Attributes:
        runs: by size, then by contestant.
        repeats: by size, how many runs the best was taken from.
        answers: by size, the rows and the sum of antall.
        second_load: rows of the table of the second load, or nothing.
    """

    runs: dict[int, dict[str, Run]] = field(default_factory=dict)
    repeats: dict[int, int] = field(default_factory=dict)
    answers: dict[int, tuple[int, int]] = field(default_factory=dict)
    second_load: list[tuple[str, ...]] = field(default_factory=list)


def by_size(measured: Measured, cell: Callable[[dict[str, Run]], Sequence[str]]) -> list[list[str]]:
    """Make a row of a table for each size."""
    return [[f"{size:,}", *cell(runs)] for size, runs in measured.runs.items()]


def growth(measured: Measured) -> list[list[str]]:
    """Make a row for each step from one size to the next: how many times longer it takes."""
    rows = []
    sizes = list(measured.runs)
    for small, large in itertools.pairwise(sizes):
        before, after = measured.runs[small], measured.runs[large]
        names = ("pandas", "pandas-tuned", "statement", "flette", "product")
        times = [f"{after[name].seconds / before[name].seconds:.1f}" for name in names]
        command = after["flette"].command / before["flette"].command
        step = f"{small:,} to {large:,} (x {large / small:g})"
        rows.append([step, *times[:4], f"{command:.1f}", times[4]])
    return rows


def verdicts(measured: Measured) -> list[str]:
    """Say of each target whether the largest size meets it."""
    size = max(measured.runs)
    runs = measured.runs[size]
    flette, statement, pandas = runs["flette"], runs["statement"], runs["pandas"]
    peak = max(flette.peak, runs["product"].peak)
    facts = [
        (
            f"within {MOST_TIMES_STATEMENT} times the hand-written statement (SQL of the models)",
            f"{flette.sql_seconds / statement.seconds:.2f} times",
            flette.sql_seconds <= MOST_TIMES_STATEMENT * statement.seconds,
        ),
        (
            f"within {MOST_TIMES_STATEMENT} times the hand-written statement (models)",
            f"{flette.seconds / statement.seconds:.2f} times",
            flette.seconds <= MOST_TIMES_STATEMENT * statement.seconds,
        ),
        (
            f"at least {LEAST_TIMES_FASTER_THAN_PANDAS} times faster than pandas (models)",
            f"{pandas.seconds / flette.seconds:.1f} times",
            pandas.seconds >= LEAST_TIMES_FASTER_THAN_PANDAS * flette.seconds,
        ),
        (
            f"at least {LEAST_TIMES_FASTER_THAN_PANDAS} times faster than pandas (dbt command)",
            f"{pandas.seconds / flette.command:.1f} times",
            pandas.seconds >= LEAST_TIMES_FASTER_THAN_PANDAS * flette.command,
        ),
        (
            f"less than {MOST_MEMORY:,} MB (the whole product)",
            f"{peak:,.0f} MB",
            peak < MOST_MEMORY,
        ),
    ]
    sizes = list(measured.runs)
    for name, label in (("flette", "models"), ("product", "whole product")):
        worst = max(
            (
                measured.runs[large][name].seconds
                / measured.runs[small][name].seconds
                / (large / small)
                for small, large in itertools.pairwise(sizes)
            ),
            default=0.0,
        )
        fact = f"{worst:.2f} of linear in the worst step"
        facts.append((f"growth no worse than linear ({label})", fact, worst <= 1))
    return [f"- {'met' if met else '**not met**'}: {target}: {fact}" for target, fact, met in facts]


def report(measured: Measured, day: date) -> str:
    """Write the measured part of the README.

    Args:
        measured: at least one size.
        day: of the measurement.
    """
    largest = max(measured.runs)
    runs = measured.runs[largest]
    flette = runs["flette"]
    contestants = ["pandas", "pandas, tuned", "statement", "flette, models", "flette, command"]
    header = ["deltakere", *contestants, "whole product, models"]

    def seconds(runs: dict[str, Run]) -> list[str]:
        names = ("pandas", "pandas-tuned", "statement", "flette")
        times = [runs[name].seconds for name in names]
        times += [runs["flette"].command, runs["product"].seconds]
        return [f"{value:.2f}" for value in times]

    def costs(attribute: str, form: str) -> Callable[[dict[str, Run]], list[str]]:
        names = ("pandas", "pandas-tuned", "statement", "flette", "product")
        return lambda runs: [format(getattr(runs[name], attribute), form) for name in names]

    def ratios(runs: dict[str, Run]) -> list[str]:
        flette, statement, pandas = runs["flette"], runs["statement"], runs["pandas"]
        tuned = runs["pandas-tuned"]
        return [
            f"{flette.seconds / statement.seconds:.2f}",
            f"{flette.sql_seconds / statement.seconds:.2f}",
            f"{flette.command / statement.command:.2f}",
            f"{pandas.seconds / flette.seconds:.1f}",
            f"{pandas.seconds / flette.command:.1f}",
            f"{tuned.seconds / flette.seconds:.1f}",
        ]

    def fixed_costs(runs: dict[str, Run]) -> list[str]:
        flette = runs["flette"]
        sql = flette.sql_seconds
        parsed = runs["flette-parsed"].command
        start = flette.command - flette.seconds
        parts = (start, flette.seconds - sql, sql, flette.command, parsed)
        return [f"{value:.2f}" for value in parts]

    processes = ["deltakere", "pandas", "pandas, tuned", "statement", "flette", "whole product"]
    repeats = ", ".join(f"{size:,}: {count}" for size, count in measured.repeats.items())
    answers = "; ".join(
        f"{size:,}: {rows:,} rows, antall adds up to {antall:,}"
        for size, (rows, antall) in measured.answers.items()
    )
    least, most = (
        edge(runs[name].disturbance for name in ("pandas", "statement", "flette", "product"))
        for edge in (min, max)
    )
    nodes = sorted(flette.sql.items(), key=lambda item: -item[1])[:6]
    lines = [
        *textwrap.wrap(
            f"Measured on {day} on {machine()}. The best of so many runs each: {repeats}. All "
            f"answers were identical, row for row ({answers}). At {largest:,}, others had "
            f"{least:.0%} to {most:.0%} of the time of the two cores during these runs"
            f"{DISTURBED.format(single='pandas') if most > 0.1 else '.'}",
            width=100,
        ),
        "",
        "Seconds:",
        "",
        *as_table(header, by_size(measured, seconds)),
        "",
        f"The targets at {largest:,} deltakere:",
        "",
        *verdicts(measured),
        "",
        "Times as long as (the first three) and times faster than (the last three):",
        "",
        *as_table(
            [
                "deltakere",
                "models / statement",
                "models' SQL / statement",
                "whole processes",
                "pandas / models",
                "pandas / command",
                "pandas, tuned / models",
            ],
            by_size(measured, ratios),
        ),
        "",
        "Peak memory of the process, MB:",
        "",
        *as_table(processes, by_size(measured, costs("peak", ",.0f"))),
        "",
        "Processor time of the whole process, seconds (imports included; two cores at work):",
        "",
        *as_table(processes, by_size(measured, costs("cpu", ".1f"))),
        "",
        "Growth, times as long as the size before:",
        "",
        *as_table(["step", *header[1:]], growth(measured)),
        "",
        "Where the seconds of flette's command go:",
        "",
        *as_table(
            [
                "deltakere",
                "start and parse",
                "dbt between statements",
                "SQL",
                "command",
                "command, parsed before",
            ],
            by_size(measured, fixed_costs),
        ),
        "",
        *textwrap.wrap(
            f"What takes longest in the database at {largest:,}: "
            + ", ".join(f"`{name}` {value:.2f} s" for name, value in nodes)
            + ".",
            width=100,
        ),
    ]
    if measured.second_load:
        lines += [
            "",
            f"A second load a week later, {SECOND_LOAD_SIZE:,} deltakere:",
            "",
            *as_table(
                [
                    "what changed",
                    "deltakere changed",
                    "models, s",
                    "SQL of uke_celler, s",
                    "cells written",
                    "cells stored",
                ],
                measured.second_load,
            ),
        ]
    return "\n".join(lines)
