"""What every benchmark shares: measured processes, the machine in words, tables for the README."""

import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts import ROOT

README = Path(__file__).with_name("README.md")
DATA = Path(__file__).with_name("data")
CORES = 2


class BenchmarkError(RuntimeError):
    """A run that failed or an answer that differs; its text is for the user."""


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
    return json.loads(asked.stdout)


# --- the report ----------------------------------------------------------------------------------


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
