"""Measure arena's passes: the bare JSON parse, a walk message by message, flette through dbt.

Run from the project root::

    python -m benchmarks.arena                                   # the table, about 10 minutes
    python -m benchmarks.arena --messages 10000 --no-report      # a quick look

All read the same raw Parquet files (``scripts.arena``, kept in ``benchmarks/data/``): those of a
first pass over all messages, and those that the second pass finds, with 1 % more. Every run is a
process of its own on the same two processor cores. A run in which two answers differ stops with
exit code 1. The table goes to the terminal and, between two markers, to ``benchmarks/README.md``.
"""

import argparse
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks import common
from benchmarks.arena_contestants import NAA, PRODUCT, TABLES, answer_file, oracle, raw_queries
from benchmarks.arena_report import Facts, Measured, report
from benchmarks.common import BenchmarkError, Run, query
from benchmarks.flette import Flette

MESSAGES = (10_000, 100_000, 1_000_000)
SEED = 20250707
LARGE = 1_000_000

CONTESTANTS = ("parse", "walk", "flette")
PASSES = (1, 2)
WHOLE_PRODUCT = ("--select", PRODUCT)
MODULE = "benchmarks.arena_contestants"
ARENA_DATA = "arena_silver.arena_data"
SENT = "arena_gold.amt_meldinger"
LOG = "arena_silver.silver_arena__logg"
# Texts of a kilobyte are compared by their hashes.
LONG = ("before", "after")


def pass_folder(messages: int, number: int, work: Path) -> Path:
    """Return the folder with the raw files of a pass, generated if they are not there.

    Args:
        messages: of the first pass.
        number: of the pass.
        work: for the log.
    """
    arguments = ["--meldinger", str(messages), "--pass", str(number), "--seed", str(SEED)]
    place = f"{messages}/{number}"
    return common.raw_folder(PRODUCT, TABLES, place, arguments, work / "generate.log")


def rows_sql(source: str, columns: Sequence[str]) -> str:
    """Return the SQL of a relation's rows as texts."""
    texts = [
        f"md5(cast({name} as varchar)) as {name}"
        if name in LONG
        else f"cast({name} as varchar) as {name}"
        for name in columns
    ]
    return f"select {', '.join(texts)} from {source}"


class Size:
    """The runs on one number of messages.

    Args:
        messages: of the first pass.
        project: folder with the dbt project.
        work: for databases and logs.
    """

    def __init__(self, messages: int, project: Path, work: Path) -> None:
        """Generate the raw files."""
        self._project, self._work = project, work
        self._folders = [pass_folder(messages, number, work) for number in PASSES]
        self._answers = work / "answers"
        shutil.rmtree(self._answers, ignore_errors=True)
        self.facts: Facts | None = None

    def run(self, name: str) -> dict[str, Run]:
        """Let a contestant run once.

        Args:
            name: one of ``CONTESTANTS``.

        Returns:
            What it cost, by what was measured.

        Raises:
            BenchmarkError: it failed, or its answer is not that of the walk before it.
        """
        return {"parse": self._parse, "walk": self._walk, "flette": self._flette}[name]()

    def _parse(self) -> dict[str, Run]:
        arguments = ["parse", str(self._folders[0])]
        run, _ = common.run_contestant(MODULE, arguments, self._work / "parse.log")
        return {"parse": run}

    def _walk(self) -> dict[str, Run]:
        arguments = ["walk", *map(str, self._folders), str(self._answers)]
        run, said = common.run_contestant(MODULE, arguments, self._work / "walk.log")
        # to hold both passes' input and to write the answers is not the walk's work
        run = replace(run, peak=said["peak"])
        return {"walk": run, "walk again": replace(run, seconds=said["second"])}

    def _flette(self) -> dict[str, Run]:
        flette = Flette(self._project, self._work / "flette")
        runs = {}
        for number, name in zip(PASSES, ("flette", "flette again"), strict=True):
            common.show_raw_tables(flette.database, PRODUCT, raw_queries(self._folders[number - 1]))
            variables = {"kilder": "ekte", "naa": NAA[number - 1]}
            runs[name] = flette.build(WHOLE_PRODUCT, variables)
            if self._answers.exists():
                self._compare(flette.database, number)
        self.facts = self._count(flette.database)
        flette.database.unlink()
        return runs

    def _compare(self, database: Path, number: int) -> None:
        """Compare every relation after a pass with the walk's.

        Args:
            database: of flette.
            number: of the pass.

        Raises:
            BenchmarkError: a row differs.
        """
        for relation, columns in oracle().COLUMNS.items():
            ours = rows_sql(relation, columns)
            file = answer_file(self._answers, number, relation).as_posix()
            walked = rows_sql(f"read_parquet('{file}')", columns)
            differing = query(
                f"select * from ((select 'flette' as av, * from ({ours} except all {walked})) "
                f"union all (select 'walk' as av, * from ({walked} except all {ours}))) limit 4",
                database,
            )
            if differing:
                lines = "\n".join(map(str, differing))
                raise BenchmarkError(f"{relation} differs after pass {number}:\n{lines}")

    def _count(self, database: Path) -> Facts:
        """Count what the passes did, before the database is gone."""
        per_pass = query(
            "select count(*), count(*) filter (where hendelse = 'ny'), count(topic) "
            f"from {LOG} group by pass_nr order by pass_nr",
            database,
        )
        received = query("select count(*) from arena_raw.meldinger", database)[0][0]
        before = query(f"select count(*) from ({raw_queries(self._folders[0])['meldinger']})")
        kept = query(f"select count(*) from {ARENA_DATA}", database)[0][0]
        first, second = per_pass
        return Facts(
            received=before[0][0],
            treated=first[0],
            sent=first[2],
            added=received - before[0][0],
            treated_again=second[0] - second[1],
            treated_later=second[1],
            sent_later=second[2],
            kept=kept,
        )


def measure_size(
    messages: int, repeats: int, only: Sequence[str], project: Path, work: Path
) -> tuple[dict[str, Run], Facts | None]:
    """Run contestants on one size, in turns, and keep the best of each one's runs.

    Args:
        messages: of the first pass.
        repeats: turns.
        only: names of those to run.
        project: folder with the dbt project.
        work: for databases and logs.

    Returns:
        The best by what was measured; what the size is, if flette was among them.

    Raises:
        BenchmarkError: two answers differ.
    """
    runs = Size(messages, project, work)
    best: dict[str, Run] = {}
    for turn in range(1, repeats + 1):
        for contestant in only:
            for name, run in runs.run(contestant).items():
                print(
                    f"  {messages:>10,}  {name:<12} run {turn}: {run.seconds:8.2f} s, "
                    f"whole command {run.command:8.2f} s, cpu {run.cpu:8.2f} s, "
                    f"{run.peak:6.0f} MB, others {run.disturbance:3.0%}",
                    flush=True,
                )
                best[name] = run.best_with(best.get(name))
    return best, runs.facts


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: the command line without the program's name; that of the process if None.

    Returns:
        The exit code: 0 measured, 1 a run failed or two answers differ.
    """
    parser = common.command_line(
        PRODUCT,
        "Measure two passes of arena against a walk and against the bare JSON parse.",
        repeat=1,
        repeats="runs of each; large sizes get one",
    )
    common.add_sizes(parser, MESSAGES, "how many", "--messages")
    common.add_contestants(parser, CONTESTANTS)

    def measure(options: argparse.Namespace) -> str | None:
        measured = Measured()
        for size in options.messages:
            repeats = 1 if size >= LARGE else max(options.repeat, 1)
            runs, facts = measure_size(size, repeats, options.only, options.project, options.work)
            measured.runs[size], measured.repeats[size] = runs, repeats
            if facts is not None:
                measured.facts[size] = facts
        if set(options.only) != set(CONTESTANTS):
            return None
        return report(measured, options.date)

    return common.run_benchmark(PRODUCT, parser, arguments, measure)


if __name__ == "__main__":
    sys.exit(main())
