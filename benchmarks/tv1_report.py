"""The report of ``benchmarks.tv1``: what was measured, as Markdown."""

import itertools
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from benchmarks.common import DISTURBED, Run, as_table, machine

# What the project is to reach.
MOST_TIMES_STATEMENT = 1.5
MOST_OF_A_FULL_BUILD = 0.2
LEAST_EVENTS_A_SECOND = 1_000_000

# Of the programs in use today, on the machine of who measured them, at 1.75 million events.
ORIGINAL_GENERATED = 80_000
ORIGINAL_WRITTEN = 975
ORIGINAL_FULL, ORIGINAL_DAY, ORIGINAL_STATEMENT = 12.5, 20.5, 2.3
NOTHING = "-"

Cell = Callable[[dict[str, Run]], float | None]


@dataclass
class Measured:
    """The best of each contestant's runs, by the number of events.

    Attributes:
        runs: by size, then by contestant; PostgreSQL is not run on every size.
        repeats: by size, how many runs the best was taken from.
        users: by size, how many users there are.
        first_rows: by size, the events of the first fourteen days.
        last_rows: by size, the events of the last day.
    """

    runs: dict[int, dict[str, Run]] = field(default_factory=dict)
    repeats: dict[int, int] = field(default_factory=dict)
    users: dict[int, int] = field(default_factory=dict)
    first_rows: dict[int, int] = field(default_factory=dict)
    last_rows: dict[int, int] = field(default_factory=dict)

    @property
    def on_postgres(self) -> list[int]:
        """The sizes that PostgreSQL was given."""
        return [size for size, runs in self.runs.items() if "postgres-full" in runs]


def cost(name: str, attribute: str = "seconds") -> Cell:
    """Return how to look up what a contestant's run cost."""
    return lambda runs: getattr(runs[name], attribute) if name in runs else None


def ratio(over: Cell, under: Cell) -> Cell:
    """Return how to divide a cost by another."""

    def divided(runs: dict[str, Run]) -> float | None:
        above, below = over(runs), under(runs)
        return None if above is None or below is None else above / below

    return divided


def by_size(
    measured: Measured, sizes: Sequence[int], cells: Sequence[Cell], form: str
) -> list[list[str]]:
    """Make a row of a table for each size, of numbers or of nothing where there is none."""
    rows = []
    for size in sizes:
        numbers = [cell(measured.runs[size]) for cell in cells]
        texts = [NOTHING if number is None else format(number, form) for number in numbers]
        rows.append([f"{size:,}", *texts])
    return rows


DUCKDB = {
    "statement": cost("statement"),
    "full, models": cost("duckdb-full"),
    "full, command": cost("duckdb-full", "command"),
    "new day, models": cost("duckdb-day"),
    "new day, command": cost("duckdb-day", "command"),
}
POSTGRES = {
    "original, full": cost("original-full"),
    "original, new day": cost("original-day"),
    "full, models": cost("postgres-full"),
    "full, command": cost("postgres-full", "command"),
    "new day, models": cost("postgres-day"),
    "new day, command": cost("postgres-day", "command"),
}
DUCKDB_RATIOS = {
    "full, models / statement": ratio(cost("duckdb-full"), cost("statement")),
    "full, SQL / statement": ratio(cost("duckdb-full", "sql_seconds"), cost("statement")),
    "full, command / statement's process": ratio(
        cost("duckdb-full", "command"), cost("statement", "command")
    ),
    "new day / full, models": ratio(cost("duckdb-day"), cost("duckdb-full")),
    "new day / full, command": ratio(cost("duckdb-day", "command"), cost("duckdb-full", "command")),
}
POSTGRES_RATIOS = {
    "full, models / original": ratio(cost("postgres-full"), cost("original-full")),
    "full, command / original": ratio(cost("postgres-full", "command"), cost("original-full")),
    "new day, models / original": ratio(cost("postgres-day"), cost("original-day")),
    "new day / full, models": ratio(cost("postgres-day"), cost("postgres-full")),
    "new day / full, command": ratio(
        cost("postgres-day", "command"), cost("postgres-full", "command")
    ),
    "original, new day / full": ratio(cost("original-day"), cost("original-full")),
}
PROCESSES = {
    "simulation": "simulation",
    "statement": "statement",
    "DuckDB, full": "duckdb-full",
    "DuckDB, new day": "duckdb-day",
    "original, full": "original-full",
    "original, new day": "original-day",
    "PostgreSQL, full": "postgres-full",
    "PostgreSQL, new day": "postgres-day",
}


def simulation(measured: Measured) -> list[list[str]]:
    """Make a row for each size: how fast events are simulated, and copied into PostgreSQL."""
    rows = []
    for size, runs in measured.runs.items():
        run, copy = runs["simulation"], runs.get("copy")
        copied = measured.first_rows[size] / copy.seconds if copy else None
        speeds = [size / run.seconds, size / run.command]
        rows.append(
            [
                f"{size:,}",
                f"{run.seconds:.2f}",
                *(f"{speed:,.0f}" for speed in speeds),
                *(f"{speed / ORIGINAL_GENERATED:.1f}" for speed in speeds),
                f"{copied:,.0f}" if copied else NOTHING,
                f"{copied / ORIGINAL_WRITTEN:,.0f}" if copied else NOTHING,
            ]
        )
    return rows


def verdicts(measured: Measured) -> list[str]:
    """Say of each target whether the largest size that there is of it meets it."""
    size = max(measured.runs)
    runs = measured.runs[size]
    at = f"at {size:,}"
    speed = size / runs["simulation"].seconds
    facts = [
        (
            f"at least {LEAST_EVENTS_A_SECOND:,} events a second on one core, {at}",
            f"{speed:,.0f}",
            speed >= LEAST_EVENTS_A_SECOND,
        )
    ]

    def at_most(what: str, cell: Cell, most: float, runs: dict[str, Run]) -> None:
        value = cell(runs)
        if value is not None:
            facts.append((what, f"{value:.2f} times", value <= most))

    for what in ("models", "SQL"):
        at_most(
            f"DuckDB within {MOST_TIMES_STATEMENT} times the statements ({what}), {at}",
            DUCKDB_RATIOS[f"full, {what} / statement"],
            MOST_TIMES_STATEMENT,
            runs,
        )
    fifth = f"a new day at less than {MOST_OF_A_FULL_BUILD} of a full build"
    for what in ("models", "command"):
        cell = DUCKDB_RATIOS[f"new day / full, {what}"]
        at_most(f"DuckDB: {fifth} ({what}), {at}", cell, MOST_OF_A_FULL_BUILD, runs)
    if measured.on_postgres:
        size = max(measured.on_postgres)
        at, runs = f"at {size:,}", measured.runs[size]
        for what in ("models", "command"):
            cell = POSTGRES_RATIOS[f"new day / full, {what}"]
            at_most(f"PostgreSQL: {fifth} ({what}), {at}", cell, MOST_OF_A_FULL_BUILD, runs)
        for what in ("models", "command"):
            cell = POSTGRES_RATIOS[f"full, {what} / original"]
            at_most(
                f"PostgreSQL's full build faster than the original's ({what}), {at}", cell, 1, runs
            )
    return [f"- {'met' if met else '**not met**'}: {target}: {fact}" for target, fact, met in facts]


def growth(measured: Measured) -> list[list[str]]:
    """Make a row for each step from one size to the next: how many times longer it takes."""
    rows = []
    for small, large in itertools.pairwise(measured.runs):
        cells = []
        for name in PROCESSES.values():
            before, after = (cost(name)(measured.runs[size]) for size in (small, large))
            known = before is not None and after is not None
            cells.append(f"{after / before:.1f}" if known else NOTHING)
        rows.append([f"{small:,} to {large:,} (x {large / small:.2g})", *cells])
    return rows


def slowest(run: Run) -> str:
    """Name the nodes that take longest in the database."""
    nodes = sorted(run.sql.items(), key=lambda item: -item[1])[:6]
    return ", ".join(f"`{name}` {value:.1f} s" for name, value in nodes)


def report(measured: Measured, day: date) -> str:
    """Write the measured part of the README.

    Args:
        measured: at least one size.
        day: of the measurement.
    """
    sizes = list(measured.runs)
    repeats = ", ".join(f"{size:,}: {count}" for size, count in measured.repeats.items())
    most = max(
        measured.runs[size][name].disturbance
        for size in sizes
        for name in measured.runs[size]
        if name != "simulation"
    )
    without = [f"{size:,}" for size in sizes if size not in measured.on_postgres]
    left_out = (
        f" PostgreSQL was not run at {' and '.join(without)}: it takes half an hour there "
        "(`--postgres-rows`)."
        if without
        else ""
    )
    amounts = [
        [f"{number:,}" for number in (size, measured.users[size], measured.last_rows[size])]
        for size in sizes
    ]
    costs = [cost(name, "peak") for name in PROCESSES.values()]
    cpu = [cost(name, "cpu") for name in PROCESSES.values()]
    lines = [
        *textwrap.wrap(
            f"Measured on {day} on {machine()}. The best of so many runs each: {repeats}. Both "
            "facts were the same wherever they were made of the same events, on both engines, in "
            f"one go or a day later.{left_out} In no run had others more than {most:.0%} of the "
            "time of the two cores"
            f"{DISTURBED.format(single='the simulation') if most > 0.1 else '.'}",
            width=100,
        ),
        "",
        "Rows:",
        "",
        *as_table(["events", "users", "events of the last day"], amounts),
        "",
        "The simulation, one core, six tables written as Parquet; and COPY into PostgreSQL:",
        "",
        *as_table(
            [
                "events",
                "seconds",
                "events a second",
                "the whole process",
                "times the original",
                "the whole process, times",
                "copied a second",
                "times the original's inserts",
            ],
            simulation(measured),
        ),
        "",
        "DuckDB, seconds:",
        "",
        *as_table(["events", *DUCKDB], by_size(measured, sizes, list(DUCKDB.values()), ".2f")),
        "",
        "DuckDB, times as long as:",
        "",
        *as_table(
            ["events", *DUCKDB_RATIOS],
            by_size(measured, sizes, list(DUCKDB_RATIOS.values()), ".2f"),
        ),
        "",
    ]
    if measured.on_postgres:
        lines += [
            "PostgreSQL, seconds:",
            "",
            *as_table(
                ["events", *POSTGRES],
                by_size(measured, measured.on_postgres, list(POSTGRES.values()), ".2f"),
            ),
            "",
            "PostgreSQL, times as long as:",
            "",
            *as_table(
                ["events", *POSTGRES_RATIOS],
                by_size(measured, measured.on_postgres, list(POSTGRES_RATIOS.values()), ".2f"),
            ),
            "",
        ]
    lines += [
        "The targets, each at the largest size that it was measured at:",
        "",
        *verdicts(measured),
        "",
        "Peak memory, MB (on PostgreSQL of the client and the server's own memory together):",
        "",
        *as_table(["events", *PROCESSES], by_size(measured, sizes, costs, ",.0f")),
        "",
        "Processor time of the whole process, seconds (imports and the server included):",
        "",
        *as_table(["events", *PROCESSES], by_size(measured, sizes, cpu, ".1f")),
    ]
    if len(sizes) > 1:
        lines += [
            "",
            "Growth, times as long as the size before:",
            "",
            *as_table(["step", *PROCESSES], growth(measured)),
        ]
    lines += ["", "What takes longest in the database:", ""]
    for engine, label, known in (
        ("duckdb", "DuckDB", sizes),
        ("postgres", "PostgreSQL", measured.on_postgres),
    ):
        for kind, what in (("full", "full"), ("day", "a new day")):
            if known:
                run = measured.runs[max(known)][f"{engine}-{kind}"]
                text = f"- {label}, {what}, at {max(known):,}: {slowest(run)}."
                lines += textwrap.wrap(text, width=100, subsequent_indent="  ")
    return "\n".join(lines)
