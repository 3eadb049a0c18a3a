"""What the README and the docs tell a reader to do is done here, and does what they say.

A document is read from top to bottom by a reader (guide.py) in a copy of the project in which
`make build` has been run. Each kind of block has its handler; a block of another kind fails, so
nothing is left out in silence. `pytest tests/python/test_guide.py --update-guide` writes what the
commands print into the documents again.
"""

from __future__ import annotations

import ast
import contextlib
import csv
import re
import shlex
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import duckdb
import jinja2
import psycopg2
import pytest
import yaml
from dbt.cli.main import cli
from fake_datapass import CLIENT_ID, SECRET, FakeDataPass
from googlesql import GoogleSqlChecker, GoogleSqlError
from guide import (
    Block,
    Reader,
    Step,
    blocks,
    copy_project,
    inline_commands,
    is_shown,
    option,
    printed,
    renewed,
    steps,
    variables,
)
from odfdo import Cell, Document, Row, Table

from scripts import ROOT
from scripts.servers import postgres

DOCUMENTS = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs" / "production").glob("*.md")),
]
documents = pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix()
)


# -- what is not run as it stands --------------------------------------------------------------


@dataclass(frozen=True)
class Elsewhere:
    """Why a command is not run, and what is asked instead."""

    why: str
    check: Callable[[Reader, str], None]


def make_knows(reader: Reader, command: str) -> None:
    """Ask `make` what it would do."""
    code, said = reader.run(["make", "--dry-run", *shlex.split(command, comments=True)[1:]])
    assert code == 0 and said.strip(), said


def compose_knows(reader: Reader, command: str) -> None:
    """Look up the services that a command of docker compose names; test_compose reads the file."""
    services = yaml.safe_load((reader.project / "docker-compose.yml").read_text())["services"]
    words = shlex.split(command.partition("docker compose")[2])
    named = [word for word in words[1:] if word in services]
    assert words[0] in ("up", "run", "exec", "down"), command
    assert named or words[0] in ("up", "down"), command


def dbt_knows(reader: Reader, command: str) -> None:
    """Ask whether dbt knows the command, its options, its variables and what is selected."""
    words = shlex.split(command)[1:]
    subcommand = cli.commands[words[0]]
    try:
        subcommand.make_context(words[0], words[1:], resilient_parsing=False)
    except click.ClickException as error:
        raise AssertionError(f"{command}: {error.format_message()}") from None
    project = yaml.safe_load((reader.project / "dbt_project.yml").read_text(encoding="utf-8"))
    assert set(variables(words)) <= set(project["vars"]), command


NOT_HERE = {
    r"make test\b": Elsewhere("it would run this very test", make_knows),
    r"make lint\b": Elsewhere("minutes, and `make test` begins with it", make_knows),
    r"make bench\b": Elsewhere("an hour, on a machine that does nothing else", make_knows),
    r"make build TARGET=postgres SELECT=tv1\b": Elsewhere(
        "test_tv1_loads.py builds it there; docs/production.md builds other products", make_knows
    ),
    r"(\w+=\S+ )?docker compose ": Elsewhere("there need not be Docker", compose_knows),
}
# docs/saksstatistikk.md tells how to add a backfill; one with the same columns stands in for it.
STAND_IN = ("feil_enhet", "relatert_behandling")
# What MetricFlow answers on PostgreSQL is tested by test_tv1_metrics.py; here DuckDB answers.
METRICS = ("FLETTE_TARGET=postgres .venv/bin/mf", ".venv/bin/mf")
# Generators write any number of rows in the same way; a few will do.
SMALLER = {"1000000": "2000", "100000": "20"}


# -- the reader --------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def in_the_copy(made: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be where the reader is."""
    monkeypatch.chdir(made.project)


@pytest.fixture
def reader(made: Reader, built: Path) -> Reader:
    """Return the reader with everything as `make build` has left it."""
    for path in made.project.iterdir():
        if path.name not in (".venv", "target", "logs"):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    (made.project / ".venv").unlink()
    copy_project(made.project)
    shutil.copy(built / made.database.name, made.project)
    made.environment.clear()
    made.typed[:] = ["make build"]
    return made


@contextlib.contextmanager
def with_postgres(reader: Reader) -> Iterator[None]:
    """Give the reader a server, with the empty database and the user that the docs name."""
    with (
        tempfile.TemporaryDirectory(prefix="flette-guide-") as data,
        postgres(Path(data)) as server,
    ):
        reader.environment |= server
        run_on_postgres(
            reader, ["create role flette superuser login", "create database flette owner flette"]
        )
        yield


def run_on_postgres(reader: Reader, commands: list[str]) -> None:
    """Run statements as the owner of the server, each by itself."""
    host = reader.environment["PGHOST"]
    # not `with connect()`: that would be one transaction
    with contextlib.closing(
        psycopg2.connect(host=host, user="postgres", dbname="postgres")
    ) as connection:
        connection.autocommit = True
        for command in commands:
            connection.cursor().execute(command)


@contextlib.contextmanager
def with_datapass(reader: Reader) -> Iterator[None]:
    """Give the reader a DataPass, credentials for it, and the tracking file."""
    with (reader.project / "seeds/dtnum/dtnum_colonnes.csv").open(encoding="utf-8") as file:
        headers = {row["colonne"]: row["entete"] for row in csv.DictReader(file)}
    with (reader.project / "seeds/dtnum/raw_dtnum__suivi.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[:50]
    table = Table("Demandes_accès")
    for values in ([*headers.values()], *([row[name] for name in headers] for row in rows)):
        row = Row()
        row.extend_cells([Cell(value or None) for value in values])
        table.append_row(row)
    document = Document("spreadsheet")
    document.body.clear()
    document.body.append(table)
    document.save(str(reader.project / "suivi.ods"))
    with FakeDataPass(30) as server:
        reader.environment |= {
            "DATAPASS_URL": server.url,
            "DATAPASS_CLIENT_ID": CLIENT_ID,
            "DATAPASS_CLIENT_SECRET": SECRET,
        }
        yield


# -- the blocks --------------------------------------------------------------------------------


def read_console(reader: Reader, block: Block) -> None:
    """Type the commands one after the other and compare what they print."""
    for step in steps(block):
        code, said = 0, ""
        if step.is_query:
            said = reader.ask(step.command)
        else:
            other = next((why for at, why in NOT_HERE.items() if re.match(at, step.command)), None)
            if other:
                other.check(reader, step.command)
                assert not step.shown, f"{block}: {step.command} is not run, so it shows nothing"
                continue
            command = smaller(step.command).replace(*STAND_IN).replace(*METRICS)
            code, said = reader.type(command)
        assert code == 0, f"{block}: {step.command} ended with {code}:\n{said}"
        if step.shown:
            compare(block, step, printed(said, reader.project))


def smaller(command: str) -> str:
    """Return a generator's command with fewer rows, and any other as it is."""
    for size, instead in SMALLER.items():
        if "-m scripts." in command:
            command = re.sub(rf"\b{size}\b", instead, command)
    return command


def compare(block: Block, step: Step, real: list[str]) -> None:
    """Compare the lines that a document shows with what was printed, or note what is to change."""
    if is_shown(step.shown, real):
        return
    CHANGES.append((block.document, step.line, len(step.shown), renewed(step.shown, real)))
    shown = "\n".join(step.shown)
    message = f"{block}: `{step.command}` shows\n{shown}\nand prints\n" + "\n".join(real)
    WRONG.append(message)


# What does not hold of the document that is read, and what would make it hold.
WRONG: list[str] = []
CHANGES: list[tuple[Path, int, int, list[str] | None]] = []


def read_sql(reader: Reader, block: Block) -> None:
    """Run a query on the database of the reader; for BigQuery, ask Google's analyzer."""
    if "{{" in block.text or "{%" in block.text:
        jinja2.Environment(extensions=["jinja2.ext.do"]).parse(block.text)
    elif block.where == "bigquery":
        bigquery_catalog(reader).check(block.text)
    elif block.where == "postgres":
        run_on_postgres(reader, statements(block.text))
    else:
        for statement in statements(block.text.replace(*STAND_IN)):
            reader.ask(statement)


def statements(text: str) -> list[str]:
    """Return the statements of a block."""
    return [part for part in re.split(r";\s*(?:\n|$)", text) if part.strip()]


def bigquery_catalog(reader: Reader) -> GoogleSqlChecker:
    """Return a checker that knows the columns that the reader's database has."""
    types = {
        **{"VARCHAR": "STRING", "BIGINT": "INT64", "INTEGER": "INT64", "DOUBLE": "FLOAT64"},
        **{"TIMESTAMP": "DATETIME", "DATE": "DATE", "BOOLEAN": "BOOL", "HUGEINT": "NUMERIC"},
    }
    checker = GoogleSqlChecker()
    checker.add_table(
        "flette.region-europe-north1.INFORMATION_SCHEMA.JOBS_BY_PROJECT",
        {"creation_time": "TIMESTAMP", "query": "STRING", "total_bytes_billed": "INT64"},
    )
    with duckdb.connect(str(reader.database), read_only=True) as connection:
        tables: dict[str, dict[str, str]] = {}
        for schema, table, column, kind in connection.execute(
            "select table_schema, table_name, column_name, data_type"
            " from information_schema.columns order by ordinal_position"
        ).fetchall():
            tables.setdefault(f"{schema}.{table}", {})[column] = types.get(kind, "NUMERIC")
    for name, columns in tables.items():
        checker.add_table(f"flette.{name}", columns)
    return checker


def read_sh(reader: Reader, block: Block) -> None:
    """Run a script."""
    code, said = reader.type(block.text)
    assert code == 0, f"{block}: {said}"


def read_yaml(reader: Reader, block: Block) -> None:
    """Ask whether it is YAML; of a workflow of GitHub, whether it has the keys and commands."""
    content = yaml.safe_load(block.text)
    if block.where == "github":
        # YAML 1.1 reads the key `on` as true
        assert set(content) == {"name", True, "concurrency", "jobs"}, block
        for job in content["jobs"].values():
            assert {"runs-on", "steps"} <= set(job) <= GITHUB_JOB, block
            for step in job["steps"]:
                assert set(step) <= GITHUB_STEP and len({"uses", "run"} & set(step)) == 1, step
                if "run" in step:
                    require_typed(reader, block, step["run"])


GITHUB_JOB = {"runs-on", "steps", "needs", "env", "timeout-minutes", "strategy", "if", "name"}
GITHUB_STEP = {"name", "uses", "with", "run", "env", "if", "id"}


def read_python(reader: Reader, block: Block) -> None:
    """Ask whether it is Python, and whether the commands in it are used elsewhere."""
    tree = ast.parse(block.text)
    compile(tree, str(block), "exec")
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for command in node.value.splitlines():
                require_typed(reader, block, command)


def read_crontab(reader: Reader, block: Block) -> None:
    """Ask whether each line has five times and a command that is used elsewhere."""
    for line in block.text.splitlines():
        if line and not re.match(r"#|[A-Z_]+=", line):
            assert re.match(r"(\S*[\d*]\S* ){5}\S", line), f"{block}: {line}"
            require_typed(reader, block, line.replace(r"\%", "%"))


def require_typed(reader: Reader, block: Block, text: str) -> None:
    """Ask whether the commands of dbt in a text have been typed, whatever their time was."""
    for command in re.findall(r"dbt (?:build|run|run-operation) [^\n|&;>]*", text):
        assert shape(command) in {shape(one) for one in reader.typed}, f"{block}: {command}"


def shape(command: str) -> str:
    """Return a command without its quotes, with every day and time called T."""
    for pattern in (r"\$\(date [^)]*\)", r"\d{4}-\d\d-\d\d", r"\d\d:\d\d:\d\d", r"\b(NAA|DAY)\b"):
        command = re.sub(pattern, "T", command)
    command = re.sub(r"[\"'\\]|--quiet |--target \w+ ", "", command)
    return re.sub(r"T( T)+", "T", command).strip()


def read_diff(reader: Reader, block: Block) -> None:
    """Ask whether what it takes away is there to be taken away."""
    macros = "\n".join(path.read_text() for path in reader.project.glob("macros/*.sql"))
    for line in block.text.splitlines():
        if line.startswith("-"):
            assert line[1:] in macros.splitlines(), f"{block}: {line}"


def read_drawing(reader: Reader, block: Block) -> None:
    """Ask whether a block without a language is no session: those are run."""
    assert not re.search(r"^(\$ |dbt |make )", block.text, re.MULTILINE), block


HANDLERS = {
    "": read_drawing,
    "console": read_console,
    "crontab": read_crontab,
    "diff": read_diff,
    "python": read_python,
    "sh": read_sh,
    "sql": read_sql,
    "yaml": read_yaml,
}


@documents
def test_a_document_does_what_it_says(
    document: Path, reader: Reader, request: pytest.FixtureRequest
) -> None:
    found = blocks(document)
    text = document.read_text(encoding="utf-8")
    WRONG.clear()
    CHANGES.clear()
    with contextlib.ExitStack() as stack:
        if "postgres" in text:
            stack.enter_context(with_postgres(reader))
        if "telecharger" in text:
            stack.enter_context(with_datapass(reader))
        for block in found:
            assert block.language in HANDLERS, f"{block}: nobody reads ```{block.language}"
            HANDLERS[block.language](reader, block)
    if request.config.getoption("update_guide"):
        update()
    assert not WRONG, "\n\n".join(WRONG)


def update() -> None:
    """Write what was printed into the document, from its end so that lines keep their numbers."""
    for document, line, length, real in reversed(CHANGES):
        if real is not None:
            lines = document.read_text(encoding="utf-8").splitlines()
            lines[line - 1 : line - 1 + length] = real
            document.write_text("\n".join(lines) + "\n", encoding="utf-8")


@documents
def test_a_command_in_the_text_exists(document: Path, made: Reader) -> None:
    """What stands between the lines, in tables above all, is looked up and not run."""
    for command in inline_commands(document):
        words = shlex.split(command)
        name = Path(words[0]).name
        if name == "make":
            make_knows(made, command)
        elif name == "python":
            module = words[2].replace(".", "/")
            assert (made.project / f"{module}.py").exists(), command
        elif name == "dbt" and len(words) > 2:
            dbt_knows(made, command)
            select = option(words, "--select") or option(words, "--selector")
            if select:
                kind = "--select" if "--select" in words else "--selector"
                code, said = made.dbt(["--quiet", "ls", kind, select])
                assert code == 0 and said.strip(), f"{command} selects nothing"


# -- the reader can be wrong about a document, and says so -------------------------------------

DOCUMENT = """\
# A page

Type `make build`, or

```console
$ echo one    # a comment
one
$ printf 'a\\n
> b\\n'
```

```sql bigquery
select 1
```
"""


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a small document."""
    monkeypatch.setattr("guide.ROOT", tmp_path)
    path = tmp_path / "page.md"
    path.write_text(DOCUMENT, encoding="utf-8")
    return path


def test_a_document_is_divided_into_blocks_and_steps(page: Path) -> None:
    console, sql = blocks(page)
    assert (console.language, console.line, str(sql)) == ("console", 6, "page.md:13")
    assert (sql.language, sql.where) == ("sql", "bigquery")
    first, second = steps(console)
    assert (first.command, first.shown, first.line) == ("echo one    # a comment", ("one",), 7)
    assert (second.command, second.shown) == ("printf 'a\\n\nb\\n'", ())
    assert inline_commands(page) == ["make build"]
    query = Block(page, 1, "console", "", "select 1\n┌───┐\n│ 1 │\n└───┘\n")
    assert steps(query) == [Step("select 1", True, ("┌───┐", "│ 1 │", "└───┘"), 2)]
    with pytest.raises(ValueError, match="begins with"):
        steps(Block(page, 1, "console", "", "echo one\n"))


@pytest.mark.parametrize(
    ("shown", "real", "same"),
    [
        (["a", "b"], ["a", "b"], True),
        (["a", "b"], ["a", "c"], False),
        (["a"], ["a", "b"], False),
        (["..."], [], True),
        (["...", "b"], ["a", "a", "b"], True),
        (["...", "b"], ["b", "a"], False),
        (["a", "...", "c"], ["a", "b", "c"], True),
        (["done in 1.25s"], ["done in 70.01s"], True),
        (["0 hours 0 minutes and 1.0 seconds"], ["0 hours 2 minutes and 3.5 seconds"], True),
        (["12 rows"], ["13 rows"], False),
        (["a.c"], ["abc"], False),
    ],
)
def test_what_is_shown_is_compared(shown: list[str], real: list[str], same: bool) -> None:
    assert is_shown(tuple(shown), real) is same


@pytest.mark.parametrize(
    ("shown", "after"),
    [
        (["x"], ["a", "b", "c"]),
        (["...", "x"], ["...", "c"]),
        (["x", "y", "..."], ["a", "b", "..."]),
        (["x", "...", "y"], None),
    ],
)
def test_what_is_shown_is_renewed(shown: list[str], after: list[str] | None) -> None:
    assert renewed(tuple(shown), ["a", "b", "c"]) == after


def test_what_is_printed_is_cleaned(tmp_path: Path) -> None:
    said = f"\n\x1b[0m12:00:01  Done in {tmp_path}/target  \n12:00:02\n"
    assert printed(said, tmp_path) == ["Done in flette/target"]


def test_every_kind_of_block_can_be_wrong(made: Reader, page: Path) -> None:
    """A mistake of each kind is found."""
    mistakes = {
        ("console", ""): "$ false",
        ("crontab", ""): "0 6 * * dbt build --select tiltak",
        ("python", ""): "run('dbt build --select nobody-typed-this')",
        ("sh", ""): "exit 3",
        ("sql", ""): "select nothing from nowhere",
        ("sql", "bigquery"): "select 1 as a group by all by all",
        ("yaml", ""): "a: b: c",
        ("yaml", "github"): "name: x\njobs: {}",
        ("diff", ""): "-no macro has this line",
        ("", ""): "$ dbt build",
    }
    assert {language for language, _ in mistakes} == set(HANDLERS)
    for (language, where), text in mistakes.items():
        with pytest.raises((AssertionError, duckdb.Error, GoogleSqlError, yaml.YAMLError)):
            HANDLERS[language](made, Block(page, 1, language, where, text + "\n"))


@pytest.mark.parametrize(
    "command",
    [
        "dbt biuld --select tiltak",
        "dbt build --selekt tiltak",
        "dbt build --select tiltak --vars '{naaa: 1}'",
    ],
)
def test_a_wrong_command_of_dbt_is_found(command: str, made: Reader) -> None:
    with pytest.raises((AssertionError, KeyError)):
        dbt_knows(made, command)


def test_a_wrong_command_of_make_or_compose_is_found(made: Reader) -> None:
    with pytest.raises(AssertionError):
        make_knows(made, "make nothing-of-the-kind")
    with pytest.raises(AssertionError):
        compose_knows(made, "docker compose run nobodys-service")
