"""Measure the resending of saksstatistikk: plain Python, one DuckDB sort, flette through dbt.

Run from the project root::

    python -m benchmarks.saksstatistikk                             # the table, about 12 minutes
    python -m benchmarks.saksstatistikk --sizes 1000 --no-report    # a quick look

All read the same raw Parquet files (``scripts.saksstatistikk``, kept in ``benchmarks/data/``), in
which what was sent is wrong for every case and a due job asks for every case. Every run is a
process of its own on the same two processor cores. A run in which two answers differ stops with
exit code 1. The table goes to the terminal and, between two markers, to ``benchmarks/README.md``.
"""

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import common
from benchmarks.common import BenchmarkError, Run, query
from benchmarks.flette import Flette
from benchmarks.saksstatistikk_contestants import (
    PRODUCT,
    RESEND_TIME,
    TABLES,
    checksum_sql,
    oracle,
    raw_queries,
)
from benchmarks.saksstatistikk_report import Facts, Measured, report

SIZES = (1_000, 10_000, 100_000, 1_000_000)
SEED = 20250707
# From this size on, plain Python needs more memory than is left beside the system.
PLAIN_BELOW = 1_000_000
LARGE = 100_000

CONTESTANTS = ("plain", "floor", "flette", "product", "one")
RESEND = ("--selector", "saksstatistikk_resend")
WHOLE_PRODUCT = ("--select", PRODUCT)
ONE_CASE = 10_007
GOLD = "saksstatistikk_gold.saksstatistikk"
# The run before: gold begins as what was sent, and nothing is resent.
FIRST_RUN = {"kilder": "ekte", "naa": "2026-01-01 12:00:00"}
SECOND_RUN = {"kilder": "ekte", "naa": RESEND_TIME}
NEW_ROWS = f"teknisk_tid = timestamp '{RESEND_TIME}'"


def raw_folder(size: int, work: Path) -> Path:
    """Return the folder with the raw files of a size, generated if they are not there.

    Args:
        size: number of cases.
        work: for the log.
    """
    arguments = ["--behandlinger", str(size), "--seed", str(SEED)]
    return common.raw_folder(PRODUCT, TABLES, size, arguments, work / "generate.log")


def count_rows(table: str, folder: Path) -> int:
    """Count the rows of a raw table."""
    return query(f"select count(*) from ({raw_queries(folder, True)[table]})")[0][0]


class Size:
    """The runs on one size.

    Args:
        size: number of cases.
        project: folder with the dbt project.
        work: for databases and logs.
    """

    def __init__(self, size: int, project: Path, work: Path) -> None:
        """Generate the raw files, and build a gold that the runs begin with."""
        self._project, self._work = project, work
        self.folder = raw_folder(size, work)
        self._before = work / "before.duckdb"
        first = Flette(project, work / "first")
        common.show_raw_tables(first.database, PRODUCT, raw_queries(self.folder, False))
        first.build(RESEND, FIRST_RUN)
        first.database.replace(self._before)

    def run(self, name: str) -> tuple[Run, dict[str, Any]]:
        """Let a contestant run once.

        Args:
            name: one of ``CONTESTANTS``.

        Returns:
            What it cost; the rows that it appended and their checksums.
        """
        if name == "plain":
            return self._contestant(name)
        if name == "floor":
            return self._contestant(name, str(self._work / "floor.duckdb"))
        flette = Flette(self._project, self._work / name)
        shutil.copy(self._before, flette.database)
        common.show_raw_tables(
            flette.database, PRODUCT, raw_queries(self.folder, with_jobs=name != "one")
        )
        selection = WHOLE_PRODUCT if name == "product" else RESEND
        asked = {"resend_behandlinger": [ONE_CASE]} if name == "one" else {}
        run = flette.build(selection, {**SECOND_RUN, **asked})
        said = self._answer(flette.database)
        flette.database.unlink()
        return run, said

    def _contestant(self, name: str, *arguments: str) -> tuple[Run, dict[str, Any]]:
        """Run a contestant that is not flette."""
        module = "benchmarks.saksstatistikk_contestants"
        log = self._work / f"{name}.log"
        return common.run_contestant(module, [name, str(self.folder), *arguments], log)

    def _answer(self, database: Path) -> dict[str, Any]:
        """Return the rows that a run appended, and what tells them apart from others."""
        columns = oracle().GOLD
        but_id = [column for column in columns if column != "id"]
        reference = f"(select referanse from saksstatistikk_raw.behandling where id = '{ONE_CASE}')"
        rows, number = query(
            f"select count(*), {checksum_sql(columns)} from {GOLD} where {NEW_ROWS}", database
        )[0]
        one = query(
            f"select {checksum_sql(but_id)} from {GOLD} "
            f"where {NEW_ROWS} and behandling_uuid = {reference}",
            database,
        )[0][0]
        return {"rows": rows, "checksum": number, "one": one}


def check_answers(answers: dict[str, dict[str, Any]], cases: int) -> None:
    """Compare what the contestants appended.

    Args:
        answers: by contestant; plain and floor may be missing.
        cases: how many there are.

    Raises:
        BenchmarkError: two differ, or not everything was resent.
    """
    resent = {name: answers[name] for name in ("plain", "flette", "product") if name in answers}
    found = {(said["rows"], said["checksum"]) for said in resent.values()}
    if len(found) > 1:
        raise BenchmarkError(f"the rows appended differ: {resent}")
    if any(rows < cases for rows, _ in found):
        raise BenchmarkError(f"less than a row for each of {cases} cases: {resent}")
    if {"one", "flette"} <= answers.keys() and answers["one"]["one"] != answers["flette"]["one"]:
        raise BenchmarkError(f"case {ONE_CASE} differs when it is resent alone: {answers}")


def measure_size(
    size: int, repeats: int, only: Sequence[str], project: Path, work: Path
) -> tuple[dict[str, Run], Facts]:
    """Run contestants on one size, in turns, and keep the best of each one's runs.

    Args:
        size: number of cases.
        repeats: turns.
        only: names of those to run.
        project: folder with the dbt project.
        work: for databases and logs.

    Returns:
        The best by contestant; what the size is.

    Raises:
        BenchmarkError: two answers differ.
    """
    runs = Size(size, project, work)
    best: dict[str, Run] = {}
    answers: dict[str, dict[str, Any]] = {}
    for turn in range(1, repeats + 1):
        for name in only:
            if name == "plain" and size >= PLAIN_BELOW:
                continue
            run, answers[name] = runs.run(name)
            print(
                f"  {size:>10,}  {name:<8} run {turn}: {run.seconds:8.2f} s, "
                f"whole command {run.command:8.2f} s, cpu {run.cpu:8.2f} s, {run.peak:6.0f} MB, "
                f"others {run.disturbance:3.0%}, {answers[name]['rows']:,} rows",
                flush=True,
            )
            best[name] = run.best_with(best.get(name))
        check_answers(answers, size)
    facts = Facts(
        events=count_rows("behandling_historikk", runs.folder),
        sent=count_rows("saksstatistikk", runs.folder),
        appended=answers.get("flette", {}).get("rows", 0),
        of_one=answers.get("one", {}).get("rows", 0),
    )
    return best, facts


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: the command line without the program's name; that of the process if None.

    Returns:
        The exit code: 0 measured, 1 a run failed or two answers differ.
    """
    parser = common.command_line(
        PRODUCT,
        "Measure the resending of saksstatistikk against plain Python and one sort.",
        repeat=1,
        repeats="runs of each; large sizes get one",
    )
    common.add_sizes(parser, SIZES, "numbers of cases")
    common.add_contestants(parser, CONTESTANTS)

    def measure(options: argparse.Namespace) -> str | None:
        measured = Measured()
        for size in options.sizes:
            repeats = 1 if size >= LARGE else max(options.repeat, 1)
            runs, facts = measure_size(size, repeats, options.only, options.project, options.work)
            measured.runs[size], measured.facts[size] = runs, facts
            measured.repeats[size] = repeats
        if set(options.only) != set(CONTESTANTS):
            return None
        return report(measured, options.date)

    return common.run_benchmark(PRODUCT, parser, arguments, measure)


if __name__ == "__main__":
    sys.exit(main())
