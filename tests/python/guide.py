"""Documents as a reader uses them: their blocks, the commands in these, and a reader's shell.

A fenced block says by its first word what it is, and by a second one where it belongs:

* ``console``: lines that begin with ``$ `` are commands (``> `` goes on with one), what stands
  below is what they print; where nothing stands, it is not compared. A block that begins with
  ``select`` or ``with`` is a query to the database file, and its answer as DuckDB's shell shows it
  (mode ``box``).
* In what is printed, a line ``...`` stands for any number of lines. Colours, the time in front of
  each of dbt's lines and durations are not compared.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import yaml
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from harness import changed_environment
from markdown_it import MarkdownIt

from scripts import ROOT

ANY = "..."
BIN = Path(sys.prefix) / "bin"
# What a reader types first, once, in a process of its own.
BUILT = ["make", "build"]


# -- documents ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Block:
    """A fenced block of a document.

    Attributes:
        document: The file.
        line: The number of its first line of content, from 1.
        language: The first word behind the fence; empty where there is none.
        where: The second word, such as ``bigquery``; empty where there is none.
        text: What stands between the fences.
    """

    document: Path
    line: int
    language: str
    where: str
    text: str

    def __str__(self) -> str:
        """Say where it stands."""
        return f"{self.document.relative_to(ROOT)}:{self.line}"


@dataclass(frozen=True)
class Step:
    """A command of a console block, or the query that is one, and what is shown below it.

    Attributes:
        command: The command without its prompt, or the query.
        is_query: Which of the two.
        shown: The lines below it.
        line: The number in the document of the first of these, from 1.
    """

    command: str
    is_query: bool
    shown: tuple[str, ...]
    line: int


def blocks(document: Path) -> list[Block]:
    """Return the fenced blocks of a Markdown file in their order."""
    found = []
    for token in MarkdownIt().parse(document.read_text(encoding="utf-8")):
        if token.type == "fence":
            words = [*token.info.split(), "", ""]
            found.append(Block(document, token.map[0] + 2, words[0], words[1], token.content))
    return found


def inline_commands(document: Path) -> list[str]:
    """Return the commands that stand in the text itself, in backticks."""
    begins = re.compile(r"(\.venv/bin/)?(dbt|mf|make|python -m) ")
    found = []
    for token in MarkdownIt().enable("table").parse(document.read_text(encoding="utf-8")):
        for child in token.children or ():
            if child.type == "code_inline" and begins.match(child.content):
                found.append(child.content)
    return found


def steps(block: Block) -> list[Step]:
    """Divide a console block.

    Raises:
        ValueError: It begins with neither a prompt nor a query.
    """
    lines = block.text.splitlines()
    if re.match(r"(select|with)\b", block.text):
        end = next((at for at, line in enumerate(lines) if line.startswith("┌")), len(lines))
        return [Step("\n".join(lines[:end]), True, tuple(lines[end:]), block.line + end)]
    if not lines or not lines[0].startswith("$ "):
        raise ValueError(f"{block}: a console block begins with `$ ` or with a query")
    found: list[Step] = []
    at = 0
    while at < len(lines):
        command = [lines[at][2:]]
        at += 1
        while at < len(lines) and lines[at].startswith("> "):
            command.append(lines[at][2:])
            at += 1
        first = at
        while at < len(lines) and not lines[at].startswith("$ "):
            at += 1
        shown = lines[first:at]
        while shown and not shown[-1]:
            shown.pop()
        found.append(Step("\n".join(command), False, tuple(shown), block.line + first))
    return found


# -- what is shown, and what is printed --------------------------------------------------------

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_TIME_OF_DAY = re.compile(r"^[0-2]\d:[0-5]\d:[0-5]\d(  ?|$)")
_DURATIONS = (
    (re.compile(r"\b\d+ hours (\d+ minutes and )?\d+(\.\d+)? seconds"), "some time"),
    (re.compile(r"\b\d+ minutes and \d+(\.\d+)? seconds"), "some time"),
    (re.compile(r"\b\d+(\.\d+)? ?(s|ms|seconds)\b"), "some time"),
)


def printed(output: str, project: Path) -> list[str]:
    """Return what a command printed as a document shows it.

    Args:
        output: What it printed.
        project: The folder that it ran in; a document calls it ``flette``.

    Returns:
        Its lines without colours, without dbt's times of day and blanks at their ends.
    """
    lines = _COLOURS.sub("", output).replace(str(project), "flette").splitlines()
    lines = [_TIME_OF_DAY.sub("", line).rstrip() for line in lines]
    while lines and not lines[-1]:
        lines.pop()
    while lines and not lines[0]:
        lines.pop(0)
    return lines


def comparable(line: str) -> str:
    """Return a line without how long something took."""
    for pattern, instead in _DURATIONS:
        line = pattern.sub(instead, line)
    return line.rstrip()


def is_shown(shown: tuple[str, ...], real: list[str]) -> bool:
    """Tell whether lines of a document are what a command printed; ``...`` is any lines."""
    pattern = "".join(
        r"(?:[^\n]*\n)*" if line == ANY else re.escape(comparable(line)) + r"\n" for line in shown
    )
    return re.fullmatch(pattern, "".join(f"{comparable(line)}\n" for line in real)) is not None


def renewed(shown: tuple[str, ...], real: list[str]) -> list[str] | None:
    """Return what is to be shown instead: as much of its end, or of its beginning, as before.

    Returns:
        The lines; None where ``...`` stands in the middle, and only a person knows what is meant.
    """
    places = [at for at, line in enumerate(shown) if line == ANY]
    if not places:
        return real
    if places == [0]:
        return [ANY, *real[len(real) - len(shown) + 1 :]]
    if places == [len(shown) - 1]:
        return [*real[: len(shown) - 1], ANY]
    return None


# -- the reader --------------------------------------------------------------------------------


def copy_project(folder: Path) -> None:
    """Copy what belongs to the project, as a clone of the checkout as it is now.

    Args:
        folder: Where to; made.
    """
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        source, copy = ROOT / name, folder / name
        if source.is_symlink() or source.is_file():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy, follow_symlinks=False)
    (folder / ".venv").symlink_to(sys.prefix)
    # Older than the environment: `make` has nothing to set up, and must not, as it is a link.
    for path in folder.glob("requirements*.txt"):
        os.utime(path, (0, 0))


@dataclass
class Reader:
    """Somebody at a shell in a copy of the project, who types what a document says.

    dbt runs in this process: the project is parsed once and not by each command, which saves ten
    seconds each time; dbt's own command line reads the same words.

    Attributes:
        project: The copy.
        environment: What the reader has exported; everything else that would lead to another
            database is taken away.
        typed: The commands so far.
    """

    project: Path
    environment: dict[str, str] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)
    _parsed: dict[tuple[str, ...], Manifest] = field(default_factory=dict)

    def shell_environment(self) -> dict[str, str]:
        """Return the environment of a command."""
        kept = {
            name: value
            for name, value in os.environ.items()
            # of `make test`, too, whose `make` would speak of its folders
            if not re.match(r"(FLETTE|DBT|PG|PYTEST|BIGQUERY|GOOGLE|DATAPASS)_?|M(AKE|FLAGS)", name)
        }
        ours = {"PATH": f"{BIN}{os.pathsep}{kept['PATH']}", "LANG": "C.UTF-8", "COLUMNS": "120"}
        if " ".join(BUILT) in self.typed[:-1]:
            # they ask about rules, and `make build` has run them
            ours["DBT_EXCLUDE_RESOURCE_TYPES"] = "unit_test"
        return kept | ours | self.environment

    @property
    def database(self) -> Path:
        """Return the DuckDB file that dbt writes now."""
        return self.project / self.environment.get("FLETTE_DUCKDB_PATH", "flette.duckdb")

    def type(self, command: str) -> tuple[int, str]:
        """Run a command.

        Returns:
            Its exit code and what it printed, its errors included.
        """
        if words_of(command) == BUILT and self.typed == [" ".join(BUILT)]:
            return 0, ""  # just done
        self.typed.append(command)
        words = words_of(command)
        plain = not re.search(r"[|&;<>$`]", re.sub(r"'[^']*'", "", command))
        if plain and words[0] == "export":
            given = dict(word.split("=", 1) for word in words[1:])
            # the server of the document is the one that is there
            self.environment = given | {
                name: value
                for name, value in self.environment.items()
                if name not in given or name in ("PGHOST", "PGPORT")
            }
            return 0, ""
        if plain and words[0] in ("dbt", ".venv/bin/dbt"):
            return self.dbt(words[1:])
        if plain and words[:2] == ["make", "build"] and " ".join(BUILT) in self.typed[:-1]:
            return self.dbt(self.what_make_builds(words))
        return self.run(["bash", "-c", command])

    def run(self, words: list[str]) -> tuple[int, str]:
        """Run a program in a process of its own."""
        done = subprocess.run(
            words,
            cwd=self.project,
            env=self.shell_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    def what_make_builds(self, words: list[str]) -> list[str]:
        """Return the arguments of the dbt that `make build` would run."""
        _, said = self.run(["make", "--dry-run", *words[1:]])
        given = shlex.split(said.splitlines()[-1])
        assert given[1:3] == ["-m", "scripts.build"], said
        target, select = (given[given.index(name) + 1] for name in ("--target", "--select"))
        selection = ["--select", *select.split()] if select else []
        return ["build", "--target", target, *selection]

    def dbt(self, words: list[str]) -> tuple[int, str]:
        """Run dbt in this process."""
        kept = self.shell_environment()
        taken = {name: "" for name in os.environ if name not in kept}
        said = io.StringIO()
        with (
            without_variables(taken),
            changed_environment(kept),
            contextlib.chdir(self.project),
            contextlib.redirect_stdout(said),
        ):
            try:
                runner = dbtRunner(manifest=self.parsed(words))
                outcome = runner.invoke(["--no-use-colors", *words])
            finally:
                DuckDBConnectionManager.close_all_connections()
        return (0 if outcome.success else 1), said.getvalue()

    def parsed(self, words: list[str]) -> Manifest | None:
        """Return the project as dbt has parsed it for a target.

        Returns:
            None where a setting of these words changes the project itself.
        """
        if "kilder" in variables(words):
            return None
        target = option(words, "--target") or self.environment.get("FLETTE_TARGET", "duckdb")
        # what the names of relations begin with: DuckDB calls a database after its file
        key = target, self.environment.get("FLETTE_SCHEMA_PREFIX", ""), self.database.stem
        if key not in self._parsed:
            outcome = dbtRunner().invoke(["--quiet", "parse", "--target", target])
            assert outcome.success, outcome.exception
            self._parsed[key] = outcome.result
        return self._parsed[key]

    def forget(self) -> None:
        """Let dbt parse the project again: its files have changed."""
        self._parsed.clear()

    def ask(self, query: str) -> str:
        """Return what DuckDB's shell shows as the answer to a query in its mode `box`."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            cursor = connection.execute(query)
            return box([column[0] for column in cursor.description], cursor.fetchall())


def box(names: list[str], rows: list[tuple[Any, ...]]) -> str:
    """Draw a table with lines around its cells; numbers stand to the right."""
    cells = [[shown_value(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(names, *cells, strict=True)]
    number = [
        any(type(row[at]) in (int, float, Decimal) for row in rows) for at in range(len(names))
    ]

    def line(left: str, middle: str, right: str) -> str:
        return left + middle.join("─" * (width + 2) for width in widths) + right

    def drawn(row: list[str]) -> str:
        placed = (
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, number, strict=True)
        )
        return "│ " + " │ ".join(placed) + " │"

    body = [drawn(row) for row in [names, *cells]]
    return "\n".join(
        [line("┌", "┬", "┐"), body[0], line("├", "┼", "┤"), *body[1:], line("└", "┴", "┘")]
    )


def shown_value(value: Any) -> str:
    """Return a value as DuckDB writes it."""
    if isinstance(value, datetime) and value.microsecond:
        return str(value).rstrip("0")
    if value is None or isinstance(value, bool):
        return {None: "NULL", True: "true", False: "false"}[value]
    return str(value)


def words_of(command: str) -> list[str]:
    """Return the words of a command without its comment."""
    return shlex.split(command, comments=True)


def option(words: list[str], name: str) -> str | None:
    """Return the value of an option on a command line."""
    return words[words.index(name) + 1] if name in words else None


def variables(words: list[str]) -> Mapping[str, Any]:
    """Return the `--vars` of a command line of dbt."""
    given = yaml.safe_load(option(words, "--vars") or "{}")
    return given if isinstance(given, dict) else {}


@contextlib.contextmanager
def without_variables(names: Mapping[str, str]) -> Iterator[None]:
    """Take variables out of the environment for as long as the context lasts."""
    before = {name: os.environ.pop(name) for name in names}
    try:
        yield
    finally:
        os.environ.update(before)
