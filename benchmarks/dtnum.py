"""Measure the merge of dtnum: pandas row by row against flette through dbt.

Run from the project root::

    python -m benchmarks.dtnum                             # the table, about six minutes
    python -m benchmarks.dtnum --sizes 1000 --no-report    # a quick look

Both read the same raw Parquet files (``scripts.dtnum``, kept in ``benchmarks/data/``). Every run is
a process of its own on the same two processor cores. A run in which the two new files differ in a
single cell stops with exit code 1. The table goes to the terminal and, between two markers, to
``benchmarks/README.md``.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import common
from benchmarks.common import BenchmarkError, Run, query, raw_file
from benchmarks.dtnum_contestants import ANSWER, PRODUCT, SEEDS, TABLES
from benchmarks.dtnum_report import MOST_SECONDS, Facts, Measured, report
from benchmarks.flette import Flette
from benchmarks.saksstatistikk_contestants import checksum_sql

SIZES = (1_000, 3_000, 10_000, 30_000, 100_000)
SEED = 20250707
GOLD = "dtnum_gold.suivi_mis_a_jour"
WHOLE_PRODUCT = ("--select", PRODUCT)
VARIABLES = {"kilder": "ekte", "naa": "2026-02-01 12:00:00"}
LINES = "select count(*) from dtnum_silver.lignes_datapass"


def raw_queries(folder: Path) -> dict[str, str]:
    """Return what the owner's tables hold, as SQL over the raw files."""
    return {
        table: f"select * from read_parquet('{raw_file(folder, PRODUCT, table).as_posix()}')"
        for table in TABLES
    }


def load_reference_lists(database: Path) -> None:
    """Load the seeds that are no raw input, as ``dbt seed`` has loaded them long ago."""
    statements = []
    for file in sorted(SEEDS.glob(f"{PRODUCT}_*.csv")):
        header = file.open(encoding="utf-8").readline().strip().split(",")
        types = {name: "integer" if name == "ordre" else "varchar" for name in header}
        statements.append(
            f"create table {PRODUCT}_raw.{file.stem} as "
            f"select * from read_csv('{file.as_posix()}', header = true, columns = {types})"
        )
    query("; ".join(statements), database)


class Size:
    """The runs on one size.

    Args:
        size: number of rows of the file.
        project: folder with the dbt project.
        work: for databases and logs.
    """

    def __init__(self, size: int, project: Path, work: Path) -> None:
        """Generate the raw files."""
        self._project, self._work = project, work
        arguments = ["--lignes", str(size), "--seed", str(SEED)]
        log = work / "generate.log"
        self.folder = common.raw_folder(PRODUCT, TABLES, size, arguments, log)

    def pandas(self) -> tuple[Run, dict[str, Any]]:
        """Let pandas answer.

        Returns:
            What it cost; its rows and their checksum, or that it stopped.
        """
        module, log = "benchmarks.dtnum_contestants", self._work / "pandas.log"
        return common.run_contestant(module, [str(self.folder), str(MOST_SECONDS)], log)

    def flette(self, parsed: bool) -> tuple[Run, dict[str, Any]]:
        """Build all of the product.

        Args:
            parsed: use what the run before has parsed.

        Returns:
            What it cost; the rows of the new file and their checksum, the lines of DataPass.
        """
        flette = Flette(self._project, self._work / "flette", parsed)
        common.show_raw_tables(flette.database, PRODUCT, raw_queries(self.folder))
        load_reference_lists(flette.database)
        run = flette.build(WHOLE_PRODUCT, VARIABLES)
        answer = f"select count(*), {checksum_sql(ANSWER)}, ({LINES}) from {GOLD}"
        rows, checksum, lines = query(answer, flette.database)[0]
        return run, {"rows": rows, "checksum": checksum, "lines": lines}


def measure_size(
    size: int, repeats: int, with_pandas: bool, project: Path, work: Path
) -> tuple[dict[str, Run], Facts]:
    """Run both on one size, flette in turns, and keep the best of its runs.

    Args:
        size: number of rows of the file.
        repeats: turns of flette.
        with_pandas: whether pandas is to try.
        project: folder with the dbt project.
        work: for databases and logs.

    Returns:
        The best by contestant; what the size is.

    Raises:
        BenchmarkError: two answers differ, or nothing was answered.
    """
    runs = Size(size, project, work)
    contestants = [
        ("pandas", runs.pandas),
        *[("flette", lambda: runs.flette(False)), ("flette-parsed", lambda: runs.flette(True))]
        * repeats,
    ]
    best: dict[str, Run] = {}
    answers: list[dict[str, Any]] = []
    finished = False
    for name, contestant in contestants[0 if with_pandas else 1 :]:
        run, said = contestant()
        print(
            f"  {size:>10,}  {name:<13}: {run.seconds:8.2f} s, whole command "
            f"{run.command:8.2f} s, cpu {run.cpu:8.2f} s, {run.peak:6.0f} MB, "
            f"others {run.disturbance:3.0%}, {said}",
            flush=True,
        )
        best[name] = run.best_with(best.get(name))
        if not said.get("stopped"):
            finished |= name == "pandas"
            answers.append(said)
    if len({(said["rows"], said["checksum"]) for said in answers}) != 1 or not answers[0]["rows"]:
        raise BenchmarkError(f"the new files differ: {answers}")
    demandes = query(f"select count(*) from ({raw_queries(runs.folder)['demandes']})")[0][0]
    said = answers[-1]
    return best, Facts(demandes, said["lines"], said["rows"], finished)


def pandas_may_try(measured: Measured, size: int) -> bool:
    """Say whether pandas could answer in time if it took only as much longer as there is more."""
    if not measured.runs:
        return True
    before = max(measured.runs)
    seconds = measured.runs[before]["pandas"].seconds if measured.facts[before].compared else None
    return seconds is not None and seconds * size / before <= MOST_SECONDS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: the command line without the program's name; that of the process if None.

    Returns:
        The exit code: 0 measured, 1 a run failed or two answers differ.
    """
    parser = common.command_line(
        PRODUCT,
        "Measure the merge of dtnum against pandas row by row.",
        repeat=2,
        repeats="runs of flette; pandas gets one",
    )
    common.add_sizes(parser, SIZES, "rows of the file")
    parser.add_argument(
        "--no-pandas", action="store_true", help="leave pandas out; there is no report then"
    )

    def measure(options: argparse.Namespace) -> str | None:
        measured = Measured(repeats=max(options.repeat, 1))
        for size in options.sizes:
            tries = not options.no_pandas and pandas_may_try(measured, size)
            found = measure_size(size, measured.repeats, tries, options.project, options.work)
            measured.runs[size], measured.facts[size] = found
        if options.no_pandas:
            return None
        return report(measured, options.date)

    return common.run_benchmark(PRODUCT, parser, arguments, measure)


if __name__ == "__main__":
    sys.exit(main())
