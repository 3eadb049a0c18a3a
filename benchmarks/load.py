"""Measure `make load` against each engine's own bare bulk command.

Run from the project root::

    python -m benchmarks.load                                # the table, about 15 minutes
    python -m benchmarks.load --rows 200000 --no-report      # a quick look

Both load the same file (``scripts.tiltak`` and ``scripts.arena``, kept in ``benchmarks/data/``), in
turns, each in a process of its own on the same two processor cores. A run after which the two
tables differ stops with exit code 1. The table goes to the terminal and, between two markers, to
``benchmarks/README.md``.
"""

import argparse
import os
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from benchmarks import common
from benchmarks.common import DISTURBED, BenchmarkError, Run, as_table, machine, query
from benchmarks.load_contestants import bare_table
from benchmarks.postgres import server

PRODUCT = "load"
MODULE = "benchmarks.load_contestants"
ROWS = 2_000_000
SEED = "20250707"
CONTESTANTS = ("bare", "flette")
# What the project is to reach.
MOST_TIMES_BARE = 1.2
# From this share on the machine was too busy.
QUIET = 0.1


@dataclass(frozen=True)
class Input:
    """A file to load.

    Attributes:
        product: whose generator writes it.
        table: as the contract names it.
        option: of the generator, how many rows.
        share: of the rows asked for; rows of JSON are longer.
        what: in words.
    """

    product: str
    table: str
    option: str
    share: float
    what: str


INPUTS = (
    Input("tiltak", "deltaker_siste_status", "--deltakere", 1.0, "short texts, no quotes"),
    Input("arena", "meldinger", "--meldinger", 0.1, "two JSON documents a row, full of quotes"),
)


@dataclass
class Case:
    """An input in one format on one engine, and the runs of both contestants.

    Attributes:
        target: the engine.
        file_format: of the file that flette loads.
        given: the input.
        runs: by contestant, in their order.
    """

    target: str
    file_format: str
    given: Input
    runs: dict[str, list[Run]] = field(default_factory=lambda: {name: [] for name in CONTESTANTS})

    def best(self, contestant: str, attribute: str) -> float:
        """Return the least that a contestant's runs cost."""
        return min(getattr(run, attribute) for run in self.runs[contestant])

    def times_bare(self, attribute: str) -> float:
        """Return how many times the bare command's cost flette's is, by the best of each."""
        return self.best("flette", attribute) / self.best("bare", attribute)

    def middle(self) -> float:
        """Return the median of the ratios of runs that followed on each other."""
        pairs = zip(self.runs["flette"], self.runs["bare"], strict=True)
        return statistics.median(ours.seconds / bare.seconds for ours, bare in pairs)


class Loader:
    """Runs the contestants.

    Args:
        rows: how many the largest input has.
        work: for databases and logs.
    """

    def __init__(self, rows: int, work: Path) -> None:
        """Generate the files."""
        self._work = work
        self._files: dict[tuple[str, str], Path] = {}
        for given in INPUTS:
            size = max(int(rows * given.share), 1)
            for file_format in ("csv", "parquet"):
                folder = common.raw_folder(
                    given.product,
                    [given.table],
                    f"load/{size}",
                    [given.option, str(size), "--seed", SEED],
                    work / "generate.log",
                    file_format,
                )
                path = common.raw_file(folder, given.product, given.table, file_format)
                self._files[given.product, file_format] = path
        self.database = work / "load.duckdb"
        self.rows: dict[str, int] = {}

    def run(self, case: Case, contestant: str, measure: Callable[[Callable[[], Run]], Run]) -> None:
        """Let a contestant load a file once.

        Args:
            case: gets what it cost.
            contestant: one of ``CONTESTANTS``.
            measure: adds what a server did for it.
        """
        file_format = case.file_format
        if contestant == "bare" and case.target == "postgres":
            file_format = "csv"  # it reads nothing else
        path = self._files[case.given.product, file_format]
        arguments = [contestant, case.target, case.given.product, case.given.table, str(path)]
        log = self._work / f"{contestant}.log"
        run = measure(lambda: common.run_contestant(MODULE, arguments, log)[0])
        case.runs[contestant].append(run)
        print(
            f"  {case.target:<9} {case.file_format:<8} {case.given.product:<7} {contestant:<7}"
            f"{run.seconds:8.2f} s, whole process {run.command:6.2f} s, cpu {run.cpu:6.2f} s, "
            f"{run.peak:5.0f} MB, others {run.disturbance:3.0%}",
            flush=True,
        )

    def compare(self, case: Case, ask: Callable[[str], list]) -> None:
        """Compare what both have loaded.

        Raises:
            BenchmarkError: it differs.
        """
        product, table = case.given.product, case.given.table
        ours, theirs = f"{product}_raw.{table}", bare_table(product, table)
        columns = ask(
            "select column_name from information_schema.columns "
            f"where table_schema = '{product}_raw' and table_name = '{table}'"
        )
        names = ", ".join(name for (name,) in columns)
        ours, theirs = f"select {names} from {ours}", f"select {names} from {theirs}"
        differing = ask(
            f"select count(*) from (({ours} except all {theirs}) union all "
            f"({theirs} except all {ours})) as differing"
        )[0][0]
        if differing:
            raise BenchmarkError(f"{case.target}, {case.file_format}: {differing} rows differ")
        self.rows[product] = ask(f"select count(*) from ({ours}) as loaded")[0][0]


def measure(loader: Loader, repeats: int) -> list[Case]:
    """Run both contestants on every input, format and engine, in turns.

    Args:
        loader: runs them.
        repeats: turns.
    """
    cases = []
    os.environ["FLETTE_DUCKDB_PATH"] = str(loader.database)
    os.environ["FLETTE_SCHEMA_PREFIX"] = ""
    for target in ("duckdb", "postgres"):
        with _measured(target) as (meter, ask):
            for given in INPUTS:
                for file_format in ("csv", "parquet"):
                    case = Case(target, file_format, given)
                    for _ in range(repeats):
                        if target == "duckdb":
                            loader.database.unlink(missing_ok=True)
                        for contestant in CONTESTANTS:
                            loader.run(case, contestant, meter)
                        loader.compare(case, ask or _ask(loader.database))
                    cases.append(case)
    loader.database.unlink(missing_ok=True)
    return cases


Meter = Callable[[Callable[[], Run]], Run]
Ask = Callable[[str], list]


@contextmanager
def _measured(target: str) -> Iterator[tuple[Meter, Ask | None]]:
    """Yield how a client is measured and how the database is asked; DuckDB is asked as a file."""
    if target == "duckdb":
        yield (lambda work: work()), None
        return
    with server() as postgres:
        yield postgres.measure, postgres.ask


def _ask(database: Path) -> Ask:
    """Return how to ask a DuckDB file."""
    return lambda sql: query(sql, database)


def report(cases: Sequence[Case], rows: dict[str, int], repeats: int, day: date) -> str:
    """Write what was measured as Markdown."""
    header = ["engine, format", "rows", "bare", "flette", "flette / bare", "median", "cpu / cpu"]
    lines = [
        f"Measured {day.isoformat()} on {machine()}. Seconds of the load alone; the best of "
        f"{repeats} runs of each, in turns, their ratio, the median of the {repeats} ratios of "
        "neighbouring runs, and the ratio of processor time (whole processes and the server).",
    ]
    for given in INPUTS:
        of_input = [case for case in cases if case.given == given]
        table = [
            [
                f"{case.target}, {case.file_format}",
                f"{rows[given.product]:,}",
                f"{case.best('bare', 'seconds'):.2f}",
                f"{case.best('flette', 'seconds'):.2f}",
                f"{case.times_bare('seconds'):.2f}",
                f"{case.middle():.2f}",
                f"{case.times_bare('cpu'):.2f}",
            ]
            for case in of_input
        ]
        lines += ["", f"**{given.product}.{given.table}**: {given.what}.", ""]
        lines += as_table(header, table)
    first = [case for case in cases if case.given == INPUTS[0]]
    reached = all(case.times_bare("seconds") <= MOST_TIMES_BARE for case in first)
    lines += [
        "",
        f"To be reached: {MOST_TIMES_BARE} times the bare command with {ROWS:,} rows; "
        + ("**reached.**" if reached else "**not reached** everywhere, see the table."),
    ]
    disturbed = max(
        run.disturbance for case in cases for runs in case.runs.values() for run in runs
    )
    words = f"Others had at most {disturbed:.0%} of the two cores"
    lines += ["", words + (DISTURBED.format(single="neither") if disturbed > QUIET else ".")]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: the command line without the program's name; that of the process if None.

    Returns:
        The exit code: 0 measured, 1 a run failed or two tables differ.
    """
    parser = common.command_line(
        PRODUCT,
        "Measure make load against each engine's bare bulk command.",
        repeat=3,
        repeats="runs of each",
        project=False,
    )
    parser.add_argument(
        "--rows", type=int, default=ROWS, metavar="N", help="rows of the largest input"
    )

    def compare(options: argparse.Namespace) -> str:
        options.work.mkdir(parents=True, exist_ok=True)
        loader = Loader(options.rows, options.work)
        cases = measure(loader, options.repeat)
        return report(cases, loader.rows, options.repeat, options.date)

    return common.run_benchmark(PRODUCT, parser, arguments, compare)


if __name__ == "__main__":
    sys.exit(main())
