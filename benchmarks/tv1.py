"""Measure tv1: the simulation, and the marts on DuckDB and PostgreSQL, all of them or a new day.

Run from the project root::

    python -m benchmarks.tv1                         # the tables, about 15 minutes
    python -m benchmarks.tv1 --quick                 # the smallest size, nothing written
    python -m benchmarks.tv1 --postgres-rows 175000,1750000,17500000    # half an hour more

Fifteen days of events are simulated (``scripts.tv1``, kept in ``benchmarks/data/``), fourteen and
then one more that goes on from them. They are loaded as the owner's own typed tables. Then the
marts are made of all fifteen days; or of fourteen, and the fifteenth is loaded on top. Every run is
a process of its own on the same two processor cores. A run in which two answers differ stops with
exit code 1. The tables go to the terminal and, between two markers, to ``benchmarks/README.md``.
"""

import argparse
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from benchmarks import common, postgres
from benchmarks.common import BenchmarkError, Run, query, raw_file
from benchmarks.flette import Flette
from benchmarks.tv1_contestants import DAYS, FIRST_DAY, HAND_MADE, PRODUCT, SEED, TABLES
from benchmarks.tv1_report import Measured, report

# Numbers of events, about; a user has some 13 a day.
SIZES = (175_000, 1_750_000, 17_500_000)
POSTGRES_SIZES = (175_000, 1_750_000)
EVENTS_PER_USER = 193
LAST_DAY = date.fromisoformat(FIRST_DAY) + timedelta(days=DAYS - 1)
VARIABLES = {"kilder": "ekte", "naa": f"{LAST_DAY + timedelta(days=1)} 06:00:00"}
MODULE = "benchmarks.tv1_contestants"
MADE_SCHEMAS = ("tv1_staging", "tv1_silver", "tv1_marts")

# By fact: its key, and each other column as a number, in SQL for both engines. Weighing them by the
# key notices two rows that have each other's values.
_TIME = "cast(extract(epoch from {}) as bigint)"
_DATE = "({} - date '2020-01-01')"
FACTS = {
    "fct_episodes_streamed": (
        "tracking_id",
        [
            "session_id",
            "user_id",
            _TIME.format("event_time"),
            "episode_id",
            "ascii(substr(platform, 2))",
            _TIME.format("episode_start_time"),
            _TIME.format("episode_end_time"),
            "case when finished then 1 else 0 end",
            "watched_minutes",
        ],
    ),
    "fct_sessions": (
        "session_tracking_id",
        [
            "session_id",
            _TIME.format("session_start_time"),
            _DATE.format("session_start_date"),
            "ascii(substr(platform, 2))",
            "user_id",
            _TIME.format("last_end_time"),
            "session_duration_min",
            "episodes_in_session",
        ],
    ),
}


def answer_sql(schema: str, fact: str) -> str:
    """Return the SQL that adds up a fact, column by column, for either engine."""
    key, columns = FACTS[fact]
    weight = f"cast({key} % 9973 + 1 as bigint)"
    sums = [f"cast(sum({weight} * coalesce({column}, -1)) as varchar)" for column in columns]
    return f"select cast(count(*) as varchar), {', '.join(sums)} from {schema}.{fact}"


def check_answers(answers: dict[str, dict[str, list[Any]]]) -> None:
    """Compare the facts that contestants made of the same events.

    Args:
        answers: by contestant and fact.

    Raises:
        BenchmarkError: two differ.
    """
    names = list(answers)
    for name in names[1:]:
        if answers[name] != answers[names[0]]:
            raise BenchmarkError(
                f"the facts of {names[0]} and {name} differ:\n{answers[names[0]]}\n{answers[name]}"
            )


# --- input ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Events:
    """The generated files of a size.

    Attributes:
        users: how many there are.
        first: folder of the first fourteen days.
        last: folder of the last day.
        rows: number of events.
        last_rows: those of the last day.
    """

    users: int
    first: Path
    last: Path
    rows: int
    last_rows: int


def generate(size: int, work: Path) -> Events:
    """Return the files of a size, generated if they are not there.

    Args:
        size: number of events, about.
        work: for the log.
    """
    users = max(size // EVENTS_PER_USER, 10)
    folder = common.DATA / PRODUCT / f"{users}-users"
    first, last = folder / "first", folder / "last"
    periods = {
        first: ["--from", FIRST_DAY, "--days", str(DAYS - 1)],
        last: ["--from", str(LAST_DAY), "--days", "1", "--after", str(first)],
    }
    for part, period in periods.items():
        if all(raw_file(part, PRODUCT, table).exists() for table in TABLES):
            continue
        command = [sys.executable, "-m", "scripts.tv1", "--users", str(users), *period]
        command += ["--seed", str(SEED), "--format", "parquet", "--out", str(part), "--quiet"]
        common.run_process(command, work / "generate.log", {})
    counts = [
        query(f"select count(*) from '{raw_file(part, PRODUCT, 'tracking')}'")[0][0]
        for part in (first, last)
    ]
    return Events(users, first, last, sum(counts), counts[1])


def events_sql(folder: Path) -> str:
    """Return the SQL of a folder's events with their types."""
    file = raw_file(folder, PRODUCT, "tracking").as_posix()
    return (
        "select * replace (cast(tracking_time as timestamp) as tracking_time) "
        f"from read_parquet('{file}')"
    )


# --- runs ----------------------------------------------------------------------------------------


class Turns:
    """Runs contestants on one size and keeps the best of each one's runs.

    Args:
        size: number of events, about.
    """

    def __init__(self, size: int) -> None:
        """Have no runs yet."""
        self._size = size
        self.best: dict[str, Run] = {}

    def take(self, name: str, run: Run) -> None:
        """Say what a run cost and remember it if it was the best."""
        print(
            f"  {self._size:>10,}  {name:<20} {run.seconds:8.2f} s, "
            f"whole command {run.command:8.2f} s, cpu {run.cpu:8.2f} s, {run.peak:6.0f} MB, "
            f"others {run.disturbance:3.0%}",
            flush=True,
        )
        self.best[name] = run.best_with(self.best.get(name))


def build(project: Path, work: Path, target: str, keep: Flette | None = None) -> Run:
    """Build the marts' models with nothing parsed.

    Args:
        project: folder with the dbt project.
        work: of dbt, emptied unless ``keep``.
        target: of the profile.
        keep: flette that was built before and gets a new day.
    """
    flette = keep or Flette(project, work)
    shutil.rmtree(work / "target", ignore_errors=True)
    return flette.build(["--select", PRODUCT, "--target", target], VARIABLES)


def measure_simulation(events: Events, work: Path, turns: Turns) -> None:
    """Simulate all days on one core, beside the files that the others get."""
    folder = work / "simulated"
    arguments = ["simulation", str(folder), "--users", str(events.users)]
    run, said = common.run_contestant(MODULE, arguments, work / "simulation.log")
    shutil.rmtree(folder)
    if said["rows"] != events.rows:
        raise BenchmarkError(
            f"fifteen days are {said['rows']} events; fourteen and one are {events.rows}"
        )
    turns.take("simulation", run)


def measure_duckdb(events: Events, project: Path, work: Path, turns: Turns) -> dict[str, Any]:
    """Make the marts on DuckDB.

    Returns:
        The facts, the same for all.

    Raises:
        BenchmarkError: two answers differ.
    """

    def load(database: Path) -> None:
        tables = [
            f"create table tv1_raw.{table} as "
            + (
                events_sql(events.first)
                if table == "tracking"
                else f"from read_parquet('{raw_file(events.first, PRODUCT, table).as_posix()}')"
            )
            for table in TABLES
        ]
        query("; ".join(["create schema tv1_raw", *tables]), database)

    def answer(database: Path, schema: str) -> dict[str, list[Any]]:
        return {fact: query(answer_sql(schema, fact), database)[0] for fact in FACTS}

    add_day = f"insert into tv1_raw.tracking {events_sql(events.last)}"
    answers = {}

    # all at once
    flette = Flette(project, work / "duckdb")
    load(flette.database)
    query(add_day, flette.database)
    turns.take("duckdb-full", build(project, work / "duckdb", "duckdb", flette))
    answers["flette, all"] = answer(flette.database, "tv1_marts")
    arguments = ["statement", str(flette.database)]
    turns.take("statement", common.run_contestant(MODULE, arguments, work / "statement.log")[0])
    answers["the statement"] = answer(flette.database, HAND_MADE)

    # a new day
    flette = Flette(project, work / "duckdb")
    load(flette.database)
    build(project, work / "duckdb", "duckdb", flette)
    query(add_day, flette.database)
    turns.take("duckdb-day", build(project, work / "duckdb", "duckdb", flette))
    answers["flette, a day"] = answer(flette.database, "tv1_marts")
    check_answers(answers)
    shutil.rmtree(work / "duckdb")
    return answers["flette, all"]


def measure_postgres(events: Events, project: Path, work: Path, turns: Turns) -> dict[str, Any]:
    """Make the marts on PostgreSQL.

    Returns:
        The facts, the same for all.

    Raises:
        BenchmarkError: two answers differ.
    """
    answers: dict[str, dict[str, list[Any]]] = {}
    with postgres.server() as server:

        def contestant(*arguments: str) -> Run:
            return common.run_contestant(MODULE, arguments, work / f"{arguments[0]}.log")[0]

        def measure(name: str, work_of: Callable[[], Run], schema: str) -> None:
            turns.take(name, server.measure(work_of))
            answers[name] = {fact: list(server.ask(answer_sql(schema, fact))[0]) for fact in FACTS}

        def make(keep: Flette | None = None) -> Run:
            return build(project, work / "postgres", "postgres", keep)

        # fourteen days for both
        settle = "vacuum (analyze) tv1_raw.tracking"
        contestant("tables", str(events.first))
        turns.take("copy", server.measure(lambda: contestant("copy", str(events.first))))
        server.ask(settle)
        flette = Flette(project, work / "postgres")
        make(flette)
        contestant("full")
        # a new day
        contestant("copy", str(events.last))
        server.ask(settle)
        measure("postgres-day", lambda: make(flette), "tv1_marts")
        measure("original-day", lambda: contestant("incremental"), "original")
        check_answers(answers)
        # all at once
        server.ask(*(f"drop schema {schema} cascade" for schema in (*MADE_SCHEMAS, "original")))
        measure("postgres-full", make, "tv1_marts")
        measure("original-full", lambda: contestant("full"), "original")
        check_answers(answers)
    shutil.rmtree(work / "postgres")
    return answers["postgres-full"]


@dataclass(frozen=True)
class Options:
    """What is measured.

    Attributes:
        project: folder with the dbt project.
        work: for databases and logs.
        repeats: turns of the sizes below ``large``.
        large: sizes from here on get one turn.
        postgres_sizes: sizes that PostgreSQL gets, too.
    """

    project: Path
    work: Path
    repeats: int = 1
    large: int = 10_000_000
    postgres_sizes: Sequence[int] = field(default=POSTGRES_SIZES)


def measure_size(size: int, options: Options, measured: Measured) -> None:
    """Run all on one size, in turns.

    Args:
        size: number of events, about.
        options: what is measured.
        measured: gets the best of each one's runs.

    Raises:
        BenchmarkError: two answers differ.
    """
    work = options.work
    events = generate(size, work)
    turns = Turns(size)
    repeats = 1 if size >= options.large else options.repeats
    for _ in range(repeats):
        measure_simulation(events, work, turns)
        answers = {"DuckDB": measure_duckdb(events, options.project, work, turns)}
        if size in options.postgres_sizes:
            answers["PostgreSQL"] = measure_postgres(events, options.project, work, turns)
        check_answers(answers)
    measured.runs[events.rows] = turns.best
    measured.repeats[events.rows] = repeats
    measured.users[events.rows] = events.users
    measured.last_rows[events.rows] = events.last_rows
    measured.first_rows[events.rows] = events.rows - events.last_rows


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: the command line without the program's name; that of the process if None.

    Returns:
        The exit code: 0 measured, 1 a run failed or two answers differ.
    """
    parser = common.command_line(
        PRODUCT,
        "Measure the simulation and the marts of tv1 against the original's way.",
        repeat=1,
        repeats="runs of each; large sizes get one",
    )
    common.add_sizes(parser, SIZES, "numbers of events, about", "--rows")
    common.add_sizes(
        parser,
        POSTGRES_SIZES,
        "those of --rows that PostgreSQL gets, too; 17500000 takes it half an hour",
        "--postgres-rows",
    )
    parser.add_argument(
        "--quick", action="store_true", help="only the smallest of --rows, and no report written"
    )

    def measure(given: argparse.Namespace) -> str:
        given.no_report |= given.quick
        options = Options(
            given.project,
            given.work,
            max(given.repeat, 1),
            postgres_sizes=given.postgres_rows,
        )
        measured = Measured()
        for size in given.rows[:1] if given.quick else given.rows:
            measure_size(size, options, measured)
        return report(measured, given.date)

    return common.run_benchmark(PRODUCT, parser, arguments, measure)


if __name__ == "__main__":
    sys.exit(main())
