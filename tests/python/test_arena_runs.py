"""arena over many passes: every pass equals a walk message by message, on every engine."""

from __future__ import annotations

from arena_oracle import COLUMNS, Arena
from arena_world import Pass, golden_passes, random_passes
from contract import ARENA
from harness import Engine, Row, plain, sort_key

WORLDS = {"duckdb": range(12), "postgres": range(4, 9), "bigquery_emulator": range(9, 10)}
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
    play_both(engine, golden_passes())


def test_random_passes_equal_the_walk(engine: Engine) -> None:
    for seed in WORLDS[engine.name]:
        engine.drop_everything()
        play_both(engine, random_passes(seed)[: PASSES.get(engine.name)])
