"""The report of ``benchmarks.arena``: what was measured, as Markdown."""

import itertools
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, field
from datetime import date

from benchmarks.common import DISTURBED, Run, as_table, machine

# What the project is to reach at the largest size.
MOST_SECONDS = 90
MOST_TIMES_PARSE = 6
LARGEST_SHARE = 0.1

NAMES = ("parse", "walk", "walk again", "flette", "flette again")
PROCESSES = ["bare parse", "walk, both passes", "flette, first pass", "flette, second pass"]


@dataclass(frozen=True)
class Facts:
    """What a size is, and what its passes did, in the order of the table.

    Attributes:
        received: messages before the first pass.
        treated: messages that the first pass treated.
        sent: messages that it sent on.
        added: messages that were received since.
        treated_later: new messages that the second pass treated.
        treated_again: messages that the second pass tried again.
        sent_later: messages that it sent on.
        kept: rows of arena_data after it.
    """

    received: int
    treated: int
    sent: int
    added: int
    treated_later: int
    treated_again: int
    sent_later: int
    kept: int


FACTS = [
    "received",
    "treated",
    "sent on",
    "received since",
    "treated, new",
    "treated, retried",
    "sent on, second pass",
    "rows of `arena_data`",
]


@dataclass
class Measured:
    """The best of each contestant's runs, size by size.

    Attributes:
        runs: by number of messages, then by what was measured.
        repeats: by number of messages, how many runs the best was taken from.
        facts: by number of messages.
    """

    runs: dict[int, dict[str, Run]] = field(default_factory=dict)
    repeats: dict[int, int] = field(default_factory=dict)
    facts: dict[int, Facts] = field(default_factory=dict)


Cell = Callable[[dict[str, Run]], float]


def by_size(measured: Measured, cells: Sequence[Cell], form: str) -> list[list[str]]:
    """Make a row of a table for each size."""
    return [
        [f"{size:,}", *(format(cell(runs), form) for cell in cells)]
        for size, runs in measured.runs.items()
    ]


def cost(name: str, attribute: str) -> Cell:
    """Return how to look up what a run cost."""
    return lambda runs: getattr(runs[name], attribute)


def ratio(over: Cell, under: Cell) -> Cell:
    """Return how to divide a cost by another."""
    return lambda runs: over(runs) / under(runs)


PARSE, WALK, WALK_AGAIN, FIRST, SECOND = (cost(name, "seconds") for name in NAMES)
FIRST_COMMAND, SECOND_COMMAND = (cost(name, "command") for name in ("flette", "flette again"))
FIRST_SQL, SECOND_SQL = (cost(name, "sql_seconds") for name in ("flette", "flette again"))
# The process of the walk is one for both passes.
COSTS = ("parse", "walk", "flette", "flette again")
SECONDS = {
    "bare parse": PARSE,
    "walk, first pass": WALK,
    "walk, second pass": WALK_AGAIN,
    "flette, first pass, models": FIRST,
    "flette, first pass, command": FIRST_COMMAND,
    "flette, second pass, models": SECOND,
    "flette, second pass, command": SECOND_COMMAND,
}
RATIOS = {
    "models / bare parse": ratio(FIRST, PARSE),
    "models' SQL / bare parse": ratio(FIRST_SQL, PARSE),
    "second / first pass, models": ratio(SECOND, FIRST),
    "second / first pass, command": ratio(SECOND_COMMAND, FIRST_COMMAND),
    "walk / models, first pass": ratio(WALK, FIRST),
    "walk / models, second pass": ratio(WALK_AGAIN, SECOND),
}


def growth(measured: Measured) -> list[list[str]]:
    """Make a row for each step from one size to the next: how many times longer it takes."""
    return [
        [
            f"{small:,} to {large:,} (x {large / small:g})",
            *(
                f"{cell(measured.runs[large]) / cell(measured.runs[small]):.1f}"
                for cell in SECONDS.values()
            ),
        ]
        for small, large in itertools.pairwise(measured.runs)
    ]


def worst_growth(measured: Measured, cell: Cell) -> float:
    """Return the largest growth in any step, as a share of what linear would be."""
    steps = itertools.pairwise(measured.runs.items())
    return max(
        (cell(runs) / cell(before) / (large / small) for (small, before), (large, runs) in steps),
        default=0.0,
    )


def verdicts(measured: Measured) -> list[str]:
    """Say of each target whether the largest size meets it."""
    runs = measured.runs[max(measured.runs)]
    facts = [
        (
            f"the first pass in less than {MOST_SECONDS} s ({what})",
            f"{cell(runs):.1f} s",
            cell(runs) < MOST_SECONDS,
        )
        for what, cell in (("models", FIRST), ("dbt command", FIRST_COMMAND))
    ]
    times = RATIOS["models / bare parse"](runs)
    facts.append(
        (
            f"the first pass within {MOST_TIMES_PARSE} times the bare JSON parse (models)",
            f"{times:.1f} times",
            times <= MOST_TIMES_PARSE,
        )
    )
    for what, name in (
        ("models", "second / first pass, models"),
        ("dbt command", "second / first pass, command"),
    ):
        share = RATIOS[name](runs)
        facts.append(
            (
                f"a pass with 1 % new messages in less than a tenth of the first ({what})",
                f"{share:.2f}",
                share < LARGEST_SHARE,
            )
        )
    for what, cell in (("first pass, models", FIRST), ("second pass, models", SECOND)):
        worst = worst_growth(measured, cell)
        fact = f"{worst:.2f} of linear in the worst step"
        facts.append((f"growth no worse than linear ({what})", fact, worst <= 1))
    return [f"- {'met' if met else '**not met**'}: {target}: {fact}" for target, fact, met in facts]


def slowest(run: Run) -> str:
    """Name the nodes that take longest in the database."""
    nodes = sorted(run.sql.items(), key=lambda item: -item[1])[:8]
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
    least, most = (edge(runs[name].disturbance for name in COSTS) for edge in (min, max))
    sizes = [
        [f"{size:,}", *(f"{number:,}" for number in astuple(facts))]
        for size, facts in measured.facts.items()
    ]
    lines = [
        *textwrap.wrap(
            f"Measured on {day} on {machine()}. The best of so many runs each: {repeats}. After "
            "both passes every relation of the contract was the same as the walk's, row for row. "
            f"At {largest:,}, others had {least:.0%} to {most:.0%} of the time of the two cores "
            f"during these runs{DISTURBED.format(single='walk') if most > 0.1 else '.'}",
            width=100,
        ),
        "",
        "Messages:",
        "",
        *as_table(["messages", *FACTS], sizes),
        "",
        "Seconds:",
        "",
        *as_table(["messages", *SECONDS], by_size(measured, list(SECONDS.values()), ".2f")),
        "",
        f"The targets at {largest:,} messages:",
        "",
        *verdicts(measured),
        "",
        "Times as long as (the first four) and times faster than (the last two):",
        "",
        *as_table(["messages", *RATIOS], by_size(measured, list(RATIOS.values()), ".2f")),
        "",
        "Peak memory of the process, MB (the walk's after its first pass):",
        "",
        *as_table(
            ["messages", *PROCESSES],
            by_size(measured, [cost(name, "peak") for name in COSTS], ",.0f"),
        ),
        "",
        "Processor time of the whole process, seconds (imports included; two cores at work):",
        "",
        *as_table(
            ["messages", *PROCESSES],
            by_size(measured, [cost(name, "cpu") for name in COSTS], ".1f"),
        ),
        "",
        "Growth, times as long as the size before:",
        "",
        *as_table(["step", *SECONDS], growth(measured)),
        "",
        f"What takes longest in the database at {largest:,}:",
        "",
        *(
            line
            for label, name in (("first pass", "flette"), ("second pass", "flette again"))
            for line in textwrap.wrap(
                f"- {label}: {slowest(runs[name])}.", width=100, subsequent_indent="  "
            )
        ),
    ]
    return "\n".join(lines)
