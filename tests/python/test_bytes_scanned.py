"""Which columns a statement needs, and what BigQuery would charge for them."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from scripts.bytes_scanned import LEAST, SIZES, Database, columns_read, measure, scanned
from scripts.common import SettingError

VIEWS = {
    "s.narrow": "with a as (select * from main_db.s.big) select id, name from a where kind = 'x'",
    "s.wide": "select narrow.*, big.note from main_db.s.narrow join main_db.s.big using (id)",
}


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """Return what is measured of a small file."""
    path = tmp_path / "main_db.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create schema s;"
            "create table s.big as"
            " select i as id, 'æ' as name, 'xy' as kind, nullif('abc', 'abc') as note,"
            " true as flag, date '2025-01-01' as day"
            " from range(10) t(i);"
            "create table s.other as select 1::bigint as id"
        )
    return measure(path)


def test_values_are_measured_as_bigquery_stores_them(database: Database) -> None:
    """8 bytes for numbers and days, 1 for a boolean, 2 and UTF-8 for texts, none for NULL."""
    assert database.rows == {"s.big": 10, "s.other": 1}
    sizes = {"id": 80.0, "name": 40.0, "kind": 40.0, "note": 0.0, "flag": 10.0, "day": 80.0}
    assert database.widths["s.big"] == sizes


@pytest.mark.parametrize(
    ("sql", "read"),
    [
        ("select id from s.big", {"s.big": {"id"}}),
        ("select count(*) from s.big where flag", {"s.big": {"flag"}}),
        ("select count(*) from s.big", {"s.big": set()}),
        ("with a as (select * from s.big) select day from a", {"s.big": {"day"}}),
        ("select name from s.narrow", {"s.big": {"name", "kind"}}),
        ("select id from s.wide", {"s.big": {"id", "kind"}}),
        ("select * from s.wide", {"s.big": {"id", "name", "kind", "note"}}),
        ("select b.id from s.big b join s.other o on b.id = o.id", None),
    ],
)
def test_only_columns_that_are_needed_count(
    sql: str, read: dict[str, set[str]] | None, database: Database
) -> None:
    both = {"s.big": {"id"}, "s.other": {"id"}}
    assert columns_read(sql, database, VIEWS) == (both if read is None else read)


def test_a_statement_pays_for_each_table_and_a_minimum(database: Database) -> None:
    read = {"s.big": {"id", "name"}, "s.other": {"id"}}
    assert scanned(read, database, 1) == (120.0 + 8.0, 2.0 * LEAST)
    exact, least = scanned(read, database, 1_000_000)
    assert exact == 128e6 and least == 120e6 + LEAST


def test_calendars_do_not_grow() -> None:
    calendar = Database({}, {}, {"tv1_marts.dim_date": {"date_actual": 100.0}})
    assert scanned({"tv1_marts.dim_date": {"date_actual"}}, calendar, 50)[0] == 100.0
    assert set(SIZES) == {"tiltak", "saksstatistikk", "dtnum", "tv1", "arena"}


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="run `make build` first"):
        measure(tmp_path / "nothing.duckdb")
