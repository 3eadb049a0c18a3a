"""tv1 over many loads: every load equals the rules row by row, whatever was loaded before."""

from __future__ import annotations

import random
from datetime import date

import pytest
from contract import TV1
from harness import Engine, Row, Table, plain, sort_key
from tv1_oracle import compute
from tv1_world import next_load, world

NAA = "2025-01-06 12:00:00"
LOADS = {"duckdb": 12, "postgres": 8, "bigquery_emulator": 2}
# a run compares a few rows at a time, so that a small world has many blocks
SETTINGS = {"naa": NAA, "tv1_block_bits": 4}
CALENDAR = ("tv1_marts.dim_date", "tv1_marts.date_view")


def load(engine: Engine, tables: dict[str, Table], *options: str, **settings: object) -> None:
    """Load the tables in one run without tests."""
    engine.write_seeds(tables, "tv1")
    engine.load("--select", "tv1", *options, **(SETTINGS | settings))


def seen(engine: Engine, relation: str) -> list[Row]:
    """Return a relation's rows; of avvik without the sentence."""
    rows = engine.rows(relation)
    return [row[:3] for row in rows] if relation.endswith(".avvik") else rows


def assert_right(engine: Engine, tables: dict[str, Table], *without: str) -> None:
    """Compare every relation with what a person would count."""
    for relation, rows in compute(tables, date.fromisoformat(NAA[:10])).items():
        if relation not in without:
            expected = sorted((tuple(map(plain, row)) for row in rows), key=sort_key)
            assert seen(engine, relation) == expected, relation


def test_the_relations_are_those_of_the_contract() -> None:
    assert set(TV1) == set(compute(world(random.Random(0), 1), date(2025, 1, 6)))


def test_every_load_equals_counting_row_by_row(engine: Engine) -> None:
    """New days, late, corrected and withdrawn events, users who move: as if loaded at once."""
    chance = random.Random(11)
    tables = world(chance, 40)
    load(engine, tables)
    assert_right(engine, tables)
    for _ in range(LOADS[engine.name]):
        tables = next_load(chance, tables)
        load(engine, tables)
        assert_right(engine, tables, *CALENDAR)


def test_a_load_reads_what_has_changed_and_nothing_else(duckdb_engine: Engine) -> None:
    """The events of blocks that are as they were are not parsed again."""
    tables = world(random.Random(3), 40)
    load(duckdb_engine, tables)
    load(duckdb_engine, tables)
    assert duckdb_engine.count("tv1_silver.silver_tv1__events") == 0
    number = max(int(row["tracking_id"]) for row in tables["tracking"] if is_id(row)) + 1000
    tables["tracking"].append({"tracking_id": str(number), "type": "Episode starts"})
    load(duckdb_engine, tables)
    assert duckdb_engine.count("tv1_silver.silver_tv1__events") == 1
    assert_right(duckdb_engine, tables, *CALENDAR)


def is_id(row: dict[str, str | None]) -> bool:
    """Tell whether the event has an id that can be counted on from."""
    text = row["tracking_id"] or ""
    return text.isascii() and text.isdigit()


def test_an_asked_day_is_loaded_again_and_no_other(engine: Engine) -> None:
    """`tv1_redo_dates` mends a part of the facts, and is safe to run twice."""
    if engine.name == "bigquery_emulator":
        pytest.skip("the same statements as on DuckDB, at ten times the price")
    tables = world(random.Random(5), 40)
    load(engine, tables)
    engine_execute(engine, "delete from tv1_silver.silver_tv1__episodes")
    days = {row["tracking_time"][:10] for row in tables["tracking"] if row["tracking_time"]}
    real = sorted(day for day in days if day.startswith(("2024-12", "2025-01")))
    for _ in range(2):
        load(engine, tables, tv1_redo_dates=real)
    left = set(engine.rows("tv1_marts.fct_episodes_streamed"))
    expected = compute(tables, date(2025, 1, 6))["tv1_marts.fct_episodes_streamed"]
    assert {row for row in expected if row[3] is not None} <= left
    load(engine, tables, "--full-refresh")
    assert_right(engine, tables, *CALENDAR)


def engine_execute(engine: Engine, statement: str) -> None:
    """Change the database behind dbt's back."""
    engine.query(statement + " returning 1")


def test_blocks_of_another_size_are_loaded_anew(duckdb_engine: Engine) -> None:
    chance = random.Random(7)
    tables = world(chance, 30)
    load(duckdb_engine, tables)
    tables = next_load(chance, tables)
    load(duckdb_engine, tables, tv1_block_bits=6)
    assert_right(duckdb_engine, tables, *CALENDAR)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"tv1_block_bits": "many"}, "tv1_block_bits is 'many'; it must be a whole number from 0"),
        ({"tv1_block_bits": 41}, "tv1_block_bits is '41'; it must be a whole number from 0 to 40"),
        ({"tv1_redo_dates": "2025-01-01"}, "it must be a list of dates, such as"),
        ({"tv1_redo_dates": ["2025-02-30"]}, "is '2025-02-30'; it must be a date written"),
    ],
)
def test_wrong_settings_stop_at_once(
    duckdb_engine: Engine, settings: dict[str, object], sentence: str
) -> None:
    run = duckdb_engine.dbt("build", "--select", "tv1", parse=True, **settings)
    assert not run.success
    assert sentence in run.messages
    assert not run.results
