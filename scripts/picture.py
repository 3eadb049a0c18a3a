"""Take the README's picture: the report's first figures of tiltak, as a browser shows them.

Build everything and write the report first (`make build report`).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from scripts import ROOT, browser
from scripts.common import SettingError, run

WIDTH, HEIGHT = 1160, 1060


def take(report: Path, out: Path) -> None:
    """Open the report and write what a reader sees of tiltak.

    Args:
        report: the page.
        out: the picture, a PNG.
    """
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=browser.executable(), args=[*browser.FLAGS]
        )
        page = chromium.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto(f"{report.absolute().as_uri()}#tiltak")
        page.locator("#tiltak figure[data-drawn]").last.wait_for()
        page.screenshot(path=out)
        chromium.close()


def main() -> None:
    """Parse the command line and take the picture."""
    parser = argparse.ArgumentParser(prog="scripts.picture", description=__doc__)
    parser.add_argument("--report", type=Path, default=ROOT / "report" / "index.html")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "img" / "report.png")
    options = parser.parse_args()
    if not options.report.exists():
        raise SettingError(f"{options.report} does not exist; run `make report` first.")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    take(options.report, options.out)


if __name__ == "__main__":
    sys.exit(run("scripts.picture", main))
