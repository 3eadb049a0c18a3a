"""Fixtures: the engines, each started once for the whole run."""

from __future__ import annotations

import functools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from generators import Defaults, Generator
from guide import Reader, copy_project
from harness import BigQueryEmulator, DuckDB, Engine, Postgres
from playwright.sync_api import Browser, sync_playwright

from scripts import ROOT, browser
from scripts.build import GENERATORS
from scripts.common import SettingError
from scripts.servers import bigquery_emulator, postgres

ENGINES = ("duckdb", "postgres", "bigquery_emulator")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that write the golden outputs and the documents' outputs again."""
    parser.addoption("--update-golden", action="store_true", help="write tests/golden again")
    parser.addoption("--update-guide", action="store_true", help="write what the docs show again")


# The files that take longest, the longest first. Their tests are given to pytest's processes engine
# by engine or product by product, so that the processes end at about the same time.
LONGEST = (
    *("test_googlesql_build.py", "test_tiltak_loads.py", "test_crash.py", "test_engines.py"),
    *("test_saksstatistikk_runs.py", "test_arena_runs.py", "test_tv1_loads.py"),
    "test_dtnum_merge.py",
)
# The next, each in one process; those that look at what one `make build` has made in the same.
LOOK_AT_ONE_BUILD = ("test_guide.py", "test_report.py", "test_docs.py")
LONG = (*LOOK_AT_ONE_BUILD, "test_settings_and_files.py", "test_tv1_metrics.py", "test_project.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    place = {name: number for number, name in enumerate((*LONGEST, *LONG))}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Make `--dist loadfile` divide the long files.

    (`--dist loadgroup` cannot: pytest-xdist 3.8 writes its groups where pytest 9.2 does not look.)
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group(nodeid)

    return ByGroup(config, log) if config.getoption("dist") == "loadfile" else None


def group(nodeid: str) -> str:
    """Return a test's file, and in a long file what the test is about: a product or an engine.

    In test_engines.py it is the product alone: the engines are compared with each other.
    """
    file, _, test = nodeid.partition("::")
    name = Path(file).name
    if name in LOOK_AT_ONE_BUILD:
        return "one build"
    divided = set(GENERATORS) | (set() if name == "test_engines.py" else set(ENGINES))
    given = test.partition("[")[2].rstrip("]").split("-") if name in LONGEST else []
    return "-".join([file, *(one for one in given if one in divided)])


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """Return a reader in a copy of the project who has typed `make build`."""
    assert (Path(ROOT) / ".venv" / ".ready").exists(), "`make setup` first"
    reader = Reader(tmp_path_factory.mktemp("made") / "flette")
    copy_project(reader.project)
    code, said = reader.type("make build")
    assert code == 0, said
    return reader


@pytest.fixture(scope="session")
def built(made: Reader, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with what `make build` has left, for those who look at what came of it."""
    folder = tmp_path_factory.mktemp("built")
    shutil.copytree(made.project / "target", folder / "target")
    shutil.copy(made.database, folder)
    return folder


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    """Debian's chromium, without a window."""
    try:
        program = browser.executable()
    except SettingError as error:
        pytest.fail(str(error))
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=[*browser.FLAGS])
        yield started
        started.close()


@pytest.fixture(scope="session")
def engines_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder in which every engine has its own."""
    return tmp_path_factory.mktemp("engines")


@pytest.fixture(scope="session", autouse=True)
def parsed_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let the engines of all of pytest's processes share what dbt has parsed."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    folder /= "parsed"
    folder.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "parsed_by_any", folder)
        yield


@pytest.fixture(scope="session")
def defaults(tmp_path_factory: pytest.TempPathFactory) -> Defaults:
    """Return the folder with what a generator writes when it is asked for nothing else."""

    @functools.cache
    def folder(generator: Generator) -> Path:
        return generator.generate(tmp_path_factory.mktemp(generator.product))

    return folder


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
