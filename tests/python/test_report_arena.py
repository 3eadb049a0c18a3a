"""The report's section on arena: what the analyses answer, and what is made of it."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from arena_world import World
from conftest import fresh
from harness import Engine
from reporting import ask, assert_draws, flattened, rows_of
from test_arena_runs import run_pass

from scripts.report import periods
from scripts.report.arena import AGES, OPEN, RULES, TABLES, section, without_ids
from scripts.report.data import Rows

PASSES = 4


def play(engine: Engine) -> None:
    """Build some passes over random messages."""
    for one in World(seed=11, per_pass=70).passes(PASSES):
        run_pass(engine, one)


def dicts(engine: Engine, relation: str) -> list[dict[str, Any]]:
    """Return a relation's rows, by column."""
    columns, rows = engine.query(f"select * from {relation}")
    return [dict(zip(columns, row, strict=True)) for row in rows]


def test_the_section_says_what_plain_python_finds(
    duckdb_session: Engine, postgres_session: Engine
) -> None:
    """On each engine; and the engines give the same answers."""
    answers = []
    for engine in (duckdb_session, postgres_session):
        fresh(engine)
        play(engine)
        answers.append(ask(engine, "arena"))
        the_section_says_what_plain_python_finds(answers[-1], engine)
    assert answers[0] == answers[1]
    compared = {name for name, rows in answers[0].items() if rows}
    assert compared >= answers[0].keys() - {"rekonstruksjon"}


def the_section_says_what_plain_python_finds(answers: dict[str, Rows], engine: Engine) -> None:
    """Compare each figure with the relations."""
    made = section(answers)
    assert_draws(made)
    messages = dicts(engine, "arena_silver.arena_data")
    assert len({row["ingest_status"] for row in messages}) > 4
    assert +Counter(
        {(row["tabell"], row["status"]): row["antall"] for row in rows_of(made, "arena-status")}
    ) == Counter((TABLES[row["arena_table_name"]], row["ingest_status"]) for row in messages)

    newest = max(row["operation_timestamp"] for row in messages)
    waiting = [row for row in messages if row["ingest_status"] in OPEN]
    ages = Counter[tuple[str, str, str]]()
    for row in waiting:
        days = (newest - row["operation_timestamp"]) / timedelta(days=1)
        name = AGES[max(lowest for lowest in AGES if lowest <= days)]
        ages[TABLES[row["arena_table_name"]], row["ingest_status"], name] += 1
    assert (
        +Counter(
            {
                (row["tabell"], row["status"], row["alder"]): row["antall"]
                for row in rows_of(made, "arena-alder")
            }
        )
        == ages
    )
    assert +Counter(
        {
            (row["tabell"], row["status"], row["forsok"]): row["antall"]
            for row in rows_of(made, "arena-forsok")
        }
    ) == Counter(
        (TABLES[row["arena_table_name"]], row["ingest_status"], row["ingest_attempts"])
        for row in messages
    )
    assert any(row["ingest_attempts"] for row in messages)
    refused = sum(row["ingest_status"] == "INVALID" for row in messages)
    assert sum(row["antall"] for row in rows_of(made, "arena-grunner")) == len(waiting) + refused

    what_is_sent_on(engine, made)
    deviations = dicts(engine, "arena_silver.avvik")
    shown = rows_of(made, "arena-avvik")
    assert Counter({(row["tabell"], row["regel"]): row["antall"] for row in shown}) == Counter(
        (row["tabell"], row["regel"]) for row in deviations
    )
    overtaken = dicts(engine, "arena_gold.rekonstruksjon_avvik")
    assert {row["arena_id"] for row in rows_of(made, "arena-rekonstruksjon")} == {
        row["arena_id"] for row in overtaken
    }
    assert made.cards is not None
    oldest = min(row["operation_timestamp"] for row in waiting)
    assert made.cards.rows == [
        {
            "meldinger": len(messages),
            "apne": len(waiting),
            "feilet": sum(row["ingest_status"] == "FAILED" for row in messages),
            "alder": pytest.approx((newest - oldest) / timedelta(days=1), abs=0.051),
            "sendt": engine.count("arena_gold.amt_meldinger"),
            "deltakere": engine.count("arena_gold.amt_deltaker"),
            "avvik": len(deviations),
            "rekonstruksjon": len(overtaken),
        }
    ]
    assert made.last == newest.isoformat(timespec="seconds")
    assert len(json.dumps([figure.rows for figure in made.figures])) < 100_000


def what_is_sent_on(engine: Engine, made: Any) -> None:
    """Count what was sent in each day and week, zeros too, and the participants."""
    sent = dicts(engine, "arena_gold.amt_meldinger")
    found = Counter[tuple[str, date, str, str]]()
    shown = rows_of(made, "arena-sendt")
    for row, place, number in flattened(shown):
        day = date.fromisoformat(row["fra"]) + timedelta(days=place * periods.LENGTH[row["per"]])
        found[row["per"], day, row["topic"], row["operasjon"]] += number
    expected = Counter[tuple[str, date, str, str]]()
    for row in sent:
        day = row["sendt_tid"].date()
        monday = day - timedelta(days=day.weekday())
        for per, first in (("dag", day), ("uke", monday)):
            expected[per, first, row["topic"], row["operation"]] += 1
    assert +found == expected
    assert len({(row["per"], row["fra"], len(row["antall"])) for row in shown}) == 2
    participants = dicts(engine, "arena_gold.amt_deltaker")
    assert Counter(
        {(row["status"], row["aarsak"]): row["antall"] for row in rows_of(made, "arena-deltakere")}
    ) == Counter((row["status"], row["status_aarsak"] or "uten årsak") for row in participants)


EMPTY = {
    "tall": [
        {"meldinger": 0, "apne": 0, "forste_tid": None, "siste_tid": None, "eldste_apne": None}
        | {"sendt": 0, "sist_sendt": None, "deltakere": 0}
    ],
    **{name: [] for name in ("status", "venter", "forsok", "grunner", "sendt")},
    **{name: [] for name in ("deltakere", "rekonstruksjon", "avvik")},
}


def test_nothing_was_read() -> None:
    made = section(EMPTY)
    assert_draws(made)
    assert made.headline.own == "Ingen meldinger er lest ennå."
    assert not any(figure.rows for figure in made.figures)


def test_what_has_no_name_is_unknown() -> None:
    of_message = {"arena_table_name": None, "ingest_status": None, "antall": 1}
    made = section(
        EMPTY
        | {
            "status": [of_message | {"eldste_operation_timestamp": None}],
            "venter": [of_message | {"fra_dager": 7}],
            "forsok": [of_message | {"ingest_attempts": None}],
            "grunner": [of_message | {"nr": 1, "grunn": "", "eldste": None, "grunner": 1}],
            "sendt": [
                {"dag": None, "topic": "t", "operation": "CREATED", "antall": 4},
                {"dag": "2025-03-05", "topic": None, "operation": None, "antall": 2},
            ],
            "deltakere": [{"status": None, "status_aarsak": None, "antall": 1}],
            "rekonstruksjon": [
                {"arena_id": "1", "siste_melding_id": 2, "siste_ingestet": 1}
                | {"nr": 1, "antall": 700}
            ],
            "avvik": [{"tabell": "ny", "regel": "ny", "antall": 3, "eksempel": "A sentence."}],
        }
    )
    assert_draws(made)
    assert rows_of(made, "arena-status")[0]["tabell"] == "ukjent"
    assert {row["alder"] for row in rows_of(made, "arena-alder")} == set(AGES.values())
    assert rows_of(made, "arena-grunner")[0]["grunn"] == "(uten merknad)"
    (days, weeks) = rows_of(made, "arena-sendt")
    assert days["antall"] == [0] * (periods.FEWEST_DAYS - 1) + [2]
    assert weeks["antall"] == [0, 0, 2]
    assert rows_of(made, "arena-avvik")[0]["setning"] == "A sentence."
    reconstruction = made.figures[-1]
    assert "De siste 1 av 700 vises." in reconstruction.note.own


def test_every_rule_of_avvik_has_a_sentence(duckdb_engine: Engine) -> None:
    """The committed messages break every rule once, but one that needs several passes."""
    duckdb_engine.load("--select", "arena", naa="2025-07-08 06:00:00")
    rules = {(row["tabell"], row["regel"]) for row in dicts(duckdb_engine, "arena_silver.avvik")}
    assert rules == set(RULES)


@pytest.mark.parametrize(
    ("note", "written"),
    [
        ("Venter på at gjennomføring med id= skal bli håndtert", "med id=… skal bli"),
        ("Deltaker på ugyldig gjennomføring <>", "gjennomføring <…>"),
        ("Arena mangler personlig ident for personId=", "personId=…"),
        ("DATO_FRA kan ikke parses til LocalDate (`-- ::`)", "(`…`)"),
        ("Deltaker har eksternid ", "eksternid …"),
        ("arenadeltaker med id  og EKSTERN_ID", "id … og EKSTERN_ID"),
        ("Ingen tall her", "Ingen tall her"),
    ],
)
def test_a_note_without_its_ids(note: str, written: str) -> None:
    assert written in without_ids(note)
