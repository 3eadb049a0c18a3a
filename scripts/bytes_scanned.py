"""Work out how many bytes one run of each product reads on BigQuery.

``python -m scripts.bytes_scanned`` needs no BigQuery: it compiles the project against a DuckDB file
that is built already, so the statements are those of the next, incremental run. BigQuery charges
for every column that a statement needs of every table, over all rows of the partitions that it
reads, whatever it filters; so it is enough to know which columns those are (sqlglot removes what
nobody asks for, through all views) and how long their values are on average.
"""

import argparse
import contextlib
import io
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from sqlglot import exp, parse_one
from sqlglot.optimizer.pushdown_projections import pushdown_projections
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope

from scripts.common import SettingError, run

PROGRAM = "scripts.bytes_scanned"
# A statement is charged with at least this for every table that it reads.
LEAST = 10 * 1024**2
# What a value takes on BigQuery by its type on DuckDB; NULL takes nothing. A text: see below.
WIDTHS = {"BOOLEAN": 1, "DECIMAL": 16, "HUGEINT": 16}
WIDTH = 8
# The product's size: the table that is counted, and the rows that the committed input has of it.
SIZES = {
    "tiltak": ("tiltak_raw.raw_tiltak__deltaker_siste_status", 1_000_000),
    "saksstatistikk": ("saksstatistikk_gold.saksstatistikk", 10_000_000),
    "dtnum": ("dtnum_raw.raw_dtnum__suivi", 3_000),
    "tv1": ("tv1_raw.raw_tv1__tracking", 100_000_000),
    "arena": ("arena_silver.silver_arena__meldinger", 1_000_000),
}
# What does not grow with it: catalogues, calendars, and what is counted by week and name.
FIXED = re.compile(
    r"tiltak_gold|gjennomforing|tiltakstyper|uke_endringer|lastinger|snapshot"
    r"|codes_postaux|dtnum_raw\.dtnum_|(dim_|tv1__)(date|programs|seasons|episodes|segmentation)$"
)
GROWING = {"tv1_silver.silver_tv1__episodes"}

Columns = dict[str, set[str]]


@dataclass
class Database:
    """What a built file has.

    Attributes:
        columns: The columns and their types by ``schema.relation``.
        rows: The rows by ``schema.table``; views have none.
        widths: The bytes of all values of a column on BigQuery, by table and column.
    """

    columns: dict[str, dict[str, str]]
    rows: dict[str, int]
    widths: dict[str, dict[str, float]]


def measure(path: Path) -> Database:
    """Measure the tables of a DuckDB file.

    Raises:
        SettingError: There is no such file.
    """
    if not path.exists():
        raise SettingError(f"{path} does not exist; run `make build` first.")
    columns: dict[str, dict[str, str]] = {}
    rows: dict[str, int] = {}
    widths: dict[str, dict[str, float]] = {}
    with duckdb.connect(str(path), read_only=True) as connection:
        for schema, name, column, kind in connection.execute(
            "select table_schema, table_name, column_name, data_type"
            " from information_schema.columns order by ordinal_position"
        ).fetchall():
            columns.setdefault(f"{schema}.{name}", {})[column] = kind
        for schema, name in connection.execute(
            "select schema_name, table_name from duckdb_tables()"
        ).fetchall():
            table = f"{schema}.{name}"
            sums = [
                f'coalesce(sum({width(column, kind)}) filter ("{column}" is not null), 0)'
                for column, kind in columns[table].items()
            ]
            rows[table], *values = connection.execute(
                f'select count(*), {", ".join(sums)} from "{schema}"."{name}"'
            ).fetchone()
            widths[table] = dict(zip(columns[table], map(float, values), strict=True))
    return Database(columns, rows, widths)


def width(column: str, kind: str) -> str:
    """Return the SQL of the bytes of a value on BigQuery."""
    if kind == "VARCHAR":
        return f'2 + strlen("{column}")'
    return str(WIDTHS.get(kind.partition("(")[0], WIDTH))


def compiled(database: Path) -> dict[str, Any]:
    """Let dbt compile models and tests as the next run would execute them.

    Args:
        database: The DuckDB file.

    Returns:
        The nodes by their unique id.

    Raises:
        SettingError: dbt could not.
    """
    os.environ["FLETTE_DUCKDB_PATH"] = str(database)
    with contextlib.redirect_stdout(io.StringIO()) as said:
        outcome = dbtRunner().invoke(["--quiet", "compile", "--target", "duckdb"])
        DuckDBConnectionManager.close_all_connections()
    if not outcome.success:
        raise SettingError(f"dbt could not compile the project: {said.getvalue().strip()}")
    return {result.node.unique_id: result.node for result in outcome.result.results}


def columns_read(sql: str, database: Database, views: Mapping[str, str]) -> Columns:
    """Return the columns of each table that a statement needs, through all views.

    Args:
        sql: A query in DuckDB's dialect.
        database: The tables.
        views: The queries of the views by ``schema.view``.
    """
    tree = parse_one(sql, dialect="duckdb")
    while names := [
        table
        for table in tree.find_all(exp.Table)
        if table.db and f"{table.db}.{table.name}" in views
    ]:
        for table in names:
            query = parse_one(views[f"{table.db}.{table.name}"], dialect="duckdb")
            table.replace(query.subquery(table.alias or table.name, copy=False))
    for table in tree.find_all(exp.Table):
        table.set("catalog", None)
    schema: dict[str, Any] = {}
    for relation, columns in database.columns.items():
        folder, _, name = relation.partition(".")
        schema.setdefault(folder, {})[name] = columns
    tree = qualify(tree, schema=schema, dialect="duckdb", validate_qualify_columns=False)
    tree = pushdown_projections(tree, schema=schema, dialect="duckdb")
    read: Columns = {}
    for scope in traverse_scope(tree):
        for name, source in scope.sources.items():
            if isinstance(source, exp.Table) and source.db:
                table = f"{source.db}.{source.name}"
                found = read.setdefault(table, set())
                found |= {column.name for column in scope.columns if column.table == name}
    return read


def scanned(read: Columns, database: Database, times: float) -> tuple[float, float]:
    """Return what a statement is charged with.

    Args:
        read: The columns that it needs.
        database: The tables.
        times: How many times as many rows the tables are taken to have.

    Returns:
        Bytes; and bytes where no table counts for less than BigQuery's minimum.
    """
    exact = least = 0.0
    for table, columns in read.items():
        sizes = database.widths.get(table, {})
        grown = 1 if FIXED.search(table) and table not in GROWING else times
        size = grown * sum(sizes.get(column, 0.0) for column in columns)
        exact += size
        least += max(size, LEAST)
    return exact, least


def is_rewritten(node: Any) -> bool:
    """Tell whether rows of a model's own table are replaced, for which all of it is read."""
    hooks = [hook.sql for hook in getattr(node.config, "pre_hook", ())]
    return node.config.materialized == "incremental" and (
        node.config.get("unique_key") is not None or any("take_out" in hook for hook in hooks)
    )


def main() -> None:
    """Parse the command line, compile and print a table."""
    parser = argparse.ArgumentParser(prog=PROGRAM, description=__doc__.splitlines()[0])
    parser.add_argument("--database", type=Path, default=Path("flette.duckdb"))
    parser.add_argument("--product", choices=sorted(SIZES), help="its statements one by one")
    options = parser.parse_args()
    database = measure(options.database)
    nodes = compiled(options.database)
    views = {
        f"{node.schema}.{node.alias}": node.compiled_code
        for node in nodes.values()
        if node.resource_type == "model" and node.config.materialized == "view"
    }
    lines = ["| product | rows | models | tests | both, at least |", "|---|---|---|---|---|"]
    for product, (table, rows) in SIZES.items():
        times = rows / database.rows[table]
        sums = {"model": [0.0, 0.0], "test": [0.0, 0.0]}
        for node in nodes.values():
            if node.fqn[1] != product or node.resource_type not in sums:
                continue
            if node.resource_type == "model" and node.config.materialized == "view":
                continue
            query = node.compiled_code
            if node.resource_type == "test":  # dbt counts the rows of a test
                query = f"select count(*) as failures from ({query}) as failing"
            read = columns_read(query, database, views)
            if is_rewritten(node):
                own = f"{node.schema}.{node.alias}"
                read.setdefault(own, set()).update(database.columns[own])
            exact, least = scanned(read, database, times)
            sums[node.resource_type][0] += exact
            sums[node.resource_type][1] += least
            if options.product == product:
                print(f"{exact / 1e6:12.1f} MB  {node.name}")
        figures = [sums["model"][0], sums["test"][0], sums["model"][1] + sums["test"][1]]
        shown = " | ".join(f"{figure / 1e9:.2f} GB" for figure in figures)
        lines.append(f"| {product} | {rows:,} | {shown} |")
    print("\n".join(lines))


if __name__ == "__main__":
    sys.exit(run(PROGRAM, main))
