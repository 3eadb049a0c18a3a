"""Build flette: make the seeds that are missing, start a server where one is needed, run dbt.

`make build` calls this. With a server and seeds in place, plain `dbt build` does the same.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

import yaml
from dbt.cli.main import dbtRunner

from scripts import ROOT, arena, dtnum, saksstatistikk, tiltak, tv1
from scripts.common import SettingError, run
from scripts.servers import server_for

TARGETS = ("duckdb", "postgres", "bigquery", "bigquery_emulator")
# product -> the generator of its mock input
GENERATORS = {
    "tiltak": tiltak.main,
    "saksstatistikk": saksstatistikk.main,
    "dtnum": dtnum.main,
    "tv1": tv1.main,
    "arena": arena.main,
}


def make_missing_seeds(again: bool = False) -> None:
    """Generate the input files that are missing, with the default settings.

    Args:
        again: Whether to write all of them again.
    """
    for product, generate in GENERATORS.items():
        folder = ROOT / "seeds" / product
        properties = yaml.safe_load((folder / f"_{product}__seeds.yml").read_text(encoding="utf-8"))
        names = [seed["name"] for seed in properties["seeds"] if seed["name"].startswith("raw_")]
        missing = [name for name in names if again or not (folder / f"{name}.csv").exists()]
        if not missing:
            continue
        print(f"{product}: generating {len(missing)} input files in {folder.relative_to(ROOT)}")
        with tempfile.TemporaryDirectory() as temporary:
            generate(["--out", temporary, "--quiet"])
            for name in missing:
                shutil.copy(Path(temporary, f"{name}.csv"), folder)


def require_readable_seeds() -> None:
    """Ask whether every input file is UTF-8 text; dbt would answer with a stack trace.

    Raises:
        SettingError: One is not; the sentence names the file and the place.
    """
    for path in sorted((ROOT / "seeds").glob("*/*.csv")):
        try:
            path.read_bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            raise SettingError(
                f"{path.relative_to(ROOT)} is not UTF-8 text (line {line}); save it as UTF-8."
            ) from None


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
    require_readable_seeds()
    if not options.seeds_only and not build(options.target, options.select, arguments):
        sys.exit(1)


if __name__ == "__main__":
    sys.exit(run("flette", main))
