"""The report's section on saksstatistikk: what the analyses answer, and what is made of it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from conftest import fresh
from harness import Engine
from reporting import ask, assert_draws, flattened, rows_of
from test_saksstatistikk_runs import GOLD, NAA, World, written

from scripts.report import periods
from scripts.report.data import Rows
from scripts.report.saksstatistikk import (
    main_status,
    reason,
    section,
    status_name,
)

# what the analysis lists at most
MOST_CHANGES = 400
SENT_AGAIN = NAA + timedelta(days=1)
APART = {"id", "behandling_uuid", "teknisk_tid", "endret_tid", "versjon", "er_relast"}
# Any row that was sent, by its columns.
Sent = dict[str, Any]


def two_runs(engine: Engine) -> None:
    """Send random cases, some of them wrong, and send many of them again; then jobs arrive."""
    world = World(seed=7)
    for _ in range(120):
        world.new_case()
    tables = world.tables
    engine.write_seeds(tables, "saksstatistikk")
    engine.load("--select", "saksstatistikk", naa=str(NAA))
    engine.load(
        *("--select", "saksstatistikk"),
        naa=str(SENT_AGAIN),
        resend_behandlinger=[*range(10_001, 10_080)],
    )
    kind, known = "statistikk.resendSakstatistikk", "10001"
    late = [
        ("late-1", kind, known, SENT_AGAIN - timedelta(hours=36)),
        ("late-2", "flyt.statistikk.resend", "10002", SENT_AGAIN - timedelta(hours=12)),
        ("later", kind, known, SENT_AGAIN + timedelta(days=900)),
        ("unknown", kind, "77", SENT_AGAIN - timedelta(days=900)),
        ("never", kind, known, None),
        ("other", "annet", known, SENT_AGAIN - timedelta(days=900)),
    ]
    tables["jobb"] += [
        {"id": id, "type": type, "payload": payload, "neste_kjoring": time and written(time)}
        for id, type, payload, time in late
    ]
    engine.write_seeds(tables, "saksstatistikk")
    engine.load("--select", "raw_saksstatistikk__jobb", naa=str(SENT_AGAIN))


def sent(engine: Engine) -> list[Sent]:
    """Return gold, as it is."""
    columns, rows = engine.query(f"select * from {GOLD}")
    return [dict(zip(columns, row, strict=True)) for row in rows]


def in_force(rows: list[Sent]) -> dict[str, dict[datetime, Sent]]:
    """Return each case's events, each as sent last."""
    cases: dict[str, dict[datetime, Sent]] = defaultdict(dict)
    for row in sorted(rows, key=lambda row: (row["teknisk_tid"], row["id"])):
        cases[row["behandling_uuid"]][row["endret_tid"]] = row
    return cases


def resent(rows: list[Sent]) -> list[tuple[Sent, Sent | None]]:
    """Return every event that a resend sent, and what was in force before it."""
    found = []
    events: dict[tuple[str, datetime], list[Sent]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row["teknisk_tid"], row["id"])):
        events[row["behandling_uuid"], row["endret_tid"]].append(row)
    for event in events.values():
        for time in {row["teknisk_tid"] for row in event}:
            again = [row for row in event if row["teknisk_tid"] == time and row["er_relast"]]
            before = [row for row in event if row["teknisk_tid"] < time]
            if again:
                found.append((again[-1], before[-1] if before else None))
    return found


def changed_columns(after: Sent, before: Sent) -> set[str]:
    return {name for name in after if after[name] != before[name]} - APART


def test_the_section_says_what_plain_python_finds_in_gold(
    duckdb_session: Engine, postgres_session: Engine
) -> None:
    """On each engine; and the engines give the same answers."""
    answers = []
    for engine in (duckdb_session, postgres_session):
        fresh(engine)
        two_runs(engine)
        answers.append(ask(engine, "saksstatistikk"))
        the_section_says_what_plain_python_finds_in_gold(answers[-1], engine)
    assert answers[0] == answers[1]
    assert all(answers[0].values()), "an empty answer compares nothing"


def the_section_says_what_plain_python_finds_in_gold(
    answers: dict[str, Rows], engine: Engine
) -> None:
    """Compare each figure with what gold has."""
    rows = sent(engine)
    made = section(answers)
    assert_draws(made)
    statuses_over_time(rows_of(made, "saksstatistikk-over-tid"), rows)
    what_resends_changed(answers, rows)
    jobs_that_wait(made)

    found = Counter[str]()
    for events in in_force(rows).values():
        found[events[max(events)]["behandling_status"]] += 1
    by_code = Counter[str]()
    for row in rows_of(made, "saksstatistikk-status"):
        by_code[row["kode"]] += row["antall"]
    assert by_code == found
    assert made.cards is not None
    assert made.cards.rows[0]["apne"] == sum(found.values()) - found["AVSLUTTET"]
    assert made.first == min(row["endret_tid"] for row in rows).isoformat(timespec="seconds")
    assert made.last == SENT_AGAIN.isoformat()
    assert len(json.dumps([figure.rows for figure in made.figures])) < 150_000


def statuses_over_time(shown: Rows, rows: list[Sent]) -> None:
    """Count the cases of each status at the end of every period that is shown."""
    cases = in_force(rows)
    counted = Counter[tuple[str, date, str, str]]()
    for row, place, number in flattened(shown):
        end = date.fromisoformat(row["fra"]) + timedelta(
            days=(place + 1) * periods.LENGTH[row["per"]]
        )
        counted[row["per"], end, row["type"], row["grunn"]] += number
    ends = {(per, end) for per, end, _, _ in counted}
    last = max(time for events in cases.values() for time in events).date()
    days = sorted(end for per, end in ends if per == "dag")
    assert (
        days
        == [
            last + timedelta(days=number + 1 - periods.DAYS)
            for number in range(1, 1 + periods.DAYS)
        ][: len(days)]
    )
    assert len({end for per, end in ends if per == "uke"}) > 45

    expected = Counter[tuple[str, date, str, str]]()
    for per, end in ends:
        for events in cases.values():
            times = [time for time in events if time.date() < end]
            if times:
                row = events[max(times)]
                kind = row["behandling_type"].capitalize()
                expected[per, end, kind, reason(row["behandling_status"])] += 1
    assert +counted == expected


def what_resends_changed(answers: dict[str, Rows], rows: list[Sent]) -> None:
    """Compare each event that was sent again with what was in force before."""
    again = resent(rows)
    outcomes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    cases = defaultdict(set)
    fields = {"alle": Counter[str](), "siste": Counter[str]()}
    listed = set()
    latest = max(row["teknisk_tid"] for row, _ in again)
    for row, before in again:
        changed = changed_columns(row, before) if before else set()
        outcome = "ny" if before is None else "endret" if changed else "lik"
        day = row["teknisk_tid"].date()
        for per, first in (("dag", day), ("uke", day - timedelta(days=day.weekday()))):
            outcomes[per, first.isoformat()][outcome] += 1
            cases[per, first.isoformat()].add(row["behandling_uuid"])
        fields["alle"].update(changed)
        fields["siste"].update(changed if row["teknisk_tid"] == latest else ())
        event = (row["behandling_uuid"], row["endret_tid"].isoformat(timespec="microseconds"))
        listed |= {(*event, row["teknisk_tid"].isoformat(), name) for name in changed}
        if before is None:
            listed.add((*event, row["teknisk_tid"].isoformat(), None))
    assert sum(count["ny"] for count in outcomes.values()) > 50
    assert sum(count["endret"] for count in outcomes.values()) > 50
    assert sum(count["lik"] for count in outcomes.values()) > 4

    assert {(row["per"], row["fra"]): row["behandlinger"] for row in answers["resend"]} == {
        key: len(found) for key, found in cases.items()
    }
    for row in answers["resend"]:
        expected = outcomes[row["per"], row["fra"]]
        assert {name: row[name] for name in ("endret", "ny", "lik")} == {
            name: expected[name] for name in ("endret", "ny", "lik")
        }
    for which, counts in fields.items():
        assert {row["felt"]: row[which] for row in answers["felter"] if row[which]} == counts

    found = {
        (
            row["behandling_uuid"],
            f"{row['endret_tid']}.{row['endret_tid_mikro']:06d}",
            row["teknisk_tid"],
            row["felt"],
        )
        for row in answers["endringer"]
    }
    assert len(found) == len(answers["endringer"])
    assert found <= listed
    shown = {one[:3] for one in found}
    assert 300 < len(found) <= MOST_CHANGES < len(listed)
    assert found == {one for one in listed if one[:3] in shown}, "a field of an event is missing"
    assert max(one[2] for one in listed if one[:3] not in shown) <= min(one[2] for one in shown)
    before_and_after(answers["endringer"], again)


def before_and_after(listed: Rows, again: list[tuple[Sent, Sent | None]]) -> None:
    """Compare the values themselves, as text to the microsecond."""
    events = {
        (after["behandling_uuid"], after["endret_tid"], after["teknisk_tid"]): (after, before)
        for after, before in again
    }
    for row in listed:
        time = datetime.fromisoformat(row["endret_tid"]) + timedelta(
            microseconds=row["endret_tid_mikro"]
        )
        key = (row["behandling_uuid"], time, datetime.fromisoformat(row["teknisk_tid"]))
        after, before = events[key]
        if row["felt"] is None:
            assert before is None and row["etter"] == after["behandling_status"]
            continue
        assert before is not None
        for name, sending in (("foer", before), ("etter", after)):
            value = row[name]
            if row[f"{name}_tid"]:
                value = datetime.fromisoformat(row[f"{name}_tid"]) + timedelta(
                    microseconds=row[f"{name}_tid_mikro"]
                )
            assert value == sending[row["felt"]], row


def jobs_that_wait(made: Any) -> None:
    """Only those that no run has executed, the oldest first; those of other kinds are none."""
    rows = rows_of(made, "saksstatistikk-jobber")
    named = [row for row in rows if not row["jobb"].isdigit()]
    assert [(row["jobb"], row["tilstand"], row["alder"]) for row in named] == [
        ("late-1", "Forfalt", 1.5),
        ("late-2", "Forfalt", 0.5),
        ("later", "Skal kjøres senere", None),
        ("unknown", "Ukjent behandling", None),
        ("never", "Uten gyldig tid", None),
    ]
    assert not [row for row in rows if row["kode"] == "forfalt" and row["jobb"].isdigit()]
    card = made.cards.rows[0]
    assert (card["forfalte"], card["eldste"]) == (2, 1.5)


EMPTY = {
    "tall": [
        {"rader": 0, "behandlinger": 0, "resendte_behandlinger": 0, "resendte_rader": 0}
        | {"uten_tid": 0, "forste_tid": None, "siste_tid": None, "siste_resend": None}
        | {"stand": None}
    ],
    **{name: [] for name in ("status", "resend", "felter", "endringer", "jobber")},
}


def test_nothing_was_sent() -> None:
    made = section(EMPTY)
    assert_draws(made)
    assert made.headline.own == "Ingenting er sendt ennå."
    assert not any(figure.rows for figure in made.figures)


def test_one_event_without_kind_and_status() -> None:
    numbers = EMPTY["tall"][0] | {
        "forste_tid": "2025-03-05T10:00:00",
        "siste_tid": "2025-03-05T10:00:00",
        "stand": "2025-03-06T10:00:00",
    }
    status = [
        {"dag": "2025-03-05", "behandling_type": None, "behandling_status": None, "endring": 1}
    ]
    made = section(EMPTY | {"tall": [numbers], "status": status})
    assert_draws(made)
    days, weeks = rows_of(made, "saksstatistikk-over-tid")
    assert (days["hoved"], days["type"]) == ("Ukjent status", "Ukjent type")
    assert days["antall"] == [0] * (periods.FEWEST_DAYS - 1) + [1]
    assert (weeks["fra"], weeks["antall"]) == ("2025-02-17", [0, 0, 1])


def change(field: str | None, before: str | None, after: str | None) -> dict[str, Any]:
    """Make a row of the analysis `endringer`."""
    return {
        **{"hendelse_nr": 1, "felt_nr": 1, "felt": field, "foer": before, "etter": after},
        **{"teknisk_tid": "2025-01-02T00:00:00", "saksnummer": "S1", "behandling_uuid": "u"},
        **{"endret_tid": "2025-01-01T00:00:00", "endret_tid_mikro": 7},
        **dict.fromkeys(("foer_tid", "foer_tid_mikro", "etter_tid", "etter_tid_mikro")),
    }


def test_who_worked_on_a_shielded_case_is_not_told() -> None:
    listed = [
        change("saksbehandler", "Z123", "-5"),
        change("saksbehandler", "Z1", "Z2"),
        change("ansvarlig_beslutter", None, "-5"),
        change("aktor_id", "12345678910", "10987654321"),
        change("behandling_resultat", "AAP", None),
        change(None, None, "UNDER_BEHANDLING_VENTER_PÅ_OPPLYSNINGER"),
    ]
    made = section(EMPTY | {"endringer": listed})
    rows = rows_of(made, "saksstatistikk-endringer")
    assert [(row["felt"], row["foer"], row["etter"]) for row in rows] == [
        ("saksbehandler", "(skjermet)", "(skjermet)"),
        ("saksbehandler", "Z1", "Z2"),
        ("ansvarlig_beslutter", "(tom)", "(skjermet)"),
        ("aktor_id", "(vises ikke)", "(vises ikke)"),
        ("behandling_resultat", "AAP", "(tom)"),
        ("Ny hendelse", "(ikke sendt før)", "Venter på opplysninger"),
    ]
    assert {row["hendelse"] for row in rows} == {"2025-01-01 00:00:00.000007"}


@pytest.mark.parametrize(
    ("code", "main", "why", "name"),
    [
        (None, "Ukjent status", "Ukjent status", "Ukjent status"),
        ("ANNET", "Ukjent status", "Ukjent status", "ANNET"),
        ("OPPRETTET", "Opprettet", "Opprettet", "Opprettet"),
        ("OVERSENDT_KA", "Oversendt KA", "Oversendt KA", "Oversendt KA"),
        ("UNDER_BEHANDLING", *["Under behandling"] * 3),
        (
            "UNDER_BEHANDLING_SENDT_TILBAKE_FRA_BESLUTTER",
            *("Sendt tilbake", "Sendt tilbake fra beslutter", "Sendt tilbake fra beslutter"),
        ),
        (
            "UNDER_BEHANDLING_VENTER_PÅ_OPPLYSNINGER_SENDT_TILBAKE_FRA_KVALITETSSIKRER",
            *("Venter", "Venter på opplysninger"),
            "Venter på opplysninger, sendt tilbake fra kvalitetssikrer",
        ),
    ],
)
def test_a_status_in_words(code: str | None, main: str, why: str, name: str) -> None:
    assert (main_status(code), reason(code), status_name(code)) == (main, why, name)


def test_many_weeks_are_cut_and_earlier_changes_count() -> None:
    days = [date(1990, 1, 1), date(2025, 1, 6)]
    changes = [((str(number),), day, 1) for number in range(100) for day in days]
    rows = periods.levels(("navn",), changes, days[0], days[1])
    weeks = [row for row in rows if row["per"] == "uke"]
    assert sum(len(row["antall"]) for row in weeks) <= periods.MOST_NUMBERS
    assert {(row["antall"][0], row["antall"][-1]) for row in weeks} == {(1, 2)}
    assert {len(row["antall"]) for row in rows if row["per"] == "dag"} == {periods.DAYS}
    counted = periods.counts(("navn",), changes, days[0], days[1])
    assert {sum(row["antall"]) for row in counted} == {1}
