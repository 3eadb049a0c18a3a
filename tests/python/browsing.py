"""A reader's browser, and a project that is built for it: what the tests of pages share."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Page, Request

from scripts import ROOT


def environment(folder: Path) -> dict[str, str]:
    """What dbt needs to work in a folder of its own, on a DuckDB file of its own."""
    foreign = ("FLETTE_SCHEMA_PREFIX", "DBT_PROFILES_DIR", "DBT_TARGET")
    kept = {name: value for name, value in os.environ.items() if name not in foreign}
    return kept | {
        "FLETTE_TARGET": "duckdb",
        "FLETTE_DUCKDB_PATH": str(folder / "flette.duckdb"),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
    }


def run(module: str, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a module of the project as its user does."""
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )


@dataclass
class Visit:
    """A visit to a page, and everything that a reader's browser would have complained of."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    files: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Listen."""
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))
        self.page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "assert"):
            self.complaints.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if request.url.startswith("file:"):
            self.files.add(re.split("[?#]", request.url)[0])
        elif not request.url.startswith(("data:", "blob:")):
            self.complaints.append(f"request: {request.url}")
