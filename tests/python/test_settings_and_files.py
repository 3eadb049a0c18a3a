"""A bad setting or file stops at once, with one sentence, and leaves the outputs as they were."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from contract import TILTAK
from harness import DuckDB, Engine, Row

from scripts import ROOT

NAA = "2025-07-07 12:00:00"
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def built(engines_folder: Path) -> DuckDB:
    """Return a DuckDB of its own with the default build in it."""
    engine = DuckDB(engines_folder / "settings")
    engine.load("--select", "tiltak", naa=NAA)
    return engine


@pytest.fixture
def untouched(built: DuckDB) -> Iterator[DuckDB]:
    """Insist that the outputs are afterwards what they were before."""
    before = outputs(built)
    yield built
    built.use_default_seeds()
    assert outputs(built) == before


def outputs(engine: Engine) -> dict[str, list[Row]]:
    """Return all output relations."""
    return {relation: engine.rows(relation) for relation in TILTAK}


BAD_SETTINGS: dict[str, tuple[dict[str, Any], str]] = {
    "uke_fra after uke_til": (
        {"uke_fra": "2025-01-06", "uke_til": "2024-12-30"},
        "uke_fra (2025-01-06) is after uke_til (2024-12-30); the period must not end before it",
    ),
    "unknown office": (
        {"kontorer": ["0219", "9999"]},
        "kontorer names the office 9999, which no gjennomføring has; known offices: 0219, 0220,",
    ),
    "office without its list": (
        {"kontorer": "0219"},
        "The variable kontorer is '0219'; it must be a list of quoted texts, such as ['0219'].",
    ),
    "office as a number": (
        {"kontorer": [219]},
        "kontorer holds 219, which is no quoted text; quote it with its leading zeros, as in",
    ),
    "no office": (
        {"kontorer": []},
        "The variable kontorer is '[]'; it must be a list of quoted texts",
    ),
    "a date that is none": (
        {"snapshot_dato": "2025-02-29"},
        "The variable snapshot_dato is '2025-02-29'; it must be a date written YYYY-MM-DD.",
    ),
    "a number for a date": (
        {"uke_fra": 2024},
        "The variable uke_fra is '2024'; it must be a date written YYYY-MM-DD.",
    ),
    "a week for a date": (
        {"uke_til": "2025-W28"},
        "The variable uke_til is '2025-W28'; it must be a date written YYYY-MM-DD.",
    ),
    "a date for a time": (
        {"naa": "2025-07-07"},
        "The variable naa is '2025-07-07'; it must be a time written 'YYYY-MM-DD HH:MM:SS'.",
    ),
    "a time of another form": (
        {"naa": "07.07.2025 12:00"},
        "The variable naa is '07.07.2025 12:00'; it must be a time written 'YYYY-MM-DD HH:MM:SS'.",
    ),
    "today in another form": (
        {"idag": "7 juli", "uke_til": "siste_hele_uke"},
        "The variable idag is '7 juli'; it must be a date written YYYY-MM-DD.",
    ),
    "unknown kind of source": (
        {"kilder": "annet"},
        "The variable kilder is 'annet'; it must be 'seeds' or 'ekte'.",
    ),
}


@pytest.mark.parametrize(("variables", "sentence"), BAD_SETTINGS.values(), ids=BAD_SETTINGS.keys())
def test_a_bad_setting_is_one_sentence_and_writes_nothing(
    untouched: DuckDB, variables: dict[str, Any], sentence: str
) -> None:
    """Whatever is wrong with a variable, the outputs stay."""
    run = untouched.dbt(
        *("build", "--select", "tiltak"),
        parse="kilder" in variables,
        **{"naa": "2025-07-08 12:00:00", **variables},
    )
    assert not run.success
    assert sentence in run.messages


def test_settings_may_be_written_without_quotes(built: DuckDB) -> None:
    """YAML turns 2024-01-01 into a date and 12:00:00 into a time; both are understood."""
    run = subprocess.run(
        [
            *(
                BIN / "dbt",
                "show",
                "--quiet",
                "--inline",
                "select {{ idag() }} as idag, {{ naa() }} as naa",
            ),
            *("--vars", "{naa: 2025-07-07 12:34:56, uke_fra: 2024-01-01}", *built.options()),
        ],
        env={**os.environ, **built.environment, "COLUMNS": "200"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout
    assert "2025-07-07 12:34:56" in run.stdout


def test_idag_follows_naa_unless_it_is_given(duckdb_engine: Engine) -> None:
    """The last whole week is that of idag."""
    for variables, weeks in (
        ({"naa": "2025-01-26 23:59:59"}, 2),  # a Sunday: its own week is not over
        ({"naa": "2025-01-27 00:00:00"}, 3),
        ({"naa": "2025-01-27 00:00:00", "idag": "2025-01-26"}, 2),
    ):
        duckdb_engine.load(
            "--select", "tiltak", uke_fra="2025-01-06", uke_til="siste_hele_uke", **variables
        )
        assert duckdb_engine.count("tiltak_gold.uke_antall_gold_mock") == 240 * weeks


def rewrite(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """Return a function that changes a file's bytes."""
    return lambda path: path.write_bytes(change(path.read_bytes())) and None


SEED = "raw_tiltak__gjennomforing_avdelinger.csv"
COLUMNS = "gjennomforing_id, avdeling"
BAD_FILES: dict[str, tuple[Callable[[Path], None], list[str]]] = {
    "a column too few": (
        rewrite(lambda data: b"".join(line.split(b",")[0] + b"\n" for line in data.splitlines())),
        [f"seeds/tiltak/{SEED} lacks the column avdeling; its header must name {COLUMNS}."],
    ),
    "a column too many": (
        rewrite(lambda data: data.replace(b"\n", b",x\n").replace(b",x\n", b",kommune\n", 1)),
        [f"seeds/tiltak/{SEED} has an unknown column kommune; its header must name {COLUMNS}."],
    ),
    "a column of another name": (
        rewrite(lambda data: data.replace(b"avdeling", b"Avdelingsnavn", 1)),
        [f"seeds/tiltak/{SEED} lacks the column avdeling;"],
    ),
    "an empty file": (
        rewrite(lambda data: b""),
        [f"seeds/tiltak/{SEED} is empty; its header must name {COLUMNS}."],
    ),
    "a row too short": (rewrite(lambda data: data + b"bare-id\n"), [SEED, "Line: 842"]),
    "a row too long": (
        rewrite(lambda data: data + b"id,avdeling,mer\n"),
        [SEED, "Row 840 has 3 values"],
    ),
    "an open quote": (rewrite(lambda data: data + b'id,"avdeling\n'), [SEED, "unterminated quote"]),
}


@pytest.mark.parametrize(("change", "said"), BAD_FILES.values(), ids=BAD_FILES.keys())
def test_a_file_that_cannot_be_what_it_claims_stops_the_build(
    untouched: DuckDB, change: Callable[[Path], None], said: list[str]
) -> None:
    """The message names the file and what is wrong with it."""
    change(untouched.seed("gjennomforing_avdelinger"))
    run = untouched.dbt("build", "--select", "tiltak", parse=True, naa="2025-07-08 12:00:00")
    assert not run.success
    for words in said:
        assert words.lower() in run.messages.lower(), run.messages


def test_a_header_without_rows_is_a_delivery_of_nothing(engine: Engine) -> None:
    """Nobody takes part: the outputs are empty and every test passes (today's script fails)."""
    engine.write_seeds({"deltaker_siste_status": [], "vent_person_periode": []})
    assert engine.build("--select", "tiltak", naa=NAA).statuses() == {"success", "pass"}
    assert engine.count("tiltak_gold.uke_antall_gold_mock") == 0
    assert engine.count("tiltak_silver.gjennomforinger_silver") > 0


def test_text_arrives_as_it_stands_in_the_file(engine: Engine) -> None:
    """Leading zeros, 'null', blanks, quotes and line ends in quotes survive; empty is NULL."""
    odd = [
        "007",
        "null",
        "  ",
        'Sør "indre", øst',
        "to\nlinjer",
        "to\r\nlinjer",
        "NA",
        "1.0",
        "true",
    ]
    rows: list[dict[str, str | None]] = [
        {"gjennomforing_id": f"G{n}", "avdeling": text} for n, text in enumerate(odd)
    ]
    rows.append({"gjennomforing_id": "G-tom", "avdeling": None})
    engine.write_seeds({"gjennomforing_avdelinger": rows})
    engine.build("--select", "raw_tiltak__gjennomforing_avdelinger")
    loaded = dict(engine.rows("tiltak_raw.raw_tiltak__gjennomforing_avdelinger"))
    assert loaded == {f"G{n}": text for n, text in enumerate(odd)} | {"G-tom": None}


def test_columns_in_another_order_are_found_by_name(engine: Engine) -> None:
    """The header decides, not the position, also when the table exists with another order."""
    select = ("--select", "raw_tiltak__gjennomforing_avdelinger")
    engine.build(*select)
    engine.seed("gjennomforing_avdelinger").write_text(
        "avdeling,gjennomforing_id\nNord,G1\n", encoding="utf-8"
    )
    engine.build(*select)
    relation = "tiltak_raw.raw_tiltak__gjennomforing_avdelinger"
    _, rows = engine.query(f"select gjennomforing_id, avdeling from {relation}")
    assert rows == [("G1", "Nord")]


def run_dbt(engine: DuckDB, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run dbt as a person does, in a process of its own."""
    return subprocess.run(
        [BIN / "dbt", *arguments, *(option for option in engine.options() if option != "--quiet")],
        env={**os.environ, **engine.environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_second_process_on_the_same_file_gets_one_sentence(built: DuckDB) -> None:
    """DuckDB allows one writing process; the second one is told so, without a stack trace."""
    with duckdb.connect(str(built.path)):
        run = run_dbt(built, "build", "--select", "raw_tiltak__tiltakstyper")
    assert run.returncode != 0
    assert (
        "is in use by another process, and DuckDB allows one at a time; wait until that one is"
        in run.stdout
    )
    assert "Traceback" not in run.stdout + run.stderr
    assert run_dbt(built, "build", "--select", "raw_tiltak__tiltakstyper").returncode == 0


def test_a_file_that_is_no_database_gets_one_sentence(built: DuckDB, tmp_path: Path) -> None:
    """A path that points at something else is named."""
    path = tmp_path / "flette.duckdb"
    path.write_text("id,navn\n")
    run = subprocess.run(
        [BIN / "dbt", "build", *built.options()],
        env={**os.environ, "FLETTE_DUCKDB_PATH": str(path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode != 0
    assert f"{path} cannot be opened as a DuckDB file" in run.stdout
    assert "Traceback" not in run.stdout + run.stderr
