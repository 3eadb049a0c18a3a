"""The three engines behind one face, and a project folder whose input files a test may replace.

dbt runs in this process (`dbtRunner`); the project is parsed once per engine, by one of pytest's
processes for all: a run with other variables or other input files then costs a second instead of
nine.
"""

from __future__ import annotations

import csv
import fcntl
import os
import pickle
import re
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import psycopg2
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.artifacts.schemas.run import RunExecutionResult
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import SeedNode
from dbt_common.behavior_flags import BehaviorFlagRendered
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from scripts import ROOT

# For each of its behaviour flags dbt asks, at every invocation, which module has declared it, by
# reading the source of every frame of the stack. In a process that runs pytest that took up to half
# a minute; it is a label in a warning.
BehaviorFlagRendered._default_source = staticmethod(lambda: "dbt")

Row = tuple[Any, ...]
Table = list[dict[str, str | None]]

# a project folder of its own: everything linked but what a run writes or a test replaces
LINKED = (
    *("models", "macros", "snapshots", "tests", "analyses", "profiles"),
    *("dbt_project.yml", "profiles.yml", "selectors.yml"),
)


@dataclass
class Run:
    """What a dbt invocation came to."""

    success: bool
    messages: str
    results: dict[str, Any]

    def statuses(self) -> set[str]:
        """Return the distinct statuses of the nodes that ran (exposures have nothing to run)."""
        return {str(result.status) for result in self.results.values()} - {"no-op"}


class Engine(ABC):
    """A target of the project on a database of its own."""

    name: str
    # where pytest's processes leave each other the project as parsed; None for a project that is
    # not the committed one
    parsed_by_any: Path | None = None

    def __init__(self, folder: Path) -> None:
        """Make the project folder; nothing is parsed yet.

        Args:
            folder: An empty folder for the project, dbt's artifacts and, on DuckDB, the database.
        """
        self.project = folder / "project"
        self.folder = folder
        self.project.mkdir(parents=True)
        for name in LINKED:
            (self.project / name).symlink_to(ROOT / name)
        self.manifest: Manifest | None = None
        self.use_default_seeds()

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment variables by which dbt finds this engine's database."""
        return {}

    # -- input ---------------------------------------------------------------------------------

    def use_default_seeds(self) -> None:
        """Put the committed seeds of every product in place."""
        shutil.rmtree(self.project / "seeds", ignore_errors=True)
        shutil.copytree(ROOT / "seeds", self.project / "seeds")

    def use_seeds(self, folder: Path, product: str = "tiltak") -> None:
        """Replace a product's input files by those of a folder."""
        for path in folder.glob("raw_*.csv"):
            shutil.copy(path, self.project / "seeds" / product / path.name)

    def write_seeds(self, tables: Mapping[str, Table], product: str = "tiltak") -> None:
        """Replace input tables by rows; the file keeps the columns that it has."""
        for name, rows in tables.items():
            path = self.seed(name, product)
            with path.open(newline="", encoding="utf-8") as file:
                columns = next(csv.reader(file))
            with path.open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, columns, lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)

    def seed(self, name: str, product: str = "tiltak") -> Path:
        """Return the path of an input file of this engine's project folder."""
        return self.project / "seeds" / product / f"raw_{product}__{name}.csv"

    # -- dbt -----------------------------------------------------------------------------------

    def dbt(self, *arguments: str, parse: bool = False, **variables: Any) -> Run:
        """Run dbt on this engine.

        Args:
            *arguments: The command and its options, such as "build", "--select", "tiltak".
            parse: Whether to parse the project again instead of using the parsed one.
            **variables: Values for `--vars`.

        Returns:
            What came of it.
        """
        messages: list[str] = []

        def listen(event: Any) -> None:
            if event.info.level in ("warn", "error"):
                messages.append(re.sub(r"\x1b\[[0-9;]*m", "", event.info.msg))

        runner = dbtRunner(manifest=None if parse else self.parsed(), callbacks=[listen])
        given = ["--vars", repr(variables)] if variables else []
        with changed_environment(self.environment):
            outcome = runner.invoke([*arguments, *self.options(), *given])
        results = {}
        if isinstance(outcome.result, RunExecutionResult):
            results = {result.node.unique_id: result for result in outcome.result.results}
        if outcome.exception is not None:
            messages.append(str(outcome.exception))
        return Run(outcome.success, "\n".join(messages), results)

    def options(self) -> list[str]:
        """Return the options that every dbt command takes here."""
        return [
            *(
                "--target",
                self.target,
                "--quiet",
                "--no-write-json",
                "--log-path",
                str(self.folder / "logs"),
            ),
            *("--project-dir", str(self.project), "--profiles-dir", str(self.project)),
            *("--target-path", str(self.folder / "target")),
        ]

    def parsed(self) -> Manifest:
        """Return the parsed project, parsing it the first time."""
        if self.manifest is None and self.parsed_by_any is None:
            self.manifest = self.parse()
        elif self.manifest is None:
            path = self.parsed_by_any / f"{self.target}.pickle"
            with path.with_suffix(".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)  # until the file is closed
                if path.exists():
                    self.manifest = pickle.loads(path.read_bytes())
                    self.move_here(self.manifest)
                else:
                    self.manifest = self.parse()
                    path.write_bytes(pickle.dumps(self.manifest))
        return self.manifest

    def parse(self) -> Manifest:
        """Let dbt read the project."""
        with changed_environment(self.environment):
            outcome = dbtRunner().invoke(["parse", *self.options()])
        assert outcome.success, outcome.exception
        return outcome.result

    def move_here(self, manifest: Manifest) -> None:
        """Let the seeds of a project that was parsed in another folder be those of this one."""
        for node in manifest.nodes.values():
            if isinstance(node, SeedNode):
                node.root_path = str(self.project)

    def build(self, *arguments: str, **variables: Any) -> Run:
        """Run `dbt build` and insist that everything succeeds."""
        run = self.dbt("build", *arguments, **variables)
        assert run.success, run.messages
        return run

    def check(self, *arguments: str, **variables: Any) -> Run:
        """Run `dbt build` without the unit tests, whose outcome no data change, and insist."""
        return self.build("--exclude-resource-types", "unit_test", *arguments, **variables)

    def load(self, *arguments: str, **variables: Any) -> Run:
        """Run `dbt build` without the tests, and insist: one load of many."""
        return self.build("--exclude-resource-types", "test", "unit_test", *arguments, **variables)

    # -- output --------------------------------------------------------------------------------

    @property
    def target(self) -> str:
        """Return the target's name in profiles.yml."""
        return self.name

    @abstractmethod
    def query(self, sql: str) -> tuple[list[str], list[Row]]:
        """Run a query; returns the columns' names and the rows."""

    @abstractmethod
    def drop_everything(self) -> None:
        """Leave an empty database."""

    def rows(self, relation: str) -> list[Row]:
        """Return a relation's rows, plain and in one order."""
        _, rows = self.query(f"select * from {relation}")
        return sorted((tuple(map(plain, row)) for row in rows), key=sort_key)

    def columns(self, relation: str) -> list[str]:
        """Return a relation's column names in order."""
        return self.query(f"select * from {relation} limit 0")[0]

    def count(self, relation: str) -> int:
        """Return the number of rows of a relation."""
        return int(self.query(f"select count(*) from {relation}")[1][0][0])


class DuckDB(Engine):
    """The embedded default, in this process."""

    name = "duckdb"

    @property
    def path(self) -> Path:
        """Return the database file."""
        return self.folder / "flette.duckdb"

    @property
    def environment(self) -> dict[str, str]:
        """Name the database file."""
        return {"FLETTE_DUCKDB_PATH": str(self.path)}

    def query(self, sql: str) -> tuple[list[str], list[Row]]:
        """Run a query."""
        with duckdb.connect(str(self.path)) as connection:
            cursor = connection.execute(sql)
            return [column[0] for column in cursor.description], cursor.fetchall()

    def dbt(self, *arguments: str, parse: bool = False, **variables: Any) -> Run:
        """Run dbt and close the file, which dbt-duckdb would keep open."""
        try:
            return super().dbt(*arguments, parse=parse, **variables)
        finally:
            DuckDBConnectionManager.close_all_connections()

    def drop_everything(self) -> None:
        """Remove the database file."""
        for path in self.folder.glob("flette.duckdb*"):
            path.unlink()


class Postgres(Engine):
    """A real PostgreSQL, started by the tests."""

    name = "postgres"

    def __init__(self, folder: Path, server: Mapping[str, str]) -> None:
        """Remember where the server is.

        Args:
            folder: As for every engine.
            server: PGHOST and the others, from scripts.servers.postgres.
        """
        self.server = dict(server)
        super().__init__(folder)

    @property
    def environment(self) -> dict[str, str]:
        """Name the server."""
        return self.server

    def connect(self) -> Any:
        """Open a connection of our own."""
        return psycopg2.connect(
            host=self.server["PGHOST"], user=self.server["PGUSER"], dbname=self.server["PGDATABASE"]
        )

    def query(self, sql: str) -> tuple[list[str], list[Row]]:
        """Run a query."""
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return [column.name for column in cursor.description], cursor.fetchall()

    def drop_everything(self) -> None:
        """Drop the products' schemas."""
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute(
                "select nspname from pg_namespace"
                " where nspname !~ '^pg_|^information_schema$|^public$'"
            )
            for (schema,) in cursor.fetchall():
                cursor.execute(f'drop schema "{schema}" cascade')


class BigQueryEmulator(Engine):
    """BigQuery's protocol on loopback, through dbt-bigquery."""

    name = "bigquery_emulator"

    def __init__(self, folder: Path, server: Mapping[str, str]) -> None:
        """Open a client.

        Args:
            folder: As for every engine.
            server: BIGQUERY_EMULATOR_HOST, from scripts.servers.bigquery_emulator.
        """
        self.server = dict(server)
        self.client = bigquery.Client(
            project="flette",
            credentials=AnonymousCredentials(),
            client_options={"api_endpoint": self.server["BIGQUERY_EMULATOR_HOST"]},
        )
        super().__init__(folder)

    @property
    def environment(self) -> dict[str, str]:
        """Name the emulator."""
        return self.server

    def query(self, sql: str) -> tuple[list[str], list[Row]]:
        """Run a query."""
        result = self.client.query(sql).result()
        return [field.name for field in result.schema], [tuple(row.values()) for row in result]

    def drop_everything(self) -> None:
        """Drop all datasets."""
        for dataset in list(self.client.list_datasets()):
            self.client.delete_dataset(dataset.dataset_id, delete_contents=True)


def plain(value: Any) -> Any:
    """Return a value as every engine's client would give it (some write 0.75 as 0.750)."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else value.normalize()
    return value


def sort_key(row: Iterable[Any]) -> list[tuple[bool, str]]:
    """Return a key that orders rows of any types, NULL first."""
    return [(value is not None, str(value)) for value in row]


@contextmanager
def changed_environment(changes: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for as long as the context lasts."""
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
