"""The report of ``benchmarks.dtnum``: what was measured, as Markdown."""

import itertools
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from benchmarks.common import DISTURBED, Run, as_table, machine
from benchmarks.saksstatistikk_report import NOTHING, by_size, cost, slowest

# Seconds after which pandas is stopped.
MOST_SECONDS = 120
# What the project is to reach, in seconds.
TARGETS = {10_000: 3, 100_000: 20}

Cell = Callable[[dict[str, Run]], float | None]


@dataclass(frozen=True)
class Facts:
    """What a size is.

    Attributes:
        demandes: of DataPass.
        lines: that they give.
        rows: of the new file.
        compared: whether pandas finished, so that the new files could be compared.
    """

    demandes: int
    lines: int
    rows: int
    compared: bool


@dataclass
class Measured:
    """The best of each contestant's runs, size by size.

    Attributes:
        repeats: how many runs of flette the best was taken from.
        runs: by size, then by contestant; no pandas where it did not try.
        facts: by size.
    """

    repeats: int
    runs: dict[int, dict[str, Run]] = field(default_factory=dict)
    facts: dict[int, Facts] = field(default_factory=dict)


MODELS, COMMAND = cost("flette", "seconds"), cost("flette", "command")
SECONDS: dict[str, Cell] = {
    "pandas": cost("pandas", "seconds"),
    "flette, models": MODELS,
    "SQL, added up": cost("flette", "sql_seconds"),
    "flette, command": COMMAND,
    "command, parsed before": cost("flette-parsed", "command"),
}


def seconds(measured: Measured) -> list[list[str]]:
    """Make a row of seconds for each size; pandas may have been stopped, or not have tried."""
    rows = by_size(measured, list(SECONDS.values()), ".2f")
    for row, (size, facts) in zip(rows, measured.facts.items(), strict=True):
        if not facts.compared:
            tried = "pandas" in measured.runs[size]
            row[1] = f"stopped at {MOST_SECONDS}" if tried else "stopped: not tried"
    return rows


def growth(measured: Measured) -> list[list[str]]:
    """Make a row for each step from one size to the next: how many times longer it takes."""
    rows = []
    for small, large in itertools.pairwise(measured.runs):
        cells = []
        for name, of in SECONDS.items():
            known = name != "pandas" or measured.facts[large].compared
            before, after = of(measured.runs[small]), of(measured.runs[large])
            cells.append(f"{after / before:.1f}" if known and before and after else NOTHING)
        rows.append([f"{small:,} to {large:,} (x {large / small:.3g})", *cells])
    return rows


def verdicts(measured: Measured) -> list[str]:
    """Say of each target whether it is met."""
    facts = []
    for size, most in TARGETS.items():
        runs = measured.runs.get(size)
        for what, name, attribute in (
            ("models", "flette", "seconds"),
            ("dbt command", "flette", "command"),
            ("dbt command, parsed before", "flette-parsed", "command"),
        ):
            if runs:
                took = getattr(runs[name], attribute)
                target = f"{size:,} rows in less than {most} s, JSON included ({what})"
                facts.append((target, f"{took:.2f} s", took < most))
    for what, of in (("models", MODELS), ("dbt command", COMMAND)):
        steps = [
            of(measured.runs[large]) / of(measured.runs[small]) / (large / small)
            for small, large in itertools.pairwise(measured.runs)
        ]
        worst = max(steps, default=0.0)
        fact = f"{worst:.2f} of linear in the worst step"
        facts.append((f"growth no worse than linear ({what})", fact, worst <= 1))
    return [f"- {'met' if met else '**not met**'}: {target}: {fact}" for target, fact, met in facts]


def pandas_in_words(measured: Measured) -> str:
    """Say where pandas stopped, and where it did not try."""
    texts = []
    for tried, what in (
        (True, f"stopped after {MOST_SECONDS} s"),
        (False, f"counts as stopped, for the size before shows that {MOST_SECONDS} s are too few"),
    ):
        sizes = [
            f"{size:,}"
            for size, facts in measured.facts.items()
            if not facts.compared and ("pandas" in measured.runs[size]) is tried
        ]
        if sizes:
            texts.append(f"pandas {what} at {' and '.join(sizes)}")
    return f" ({'; '.join(texts)})" if texts else ""


def report(measured: Measured, day: date) -> str:
    """Write the measured part of the README.

    Args:
        measured: at least one size.
        day: of the measurement.
    """
    largest = max(measured.runs)
    most = max(run.disturbance for runs in measured.runs.values() for run in runs.values())
    compared = ", ".join(f"{size:,}" for size, facts in measured.facts.items() if facts.compared)
    compared = compared or "no size"
    faster = []
    for size, runs in measured.runs.items():
        if measured.facts[size].compared:
            ratios = [runs["pandas"].seconds / of(runs) for of in (MODELS, COMMAND)]
            faster.append([f"{size:,}", *(f"{ratio:.1f}" for ratio in ratios)])
    sizes = [
        [f"{number:,}" for number in (size, facts.demandes, facts.lines, facts.rows)]
        for size, facts in measured.facts.items()
    ]
    names = ("pandas", "flette")
    lines = [
        *textwrap.wrap(
            f"Measured on {day} on {machine()}. Of flette the best of {measured.repeats} runs, of "
            "pandas one. The new files were the same, cell for cell, wherever pandas finished: at "
            f"{compared}{pandas_in_words(measured)}. In no run had others more than {most:.0%} of "
            "the time of the two cores"
            f"{DISTURBED.format(single='pandas') if most > 0.1 else '.'}",
            width=100,
        ),
        "",
        "Rows:",
        "",
        *as_table(["rows of the file", "demandes", "lines of DataPass", "rows, merged"], sizes),
        "",
        "Seconds:",
        "",
        *as_table(["rows of the file", *SECONDS], seconds(measured)),
        "",
        "The targets:",
        "",
        *verdicts(measured),
        "",
        "Times faster than pandas:",
        "",
        *as_table(["rows of the file", "models", "command"], faster),
        "",
        "Peak memory of the process, MB (of pandas until it stopped):",
        "",
        *as_table(
            ["rows of the file", *names],
            by_size(measured, [cost(name, "peak") for name in names], ",.0f"),
        ),
        "",
        "Growth, times as long as the size before:",
        "",
        *as_table(["step", *SECONDS], growth(measured)),
        "",
        *textwrap.wrap(
            f"What takes longest in the database at {largest:,}: "
            f"{slowest(measured.runs[largest]['flette'])}.",
            width=100,
        ),
    ]
    return "\n".join(lines)
