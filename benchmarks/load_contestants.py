"""The contestants of ``benchmarks.load``, each run in a process of its own.

Run from the project root::

    python -m benchmarks.load_contestants bare <target> <product> <table> <file>
    python -m benchmarks.load_contestants flette <target> <product> <table> <file>

``bare`` is what a person types who trusts the file: an empty table of text, and the engine's own
COPY (of a Parquet file on DuckDB: INSERT from it). ``flette`` is ``scripts.load`` for one table,
with dbt's start and parsing outside of the clock. What the work took is printed as JSON.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.common import CORES, DATA
from scripts import ROOT

# what PostgreSQL's client sends at a time; psycopg2's own eight kilobytes are slower
PIECE = 1 << 17


def bare_table(product: str, table: str) -> str:
    """Return where the bare command loads a table."""
    return f"{product}_bare.{table}"


def bare(target: str, product: str, table: str, path: Path) -> float:
    """Load a file by the engine's bulk command alone.

    Args:
        target: ``duckdb`` or ``postgres``.
        product: whose table it is.
        table: as the contract names it.
        path: the file.

    Returns:
        The seconds of the load.
    """
    from scripts import load_files

    is_csv = path.suffix == ".csv"
    names = load_files.csv_header(path) if is_csv else list(load_files.parquet_kinds(path))
    name = bare_table(product, table)
    schema = f"create schema if not exists {product}_bare"
    make = f"create table {name} ({', '.join(f'{column} text' for column in names)})"
    if target == "postgres":
        return _bare_postgres(name, [schema, f"drop table if exists {name}", make], path)
    import duckdb

    with duckdb.connect(os.environ["FLETTE_DUCKDB_PATH"]) as connection:
        connection.execute(f"set threads = {CORES}; set preserve_insertion_order = false")
        connection.execute(f"{schema}; {make}")
        source = f"copy {name} from '{path}' (header)"
        if not is_csv:
            source = f"insert into {name} select * from read_parquet('{path}')"
        return _seconds(lambda: connection.execute(source))


def _bare_postgres(name: str, statements: list[str], path: Path) -> float:
    """Load a CSV file into a new table of PostgreSQL."""
    import psycopg2

    connection = psycopg2.connect(
        host=os.environ["PGHOST"], user=os.environ["PGUSER"], dbname=os.environ["PGDATABASE"]
    )
    try:
        with connection.cursor() as cursor, path.open("rb") as file:
            for statement in statements:
                cursor.execute(statement)
            connection.commit()

            def copy() -> None:
                cursor.copy_expert(f"copy {name} from stdin (format csv, header)", file, PIECE)
                connection.commit()

            return _seconds(copy)
    finally:
        connection.close()


def flette(target: str, product: str, table: str, path: Path) -> float:
    """Load a file as ``make load`` does.

    Args:
        target: ``duckdb`` or ``postgres``.
        product: whose table it is.
        table: as the contract names it.
        path: the file.

    Returns:
        The seconds of the load, the checks of the file and the statistics of the table included.
    """
    from scripts import load

    os.chdir(ROOT)
    options = ["--project-dir", str(ROOT), "--profiles-dir", str(ROOT)]
    database = load.connect(target, [*options, "--target-path", str(DATA / "work/load/target")])
    (chosen,) = (
        one for one in load.raw_tables(database.manifest) if str(one) == f"{product}.{table}"
    )

    def fill() -> None:
        load.require_columns(database, chosen, [path])
        database.fill(chosen, [path], lambda passed: None)

    return _seconds(fill)


def _seconds(work: Callable[[], object]) -> float:
    """Do some work and return how long it took."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def main() -> None:
    """Run a contestant."""
    contestant, target, product, table, path = sys.argv[1:]
    work = {"bare": bare, "flette": flette}[contestant]
    print(json.dumps({"seconds": work(target, product, table, Path(path).resolve())}))


if __name__ == "__main__":
    main()
