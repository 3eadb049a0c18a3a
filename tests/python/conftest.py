"""Fixtures: the engines, each started once for the whole run."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import BigQueryEmulator, DuckDB, Engine, Postgres

from scripts.servers import bigquery_emulator, postgres

ENGINES = ("duckdb", "postgres", "bigquery_emulator")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that writes the golden outputs again."""
    parser.addoption("--update-golden", action="store_true", help="write tests/golden again")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that two processes end at about the same time."""
    longest = (
        *("test_googlesql_build.py", "test_engines.py", "test_crash.py"),
        *("test_saksstatistikk_runs.py", "test_arena_runs.py", "test_tiltak_loads.py"),
        "test_tv1_loads.py",
    )
    place = {name: number for number, name in enumerate(longest)}
    items.sort(key=lambda item: place.get(item.path.name, len(longest)))


@pytest.fixture(scope="session")
def engines_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder in which every engine has its own."""
    return tmp_path_factory.mktemp("engines")


@pytest.fixture(scope="session")
def duckdb_session(engines_folder: Path) -> DuckDB:
    """Return DuckDB on a file of its own."""
    return DuckDB(engines_folder / "duckdb")


@pytest.fixture(scope="session")
def postgres_session(engines_folder: Path) -> Iterator[Postgres]:
    """Return a PostgreSQL that lives as long as the tests.

    Its data are not in pytest's folder: every session of pytest closes that to other users, and the
    server runs as one when the tests run as root.
    """
    with (
        tempfile.TemporaryDirectory(prefix="flette-postgres-") as data,
        postgres(Path(data)) as server,
    ):
        yield Postgres(engines_folder / "postgres", server)


@pytest.fixture(scope="session")
def bigquery_emulator_session(engines_folder: Path) -> Iterator[BigQueryEmulator]:
    """Return a BigQuery emulator that lives as long as the tests."""
    with bigquery_emulator() as server:
        yield BigQueryEmulator(engines_folder / "bigquery_emulator", server)


def fresh(engine: Engine) -> Engine:
    """Return an engine with an empty database and the committed seeds."""
    engine.drop_everything()
    engine.use_default_seeds()
    return engine


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    """Return every engine in turn, empty."""
    return fresh(request.getfixturevalue(f"{request.param}_session"))


@pytest.fixture
def duckdb_engine(duckdb_session: DuckDB) -> Engine:
    """Return DuckDB, empty, for what does not differ between engines."""
    return fresh(duckdb_session)
