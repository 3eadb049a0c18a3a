"""Build flette: make the seeds that are missing, start a server where one is needed, run dbt.

`make build` calls this. With a server and seeds in place, plain `dbt build` does the same.
"""

from __future__ import annotations

import argparse
import os
import sys

from dbt.cli.main import dbtRunner

from scripts import tiltak
from scripts.common import run
from scripts.servers import ROOT, server_for

TARGETS = ("duckdb", "postgres", "bigquery", "bigquery_emulator")
# product -> the generator of its mock input
GENERATORS = {"tiltak": tiltak.main}


def make_missing_seeds(again: bool = False) -> None:
    """Generate the seeds of the products that have none.

    Args:
        again: Whether to write them all again, with the default settings.
    """
    for product, generate in GENERATORS.items():
        folder = ROOT / "seeds" / product
        if again or not any(folder.glob("raw_*.csv")):
            print(f"{product}: generating mock input into {folder.relative_to(ROOT)}")
            generate(["--out", str(folder)])


def build(target: str, select: str, arguments: list[str]) -> bool:
    """Run `dbt build` against a target.

    Args:
        target: One of TARGETS.
        select: What to build, in dbt's node selection syntax; everything when empty.
        arguments: Further arguments for dbt, such as `--vars` and its value.

    Returns:
        Whether everything was built and every test passed.
    """
    os.chdir(ROOT)
    selection = ["--select", *select.split()] if select else []
    with server_for(target):
        result = dbtRunner().invoke(["build", "--target", target, *selection, *arguments])
    return result.success


def main() -> None:
    """Parse the command line and build."""
    parser = argparse.ArgumentParser(prog="scripts.build", description=__doc__.splitlines()[0])
    parser.add_argument("--target", choices=TARGETS, default="duckdb")
    parser.add_argument("--select", default="", help="such as tiltak; everything when empty")
    parser.add_argument("--seeds-only", action="store_true", help="write all seeds again and stop")
    options, arguments = parser.parse_known_args()
    make_missing_seeds(again=options.seeds_only)
    if not options.seeds_only and not build(options.target, options.select, arguments):
        sys.exit(1)


if __name__ == "__main__":
    sys.exit(run("flette", main))
