"""The report of ``benchmarks.saksstatistikk``: what was measured, as Markdown."""

import itertools
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from benchmarks.common import DISTURBED, Run, as_table, machine

# What the project is to reach at the largest size.
MOST_SECONDS = 90
MOST_MEMORY = 12_000
MOST_SECONDS_FOR_ONE = 10

NAMES = ("plain", "floor", "flette", "product", "one")
NOTHING = "-"


@dataclass(frozen=True)
class Facts:
    """What a size is.

    Attributes:
        events: rows of history.
        sent: rows that were sent before.
        appended: rows that a resend of every case appends.
        of_one: rows that a resend of one case appends.
    """

    events: int
    sent: int
    appended: int
    of_one: int


@dataclass
class Measured:
    """The best of each contestant's runs, size by size.

    Attributes:
        runs: by size, then by contestant; plain Python is not run on the largest.
        repeats: by size, how many runs the best was taken from.
        facts: by size.
    """

    runs: dict[int, dict[str, Run]] = field(default_factory=dict)
    repeats: dict[int, int] = field(default_factory=dict)
    facts: dict[int, Facts] = field(default_factory=dict)


def by_size(
    measured: Measured, cells: Sequence[Callable[[dict[str, Run]], float | None]], form: str
) -> list[list[str]]:
    """Make a row of a table for each size, of numbers or of nothing where there is none."""
    rows = []
    for size, runs in measured.runs.items():
        numbers = [cell(runs) for cell in cells]
        texts = [NOTHING if number is None else format(number, form) for number in numbers]
        rows.append([f"{size:,}", *texts])
    return rows


def cost(name: str, attribute: str) -> Callable[[dict[str, Run]], float | None]:
    """Return how to look up what a contestant's run cost."""
    return lambda runs: getattr(runs[name], attribute) if name in runs else None


def ratio(
    over: Callable[[dict[str, Run]], float | None], under: Callable[[dict[str, Run]], float | None]
) -> Callable[[dict[str, Run]], float | None]:
    """Return how to divide a cost by another."""

    def divided(runs: dict[str, Run]) -> float | None:
        above, below = over(runs), under(runs)
        return None if above is None or below is None else above / below

    return divided


PLAIN, FLOOR, MODELS, WHOLE, ONE = (cost(name, "seconds") for name in NAMES)
COMMAND, ONE_COMMAND = (cost(name, "command") for name in ("flette", "one"))
SECONDS = (PLAIN, FLOOR, MODELS, COMMAND, WHOLE, ONE, ONE_COMMAND)
HEADER = [
    "plain",
    "floor",
    "flette, models",
    "flette, command",
    "whole product, models",
    "one case, models",
    "one case, command",
]


def growth(measured: Measured) -> list[list[str]]:
    """Make a row for each step from one size to the next: how many times longer it takes."""
    rows = []
    for small, large in itertools.pairwise(measured.runs):
        cells = []
        for seconds in SECONDS:
            before, after = seconds(measured.runs[small]), seconds(measured.runs[large])
            known = before is not None and after is not None
            cells.append(f"{after / before:.1f}" if known else NOTHING)
        rows.append([f"{small:,} to {large:,} (x {large / small:g})", *cells])
    return rows


def verdicts(measured: Measured) -> list[str]:
    """Say of each target whether the largest size meets it."""
    runs = measured.runs[max(measured.runs)]
    flette, product, one = runs["flette"], runs["product"], runs["one"]
    peak = max(flette.peak, product.peak)
    facts = [
        (
            f"all cases resent in less than {MOST_SECONDS} s ({what})",
            f"{seconds:.1f} s",
            seconds < MOST_SECONDS,
        )
        for what, seconds in (("models", flette.seconds), ("dbt command", flette.command))
    ]
    facts += [
        (
            f"less than {MOST_MEMORY:,} MB (the whole product, too)",
            f"{peak:,.0f} MB",
            peak < MOST_MEMORY,
        ),
        (
            f"one case among all in less than {MOST_SECONDS_FOR_ONE} s (models)",
            f"{one.seconds:.1f} s",
            one.seconds < MOST_SECONDS_FOR_ONE,
        ),
    ]
    for name, label in (("flette", "models"), ("product", "whole product")):
        worst = max(
            (
                measured.runs[large][name].seconds
                / measured.runs[small][name].seconds
                / (large / small)
                for small, large in itertools.pairwise(measured.runs)
            ),
            default=0.0,
        )
        fact = f"{worst:.2f} of linear in the worst step"
        facts.append((f"growth no worse than linear ({label})", fact, worst <= 1))
    return [f"- {'met' if met else '**not met**'}: {target}: {fact}" for target, fact, met in facts]


def slowest(run: Run) -> str:
    """Name the nodes that take longest in the database."""
    nodes = sorted(run.sql.items(), key=lambda item: -item[1])[:7]
    return ", ".join(f"`{name}` {value:.1f} s" for name, value in nodes)


def report(measured: Measured, day: date) -> str:
    """Write the measured part of the README.

    Args:
        measured: at least one size.
        day: of the measurement.
    """
    largest = max(measured.runs)
    runs = measured.runs[largest]
    repeats = ", ".join(f"{size:,}: {count}" for size, count in measured.repeats.items())
    least, most = (
        edge(runs[name].disturbance for name in ("floor", "flette", "product", "one"))
        for edge in (min, max)
    )
    sizes = [
        [f"{number:,}" for number in (size, facts.events, facts.sent, facts.appended, facts.of_one)]
        for size, facts in measured.facts.items()
    ]
    processes = ["plain", "floor", "flette", "whole product", "one case"]
    ratios = {
        "models / floor": ratio(MODELS, FLOOR),
        "command / floor's process": ratio(COMMAND, cost("floor", "command")),
        "one case / all, models": ratio(ONE, MODELS),
        "plain / models": ratio(PLAIN, MODELS),
        "plain / command": ratio(PLAIN, COMMAND),
    }
    lines = [
        *textwrap.wrap(
            f"Measured on {day} on {machine()}. The best of so many runs each: {repeats}. What was "
            "appended was the same, row for row, wherever more than one contestant answered. At "
            f"{largest:,}, others had {least:.0%} to {most:.0%} of the time of the two cores "
            f"during these runs{DISTURBED.format(single='plain') if most > 0.1 else '.'}",
            width=100,
        ),
        "",
        "Rows:",
        "",
        *as_table(["cases", "events", "sent before", "appended", "appended for one case"], sizes),
        "",
        "Seconds:",
        "",
        *as_table(["cases", *HEADER], by_size(measured, SECONDS, ".2f")),
        "",
        f"The targets at {largest:,} cases:",
        "",
        *verdicts(measured),
        "",
        "Times as long as (the first three) and times faster than (the last two):",
        "",
        *as_table(["cases", *ratios], by_size(measured, list(ratios.values()), ".2f")),
        "",
        "Peak memory of the process, MB:",
        "",
        *as_table(
            ["cases", *processes],
            by_size(measured, [cost(name, "peak") for name in NAMES], ",.0f"),
        ),
        "",
        "Processor time of the whole process, seconds (imports included; two cores at work):",
        "",
        *as_table(
            ["cases", *processes], by_size(measured, [cost(name, "cpu") for name in NAMES], ".1f")
        ),
        "",
        "Growth, times as long as the size before:",
        "",
        *as_table(["step", *HEADER], growth(measured)),
        "",
        f"What takes longest in the database at {largest:,}:",
        "",
        *(
            line
            for label, name in (
                ("all cases", "flette"),
                ("the whole product", "product"),
                ("one case", "one"),
            )
            for line in textwrap.wrap(
                f"- {label}: {slowest(runs[name])}.", width=100, subsequent_indent="  "
            )
        ),
    ]
    return "\n".join(lines)
