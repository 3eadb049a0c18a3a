"""Write the report: one HTML page about what was built.

``python -m scripts.report`` asks the gold and marts relations of a database that is already built,
and dbt's results of the last build, and writes ``report/index.html``.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from scripts import ROOT, common
from scripts.servers import server_for

PROGRAM = "scripts.report"
REPORT = "report"


def write(out: Path, target: str | None = None, variables: str | None = None) -> Path:
    """Write the page; a failure leaves an older one as it was.

    Args:
        out: the folder, made if it does not exist.
        target: a target of ``profiles.yml``; None is the default one.
        variables: what follows ``--vars``, if anything.

    Returns:
        The file.

    Raises:
        common.SettingError: nothing is built, or dbt could not answer.
    """
    from scripts.report.content import content  # seconds of imports that --help does not need

    out = out.absolute()  # dbt changes the working directory
    text = content(target, variables)
    out.mkdir(parents=True, exist_ok=True)
    part = out / ".index.html.part"
    part.write_text(text, encoding="utf-8")
    return part.replace(out / "index.html")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: without the program's name; those of this process when None.

    Returns:
        The exit code, see ``scripts.common.run``.
    """
    parser = argparse.ArgumentParser(
        prog=PROGRAM, description="Write the report as one HTML file.", allow_abbrev=False
    )
    parser.add_argument("--target", metavar="NAME", help="a target of profiles/profiles.yml")
    parser.add_argument("--vars", metavar="YAML", help="dbt's variables, as for the build")
    parser.add_argument(
        "--out", type=Path, default=ROOT / REPORT, metavar="FOLDER", help=f"default: {REPORT}"
    )
    options = parser.parse_args(arguments)

    def work() -> None:
        start = time.perf_counter()
        with server_for(options.target or os.environ.get("FLETTE_TARGET", "duckdb")):
            file = write(options.out, options.target, options.vars)
        print(
            f"{file}: {file.stat().st_size / 1e6:.1f} MB in {time.perf_counter() - start:.0f} s; "
            "open it in any browser."
        )

    return common.run(PROGRAM, work)


if __name__ == "__main__":
    sys.exit(main())
