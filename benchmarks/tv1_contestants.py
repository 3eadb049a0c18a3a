"""The contestants of ``benchmarks.tv1`` beside flette, each a process of its own.

Run from the project root::

    python -m benchmarks.tv1_contestants simulation <folder> --users 880
    python -m benchmarks.tv1_contestants statement <DuckDB file with tv1_raw>
    python -m benchmarks.tv1_contestants tables <folder>
    python -m benchmarks.tv1_contestants copy <folder>
    python -m benchmarks.tv1_contestants full
    python -m benchmarks.tv1_contestants incremental

``simulation`` writes the six tables of 15 days as Parquet, on one processor core. ``statement``
makes both facts from ``tv1_raw.tracking`` with the statements of ``tv1_statement.sql``.

The others work on the PostgreSQL that the environment names (PGHOST and so on). ``tables`` makes
the owner's tables out of a folder, without events; ``copy`` adds the events of a folder. ``full``
and ``incremental`` are the original's way (``tv1_original_postgres.sql``): make both facts as
tables; or make all rows of both again and merge them by key.

What it took is printed as JSON.
"""

import argparse
import io
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.common import CORES, raw_file

PRODUCT = "tv1"
TABLES = ("users", "segmentation", "programs", "seasons", "episodes", "tracking")
DAYS = 15
FIRST_DAY = "2025-01-01"
SEED = 20250707
STATEMENT = Path(__file__).with_name("tv1_statement.sql")
ORIGINAL = Path(__file__).with_name("tv1_original_postgres.sql")
# By fact, in the order of both files, its key.
KEYS = {"fct_episodes_streamed": "tracking_id", "fct_sessions": "session_tracking_id"}
HAND_MADE = "by_hand"
CHUNK = 100_000


def simulate(folder: Path, users: int) -> dict[str, Any]:
    """Simulate all days on one core."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
    import pyarrow.parquet as pq

    from scripts import tv1

    arguments = ["--users", str(users), "--days", str(DAYS), "--from", FIRST_DAY]
    arguments += ["--seed", str(SEED), "--format", "parquet", "--out", str(folder), "--quiet"]
    begin = time.perf_counter()
    failed = tv1.main(arguments)
    seconds = time.perf_counter() - begin
    if failed:
        raise SystemExit(failed)
    rows = pq.read_metadata(raw_file(folder, PRODUCT, "tracking")).num_rows
    return {"seconds": seconds, "rows": rows}


def make_by_hand(database: Path) -> dict[str, Any]:
    """Make both facts in a DuckDB file."""
    import duckdb

    statements = STATEMENT.read_text(encoding="utf-8").format(schema=HAND_MADE)
    with duckdb.connect(database, config={"threads": CORES}) as connection:
        # as dbt-duckdb is told to in profiles/profiles.yml
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"drop schema if exists {HAND_MADE} cascade")
        connection.execute(f"create schema {HAND_MADE}")
        begin = time.perf_counter()
        connection.execute(statements)
        seconds = time.perf_counter() - begin
    return {"seconds": seconds}


# --- PostgreSQL ----------------------------------------------------------------------------------


def create_tables(folder: Path) -> None:
    """Create the owner's tables with types, and fill them but for the events."""
    import psycopg2
    import pyarrow as pa
    import pyarrow.parquet as pq

    with psycopg2.connect("") as connection, connection.cursor() as cursor:
        cursor.execute("create schema tv1_raw")
        for table in TABLES:
            file = pq.ParquetFile(raw_file(folder, PRODUCT, table))
            columns = []
            for column in file.schema_arrow:
                type_ = "bigint" if pa.types.is_integer(column.type) else "text"
                type_ = "timestamp" if column.name == "tracking_time" else type_
                columns.append(f"{column.name} {type_}")
            cursor.execute(f"create table tv1_raw.{table} ({', '.join(columns)})")
            if table != "tracking":
                _copy(cursor, table, file)
    connection.close()


def copy_events(folder: Path) -> dict[str, Any]:
    """Add the events of a folder to the raw table, in one transaction."""
    import psycopg2
    import pyarrow.parquet as pq

    file = pq.ParquetFile(raw_file(folder, PRODUCT, "tracking"))
    begin = time.perf_counter()
    with psycopg2.connect("") as connection, connection.cursor() as cursor:
        _copy(cursor, "tracking", file)
    connection.close()
    return {"seconds": time.perf_counter() - begin, "rows": file.metadata.num_rows}


def _copy(cursor: Any, table: str, file: Any) -> None:
    """Copy a Parquet file into a table, some rows at a time."""
    import pyarrow.csv as pc

    into = f"copy tv1_raw.{table} ({', '.join(file.schema_arrow.names)}) from stdin (format csv)"
    for batch in file.iter_batches(CHUNK):
        lines = io.BytesIO()
        pc.write_csv(batch, lines, pc.WriteOptions(include_header=False))
        lines.seek(0)
        cursor.copy_expert(into, lines)


def original_way(incremental: bool) -> dict[str, Any]:
    """Make both facts from everything there is.

    Args:
        incremental: whether to merge them into the tables that are there, as dbt does: into a
            temporary table first.
    """
    import psycopg2

    selects = ORIGINAL.read_text(encoding="utf-8").split(";")
    begin = time.perf_counter()
    with psycopg2.connect("") as connection, connection.cursor() as cursor:
        cursor.execute("create schema if not exists original")
        for (fact, key), select in zip(KEYS.items(), selects, strict=True):
            table = f"original.{fact}"
            if not incremental:
                cursor.execute(f"drop table if exists {table}")
                cursor.execute(f"create table {table} as {select}")
                continue
            cursor.execute(f"create temporary table new_{fact} as {select}")
            cursor.execute(f"select * from new_{fact} limit 0")
            columns = [column.name for column in cursor.description]
            changes = ", ".join(f"{column} = new.{column}" for column in columns)
            values = ", ".join(f"new.{column}" for column in columns)
            cursor.execute(
                f"merge into {table} as old using new_{fact} as new on old.{key} = new.{key} "
                f"when matched then update set {changes} "
                f"when not matched then insert ({', '.join(columns)}) values ({values})"
            )
    connection.close()
    return {"seconds": time.perf_counter() - begin}


def main(arguments: Sequence[str] | None = None) -> int:
    """Let one contestant work and print what it took.

    Args:
        arguments: the command line without the program's name; that of the process if None.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(
        prog="benchmarks.tv1_contestants",
        description="Let one contestant of benchmarks.tv1 work.",
    )
    names = ("simulation", "statement", "tables", "copy", "full", "incremental")
    parser.add_argument("contestant", choices=names)
    parser.add_argument("path", type=Path, nargs="?", help="the folder or file of the contestant")
    parser.add_argument("--users", type=int, default=880, help="of the simulation")
    options = parser.parse_args(arguments)
    if options.contestant == "simulation":
        said = simulate(options.path, options.users)
    elif options.contestant == "statement":
        said = make_by_hand(options.path)
    elif options.contestant == "tables":
        create_tables(options.path)
        said = {"seconds": 0.0}
    elif options.contestant == "copy":
        said = copy_events(options.path)
    else:
        said = original_way(options.contestant == "incremental")
    print(json.dumps(said))
    return 0


if __name__ == "__main__":
    sys.exit(main())
