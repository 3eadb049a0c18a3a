"""Check style, architecture and deprecations (`make lint`), or rewrite (`make format`).

dbt parses the project and builds it without rows, seeds apart, into a database of its own under
target/lint: no other database is touched, and the columns that are checked are the real ones.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt_bouncer import run_bouncer
from dbt_common.events.base_types import EventMsg

from scripts import ROOT

# The tools of this interpreter's environment, whether or not it is activated.
BIN = Path(sys.executable).parent
ARTIFACTS = ROOT / os.environ.get("DBT_TARGET_PATH", "target") / "lint"

# What dbt renders, and what it does not: of macros, sqlfluff sees the text between the jinja tags.
RENDERED = ["models", "snapshots", "tests", "analyses"]
MACROS = ["--templater", "jinja", "--rules", "jinja.padding,layout.end_of_file"]
MACROS += ["--disregard-sqlfluffignores", "macros", "tests/generic"]
# `noqa` comments count for nothing: there are no exceptions in the code.
RUFF_CHECK = ["check", "--ignore-noqa", "--output-format", "concise", "--quiet"]
RUFF_FORMAT = ["format", "--output-format", "concise", "--quiet"]

# What a check says: nothing when it is content. And how many seconds that took.
Complaints = list[str]
Outcome = tuple[Complaints, float]


def environment(artifacts: Path) -> dict[str, str]:
    """Return the environment in which dbt works on a database of its own.

    Args:
        artifacts: Folder for dbt's artifacts, its log and that database.
    """
    ours = {
        "DBT_TARGET_PATH": str(artifacts),
        "DBT_LOG_PATH": str(artifacts / "logs"),
        "DBT_PROFILES_DIR": str(ROOT / "profiles"),
        "FLETTE_TARGET": "duckdb",
        "FLETTE_DUCKDB_PATH": str(artifacts / "lint.duckdb"),
        "FLETTE_SCHEMA_PREFIX": "",
    }
    return os.environ | ours


def timed(check: Callable[[], Complaints]) -> Outcome:
    """Run a check.

    Args:
        check: The check.

    Returns:
        Its complaints, and how many seconds it took.
    """
    began = time.monotonic()
    return check(), time.monotonic() - began


def tool(*command: str) -> Outcome:
    """Run a command in the project's folder.

    Args:
        *command: A tool of BIN and its arguments.

    Returns:
        What it printed if it failed, and how many seconds it took.
    """

    def check() -> Complaints:
        done = subprocess.run(
            [str(BIN / command[0]), *command[1:]],
            cwd=ROOT,
            env=environment(ARTIFACTS),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        failed = f"exit code {done.returncode}"
        return (done.stdout.rstrip().splitlines() or [failed]) if done.returncode else []

    return timed(check)


def dbt(*arguments: str, forgive_warnings: bool = False) -> Complaints:
    """Run dbt in this process.

    Args:
        *arguments: The command and its options.
        forgive_warnings: Whether only errors are complaints; else every warning is, too, and so
            is every use of what dbt has deprecated.

    Returns:
        The messages of all warnings and errors.
    """
    said: Complaints = []
    levels = ("error",) if forgive_warnings else ("error", "warn")

    def listen(event: EventMsg) -> None:
        if event.info.level in levels:
            said.extend(event.info.msg.splitlines())

    result = dbtRunner(callbacks=[listen]).invoke(
        ["--log-level", "none", "--no-use-colors", *arguments]
    )
    DuckDBConnectionManager.close_all_connections()  # sqlfluff opens the same file
    failed = str(result.exception or f"dbt {arguments[0]} failed").splitlines()
    return said or ([] if result.success else failed)


def build_without_rows() -> Complaints:
    """Build every relation, empty, and write the catalog of their columns."""
    types = [f"--resource-type={kind}" for kind in ("seed", "model", "snapshot")]
    return dbt("build", "--empty", *types, forgive_warnings=True) or dbt(
        "docs", "generate", "--no-compile", forgive_warnings=True
    )


def incremental_models(artifacts: Path) -> list[str]:
    """Return the files of the models that have another SQL when their relation is there.

    Args:
        artifacts: Folder with manifest.json.
    """
    nodes = json.loads((artifacts / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    return [
        node["original_file_path"]
        for node in nodes.values()
        if node["resource_type"] == "model" and "is_incremental" in node["raw_code"]
    ]


def architecture(artifacts: Path) -> Complaints:
    """Run the checks of dbt-bouncer.yml.

    Args:
        artifacts: Folder with manifest.json and catalog.json.

    Returns:
        A line for every failure: the check, the resource, and what is wrong.
    """
    text = (ROOT / "dbt-bouncer.yml").read_text(encoding="utf-8")
    config = yaml.load(text, Loader=yaml.CSafeLoader)
    config["dbt_artifacts_dir"] = str(artifacts)
    config["custom_checks_dir"] = str(ROOT / config["custom_checks_dir"])
    with tempfile.TemporaryDirectory() as folder:
        file, results = Path(folder, "dbt-bouncer.yml"), Path(folder, "results.json")
        file.write_text(yaml.safe_dump(config), encoding="utf-8")
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            try:
                run_bouncer(config_file=file, output_file=results, output_only_failures=True)
            except RuntimeError as error:  # its configuration or an artifact cannot be used
                return str(error).splitlines()
        failures = json.loads(results.read_text(encoding="utf-8"))
    said = []
    for failure in failures:
        check, _, *resource = failure["check_run_id"].split(":", 2)
        said.append(f"{' '.join([check, *resource])}: {failure['failure_message']}")
    return said


class Report:
    """Prints each check as it ends and remembers whether any failed."""

    def __init__(self) -> None:
        """Begin: nothing has failed."""
        self.failed = 0

    def __call__(self, name: str, outcome: Outcome) -> bool:
        """Print how a check went.

        Args:
            name: The check's name, as a user would run it.
            outcome: What it came to.

        Returns:
            Whether it was content.
        """
        complaints, seconds = outcome
        print(f"{'FAILED' if complaints else 'ok':6}  {name:40}{seconds:5.1f} s", flush=True)
        for line in complaints:
            print(f"        {line}")
        self.failed += bool(complaints)
        return not complaints


def lint(report: Report) -> None:
    """Run every check, two at a time where neither waits for the other."""
    for old in ("lint.duckdb", "manifest.json", "catalog.json"):
        (ARTIFACTS / old).unlink(missing_ok=True)
    with ThreadPoolExecutor() as beside:
        macros = beside.submit(tool, "sqlfluff", "lint", *MACROS)
        report("ruff check", tool("ruff", *RUFF_CHECK))
        report("ruff format --check", tool("ruff", *RUFF_FORMAT, "--check"))
        parse = ("parse", "--no-partial-parse", "--show-all-deprecations")
        report("dbt parse, without any warning", timed(lambda: dbt(*parse)))
        report("sqlfluff on macros", macros.result())
        if not (ARTIFACTS / "manifest.json").exists():
            print("skipped: sqlfluff and dbt-bouncer, which need a project that dbt can parse")
            return
        report("sqlfluff", tool("sqlfluff", "lint", "--processes", "2", *RENDERED))
        if not report("dbt build --empty", timed(build_without_rows)):
            print("skipped: dbt-bouncer, which needs the columns of every relation")
            return
        incremental = incremental_models(ARTIFACTS)
        again = beside.submit(tool, "sqlfluff", "lint", *(incremental or RENDERED))
        report("dbt-bouncer", timed(lambda: architecture(ARTIFACTS)))
        report("sqlfluff on incremental runs", again.result())


def rewrite(report: Report) -> None:
    """Rewrite what the tools can; they say what is left."""
    report("ruff check --fix", tool("ruff", *RUFF_CHECK, "--fix", "--exit-zero"))
    report("ruff format", tool("ruff", *RUFF_FORMAT))
    report("ruff check", tool("ruff", *RUFF_CHECK))
    report("sqlfluff fix", tool("sqlfluff", "fix", "--processes", "2", *RENDERED))
    report("sqlfluff fix on macros", tool("sqlfluff", "fix", *MACROS))


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(prog="scripts.lint", description=__doc__.splitlines()[0])
    parser.add_argument("--fix", action="store_true", help="rewrite instead of checking")
    options = parser.parse_args()
    os.chdir(ROOT)
    os.environ.update(environment(ARTIFACTS))
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    report = Report()
    began = time.monotonic()
    (rewrite if options.fix else lint)(report)
    print(f"{report.failed or 'none'} failed, {time.monotonic() - began:.0f} s")
    sys.exit(1 if report.failed else 0)


if __name__ == "__main__":
    main()
