"""Load CSV or Parquet files into a product's raw tables, whatever their size.

::

    make load FROM=folder TARGET=postgres
    python -m scripts.load --from folder --target postgres --select tiltak tv1

The files have the contract's columns and go through the engine's bulk path into the tables that
``--vars '{kilder: ekte}'`` builds from: ``<product>_raw.<table>``. What a file means is what it
means as a seed, on every engine and in both formats: text stays as it stands, an empty field is
NULL. A table is loaded wholly or keeps its rows; tables without a file keep theirs.

The statements are dbt macros (``macros/dialect/``, the COPY that of the seeds), run through dbt's
own connection, so that neither dialects nor credentials are said twice. DuckDB reads the files
itself; to PostgreSQL they are streamed; BigQuery gets one load job of a Parquet file that DuckDB
has made of them, for its own reader of CSV tells an empty text from NULL.
"""

from __future__ import annotations

import os
import queue
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from dbt.adapters.base import BaseAdapter, BaseRelation
from dbt.adapters.factory import get_adapter_by_type
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt_common.exceptions import DbtBaseException

from scripts import ROOT
from scripts.build import GENERATORS, TARGETS
from scripts.common import Parser, SettingError, csv_lines, progress_bar, run
from scripts.load_files import (
    CsvCheck,
    RawTable,
    check_csv,
    csv_fault,
    csv_header,
    find_files,
    parquet_fault,
    parquet_kinds,
)
from scripts.servers import server_for

PROGRAM = "scripts.load"
_STREAM = 1 << 17  # bytes that PostgreSQL is sent at a time
_BATCH = 10_000  # rows of Parquet that become CSV at a time
_LOOK_SECONDS = 0.2

# is told how many bytes of a file have been loaded since it was told last
Passed = Callable[[int], object]


class _NotSound(Exception):
    """An engine has loaded a file that is not what it should be."""


class Database:
    """A target, through dbt's own connection and with flette's macros.

    Args:
        adapter: dbt's.
        manifest: the parsed project.
    """

    def __init__(self, adapter: BaseAdapter, manifest: Manifest) -> None:
        """Keep both."""
        self.adapter = adapter
        self.manifest = manifest

    def say(self, macro: str, **arguments: Any) -> Any:
        """Return what a macro returns."""
        return self.adapter.execute_macro(macro, self.manifest, kwargs=arguments)

    def relation(self, table: RawTable) -> BaseRelation:
        """Return where a table is, as the models of ``kilder: ekte`` find it."""
        source = self.manifest.sources[table.source]
        return self.adapter.Relation.create_from(self.adapter.config, source)

    def existing(self, table: RawTable) -> list[str] | None:
        """Return the columns of a table that is there, in its order; None if it is not.

        Raises:
            SettingError: what is there is not the contract's table, so it is not replaced.
        """
        relation = self.relation(table)
        # not dbt's cache, which does not know what was loaded meanwhile
        in_schema = self.adapter.list_relations_without_caching(relation.without_identifier())
        found = [one for one in in_schema if one.identifier == relation.identifier]
        if not found:
            return None
        (there,) = found
        name = f"{relation.schema}.{relation.identifier}"
        if not there.is_table:
            raise SettingError(f"{name} is a {there.type}, no table; drop it to load {table}.")
        has = {column.name: column for column in self.adapter.get_columns_in_relation(there)}
        if set(has) != set(table.types) or any(
            type_of == "text" and not has[column].is_string()
            for column, type_of in table.types.items()
        ):
            columns = ", ".join(f"{column} {type_of}" for column, type_of in table.types.items())
            raise SettingError(
                f"{name} is there with other columns than the contract's ({columns}); drop or "
                f"rename it to load {table}."
            )
        return list(has)

    def columns(self, names: Sequence[str]) -> str:
        """Return columns as a statement lists them."""
        return ", ".join(self.adapter.quote_seed_column(name, False) for name in names)

    def fill(self, table: RawTable, files: Sequence[Path], passed: Passed) -> int:
        """Load a table's files instead of the rows that it has, or leave it as it is.

        Returns:
            The number of rows.

        Raises:
            SettingError: a file is not what it should be, or the engine refuses.
        """
        fill = {
            "duckdb": self._fill_duckdb,
            "postgres": self._fill_postgres,
            "bigquery": self._fill_bigquery,
        }[self.adapter.type()]
        try:
            with self.adapter.connection_named(f"prepare_{table}"):
                existing = self.existing(table)
                self.adapter.create_schema(self.relation(table))
            # a connection of its own: what comes after a commit by dbt is no transaction
            with self.adapter.connection_named(f"load_{table}"):
                rows = fill(table, files, existing, passed)
        except SettingError:
            raise
        except Exception as error:
            raise SettingError(_fault(files, table) or _refusal(table, error)) from error
        return rows

    def _fill_duckdb(
        self, table: RawTable, files: Sequence[Path], existing: list[str] | None, passed: Passed
    ) -> int:
        relation = self.relation(table)
        connections = self.adapter.connections
        connections.begin()
        handle = connections.get_thread_connection().handle.cursor()
        handle.execute(self._empty(table, existing))
        rows = self._into_duckdb(handle, relation, table, files, passed)
        connections.commit_if_has_connection()
        return rows

    def _fill_postgres(
        self, table: RawTable, files: Sequence[Path], existing: list[str] | None, passed: Passed
    ) -> int:
        relation = self.relation(table)
        rows = 0
        connection = self.adapter.connections.get_thread_connection().handle
        # psycopg2: one transaction, which ends with the block
        with connection, connection.cursor() as cursor:
            cursor.execute(self._empty(table, existing))
            for path in files:
                if _is_csv(path):
                    names = csv_header(path)
                    source: Any = _CheckedFile(path, passed)
                else:
                    kinds = parquet_kinds(path)
                    names = list(kinds)
                    select = self.say("parquet_as_text_in_duckdb", kinds=kinds, file=str(path))
                    source = _ParquetAsCsv(select, names, path.stat().st_size, passed)
                copy = self.say("copy_from_csv", relation=relation, columns=self.columns(names))
                with source:
                    cursor.copy_expert(copy, source, _STREAM)
                    source.require_sound(cursor.rowcount, len(names))
                rows += cursor.rowcount
            cursor.execute(self.say("analyze_relation", relation=relation))
        return rows

    def _fill_bigquery(
        self, table: RawTable, files: Sequence[Path], existing: list[str] | None, passed: Passed
    ) -> int:
        from google.cloud import bigquery

        relation = self.relation(table)
        # the emulator goes by position, so the file has the order of the table that is there
        types = {name: table.types[name] for name in existing or table.types}
        with tempfile.TemporaryDirectory(prefix="flette-load-") as folder:
            made = Path(folder, "table.parquet")
            with duckdb.connect(str(Path(folder, "table.duckdb"))) as connection:
                here = self.adapter.Relation.create(identifier="loaded").quote(identifier=False)
                arguments = {"relation": here, "types": types, "exists": False}
                connection.execute(self.say("empty_raw_table", **arguments))
                rows = self._into_duckdb(connection, here, table, files, passed)
                connection.table("loaded").write_parquet(str(made), compression="zstd")
            client = self.adapter.connections.get_thread_connection().handle
            configuration = bigquery.LoadJobConfig(
                source_format=bigquery.SourceFormat.PARQUET,
                write_disposition=bigquery.WriteDisposition.WRITE_TRUNCATE,
                schema=[
                    bigquery.SchemaField(name, self.adapter.Column.translate_type(type_of))
                    for name, type_of in types.items()
                ],
            )
            with made.open("rb") as file:
                client.load_table_from_file(
                    file,
                    f"{relation.database}.{relation.schema}.{relation.identifier}",
                    job_config=configuration,
                ).result()
        return rows

    def _empty(self, table: RawTable, existing: list[str] | None) -> str:
        """Return the statement that makes or empties a table."""
        return self.say(
            "empty_raw_table",
            relation=self.relation(table),
            types=dict(table.types),
            exists=existing is not None,
        )

    def _into_duckdb(
        self,
        handle: Any,
        relation: BaseRelation,
        table: RawTable,
        files: Sequence[Path],
        passed: Passed,
    ) -> int:
        """Let DuckDB read files into a table of its own."""
        handle.execute("set enable_progress_bar = true; set enable_progress_bar_print = false")
        rows = 0
        for path in files:
            size = path.stat().st_size
            if _is_csv(path):
                names = csv_header(path)
                copy = self.say(
                    "copy_from_csv",
                    relation=relation,
                    columns=self.columns(names),
                    file=str(path),
                )
                with _meanwhile(check_csv, path, lambda passed: None) as check:
                    with _watched(handle, size, passed):
                        (added,) = handle.execute(copy).fetchone()
                    _require_sound(check.result(), added, len(names))
            else:
                insert = self.say(
                    "insert_parquet_in_duckdb",
                    relation=relation,
                    kinds=parquet_kinds(path),
                    file=str(path),
                )
                with _watched(handle, size, passed):
                    (added,) = handle.execute(insert).fetchone()
            rows += added
        return rows


# --- streams -------------------------------------------------------------------------------------


class _CheckedFile:
    """A CSV file that is checked as PostgreSQL's client reads it.

    Args:
        path: the file.
        passed: is told of every piece.
    """

    def __init__(self, path: Path, passed: Passed) -> None:
        """Open the file."""
        self._file = path.open("rb")
        self._check = CsvCheck()
        self._passed = passed

    def read(self, size: int) -> bytes:
        """Return the next piece; none at the end."""
        data = self._file.read(size)
        self._check.look(data)
        self._passed(len(data))
        return data

    def require_sound(self, rows: int, columns: int) -> None:
        """Raise unless the file was what it should be."""
        _require_sound(self._check, rows, columns)

    def __enter__(self) -> _CheckedFile:
        """Return the stream."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._file.close()


class _ParquetAsCsv:
    """A Parquet file as the CSV text that PostgreSQL takes, made a few batches ahead.

    Args:
        select: what DuckDB reads the file with, as text.
        names: of the columns, for the header.
        size: of the file, in bytes.
        passed: is told at the end; how far DuckDB is in the file cannot be seen from its batches.
    """

    def __init__(self, select: str, names: Sequence[str], size: int, passed: Passed) -> None:
        """Begin to read."""
        self._header = (",".join(names) + "\n").encode()
        self._select = select
        self._size, self._passed = size, passed
        self._pieces: queue.Queue[memoryview | None] = queue.Queue(maxsize=4)
        self._error: Exception | None = None
        self._stopped = False
        self._rest = memoryview(self._header)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        """Put what DuckDB reads into the queue."""
        try:
            with duckdb.connect() as connection:
                connection.execute("set preserve_insertion_order = false")
                batches: pa.RecordBatchReader = connection.execute(self._select).to_arrow_reader(
                    _BATCH
                )
                for batch in batches:
                    self._put(memoryview(csv_lines(batch)))
                    if self._stopped:
                        return
        except Exception as error:
            self._error = error
        self._put(None)

    def _put(self, piece: memoryview | None) -> None:
        """Wait for room in the queue, unless nobody reads any more."""
        while not self._stopped:
            try:
                return self._pieces.put(piece, timeout=_LOOK_SECONDS)
            except queue.Full:
                continue

    def read(self, size: int) -> bytes:
        """Return the next piece; none at the end."""
        if not self._rest:
            piece = self._pieces.get()
            if self._error is not None:
                raise self._error
            if piece is None:
                self._passed(self._size)
                return b""
            self._rest = piece
        data, self._rest = self._rest[:size], self._rest[size:]
        return bytes(data)

    def require_sound(self, rows: int, columns: int) -> None:
        """Raise never: DuckDB has read every value as text."""

    def __enter__(self) -> _ParquetAsCsv:
        """Return the stream."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop reading."""
        self._stopped = True
        self._thread.join()


def _require_sound(check: CsvCheck, rows: int, columns: int) -> None:
    """Raise if the check of a file found that it is not what it should be."""
    if not check.finish(rows, columns):
        raise _NotSound


@contextmanager
def _meanwhile(work: Callable[..., Any], *arguments: Any) -> Iterator[Future[Any]]:
    """Do some work in another thread, for as long as the context lasts or it takes."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        yield pool.submit(work, *arguments)


@contextmanager
def _watched(handle: Any, size: int, passed: Passed) -> Iterator[None]:
    """Tell, while DuckDB reads a file, how far it is.

    Args:
        handle: a connection to DuckDB.
        size: of the file, in bytes.
        passed: is told the bytes.
    """
    done = threading.Event()
    told = 0

    def watch() -> None:
        nonlocal told
        while not done.wait(_LOOK_SECONDS):
            now = int(size * min(max(handle.query_progress(), 0.0), 100.0) / 100)
            if now > told:
                passed(now - told)
                told = now

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
    passed(size - told)


# --- errors --------------------------------------------------------------------------------------


def _is_csv(path: Path) -> bool:
    """Return whether a file is CSV; the others are Parquet."""
    return path.suffix.lower() == ".csv"


def _fault(files: Sequence[Path], table: RawTable) -> str | None:
    """Look for what is wrong with the files of a table; None if nothing is."""
    for path in files:
        fault = csv_fault(path, csv_header(path)) if _is_csv(path) else parquet_fault(path)
        if fault is not None:
            return f"{fault[:-1]}; {table} is as it was."
    return None


def _refusal(table: RawTable, error: Exception) -> str:
    """Say that the database refuses a table whose files are sound."""
    return f"{table} could not be loaded and is as it was: {_reason(error)}."


def _reason(error: Exception) -> str:
    """Return what an error says first, without dbt's headings such as `Database Error`."""
    lines = [line.strip() for line in str(error).splitlines()]
    said = [line for line in lines if line and not line.endswith(" Error")]
    return (said or [repr(error)])[0].rstrip(".")


# --- the command ---------------------------------------------------------------------------------


def connect(target: str, options: Sequence[str], manifest: Manifest | None = None) -> Database:
    """Let dbt parse the project and set up its connection to a target.

    Args:
        target: a target of ``profiles.yml``.
        options: for dbt: where the project, the profile and the artifacts are.
        manifest: the project, if it is parsed already.

    Raises:
        SettingError: dbt cannot do it.
    """
    command = ["--log-level", "none", "parse", "--target", target, *options]
    outcome = dbtRunner(manifest=manifest).invoke(command)
    if not outcome.success:
        reason = " ".join(str(outcome.exception).split()).rstrip(".")
        raise SettingError(f"dbt could not read the project: {reason}.")
    profile_type = outcome.result.metadata.adapter_type
    return Database(get_adapter_by_type(profile_type), outcome.result)


def raw_tables(manifest: Manifest) -> list[RawTable]:
    """Return the raw tables of all products, as sources and seeds declare them."""
    tables = []
    for unique_id, source in sorted(manifest.sources.items()):
        product, name = source.source_name, source.name
        seed = f"seed.{source.package_name}.raw_{product}__{name}"
        # with `kilder: ekte` as the project's own setting, dbt keeps the seeds among the disabled
        node = manifest.nodes[seed] if seed in manifest.nodes else manifest.disabled[seed][0]
        tables.append(RawTable(product, name, node.config.column_types, unique_id))
    return tables


def load(
    folder: Path, database: Database, select: Sequence[str] = (), quiet: bool = False
) -> dict[RawTable, int]:
    """Load the files of a folder.

    Args:
        folder: where they are, see ``load_files.find_files``.
        database: where they go.
        select: products; all when empty.
        quiet: no progress bar, and nothing printed.

    Returns:
        The number of rows by table.

    Raises:
        SettingError: nothing was loaded, or not all; the sentence says why.
    """
    tables = raw_tables(database.manifest)
    others = {
        node.name
        for node in database.manifest.nodes.values()
        if node.resource_type == "seed" and not node.name.startswith("raw_")
    }
    chosen = [table for table in tables if not select or table.product in select]
    found = find_files(folder, tables, others)
    found = {table: files for table, files in found.items() if table in chosen}
    if not found:
        products = " or ".join(dict.fromkeys(table.product for table in chosen))
        raise SettingError(f"--from: {str(folder)!r} holds no file of a table of {products}.")
    for table, files in found.items():
        require_columns(database, table, files)

    def tell(words: str) -> None:
        if not quiet:
            print(words, flush=True)

    loaded = {}
    for table, files in found.items():
        begin = time.perf_counter()
        size = sum(path.stat().st_size for path in files)
        with progress_bar(str(table), size, "B", quiet) as progress:
            loaded[table] = database.fill(table, files, progress.update)
        seconds = time.perf_counter() - begin
        tell(f"{table}: {loaded[table]:,} rows in {seconds:.1f} s")
    for product in dict.fromkeys(table.product for table in found):
        without = [table for table in chosen if table.product == product and table not in found]
        if without:
            tell(missing(database, without))
    return loaded


def require_columns(database: Database, table: RawTable, files: Sequence[Path]) -> None:
    """Ask, before anything is loaded, whether files have a table's columns.

    Raises:
        SettingError: one has not; or it cannot be read.
    """
    for path in files:
        names = csv_header(path) if _is_csv(path) else list(parquet_kinds(path))
        complaint = database.say(
            "column_complaint",
            file=str(path),
            expected=list(table.types),
            found=[name.rstrip("\0") for name in names],
        )
        if complaint is not None:
            raise SettingError(complaint)


def missing(database: Database, tables: Sequence[RawTable]) -> str:
    """Say which tables of a product had no file, and which of them are not there at all."""
    with database.adapter.connection_named("load_missing"):
        absent = [table.name for table in tables if database.existing(table) is None]
    kept = [table.name for table in tables if table.name not in absent]
    words = []
    if kept:
        words.append(f"no file for {', '.join(kept)}, left as it was")
    if absent:
        words.append(
            f"no file for {', '.join(absent)}, which a build with `kilder: ekte` needs and the "
            "database lacks"
        )
    return f"{tables[0].product}: {'; '.join(words)}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: without the program's name; those of this process when None.

    Returns:
        The exit code, see ``scripts.common.run``.
    """
    parser = Parser(prog=PROGRAM, description=__doc__.splitlines()[0], allow_abbrev=False)
    add = parser.add_argument
    add("--from", type=Path, required=True, metavar="FOLDER", dest="folder", help="the files")
    add("--target", choices=TARGETS, default="duckdb", help="where to (default: duckdb)")
    add(
        *("--select",),
        nargs="*",
        choices=(*GENERATORS, ""),
        default=(),
        metavar="PRODUCT",
        help="load these products only",
    )
    add("--quiet", action="store_true", help="no progress bar and no summary")

    def work() -> None:
        options = parser.parse_args(arguments)
        folder = options.folder.absolute()  # dbt changes the working directory
        if not folder.is_dir():
            raise SettingError(f"--from: {str(options.folder)!r} is no folder.")
        os.chdir(ROOT)
        profiles = os.environ.get("DBT_PROFILES_DIR") or str(ROOT)
        places = ["--project-dir", str(ROOT), "--profiles-dir", profiles]
        select = [product for product in options.select if product]
        with server_for(options.target):
            database = connect(options.target, places)
            try:
                load(folder, database, select, options.quiet)
            except DbtBaseException as error:
                raise SettingError(f"{_reason(error)}.") from None

    return run(PROGRAM, work, interrupted="the table that was being loaded is as it was")


if __name__ == "__main__":
    sys.exit(main())
