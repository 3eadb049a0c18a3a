"""The same models give the same rows on DuckDB, PostgreSQL and BigQuery's protocol."""

from __future__ import annotations

import csv
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from contract import TILTAK, TILTAK_STORED
from harness import Engine, Row, Table, sort_key
from tiltak_oracle import Owner

from scripts import ROOT

GOLDEN = ROOT / "tests" / "golden" / "tiltak"
NAA = "2025-07-07 12:00:00"
GOLDEN_SETTINGS = {
    "naa": NAA,
    "kontorer": ["0219", "0220"],
    "uke_fra": "2024-12-16",
    "uke_til": "2025-01-13",
}

# ids of versions are hashes of values that engines write differently as text
HASHED = {"dbt_scd_id"}


def everything(engine: Engine) -> dict[str, list[Row]]:
    """Return the rows of all relations of tiltak, hashed ids left out."""
    relations = {}
    for relation in (*TILTAK, *TILTAK_STORED):
        keep = [n for n, name in enumerate(engine.columns(relation)) if name not in HASHED]
        rows = [tuple(row[n] for n in keep) for row in engine.rows(relation)]
        relations[relation] = sorted(rows, key=sort_key)
    return relations


@pytest.fixture(scope="module")
def first_engine() -> dict[str, dict[str, list[Row]]]:
    """Keep what the first engine (DuckDB) gave, for the others to be compared with."""
    return {}


def test_default_build_is_the_same_everywhere_and_the_second_changes_nothing(
    engine: Engine, first_engine: dict[str, dict[str, list[Row]]]
) -> None:
    """Build, build again, compare; data tests and unit tests included both times."""
    run = engine.build(naa=NAA)
    assert run.statuses() == {"success", "pass"}
    for relation, columns in TILTAK.items():
        assert engine.columns(relation) == columns, relation
    first = everything(engine)
    assert len(first["tiltak_gold.uke_antall_gold_mock"]) == 44_160
    assert len(first["tiltak_silver.deltaker_merged_silver_mock"]) == 10_000
    assert first["tiltak_silver.avvik"] == []

    assert engine.build(naa="2025-07-08 12:00:00").statuses() == {"success", "pass"}
    assert everything(engine) == first, "a second build changed something"

    for relation, rows in first_engine.setdefault("default", first).items():
        assert first[relation] == rows, f"{relation} differs from DuckDB's"


def written(rows: list[Row]) -> list[list[str]]:
    """Return rows as a CSV file holds them."""
    return [["" if value is None else str(value) for value in row] for row in rows]


def read_golden(relation: str) -> tuple[list[str], list[list[str]]]:
    """Return the header and the rows of a golden output."""
    with (GOLDEN / f"{relation}.csv").open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    return header, rows


def golden_inputs() -> dict[str, Table]:
    """Return the golden inputs as tables of texts."""
    tables = {}
    for path in sorted((GOLDEN / "input").glob("raw_tiltak__*.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            rows = [{k: v or None for k, v in row.items()} for row in csv.DictReader(file)]
        tables[path.stem.removeprefix("raw_tiltak__")] = rows
    return tables


def test_golden_outputs(engine: Engine, request: pytest.FixtureRequest) -> None:
    """Every kind of bad row among good ones gives the outputs that are kept in tests/golden."""
    engine.use_seeds(GOLDEN / "input")
    run = engine.build(**GOLDEN_SETTINGS)
    assert run.statuses() == {"success", "pass", "warn"}, "avvik are a warning, nothing fails"
    for relation in TILTAK:
        rows = written(engine.rows(relation))
        if request.config.getoption("--update-golden"):
            with (GOLDEN / f"{relation}.csv").open("w", newline="", encoding="utf-8") as file:
                csv.writer(file, lineterminator="\n").writerows([engine.columns(relation), *rows])
        assert (engine.columns(relation), rows) == read_golden(relation), relation


@pytest.fixture(scope="module")
def by_hand() -> dict[str, list[Row]]:
    """Return the golden outputs that counting by hand gives."""
    owner = Owner(
        snapshot_dato=date(2025, 7, 7),
        kontorer=list(GOLDEN_SETTINGS["kontorer"]),
        uke_fra=date.fromisoformat(str(GOLDEN_SETTINGS["uke_fra"])),
    )
    owner.load(datetime.fromisoformat(NAA), golden_inputs())
    gull, avdeling, kontor = owner.uke_antall(date.fromisoformat(str(GOLDEN_SETTINGS["uke_til"])))
    return {
        "tiltak_silver.gjennomforinger_silver_snapshot": owner.snapshot(),
        "tiltak_silver.deltaker_silver_mock": [row for row, _ in owner.deltakere()],
        "tiltak_silver.deltaker_merged_silver_mock": owner.merged(),
        "tiltak_gold.uke_antall_gold_mock": gull,
        "tiltak_gold.uke_antall_avdeling_gold_mock": avdeling,
        "tiltak_gold.uke_antall_kontor": kontor,
    }


def test_golden_outputs_equal_counting_by_hand(by_hand: dict[str, list[Row]]) -> None:
    """The kept outputs are right, not only stable."""
    for relation, rows in by_hand.items():
        assert read_golden(relation)[1] == written(sorted(rows, key=sort_key)), relation
        assert len(rows) > 10, relation


def test_golden_avvik_name_every_rule_that_the_inputs_break() -> None:
    """One row for every defect, with its table, key and reason."""
    _, rows = read_golden("tiltak_silver.avvik")
    found = {(tabell, regel) for tabell, _, regel, _ in rows}
    assert found >= {
        ("tiltakstyper", "dublett"),
        ("gjennomforinger", "dublett"),
        ("gjennomforinger", "ukjent_tiltakstype"),
        ("gjennomforinger", "gjennomforing_uten_enhet"),
        ("gjennomforinger", "gjennomforing_uten_avdeling"),
        ("gjennomforinger", "ugyldig_start_dato"),
        ("gjennomforinger", "ugyldig_slutt_dato"),
        ("gjennomforinger", "ugyldig_oppdatert_tidspunkt"),
        ("gjennomforinger", "slutt_for_start"),
        ("gjennomforing_nav_enheter", "dublett"),
        ("gjennomforing_nav_enheter", "ugyldig_enhetsnummer"),
        ("gjennomforing_avdelinger", "dublett"),
        ("vent_person_periode", "flere_innsatsgrupper"),
        ("vent_person_periode", "mangler_innsatsgruppe"),
        ("deltaker_siste_status", "ukjent_gjennomforing"),
        ("deltaker_siste_status", "ukjent_tiltakstype"),
        ("deltaker_siste_status", "gjennomforing_uten_enhet"),
        ("deltaker_siste_status", "gjennomforing_uten_avdeling"),
        ("deltaker_siste_status", "uten_innsatsgruppe"),
        ("deltaker_siste_status", "ugyldig_start_dato"),
        ("deltaker_siste_status", "ugyldig_slutt_dato"),
        ("deltaker_siste_status", "slutt_for_start"),
    }
    assert all(nokkel and beskrivelse.count(": ") >= 1 for _, nokkel, _, beskrivelse in rows)


def test_golden_inputs_are_what_the_generator_writes(tmp_path: Path) -> None:
    """The golden inputs can be made again."""
    from scripts import tiltak

    arguments: list[Any] = [
        "--deltakere",
        "250",
        "--gjennomforinger",
        "24",
        "--offices",
        "0219,0220",
    ]
    arguments += ["--bad-rows", "0.01", "--seed", "7", "--quiet", "--out", str(tmp_path)]
    assert tiltak.main(arguments) == 0
    for path in (GOLDEN / "input").glob("*.csv"):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


def test_own_tables_with_types_of_their_own_give_the_same_rows(
    duckdb_engine: Engine, tmp_path: Path
) -> None:
    """`kilder: ekte` reads tiltak_raw.<table>, whose columns may be dates and timestamps."""
    from scripts import tiltak

    duckdb_engine.load(naa=NAA)
    from_seeds = everything(duckdb_engine)

    assert tiltak.main(["--format", "parquet", "--quiet", "--out", str(tmp_path)]) == 0
    duckdb_engine.drop_everything()
    duckdb_engine.query("create schema tiltak_raw")
    for path in tmp_path.glob("*.parquet"):
        table = path.stem.removeprefix("raw_tiltak__")
        duckdb_engine.query(f"create table tiltak_raw.{table} as from '{path}'")
    _, types = duckdb_engine.query("select slutt_dato from tiltak_raw.gjennomforinger limit 1")
    assert isinstance(types[0][0], date), "typed, not text"

    run = duckdb_engine.dbt("build", parse=True, kilder="ekte", naa=NAA)
    assert run.success, run.messages
    assert not [node for node in run.results if node.startswith("seed.")]
    assert everything(duckdb_engine) == from_seeds
