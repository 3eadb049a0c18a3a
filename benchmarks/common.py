"""What every benchmark shares: its command, measured processes, words and tables of the report."""

import argparse
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from scripts import ROOT

README = Path(__file__).with_name("README.md")
DATA = Path(__file__).with_name("data")
CORES = 2


class BenchmarkError(RuntimeError):
    """A run that failed or an answer that differs; its text is for the user."""


# --- command line --------------------------------------------------------------------------------


def command_line(
    product: str, description: str, repeat: int, repeats: str, project: bool = True
) -> argparse.ArgumentParser:
    """Make a parser with the options that every benchmark has.

    Args:
        product: whose benchmark.
        description: one sentence for ``--help``.
        repeat: how many runs of each there are if ``--repeat`` is not given.
        repeats: what ``--help`` says of it.
        project: whether another dbt project than this one can be measured.

    Returns:
        A parser that has ``--repeat``, ``--date``, ``--work``, ``--no-report`` and, if asked for,
        ``--project``.
    """
    parser = argparse.ArgumentParser(
        prog=f"benchmarks.{product}",
        description=description,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--repeat", type=int, default=repeat, metavar="N", help=repeats)
    add("--date", type=date.fromisoformat, default=date.today(), help="date of the report")
    if project:
        add("--project", type=Path, default=ROOT, help="folder of the dbt project to measure")
    add("--work", type=Path, default=DATA / "work", help="folder for databases, logs and answers")
    add("--no-report", action="store_true", help="leave benchmarks/README.md as it is")
    return parser


def add_sizes(
    parser: argparse.ArgumentParser, sizes: Sequence[int], what: str, option: str = "--sizes"
) -> None:
    """Add an option that takes the sizes to measure.

    Args:
        parser: that of the benchmark.
        sizes: those that are measured if it is not given.
        what: for ``--help``.
        option: its name.
    """
    default = ",".join(str(size) for size in sizes)
    parser.add_argument(option, type=sizes_from, default=default, metavar="N,N", help=what)


def add_contestants(parser: argparse.ArgumentParser, contestants: Sequence[str]) -> None:
    """Add the option ``--only``, which takes contestants and keeps the order in which they run.

    Args:
        parser: that of the benchmark.
        contestants: all of them, in that order.
    """

    def chosen(text: str) -> tuple[str, ...]:
        names = text.split(",")
        for name in names:
            if name not in contestants:
                raise argparse.ArgumentTypeError(f"{name!r} is not one of {', '.join(contestants)}")
        return tuple(name for name in contestants if name in names)

    parser.add_argument(
        "--only",
        type=chosen,
        default=",".join(contestants),
        metavar="NAME,NAME",
        help="contestants; without all of them there is no report",
    )


def run_benchmark(
    product: str,
    parser: argparse.ArgumentParser,
    arguments: Sequence[str] | None,
    measure: Callable[[argparse.Namespace], str | None],
) -> int:
    """Do the work of a benchmark's command.

    Args:
        product: whose benchmark.
        parser: from ``command_line``, with the benchmark's own options.
        arguments: the command line without the program's name; that of the process if None.
        measure: measures what the options ask for and returns the report, or None if there is none;
            ``work`` and, if there is one, ``project`` are whole paths, the former of this product
            alone.

    Returns:
        The exit code: 0 measured, 1 a run failed or two answers differ.
    """
    options = parser.parse_args(arguments)
    options.work = options.work.resolve() / product
    if "project" in options:
        options.project = options.project.resolve()
    stay_on_two_cores()
    try:
        text = measure(options)
        if text is None:
            return 0
        print(f"\n{text}")
        if not options.no_report:
            write_report(product, text)
    except BenchmarkError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1
    return 0


# --- processes -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Process:
    """What a process cost.

    Attributes:
        seconds: from its start to its end.
        cpu: seconds of processor time, user and system.
        others: processor time that others had of our cores meanwhile; 0 where it cannot be known.
        peak: largest resident memory, in MB (1,000,000 bytes).
        output: its standard output.
    """

    seconds: float
    cpu: float
    others: float
    peak: float
    output: str


def run_process(
    command: Sequence[str], log: Path, environment: dict[str, str], folder: Path = ROOT
) -> Process:
    """Run a command and measure it.

    Args:
        command: the program and its arguments.
        log: gets its standard output and error.
        environment: variables on top of those of this process.
        folder: where to run it.

    Returns:
        What it cost.

    Raises:
        BenchmarkError: it failed.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    with log.open("w+", encoding="utf-8") as output:
        busy = _busy_seconds()
        begin = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=variables, stdout=output, stderr=subprocess.STDOUT
        )
        # Unlike resource.RUSAGE_CHILDREN, wait4 speaks of this one process alone.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        busy = _busy_seconds() - busy
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if process.returncode:
        raise BenchmarkError(f"{' '.join(command)}\nfailed with {process.returncode}:\n{text}")
    cpu = usage.ru_utime + usage.ru_stime
    unit = 1 if sys.platform == "darwin" else 1024
    return Process(seconds, cpu, max(busy - cpu, 0.0), usage.ru_maxrss * unit / 1e6, text)


def _busy_seconds() -> float:
    """Add up how long our cores have worked since the system started, for whomever."""
    statistics = Path("/proc/stat")
    if not statistics.exists():
        return 0.0
    ticks = 0
    ours = {f"cpu{core}" for core in os.sched_getaffinity(0)}
    for line in statistics.read_text(encoding="ascii").splitlines():
        name, *fields = line.split()
        if name in ours:
            # user, nice, system, idle, iowait, irq, softirq, steal
            ticks += sum(int(field) for field in (*fields[:3], *fields[5:8]))
    return ticks / os.sysconf("SC_CLK_TCK")


def stay_on_two_cores() -> None:
    """Keep this process and its children on two cores, where the system can do that."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])


def query(sql: str, database: Path | None = None) -> list[list]:
    """Ask DuckDB something outside of any measurement.

    It is asked in another process: what this one has ever held would count as the least peak of
    every process that it starts.

    Args:
        sql: one or several statements.
        database: a DuckDB file; none is memory.

    Returns:
        The rows of the last statement.

    Raises:
        BenchmarkError: DuckDB refused.
    """
    code = (
        "import duckdb, json, sys; "
        "print(json.dumps(duckdb.connect(sys.argv[2]).execute(sys.argv[1]).fetchall()))"
    )
    command = [sys.executable, "-c", code, sql, str(database or ":memory:")]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    if asked.returncode:
        raise BenchmarkError(f"{sql}\nfailed:\n{asked.stderr}")
    # before it comes what DuckDB shows of its progress, if it takes long
    return json.loads(asked.stdout.splitlines()[-1])


# --- input ---------------------------------------------------------------------------------------


def raw_file(folder: Path, product: str, table: str, file_format: str = "parquet") -> Path:
    """Return where a product's generator writes a table."""
    return folder / f"raw_{product}__{table}.{file_format}"


def raw_folder(
    product: str,
    tables: Sequence[str],
    size: int | str,
    arguments: Sequence[str],
    log: Path,
    file_format: str = "parquet",
) -> Path:
    """Return the folder with the raw files of a size, generated if they are not there.

    Args:
        product: whose generator is ``scripts.<product>``.
        tables: those that it writes.
        size: names the folder.
        arguments: for the generator; how many and with which seed.
        log: gets what it prints.
        file_format: ``parquet`` or ``csv``.
    """
    folder = DATA / product / str(size)
    files = [raw_file(folder, product, table, file_format) for table in tables]
    if not all(file.exists() for file in files):
        command = [sys.executable, "-m", f"scripts.{product}", *arguments]
        run_process([*command, "--format", file_format, "--out", str(folder), "--quiet"], log, {})
    for file in files:
        with file.open("rb") as lines:
            while lines.read(2**20):
                pass  # nobody is the one that has to wait for the disk
    return folder


def show_raw_tables(database: Path, product: str, queries: Mapping[str, str]) -> None:
    """Make the owner's own tables in a DuckDB file, as views.

    Args:
        database: created if it is not there.
        product: the tables are in its schema for raw tables.
        queries: by table, what the view selects.
    """
    schema = f"{product}_raw"
    views = [
        f"create or replace view {schema}.{table} as {select}" for table, select in queries.items()
    ]
    query("; ".join([f"create schema if not exists {schema}", *views]), database)


def sizes_from(text: str) -> tuple[int, ...]:
    """Convert ``10000,100000`` to numbers, each once, the smallest first."""
    try:
        sizes = sorted({int(part) for part in text.split(",")})
    except ValueError:
        sizes = [0]
    if sizes[0] < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of numbers from 1 on")
    return tuple(sizes)


# --- runs ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """What a contestant's run cost.

    Attributes:
        seconds: for the work alone; for flette its models and the reading of the view.
        command: for the whole process, the start of Python and the imports included; for flette
            the dbt command and the reading of the view.
        cpu: processor time of the process.
        others: processor time that others had of the same cores meanwhile.
        peak: in MB.
        sql: for flette, what its statements took in the database, by node.
    """

    seconds: float
    command: float
    cpu: float
    others: float
    peak: float
    sql: dict[str, float] = field(default_factory=dict)

    @property
    def disturbance(self) -> float:
        """What others had of the time of our cores, as a share."""
        return self.others / (self.command * CORES)

    @property
    def sql_seconds(self) -> float:
        """What all statements took in the database, the reading of the view included."""
        return sum(self.sql.values())

    def best_with(self, other: "Run | None") -> "Run":
        """Return the smaller of each time; of the peaks the larger, for memory has to suffice."""
        if other is None:
            return self
        return Run(
            min(self.seconds, other.seconds),
            min(self.command, other.command),
            min(self.cpu, other.cpu),
            min(self, other, key=lambda run: run.seconds).others,
            max(self.peak, other.peak),
            min(self, other, key=lambda run: run.seconds).sql,
        )


def run_contestant(module: str, arguments: Sequence[str], log: Path) -> tuple[Run, dict]:
    """Let a contestant answer in a process of its own.

    Args:
        module: what to run; it prints JSON with the seconds of the work last.
        arguments: for it.
        log: gets what it prints.

    Returns:
        What it cost, and what it printed last.
    """
    process = run_process([sys.executable, "-m", module, *arguments], log, {})
    said = json.loads(process.output.splitlines()[-1])
    run = Run(said["seconds"], process.seconds, process.cpu, process.others, process.peak)
    return run, said


# --- the report ----------------------------------------------------------------------------------


DISTURBED = (
    ": **the times are too long**, most of all of those that use both cores ({single} uses one); "
    "measure again on a quiet machine."
)


def machine() -> str:
    """Describe the machine and the versions in one sentence."""
    packages = ("duckdb", "dbt-core", "dbt-duckdb", "pandas", "pyarrow")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    described = Path("/proc/cpuinfo")
    lines = described.read_text(encoding="utf-8").splitlines() if described.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    processor = f" ({names[0]})" if names else ""
    return (
        f"{CORES} of {os.cpu_count()} cores{processor}, {memory:.0f} GB of memory, "
        f"{platform.system()}, Python {platform.python_version()}, {versions}"
    )


def as_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Write a Markdown table, its first column to the left and the others to the right."""
    rule = ["---", *["---:"] * (len(header) - 1)]
    return [f"| {' | '.join(cells)} |" for cells in (header, rule, *rows)]


def write_report(product: str, text: str) -> None:
    """Put what was measured of a product between its markers in the README.

    Args:
        product: such as ``tiltak``.
        text: Markdown.

    Raises:
        BenchmarkError: the README has not both markers.
    """
    begin, end = (f"<!-- {product}: {edge} of what was measured -->" for edge in ("begin", "end"))
    readme = README.read_text(encoding="utf-8")
    before, found_begin, rest = readme.partition(begin)
    _, found_end, after = rest.partition(end)
    if not found_begin or not found_end:
        raise BenchmarkError(f"{README.name} has no {begin} with {end} after it")
    README.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")
