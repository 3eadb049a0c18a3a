"""What the report is told of tiltak and of the build, on two engines; and what is not there."""

from __future__ import annotations

import csv
import os

from conftest import fresh
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from harness import Engine, changed_environment
from reporting import ask
from test_engines import PRODUCTS

from scripts import ROOT, docs
from scripts.report import content, page, tiltak
from scripts.report.__main__ import REPORT

PRODUCT = PRODUCTS["tiltak"]
GOLDEN = ROOT / "tests" / "golden" / "tiltak"


def test_engines_give_the_same_answers(duckdb_session: Engine, postgres_session: Engine) -> None:
    """Of a product that was built alone, with every defect: the counts, the avvik, and the page."""
    told = []
    for engine in (duckdb_session, postgres_session):
        fresh(engine)
        engine.use_seeds(GOLDEN / "input")
        engine.check("--select", "tiltak", naa=PRODUCT.naa[0], **PRODUCT.settings)
        told.append((ask(engine, "tiltak"), ask(engine, "bygg")))
    assert told[0] == told[1]
    answers, of_build = told[0]

    with (GOLDEN / "tiltak_gold.uke_antall_kontor.csv").open(encoding="utf-8") as file:
        counted = list(csv.DictReader(file))
    assert len(answers["kalender"]) == len({(row["år"], row["uke"]) for row in counted})
    assert sum(row["antall"] for row in answers["uker"]) == sum(
        int(row["antall"]) for row in counted
    )
    with (GOLDEN / "tiltak_silver.avvik.csv").open(encoding="utf-8") as file:
        deviations = list(csv.DictReader(file))
    assert sum(row["antall"] for row in of_build["avvik"]) == len(deviations) > 10
    for row in of_build["avvik"]:
        said = [
            one["beskrivelse"]
            for one in deviations
            if (one["tabell"], one["regel"]) == (row["tabell"], row["regel"])
        ]
        assert row["eksempel"] == min(said, key=str.encode)
    assert {row["product"] for row in of_build["relasjoner"]} == {"tiltak"}

    # the others are not built: the page says so and does without
    engine = postgres_session
    target_path = str(engine.folder / "target")
    with changed_environment(engine.environment | {"DBT_TARGET_PATH": target_path}):
        try:
            text = content.content(engine.target, None)
        finally:
            DuckDBConnectionManager.close_all_connections()
    assert "built: saksstatistikk, dtnum, tv1, arena." in text
    assert 'id="tiltak-fordeling"' in text
    assert 'id="arena-status"' not in text


def test_nobody_takes_part() -> None:
    section = tiltak.section({"uker": [], "kalender": []})
    assert section.headline == tiltak.NOBODY
    assert [figure.rows for figure in section.figures] == [[]]


def test_old_weeks_make_room() -> None:
    """A page that would be too large keeps the latest weeks, and says so."""
    weeks = [{"år": year, "uke": week} for year in range(2000, 2025) for week in range(1, 53)]
    groups = [f"G{number:04}" for number in range(tiltak.MOST_COUNTS // 1000)]
    counts = [
        {
            **weeks[number % len(weeks)],
            **{"enhetsnummer": "0219", "tiltaksnavn": "T", "innsatsgruppe": group},
            **{"avdeling": "A", "antall": 1},
        }
        for number, group in enumerate(groups)
    ]
    section = tiltak.section({"uker": counts, "kalender": weeks})
    lengths = {len(row["antall"]) for row in section.figures[0].rows}
    assert lengths == {1000}
    assert section.remark.en.startswith("The 300 oldest weeks")
    assert section.last.startswith("2024-12")


def test_report_and_docs_know_where_the_other_is() -> None:
    assert os.path.relpath(ROOT / docs.SITE / "index.html", ROOT / REPORT) == page.DOCS
