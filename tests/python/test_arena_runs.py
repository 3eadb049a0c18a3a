"""arena over many passes: every pass equals a walk message by message, on every engine."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from arena_oracle import COLUMNS, DELT, GJ, Arena
from arena_world import Pass, gjennomforing, golden_passes, message, random_passes
from contract import ARENA
from harness import Engine, Row, plain, sort_key

# worlds in which everything happens: attempts that reach ten, reconstructions, the midnight job
WORLDS = {"duckdb": (0, 4, 12, 23), "postgres": (4, 12), "bigquery_emulator": (12,)}
PASSES = {"bigquery_emulator": 3}


def run_pass(engine: Engine, one: Pass) -> None:
    """Do one pass with dbt: the operations before it, then the build without tests."""
    for table, status in one.rekonstruer:
        arguments = f"{{arena_table_name: {table}, ingest_status: {status}}}"
        run = engine.dbt("run-operation", "arena_rekonstruer", "--args", arguments)
        assert run.success, run.messages
    engine.write_seeds(one.inputs, "arena")
    engine.load(
        *("--select", "arena"),
        naa=one.naa,
        idag=one.idag,
        arena_prosesser_feilede=one.process_failed,
    )


def seen(engine: Engine, relation: str) -> list[Row]:
    """Return a relation's rows; of avvik without the sentence."""
    rows = engine.rows(relation)
    return [row[:3] for row in rows] if relation.endswith(".avvik") else rows


def assert_right(engine: Engine, arena: Arena) -> None:
    """Compare every relation with the walk."""
    for relation, rows in arena.relations.items():
        expected = sorted(
            (tuple(plain(row[column]) for column in COLUMNS[relation]) for row in rows),
            key=sort_key,
        )
        assert seen(engine, relation) == expected, relation


def play_both(engine: Engine, passes: list[Pass]) -> None:
    """Do the passes with dbt and with the walk, and compare after each."""
    arena = Arena()
    for one in passes:
        one.play(arena)
        run_pass(engine, one)
        assert_right(engine, arena)


def test_the_relations_are_those_of_the_contract() -> None:
    without_sentence = {
        name: [column for column in columns if column != "beskrivelse"]
        for name, columns in ARENA.items()
    }
    assert without_sentence == COLUMNS


def test_every_rule_once_equals_the_walk(engine: Engine) -> None:
    play_both(engine, golden_passes()[: PASSES.get(engine.name)])


def test_random_passes_equal_the_walk(engine: Engine) -> None:
    for seed in WORLDS[engine.name]:
        engine.drop_everything()
        play_both(engine, random_passes(seed)[: PASSES.get(engine.name)])


def test_order_of_arrival_inside_a_pass_does_not_matter(duckdb_engine: Engine) -> None:
    """The place in the stream of changes decides, not the place in the file."""
    one = golden_passes()[0]
    run_pass(duckdb_engine, one)
    expected = {relation: seen(duckdb_engine, relation) for relation in ARENA}
    rows = list(one.inputs["meldinger"])
    random.Random(1).shuffle(rows)
    duckdb_engine.drop_everything()
    run_pass(duckdb_engine, replace(one, inputs={**one.inputs, "meldinger": rows}))
    assert {relation: seen(duckdb_engine, relation) for relation in ARENA} == expected


def test_a_number_and_a_key_that_are_both_used_twice(duckdb_engine: Engine) -> None:
    """The number is settled first, so that the key is free for who comes with it alone."""
    tables = dict(golden_passes()[0].inputs)
    tables["meldinger"] = [
        message(1, GJ, "I", 7, gjennomforing(1)),
        message(1, GJ, "U", 5, gjennomforing(2)),
        message(2, GJ, "I", 7, gjennomforing(3)),
        message(3, GJ, "U", 5, gjennomforing(4)),
    ]
    play_both(
        duckdb_engine,
        [Pass(tables, f"2025-03-{day} 12:00:00", f"2025-03-{day}") for day in (10, 11)],
    )
    kept = [row[2] for row in seen(duckdb_engine, "arena_silver.arena_data")]
    assert kept == ["2", "3"]


def test_a_pass_with_nothing_due_changes_nothing(duckdb_engine: Engine) -> None:
    """What is handled, refused, ignored or waiting is left alone, however often dbt runs."""
    one = golden_passes()[0]
    run_pass(duckdb_engine, one)
    duckdb_engine.query(
        "update arena_silver.silver_arena__logg set ingest_status = 'INVALID'"
        " where ingest_status = 'RETRY' returning 1"
    )
    before = {relation: seen(duckdb_engine, relation) for relation in ARENA}
    for naa in ("2025-03-11 12:00:00", "2025-03-12 12:00:00"):
        run_pass(duckdb_engine, replace(one, naa=naa))
    assert {relation: seen(duckdb_engine, relation) for relation in ARENA} == before


def test_the_input_need_not_keep_what_was_taken_in(duckdb_engine: Engine) -> None:
    """A message is kept from the run that first read it: later inputs may hold new ones only."""
    arena = Arena()
    known: set[str | None] = set()
    for one in random_passes(3)[:4]:
        one.play(arena)
        rows = [row for row in one.inputs["meldinger"] if row["mottatt_nr"] not in known]
        known |= {row["mottatt_nr"] for row in rows}
        run_pass(duckdb_engine, replace(one, inputs={**one.inputs, "meldinger": rows}))
    for relation, rows in arena.relations.items():
        if relation != "arena_silver.avvik":
            expected = [tuple(plain(row[name]) for name in COLUMNS[relation]) for row in rows]
            assert seen(duckdb_engine, relation) == sorted(expected, key=sort_key), relation


def test_building_the_log_alone_does_not_treat_a_message_twice(duckdb_engine: Engine) -> None:
    one = golden_passes()[0]
    run_pass(duckdb_engine, one)
    before = seen(duckdb_engine, "arena_silver.arena_data")
    for models in ("silver_arena__logg", "silver_arena__meldinger", "silver_arena__logg"):
        duckdb_engine.load("--select", models, naa="2025-03-11 12:00:00")
    assert seen(duckdb_engine, "arena_silver.arena_data") == before


def test_a_full_refresh_forgets_nothing(duckdb_engine: Engine) -> None:
    """What was sent is sent: the log and what was taken in are never dropped."""
    passes = golden_passes()
    arena = Arena()
    for number, one in enumerate(passes[:3]):
        one.play(arena)
        duckdb_engine.write_seeds(one.inputs, "arena")
        duckdb_engine.load(
            *("--select", "arena", *(["--full-refresh"] if number else [])),
            naa=one.naa,
            idag=one.idag,
            arena_prosesser_feilede=one.process_failed,
        )
        assert_right(duckdb_engine, arena)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("{arena_table_name: TILTAK, ingest_status: HANDLED}", "arena_table_name is 'TILTAK'"),
        (f"{{arena_table_name: {DELT}, ingest_status: DONE}}", "ingest_status is 'DONE'; it must"),
        (f"{{arena_table_name: {DELT}, ingest_status: HANDLED}}", "build it first"),
    ],
)
def test_a_reconstruction_that_cannot_be_stops_at_once(
    duckdb_engine: Engine, arguments: str, sentence: str
) -> None:
    run = duckdb_engine.dbt("run-operation", "arena_rekonstruer", "--args", arguments)
    assert not run.success
    assert sentence in run.messages


def test_a_wrong_setting_stops_at_once(duckdb_engine: Engine) -> None:
    run = duckdb_engine.dbt("build", "--select", "arena", parse=True, arena_prosesser_feilede="ja")
    assert not run.success
    assert "arena_prosesser_feilede is 'ja'; it must be true or false" in run.messages
    assert not run.results
