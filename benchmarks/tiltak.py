"""Measure the weekly counts of tiltak: pandas, a hand-written statement, flette through dbt.

Run from the project root::

    python -m benchmarks.tiltak                                   # the table, about 15 minutes
    python -m benchmarks.tiltak --sizes 10000,100000 --no-report  # a quick look

All get the same six raw Parquet files (``scripts.tiltak``, kept in ``benchmarks/data/``) and answer
the same question; a run in which two answers differ in a single row stops with exit code 1. Every
run is a process of its own on the same two processor cores, so that its peak memory can be read
off: the kernel's ``ru_maxrss`` of that process, as ``wait4`` gives it. The table goes to the
terminal and, between two markers, to ``benchmarks/README.md``.
"""

import argparse
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks import common
from benchmarks.common import BenchmarkError, Run, query
from benchmarks.flette import Flette
from benchmarks.tiltak_contestants import TABLES, raw_file
from benchmarks.tiltak_report import SECOND_LOAD_SIZE, Measured, report

DATA = common.DATA / "tiltak"
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
SEED = 20250707
# From this size on, two runs of each are enough: they take minutes.
LARGE = 5_000_000

GOLD = "+gold_tiltak__uke_antall"
PRODUCT = "tiltak"
CONTESTANTS = ("pandas", "pandas-tuned", "statement", "flette", "flette-parsed", "product")
ANSWERING = ("pandas", "pandas-tuned", "statement", "flette")
FIRST_LOAD = {"kilder": "ekte", "naa": "2025-07-07 12:00:00"}
SECOND_LOAD = {"kilder": "ekte", "naa": "2025-07-14 12:00:00", "uke_til": "2025-07-14"}

# --- input ---------------------------------------------------------------------------------------


def raw_folder(size: int, work: Path) -> Path:
    """Return the folder with the raw files of a size, generated if they are not there.

    Args:
        size: number of deltakere.
        work: for the log.
    """
    arguments = ["--deltakere", str(size), "--seed", str(SEED)]
    return common.raw_folder(PRODUCT, TABLES, size, arguments, work / "generate.log")


# --- runs ----------------------------------------------------------------------------------------


def run_contestant(name: str, source: Path, answer: Path) -> Run:
    """Let a contestant answer.

    Args:
        name: a key of ``tiltak_contestants.CONTESTANTS``.
        source: its folder with raw files, or its database.
        answer: CSV file that it writes.
    """
    arguments = [name, str(source), str(answer)]
    log = answer.with_suffix(".log")
    return common.run_contestant("benchmarks.tiltak_contestants", arguments, log)[0]


class Tiltak(Flette):
    """flette with the raw files as the owner's own tables."""

    def load(self, folder: Path, select: str, variables: dict[str, str]) -> Run:
        """Run models over raw files.

        Args:
            folder: with the raw files.
            select: for dbt's ``--select``.
            variables: for its ``--vars``.
        """
        queries = {
            table: f"select * from read_parquet('{raw_file(folder, table).as_posix()}')"
            for table in TABLES
        }
        common.show_raw_tables(self.database, PRODUCT, queries)
        return self.build(["--select", select], variables)

    def answer(self, folder: Path, variables: dict[str, str], answer: Path) -> Run:
        """Build what the weekly counts need and read them.

        Args:
            folder: with the raw files.
            variables: for dbt's ``--vars``.
            answer: CSV file to write.

        Returns:
            What both cost, the larger of the two peaks.
        """
        models = self.load(folder, GOLD, variables)
        view = run_contestant("view", self.database, answer)
        return Run(
            models.seconds + view.seconds,
            models.command + view.seconds,
            models.cpu + view.cpu,
            models.others + view.others,
            max(models.peak, view.peak),
            {**models.sql, "reading the view": view.seconds},
        )


def check_answers(answers: Sequence[Path]) -> tuple[int, int]:
    """Compare answers, row for row.

    Args:
        answers: CSV files, at least one.

    Returns:
        The number of rows and the sum of antall, the same in all.

    Raises:
        BenchmarkError: two differ, or nobody is counted.
    """
    counted = [Counter(file.read_text(encoding="utf-8").splitlines()) for file in answers]
    first = counted[0]
    for file, other in zip(answers[1:], counted[1:], strict=True):
        if other != first:
            differing = [*(first - other), *(other - first)]
            raise BenchmarkError(
                f"{len(differing)} rows differ between {answers[0]} and {file}, "
                f"such as {differing[0]}"
            )
    rows = list(first.elements())[1:]
    antall = sum(int(row.rpartition(",")[2]) for row in rows)
    if not antall:
        raise BenchmarkError(f"nobody is counted in {answers[0]}")
    return len(rows), antall


# --- the measurement -----------------------------------------------------------------------------


def contestants_of(size: int, project: Path, work: Path) -> dict[str, Callable[[], Run]]:
    """Return what is run on one size.

    Args:
        size: number of deltakere.
        project: folder with the dbt project.
        work: for databases, logs and answers.

    Returns:
        By name, in the order in which they run: flette-parsed uses what flette leaves behind.
    """
    folder = raw_folder(size, work)

    def run(name: str) -> Run:
        return run_contestant(name, folder, answer_of(name, work))

    def run_flette(parsed: bool) -> Run:
        flette = Tiltak(project, work / "flette", parsed)
        return flette.answer(folder, FIRST_LOAD, answer_of("flette", work))

    return {
        "pandas": lambda: run("pandas"),
        "pandas-tuned": lambda: run("pandas-tuned"),
        "statement": lambda: run("statement"),
        "flette": lambda: run_flette(parsed=False),
        "flette-parsed": lambda: run_flette(parsed=True),
        "product": lambda: Tiltak(project, work / "product").load(folder, PRODUCT, FIRST_LOAD),
    }


def answer_of(name: str, work: Path) -> Path:
    """Return where a contestant writes its answer."""
    return work / f"{name}.csv"


def measure_size(
    size: int, repeats: int, only: Sequence[str], project: Path, work: Path
) -> tuple[dict[str, Run], tuple[int, int]]:
    """Run contestants on one size, in turns, and keep the best of each one's runs.

    Args:
        size: number of deltakere.
        repeats: turns.
        only: names of those to run.
        project: folder with the dbt project.
        work: for databases, logs and answers.

    Returns:
        The best by contestant; the number of rows of the answer and the sum of its antall.

    Raises:
        BenchmarkError: two answers differ.
    """
    best: dict[str, Run] = {}
    answers = [answer_of(name, work) for name in only if name in ANSWERING]
    checked = (0, 0)
    for turn in range(1, repeats + 1):
        for name, contestant in contestants_of(size, project, work).items():
            if name not in only:
                continue
            run = contestant()
            print(
                f"  {size:>10,}  {name:<13} run {turn}: {run.seconds:8.2f} s, "
                f"whole command {run.command:8.2f} s, cpu {run.cpu:8.2f} s, {run.peak:6.0f} MB, "
                f"others {run.disturbance:3.0%}",
                flush=True,
            )
            best[name] = run.best_with(best.get(name))
        if answers:
            checked = check_answers(answers)
            print(f"  {size:>10,}  {len(answers)} answers, {checked[0]:,} rows, all the same")
    return best, checked


def second_loads() -> Iterator[tuple[str, str]]:
    """Name the second loads and say how they are made from the first.

    Yields:
        A sentence, and the SQL of the new deltaker_siste_status from ``{deltakere}``.
    """
    # Every 100th row, whatever its dates: nothing a week does, and the hardest case.
    yield (
        "1 % anywhere: slutt_dato a week later",
        "select bruker_id, gjennomforing_id, status, start_dato, "
        "case when nr % 100 = 0 then slutt_dato + 7 else slutt_dato end as slutt_dato "
        "from {deltakere}",
    )
    yield (
        "1 % this week: half leave, half come",
        "select bruker_id, gjennomforing_id, status, start_dato, "
        "case when plass <= antall // 200 then date '2025-07-13' else slutt_dato end as slutt_dato "
        "from {aktive} union all "
        "select bruker_id, gjennomforing_id, status, date '2025-07-14', "
        "greatest(slutt_dato, date '2025-08-14') from {aktive} "
        "where plass > antall // 200 and plass <= 2 * (antall // 200)",
    )


def write_second_load(folder: Path, new: Path, sql: str) -> int:
    """Write the raw files of a second load.

    Args:
        folder: the first load.
        new: where to.
        sql: one of ``second_loads()``.

    Returns:
        How many deltakere are new or changed.
    """
    shutil.rmtree(new, ignore_errors=True)
    shutil.copytree(folder, new)
    source = raw_file(folder, "deltaker_siste_status").as_posix()
    target = raw_file(new, "deltaker_siste_status").as_posix()
    deltakere = (
        f"(select *, file_row_number as nr from read_parquet('{source}', file_row_number = true))"
    )
    # Those who take part on the day of the first load come first.
    aktive = (
        "(select *, row_number() over (order by start_dato <= date '2025-07-07' and "
        "slutt_dato > date '2025-07-13' desc, nr) as plass, count(*) over () as antall "
        f"from {deltakere})"
    )
    select = sql.format(deltakere=deltakere, aktive=aktive)
    query(f"copy ({select}) to '{target}' (format parquet)")
    left, right = (f"(select * from read_parquet('{file}'))" for file in (target, source))
    return query(f"select count(*) from ({left} except all {right})")[0][0]


def measure_second_load(size: int, project: Path, work: Path) -> list[tuple[str, ...]]:
    """Load a second week on top of the first and see what is written.

    Args:
        size: number of deltakere.
        project: folder with the dbt project.
        work: for the databases, logs and answers.

    Returns:
        Rows of the table: what changed, deltakere changed, seconds of the models, seconds of the
        incremental model's SQL, cells written, all cells. The first load is the first row.

    Raises:
        BenchmarkError: the second load's answer is not that of a first load of the same files.
    """
    folder = raw_folder(size, work)
    count_cells = (
        "select count(*) filter (talt_tidspunkt = (select max(talt_tidspunkt) from celler)), "
        "count(*) from celler"
    )
    table = []

    def add(change: str, changed: int, run: Run, flette: Tiltak) -> None:
        celler = "with celler as (from tiltak_gold.uke_celler)"
        written, stored = query(f"{celler} {count_cells}", flette.database)[0]
        sql = run.sql["gold_tiltak__uke_celler"]
        line = (change, f"{changed:,}", f"{run.seconds:.2f}", f"{sql:.3f}", f"{written:,}")
        table.append((*line, f"{stored:,}"))
        print(f"  {size:>10,}  {' | '.join(table[-1])}", flush=True)

    for number, (change, sql) in enumerate(second_loads()):
        new = DATA / f"{size}-second-{number}"
        changed = write_second_load(folder, new, sql)
        flette = Tiltak(project, work / "flette")
        first = flette.load(folder, GOLD, FIRST_LOAD)
        if not table:
            add("everything: the first load", size, first, flette)
        answers = [work / "second.csv", work / "afresh.csv"]
        add(change, changed, flette.answer(new, SECOND_LOAD, answers[0]), flette)
        Tiltak(project, work / "afresh").answer(new, SECOND_LOAD, answers[1])
        check_answers(answers)
        shutil.rmtree(new)
    return table


# --- the command ---------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: the command line without the program's name; that of the process if None.

    Returns:
        The exit code: 0 measured, 1 a run failed or two answers differ.
    """
    parser = common.command_line(
        PRODUCT,
        "Measure the weekly counts of tiltak against what one would run instead.",
        repeat=3,
        repeats="runs of each; large sizes get two",
    )
    common.add_sizes(parser, SIZES, "numbers of deltakere")
    common.add_contestants(parser, CONTESTANTS)
    parser.add_argument(
        "--no-second-load", action="store_true", help="leave out the second weekly load"
    )

    def measure(options: argparse.Namespace) -> str | None:
        measured = Measured()
        for size in options.sizes:
            repeats = min(max(options.repeat, 1), 2 if size >= LARGE else 100)
            runs, checked = measure_size(size, repeats, options.only, options.project, options.work)
            measured.runs[size], measured.answers[size] = runs, checked
            measured.repeats[size] = repeats
        if set(options.only) != set(CONTESTANTS):
            return None
        if not options.no_second_load:
            measured.second_load = measure_second_load(
                SECOND_LOAD_SIZE, options.project, options.work
            )
        return report(measured, options.date)

    return common.run_benchmark(PRODUCT, parser, arguments, measure)


if __name__ == "__main__":
    sys.exit(main())
