"""Every statement for the real `bigquery` target is valid in the eyes of Google's own analyzer.

The project is built for the target `bigquery` (contracts enforced), first on nothing and then
incrementally, with data and unit tests; then the report's questions are asked. The emulator answers
in BigQuery's place; it cannot run `create table (columns) as`, so the columns are taken out of what
it is sent, not of what is checked.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from googlesql import (
    GoogleSqlChecker,
    GoogleSqlError,
    Statement,
    record_statements,
    without_contract,
)
from harness import BigQueryEmulator, Run

from scripts import ROOT
from scripts.build import GENERATORS
from scripts.servers import bigquery_emulator


class RealTarget(BigQueryEmulator):
    """The target named `bigquery`, answered by an emulator."""

    name = "bigquery"


@pytest.fixture(scope="module")
def recorded(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[list[Run], list[Statement]]:
    """Build twice, ask, and return the runs and everything that was sent."""
    folder = tmp_path_factory.mktemp("bigquery")
    with bigquery_emulator() as server, record_statements(rewrite=without_contract) as statements:
        engine = RealTarget(folder, server)
        use_emulator_for_the_real_target(engine.project)
        runs = [
            engine.dbt("build", naa="2025-07-07 12:00:00", uke_til="2025-06-30"),
            engine.dbt(
                *("build", "--exclude-resource-types", "unit_test"),
                naa="2026-01-20 12:00:00",
                snapshot_dato="2025-07-07",
                resend_behandlinger=[10_007],
                backfill=["oversendt_ka", "relatert_behandling"],
            ),
            engine.dbt("show", "--limit", "-1", "--select", "path:analyses"),
        ]
        return runs, list(statements)


def use_emulator_for_the_real_target(project: Path) -> None:
    """Give the project a profile in which `bigquery` is reached as the emulator is."""
    profiles = yaml.safe_load((ROOT / "profiles" / "profiles.yml").read_text(encoding="utf-8"))
    outputs = profiles["flette"]["outputs"]
    outputs["bigquery"] = outputs["bigquery_emulator"]
    (project / "profiles.yml").unlink()
    (project / "profiles.yml").write_text(yaml.safe_dump(profiles), encoding="utf-8")


def test_both_builds_succeed_with_contracts_enforced(
    recorded: tuple[list[Run], list[Statement]],
) -> None:
    """The statements that are checked are those of a whole build, twice."""
    (*runs, asked), statements = recorded
    assert asked.success, asked.messages
    questions = [name for name in asked.results if name.startswith("analysis.")]
    assert len(questions) == len(list((ROOT / "analyses").glob("*/*.sql"))) > 20
    for run in runs:
        assert run.success, run.messages
        assert run.statuses() == {"success", "pass", "warn"}, "avvik of arena are a warning"
    sent = "\n".join(statement.sql.lower() for statement in statements)
    assert "create or replace table `flette`.`tiltak_gold`.`uke_celler`" in sent
    assert "merge into `flette`.`tiltak_gold`.`uke_celler`" in sent
    stored = " ".join(sent.split())
    assert "partition by datetime_trunc(naa, month) cluster by arena_table_name, arena_id" in stored
    assert "partition by datetime_trunc(teknisk_tid, month) cluster by behandling_uuid" in stored
    assert "partition by datetime_trunc(event_time, month) cluster by session_id" in stored
    assert "partition by date_trunc(session_start_date, month) cluster by session_id" in stored
    assert "merge into `flette`.`tiltak_silver`.`gjennomforinger_historikk`" in sent
    kinds = Counter(statement.kind for statement in statements)
    assert "merge into `flette`.`saksstatistikk_gold`.`saksstatistikk`" in sent
    assert kinds["load"] == 64, "32 of the 33 seeds, twice; one list has no rows yet"
    tested = {node.split(".")[2] for node in runs[0].results if node.startswith("unit_test.")}
    assert {name.split("__")[0].split("_")[-1] for name in tested} == set(GENERATORS)


def test_google_accepts_every_statement(recorded: tuple[list[Run], list[Statement]]) -> None:
    """Parsed and type-checked in order, against the column types that each one leaves behind."""
    checker = GoogleSqlChecker()
    _, statements = recorded
    for statement in statements:
        checker.replay(statement)
    assert checker.columns("flette.tiltak_gold.uke_antall_gold_mock") == {
        "år": "INT64",
        "uke": "INT64",
        "tiltaksnavn": "STRING",
        "innsatsgruppe": "STRING",
        "avdeling": "STRING",
        "antall": "INT64",
    }


# a dataset of tiltak (arena has columns whose names begin as they do)
TILTAK = re.compile(r"\btiltak_(raw|staging|silver|gold)\b")
# one word of the incremental model each: what stands there, what is put there, what is said of it
SPOILS = {
    "a wrong column": ("celler.mandag", "celler.manedag", "manedag"),
    "a wrong type": ("celler.mandag = uker.mandag", "celler.mandag = celler.antall", "="),
    "a function that BigQuery lacks": (
        "coalesce(talt.antall, 0)",
        "ifzero(talt.antall, 0)",
        "ifzero",
    ),
}


def test_the_same_check_rejects_a_spoiled_statement(
    recorded: tuple[list[Run], list[Statement]],
) -> None:
    """Each spoiled word is found, so a green check means something."""
    checker = GoogleSqlChecker()
    found = set()
    for statement in recorded[1]:
        if not TILTAK.search(f"{statement.sql} {statement.table}"):
            continue
        if "analysis.flette.report_bygg__" in (statement.sql or ""):
            continue  # asks for the relations of the other products, too
        for name, (right, wrong, said) in SPOILS.items():
            if statement.sql and right in statement.sql and "uke_celler" in statement.sql:
                spoiled = replace(statement, sql=statement.sql.replace(right, wrong))
                with pytest.raises(GoogleSqlError, match=said):
                    checker.replay(spoiled)
                found.add(name)
        checker.replay(statement)
    assert found == set(SPOILS)
