"""The same models give the same rows on DuckDB, PostgreSQL and BigQuery's protocol."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import arena_oracle
import dtnum_oracle
import pytest
import saksstatistikk_oracle
import tv1_oracle
from contract import (
    ARENA,
    ARENA_STORED,
    DTNUM,
    SAKSSTATISTIKK,
    SAKSSTATISTIKK_STORED,
    TILTAK,
    TILTAK_STORED,
    TV1,
    TV1_SEEN_FROM_TODAY,
    TV1_STORED,
)
from generators import GENERATORS
from harness import Engine, Row, Table, plain, sort_key
from tiltak_oracle import Owner

from scripts import ROOT

GOLDEN = ROOT / "tests" / "golden"


@dataclass(frozen=True)
class Product:
    """What the tests of every product need to know of one.

    Attributes:
        relations: The contract: relation -> columns in order.
        stored: Relations beside the contract that must agree between engines, too.
        naa: The time of the first build and of the second one.
        settings: Variables of the golden build.
        rows: What some relations of the default build must hold, so that no test compares nothing.
        restamped: Columns that the second build writes anew, by relation.
        typed: Whether the owner's own tables have other types than text.
        not_golden: Relations that no input changes, which another test compares.
        moves_on: Whether a second build goes on with what is due, instead of changing nothing.
        has_avvik: Whether the committed inputs tell of avvik, too, which are a warning.
    """

    relations: dict[str, list[str]]
    stored: tuple[str, ...]
    naa: tuple[str, str]
    settings: dict[str, Any]
    rows: dict[str, int]
    restamped: dict[str, set[str]] = field(default_factory=dict)
    typed: bool = True
    not_golden: frozenset[str] = frozenset()
    moves_on: bool = False
    has_avvik: bool = False


PRODUCTS = {
    "tiltak": Product(
        TILTAK,
        TILTAK_STORED,
        naa=("2025-07-07 12:00:00", "2025-07-08 12:00:00"),
        settings={"kontorer": ["0219", "0220"], "uke_fra": "2024-12-16", "uke_til": "2025-01-13"},
        rows={
            "tiltak_gold.uke_antall_gold_mock": 44_160,
            "tiltak_silver.deltaker_merged_silver_mock": 10_000,
            "tiltak_silver.avvik": 0,
        },
    ),
    "saksstatistikk": Product(
        SAKSSTATISTIKK,
        SAKSSTATISTIKK_STORED,
        naa=("2026-01-20 12:00:00", "2026-01-20 13:00:00"),
        settings={
            "resend_behandlinger": [10_002, 10_007, 10_013],
            "backfill": ["oversendt_ka", "relatert_behandling"],
        },
        rows={"saksstatistikk_silver.avvik": 0},
        restamped={"saksstatistikk_silver.flettede_hendelser": {"teknisk_tid"}},
    ),
    "dtnum": Product(
        DTNUM,
        (),
        naa=("2025-07-07 12:00:00", "2025-07-08 12:00:00"),
        settings={},
        rows={"dtnum_silver.lignes_datapass": 496},
        typed=False,
    ),
    "tv1": Product(
        TV1,
        TV1_STORED,
        naa=("2025-01-08 12:00:00", "2025-01-09 12:00:00"),
        settings={},
        rows={"tv1_marts.dim_date": 7301, "tv1_silver.avvik": 0},
        restamped={"tv1_marts.date_view": TV1_SEEN_FROM_TODAY},
        typed=False,
        # seven thousand days; test_tv1_loads.py compares each with the calendar
        not_golden=frozenset({"tv1_marts.dim_date", "tv1_marts.date_view"}),
    ),
    "arena": Product(
        ARENA,
        ARENA_STORED,
        naa=("2025-07-07 12:00:00", "2025-07-07 13:00:00"),
        settings={},
        rows={"arena_gold.rekonstruksjon_avvik": 0},
        typed=False,
        moves_on=True,
        has_avvik=True,
    ),
}
NAA = PRODUCTS["tiltak"].naa[0]
GOLDEN_SETTINGS = PRODUCTS["tiltak"].settings

# ids of versions are hashes of values that engines write differently as text
HASHED = {"dbt_scd_id"}


def rows_of(engine: Engine, relation: str, leave_out: set[str] | None = None) -> list[Row]:
    """Return a relation's rows, some columns left out, instants in one zone."""
    leave_out = HASHED | (leave_out or set())
    keep = [n for n, name in enumerate(engine.columns(relation)) if name not in leave_out]
    rows = [tuple(in_utc(row[n]) for n in keep) for row in engine.rows(relation)]
    return sorted(rows, key=sort_key)


def in_utc(value: Any) -> Any:
    """Return an instant in UTC, whatever zone the engine's client gave it in."""
    return value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo else value


def everything(engine: Engine, product: Product, again: bool = False) -> dict[str, list[Row]]:
    """Return the rows of all relations of a product.

    Args:
        engine: Where it was built.
        product: Which one.
        again: Whether to leave out what a second build writes anew.
    """
    return {
        relation: rows_of(engine, relation, product.restamped.get(relation) if again else None)
        for relation in (*product.relations, *product.stored)
    }


@pytest.fixture(scope="module")
def first_engine() -> dict[str, dict[str, list[Row]]]:
    """Keep what the first engine (DuckDB) gave, for the others to be compared with."""
    return {}


@pytest.mark.parametrize("name", PRODUCTS)
def test_default_build_is_the_same_everywhere_and_the_second_changes_nothing(
    name: str, engine: Engine, first_engine: dict[str, dict[str, list[Row]]]
) -> None:
    """Build, build again, compare; data tests included both times, unit tests the first time.

    (For BigQuery, unit tests run where every statement is recorded, in test_googlesql_build.py.)
    """
    product = PRODUCTS[name]
    first_build = engine.check if engine.name == "bigquery_emulator" else engine.build
    expected = {"success", "pass", "warn"} if product.has_avvik else {"success", "pass"}
    run = first_build("--select", name, naa=product.naa[0])
    assert run.statuses() == expected
    for relation, columns in product.relations.items():
        assert engine.columns(relation) == columns, relation
    first = everything(engine, product)
    for relation, number in product.rows.items():
        assert len(first[relation]) == number, relation
    assert sum(map(len, first.values())) > 1000
    kept = everything(engine, product, again=True)

    run = engine.check("--select", name, naa=product.naa[1])
    assert run.statuses() == expected
    second = everything(engine, product, again=True)
    assert (second != kept) == product.moves_on, "a second build changed something, or nothing"

    for which, found in ((name, first), (f"{name} again", second)):
        for relation, rows in first_engine.setdefault(which, found).items():
            assert found[relation] == rows, f"{relation} differs from DuckDB's"


def written(rows: list[Row]) -> list[list[str]]:
    """Return rows as a CSV file holds them."""
    return [["" if value is None else str(value) for value in row] for row in rows]


def read_golden(relation: str) -> tuple[list[str], list[list[str]]]:
    """Return the header and the rows of a golden output."""
    path = GOLDEN / relation.partition("_")[0] / f"{relation}.csv"
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    return header, rows


def golden_inputs(name: str) -> dict[str, Table]:
    """Return a product's golden inputs as tables of texts."""
    return GENERATORS[name].read_csv(GOLDEN / name / "input")


@pytest.mark.parametrize("name", PRODUCTS)
def test_golden_outputs(name: str, engine: Engine, request: pytest.FixtureRequest) -> None:
    """Every kind of bad row among good ones gives the outputs that are kept in tests/golden."""
    product = PRODUCTS[name]
    engine.use_seeds(GOLDEN / name / "input", name)
    run = engine.check("--select", name, naa=product.naa[0], **product.settings)
    assert run.statuses() == {"success", "pass", "warn"}, "avvik are a warning, nothing fails"
    for relation in product.relations.keys() - product.not_golden:
        rows = written(rows_of(engine, relation))
        if request.config.getoption("--update-golden"):
            with (GOLDEN / name / f"{relation}.csv").open(
                "w", newline="", encoding="utf-8"
            ) as file:
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
    owner.load(datetime.fromisoformat(NAA), golden_inputs("tiltak"))
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


def test_saksstatistikk_golden_outputs_equal_a_walk_case_by_case() -> None:
    """The kept outputs are right, not only stable."""
    owner = saksstatistikk_oracle.Owner()
    product = PRODUCTS["saksstatistikk"]
    naa = datetime.fromisoformat(product.naa[0])
    owner.run(naa, golden_inputs("saksstatistikk"), **product.settings)
    for relation, rows in {
        "saksstatistikk_silver.reberegnet_historikk": owner.reberegnet,
        "saksstatistikk_silver.flettede_hendelser": owner.flettede,
        "saksstatistikk_gold.saksstatistikk": owner.gold,
        "saksstatistikk_gold.view_saksstatistikk": owner.view(),
        "saksstatistikk_gold.view_gjeldende_hendelser_saksstatistikk": owner.view_gjeldende(),
    }.items():
        header, kept = read_golden(relation)
        by_hand = [tuple(in_utc(row[name]) for name in header) for row in rows]
        assert kept == written(sorted(by_hand, key=sort_key)), relation
        assert len(rows) > 10, relation


def test_arena_golden_outputs_equal_a_walk_message_by_message() -> None:
    """The kept outputs are right, not only stable; of avvik without the sentence."""
    arena = arena_oracle.Arena()
    arena.run(golden_inputs("arena"), PRODUCTS["arena"].naa[0])
    for relation, rows in arena.relations.items():
        columns = arena_oracle.COLUMNS[relation]
        expected = written(
            sorted((tuple(plain(row[name]) for name in columns) for row in rows), key=sort_key)
        )
        header, kept = read_golden(relation)
        assert header[: len(columns)] == columns
        assert [row[: len(columns)] for row in kept] == expected, relation


def test_saksstatistikk_golden_avvik_name_every_rule_that_the_inputs_break() -> None:
    """One row for every defect, with its table, key and reason."""
    _, rows = read_golden("saksstatistikk_silver.avvik")
    found = {(tabell, regel) for tabell, _, regel, _ in rows}
    assert found >= {
        ("behandling", "ugyldig_id"),
        ("behandling", "dublett"),
        ("behandling", "type_sendes_ikke"),
        ("behandling", "uten_historikk"),
        ("behandling_historikk", "ukjent_behandling"),
        ("behandling_historikk", "ukjent_status"),
        ("behandling_historikk", "mangler_hendelsestidspunkt"),
        ("behandling_historikk", "ugyldig_hendelsestidspunkt"),
        ("behandling_historikk", "lik_tid"),
        ("saksstatistikk", "ugyldig_id"),
        ("saksstatistikk", "dublett"),
        ("saksstatistikk", "mangler_endret_tid"),
        ("avklaringsbehov_endring", "ukjent_status"),
        ("avklaringsbehov_endring", "mangler_tidsstempel"),
        ("stoppet_behandling", "dublett"),
        ("jobb", "ukjent_behandling"),
        ("paaklaget_behandling", "peker_paa_seg_selv"),
        ("paaklaget_behandling", "klage_paa_klage"),
        ("paaklaget_behandling", "flere_paaklagede"),
    }
    assert all(beskrivelse.count(": ") >= 1 for _, _, _, beskrivelse in rows)


def test_dtnum_golden_outputs_equal_a_merge_row_by_row() -> None:
    """The kept outputs are right, not only stable."""
    reference = dtnum_oracle.read_reference(ROOT / "seeds" / "dtnum")
    by_hand = dtnum_oracle.update(**golden_inputs("dtnum"), reference=reference)
    for relation, rows in {
        "dtnum_silver.lignes_datapass": by_hand.lignes_datapass,
        "dtnum_gold.suivi_mis_a_jour": by_hand.suivi_mis_a_jour,
        "dtnum_gold.reste_datapass": by_hand.reste_datapass,
        "dtnum_gold.reste_suivi": by_hand.reste_suivi,
    }.items():
        assert read_golden(relation)[1] == written(sorted(rows, key=sort_key)), relation
        assert len(rows) > 10, relation


def test_dtnum_golden_outputs_have_every_message_and_reason() -> None:
    """Each way of being wrong is there, in words."""
    header, rows = read_golden("dtnum_gold.suivi_mis_a_jour")
    said = "\n".join(row[header.index("erreurs")] for row in rows)
    for message in (
        "N° Demande v2 vide",
        "N° Demande ou N° Habilitation non trouvé",
        "DOUBLON sur N° Demande / N° Habilitation",
        "Plusieurs lignes DataPass pour ce N° Demande / N° Habilitation",
        "Données DataPass illisibles pour ce N° Demande",
        "API inconnue : ",
        "Statut inconnu : ",
        "Événements DataPass illisibles",
    ):
        assert message in said, message
    header, rows = read_golden("dtnum_gold.reste_datapass")
    reasons = {row[header.index("motif")] for row in rows}
    assert reasons == {"brouillon", "jamais_soumise", "supprime", "illisible"}


def test_tv1_golden_outputs_equal_counting_row_by_row() -> None:
    """The kept outputs are right, not only stable."""
    naa = PRODUCTS["tv1"].naa[0]
    by_hand = tv1_oracle.compute(golden_inputs("tv1"), date.fromisoformat(naa[:10]))
    for relation in TV1.keys() - PRODUCTS["tv1"].not_golden:
        kept = read_golden(relation)[1]
        width = len(by_hand[relation][0])
        rows = [tuple(map(plain, row)) for row in by_hand[relation]]
        expected = written(sorted(rows, key=sort_key))
        assert sorted(row[:width] for row in kept) == sorted(expected), relation
        assert kept, relation


def test_tv1_golden_avvik_name_every_rule() -> None:
    """One row for every defect, with its table, key and reason."""
    _, rows = read_golden("tv1_silver.avvik")
    found = {(tabell, regel) for tabell, _, regel, _ in rows}
    assert found == {(table, rule) for table, all_ in tv1_oracle.RULES.items() for rule in all_}
    assert all(beskrivelse for _, _, _, beskrivelse in rows)


@pytest.mark.parametrize("name", PRODUCTS)
def test_own_tables_with_types_of_their_own_give_the_same_rows(
    name: str, duckdb_engine: Engine, tmp_path: Path
) -> None:
    """`kilder: ekte` reads <product>_raw.<table>, whose columns may be dates, times and numbers."""
    product = PRODUCTS[name]
    duckdb_engine.load("--select", name, naa=product.naa[0])
    from_seeds = everything(duckdb_engine, product)

    GENERATORS[name].generate(tmp_path, "--format", "parquet")
    duckdb_engine.drop_everything()
    duckdb_engine.query(f"create schema {name}_raw")
    for path in tmp_path.glob("*.parquet"):
        table = path.stem.removeprefix(f"raw_{name}__")
        duckdb_engine.query(f"create table {name}_raw.{table} as from '{path}'")
    _, types = duckdb_engine.query(
        "select distinct data_type from information_schema.columns"
        f" where table_schema = '{name}_raw'"
    )
    if product.typed:
        assert {"DATE", "TIMESTAMP"} & {row[0] for row in types}, "typed, not text"

    arguments = ("build", "--select", name)
    run = duckdb_engine.dbt(*arguments, parse=True, kilder="ekte", naa=product.naa[0])
    assert run.success, run.messages
    assert not [node for node in run.results if node.startswith("seed.flette.raw_")]
    assert everything(duckdb_engine, product) == from_seeds
