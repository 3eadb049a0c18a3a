"""The generator of the product saksstatistikk keeps its promises: the same bytes, clean lives."""

import re
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import pytest
from generators import FLAGS, SAKSSTATISTIKK, TIMES, Defaults, Rows, Tables

from scripts import saksstatistikk

generate, read_csv = SAKSSTATISTIKK.generate, SAKSSTATISTIKK.read_csv


NUMBERS = {
    "behandling": ["id"],
    "behandling_historikk": ["id", "behandling_id"],
    "saksstatistikk": ["id"],
    "avklaringsbehov_endring": ["behov_nr", "endring_nr"],
}
TYPES = {"Førstegangsbehandling", "Revurdering", "Klage", "Tilbakekreving"}
STATUSES = {"OPPRETTET", "UTREDES", "IVERKSETTES", "AVSLUTTET"}
RETURNED = {"SENDT_TILBAKE_FRA_BESLUTTER", "SENDT_TILBAKE_FRA_KVALITETSSIKRER"}
BEHOV_STATUSES = RETURNED | set(
    "OPPRETTET AVSLUTTET TOTRINNS_VURDERT KVALITETSSIKRET AVBRUTT".split()
)
RESENDS = {"statistikk.resendSakstatistikk", "flyt.statistikk.resend"}


def time(text: str | None) -> datetime | None:
    """Read a time, None if it is missing or cannot be read."""
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None


def is_number(text: str | None) -> bool:
    """Say whether a text is a whole number."""
    return re.fullmatch("-?[0-9]{1,18}", text or "") is not None


def effective(tables: Tables) -> dict[str | None, Rows]:
    """Return the history that counts of each behandling, by id and in order."""
    history = defaultdict(list)
    for row in tables["behandling_historikk"]:
        if row["slettet"] != "true":
            history[row["behandling_id"]].append(row)
    for rows in history.values():
        rows.sort(key=lambda row: (time(row["hendelsestidspunkt"]), int(row["id"] or 0)))
    return history


@pytest.fixture(scope="module")
def tables(defaults: Defaults) -> Tables:
    """Hold the default tables."""
    return read_csv(defaults(SAKSSTATISTIKK))


# --- the contract --------------------------------------------------------------------------------


def test_sizes_scale(tmp_path: Path) -> None:
    """About as many events as asked for, exactly the shares that were asked for."""
    options = "--behandlinger 2000 --hendelser 4 --stoppet 0.5 --jobber 0.1".split()
    found = read_csv(generate(tmp_path, *options))
    assert [row["id"] for row in found["behandling"]] == [str(10_001 + n) for n in range(2000)]
    assert 3.6 * 2000 < len(found["behandling_historikk"]) < 4.6 * 2000
    assert 3.6 * 2000 < len(found["saksstatistikk"]) < 4.6 * 2000
    assert len(found["stoppet_behandling"]) == 1000
    assert len(found["jobb"]) == 200


def test_a_chunk_more_does_not_restart_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids go on over the border of two chunks; those of sent rows follow the time of sending."""
    monkeypatch.setattr(saksstatistikk, "CHUNK", 90)
    found = read_csv(generate(tmp_path))
    for name, first in (("behandling", 10_001), ("behandling_historikk", 1), ("jobb", 1)):
        ids = [int(row["id"] or 0) for row in found[name]]
        assert ids == list(range(first, first + len(ids)))
    assert len({row["saksnummer"] for row in found["behandling"]}) > 150
    sent = sorted(found["saksstatistikk"], key=lambda row: int(row["id"] or 0))
    assert [row["id"] for row in sent] == [str(n) for n in range(1, len(sent) + 1)]
    times = [time(row["teknisk_tid"]) for row in sent]
    assert times == sorted(times)


# --- clean data ----------------------------------------------------------------------------------


def test_clean_data_have_no_defect(tables: Tables) -> None:
    """Everything can be read and comes once."""
    for name, rows in tables.items():
        for row in rows:
            for column, value in row.items():
                if TIMES.match(column):
                    assert value is None or time(value), (name, column, value)
                elif column in FLAGS:
                    assert value in ("true", "false"), (name, column, value)
            assert all(is_number(row[column]) for column in NUMBERS.get(name, []))
    for name, key in (
        ("behandling", ["id"]),
        ("behandling", ["referanse"]),
        ("behandling_historikk", ["id"]),
        ("saksstatistikk", ["id"]),
        ("avklaringsbehov_endring", ["behandling_referanse", "behov_nr", "endring_nr"]),
        ("stoppet_behandling", ["behandling_referanse"]),
        ("jobb", ["id"]),
        ("steg_historikk", ["behandling_referanse", "opprettet_tid"]),
    ):
        keys = [tuple(row[column] for column in key) for row in tables[name]]
        assert len(keys) == len(set(keys)), name
        assert None not in {value for row in keys for value in row}
    assert {row["type_behandling"] for row in tables["behandling"]} == TYPES
    assert {row["status"] for row in tables["behandling_historikk"]} == STATUSES
    assert {row["status"] for row in tables["avklaringsbehov_endring"]} == BEHOV_STATUSES
    for name, column in (
        ("behandling_historikk", "hendelsestidspunkt"),
        ("saksstatistikk", "endret_tid"),
        ("saksstatistikk", "teknisk_tid"),
        ("avklaringsbehov_endring", "tidsstempel"),
        ("stoppet_behandling", "mottatt_tid"),
    ):
        assert all(row[column] for row in tables[name]), (name, column)
    for rows in effective(tables).values():
        times = [row["hendelsestidspunkt"] for row in rows]
        assert len(times) == len(set(times))


def test_references_hold(tables: Tables) -> None:
    """Every behandling that is named is there, and has history; klager concern what was decided."""
    cases = {row["referanse"]: row for row in tables["behandling"]}
    ids = {row["id"] for row in tables["behandling"]}
    assert all(str(UUID(key or "")) == key for key in cases)
    assert set(effective(tables)) == ids
    for name in ("avklaringsbehov_endring", "stoppet_behandling", "steg_historikk"):
        assert {row["behandling_referanse"] for row in tables[name]} <= set(cases)
    stopped = {row["behandling_referanse"] for row in tables["stoppet_behandling"]}
    assert {row["behandling_referanse"] for row in tables["avklaringsbehov_endring"]} <= stopped
    related = {row["relatert_behandling_referanse"] for row in tables["behandling_historikk"]}
    assert related - {None} <= set(cases)
    for row in tables["saksstatistikk"]:
        case = cases[row["behandling_uuid"]]
        assert (row["saksnummer"], row["aktor_id"]) == (case["saksnummer"], case["aktor_id"])
    seen = set()
    for row in tables["paaklaget_behandling"]:
        klage, about = row["klagebehandling_referanse"], row["paaklaget_behandling_referanse"]
        assert cases[klage]["type_behandling"] == "Klage"
        assert cases[about]["type_behandling"] in {"Førstegangsbehandling", "Revurdering"}
        if row["aktiv"] == "true":
            assert klage not in seen
            assert cases[klage]["saksnummer"] == cases[about]["saksnummer"]
            seen.add(klage)
    assert {(row["aktiv"], row["status"] == "AVSLUTTET") for row in tables["paaklaget_behandling"]}
    jobs = [row for row in tables["jobb"] if row["type"] in RESENDS]
    assert {row["payload"] for row in jobs} <= ids
    assert {row["type"] for row in jobs} == RESENDS
    assert {(row["neste_kjoring"] or "") <= "2026-01-20 12:00:00" for row in jobs} == {True, False}
    flyt = [row["payload"] for row in jobs if row["type"] == "flyt.statistikk.resend"]
    assert {cases[key]["id"] for key in stopped} & set(flyt)
    assert any((row["payload"] or "").startswith("{") for row in tables["jobb"])


def test_lives_are_of_many_kinds(tables: Tables) -> None:
    """What the rules tell apart is there, and nothing happens after the last day."""
    history = tables["behandling_historikk"]

    def values(column: str, rows: Rows = history) -> set[str | None]:
        return {row[column] for row in rows}

    assert values("behandlingmetode") == {
        "MANUELL",
        "AUTOMATISK",
        "KVALITETSSIKRING",
        "FATTE_VEDTAK",
    }
    assert values("gjeldende_avklaringsbehov_status") == {None, "OPPRETTET", *RETURNED}
    assert {"0393", "4402", None} < values("ansvarlig_enhet")
    assert {None, "INNVILGET", "TRUKKET", "KLAGE_DELVIS_OMGJØRES"} < values("resultat")
    assert {None, "STUDENT"} < values("rettighetstype")
    assert "VENTER_PÅ_OPPLYSNINGER_FRA_UTENLANDSKE_MYNDIGHETER" in values("venteaarsak")
    assert {True, False} == {"." in (row["hendelsestidspunkt"] or "") for row in history}
    assert max(time(row["hendelsestidspunkt"]) for row in history) < datetime(2026, 1, 1)
    assert max(time(row["teknisk_tid"]) for row in tables["saksstatistikk"]) < datetime(2026, 1, 12)
    ends = Counter(
        tuple(row["status"] == "AVSLUTTET" for row in rows[-2:])
        for rows in effective(tables).values()
    )
    assert ends[False, True] > ends[False, False] > 0  # most are closed, some open
    reopened = [
        rows
        for rows in effective(tables).values()
        if any(row["status"] == "AVSLUTTET" for row in rows[:-1])
    ]
    assert reopened
    assert {row["er_skjermet"] for row in tables["behandling"]} == {"true", "false"}
    assert all(
        re.fullmatch("4[0-9A-V]{6}", row["saksnummer"] or "") for row in tables["behandling"]
    )
    assert all(re.fullmatch("[0-9]{13}", row["aktor_id"] or "") for row in tables["behandling"])


def test_sent_rows_are_mostly_right(tables: Tables) -> None:
    """Most tell of an event at its time; the errors for which one sends again are there, too."""
    registered = {row["referanse"]: time(row["opprettet_tid"]) for row in tables["behandling"]}
    number = {row["referanse"]: row["id"] for row in tables["behandling"]}
    history = effective(tables)
    sent = defaultdict(list)
    for row in tables["saksstatistikk"]:
        sent[row["behandling_uuid"]].append(row)
    kinds: Counter[str] = Counter()
    for key, rows in sent.items():
        events = {time(row["hendelsestidspunkt"]) for row in history[number[key]]}
        start = registered[key].replace(microsecond=0)
        for row in rows:
            at = time(row["endret_tid"])
            near = any(abs(at - event) < timedelta(milliseconds=16) for event in events)
            kinds[
                "right" if at in events else "start" if at == start else "near" if near else "x"
            ] += 1
        found = [row["endret_tid"] for row in rows]
        kinds["twice"] += len(found) - len(set(found))
        kinds["missing"] += len(found) < len(events)
        kinds["no start"] += start not in {time(text) for text in found}
    assert kinds["right"] + kinds["start"] > 0.85 * len(tables["saksstatistikk"])
    assert all(kinds[kind] for kind in ("near", "x", "twice", "missing", "no start"))
    assert 0 < len(registered) - len(sent) < 30
    again = [row for row in tables["saksstatistikk"] if row["er_relast"] == "true"]
    assert 0 < len(again) < 60
    assert {"-5", "KELVIN_AUTOMATISK", "0393"} < {
        row["ansvarlig_enhet_kode"] for row in tables["saksstatistikk"]
    }
    statuses = Counter(row["behandling_status"] for row in tables["saksstatistikk"])
    assert statuses["OVERSENDT_KA"]
    assert "UNDER_BEHANDLING_VENTER_PÅ_UTENLANDSKE_OPPLYSNINGER" in statuses


def test_the_example_of_the_documentation(tables: Tables) -> None:
    """10007 is sent, has history and sent rows, and no job sends it again."""
    case = next(row for row in tables["behandling"] if row["id"] == "10007")
    assert case["type_behandling"] in TYPES
    assert len(effective(tables)["10007"]) > 3
    assert sum(row["behandling_uuid"] == case["referanse"] for row in tables["saksstatistikk"]) > 3
    assert "10007" not in {row["payload"] for row in tables["jobb"]}


def test_changes_are_numbered_by_time(tables: Tables) -> None:
    """Behov by their first change, changes in each behov; the facts of a code do not vary."""
    facts = defaultdict(set)
    cases = defaultdict(lambda: defaultdict(list))
    for row in tables["avklaringsbehov_endring"]:
        facts[row["definisjon"]].add((row["behov_type"], row["steg"], row["steg_status"]))
        cases[row["behandling_referanse"]][int(row["behov_nr"] or 0)].append(row)
        assert (row["aarsak_til_retur"] is not None) == (row["status"] in RETURNED)
    assert facts["5003"] == {("MANUELT_PÅKREVD", "AVKLAR_SYKDOM", "UTREDES")}
    assert facts["9002"] == {("BREV_VENTEPUNKT", "UDEFINERT", "UTREDES")}
    assert facts["5041"] == {("MANUELT_PÅKREVD", "BREV", "IVERKSETTES")}
    assert facts["5023"] == {("VENTEPUNKT", "START_BEHANDLING", "OPPRETTET")}
    assert all(len(found) == 1 for found in facts.values())
    for behov in cases.values():
        assert sorted(behov) == list(range(1, len(behov) + 1))
        first = [time(behov[nr][0]["tidsstempel"]) for nr in sorted(behov)]
        assert first == sorted(first)
        for rows in behov.values():
            assert len({row["definisjon"] for row in rows}) == 1
            assert [row["endring_nr"] for row in rows] == [str(n + 1) for n in range(len(rows))]
            times = [time(row["tidsstempel"]) for row in rows]
            assert times == sorted(times)
    persons = {row["endret_av"] for row in tables["avklaringsbehov_endring"]}
    assert {"Kelvin", "Brevløsning"} < persons
    lists = {row["aarsak_til_retur"] for row in tables["avklaringsbehov_endring"]}
    assert "FEIL_LOVANVENDELSE,MANGELFULL_BEGRUNNELSE" in lists


# --- bad rows ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options", [SAKSSTATISTIKK.golden.split(), ["--bad-rows", "0.000001"], ["--bad-rows", "0.05"]]
)
def test_bad_rows_have_every_defect(tmp_path: Path, options: list[str]) -> None:
    found = read_csv(generate(tmp_path, *options))
    cases = {row["referanse"] for row in found["behandling"]}
    ids = {row["id"] for row in found["behandling"]}

    def repeats(name: str, *columns: str) -> list[int]:
        """Count the different rows of every key that comes more than once."""
        by_key = defaultdict(list)
        for row in found[name]:
            by_key[tuple(row[column] for column in columns or row)].append(tuple(row.values()))
        return [len(set(rows)) for rows in by_key.values() if len(rows) > 1]

    for name, rows in found.items():
        for column in rows[0]:
            values = [row[column] for row in rows]
            if TIMES.match(column):
                assert any(value and not time(value) for value in values), (name, column)
            elif column in FLAGS:
                assert set(values) - {"true", "false", None}, (name, column)
            elif column in NUMBERS.get(name, []):
                assert not all(map(is_number, values)), (name, column)
        if name != "paaklaget_behandling":
            assert 1 in repeats(name), name  # the same row twice
    assert {row["type_behandling"] for row in found["behandling"]} - TYPES
    assert {row["status"] for row in found["behandling_historikk"]} - STATUSES
    assert {row["status"] for row in found["avklaringsbehov_endring"]} - BEHOV_STATUSES
    assert any(row["hendelsestidspunkt"] is None for row in found["behandling_historikk"])
    assert any(row["endret_tid"] is None for row in found["saksstatistikk"])
    assert any(row["tidsstempel"] is None for row in found["avklaringsbehov_endring"])
    assert any(row["mottatt_tid"] is None for row in found["stoppet_behandling"])
    for name, key in (
        ("behandling", ("id",)),
        ("behandling", ("referanse",)),
        ("saksstatistikk", ("id",)),
        ("avklaringsbehov_endring", ("behandling_referanse", "behov_nr", "endring_nr")),
        ("stoppet_behandling", ("behandling_referanse",)),
        ("jobb", ("id",)),
        ("paaklaget_behandling", ("klagebehandling_referanse",)),
    ):
        assert max(repeats(name, *key)) >= 2, (name, key)
    for name in ("avklaringsbehov_endring", "stoppet_behandling", "steg_historikk"):
        assert {row["behandling_referanse"] for row in found[name]} - cases, name
    assert {row["behandling_uuid"] for row in found["saksstatistikk"]} - cases
    assert {row["behandling_id"] for row in found["behandling_historikk"]} - ids
    jobs = {row["payload"] for row in found["jobb"] if row["type"] in RESENDS}
    assert jobs - ids
    assert any(row["id"] is None for row in found["jobb"])

    history = effective(
        {
            "behandling_historikk": [
                r
                for r in found["behandling_historikk"]
                if time(r["hendelsestidspunkt"]) and is_number(r["id"])
            ]
        }
    )
    assert any(
        one["hendelsestidspunkt"] == other["hendelsestidspunkt"] and one["id"] != other["id"]
        for rows in history.values()
        for one, other in pairwise(rows)
    )
    known = {row["id"] for row in found["behandling"] if is_number(row["id"])}
    all_deleted = {row["behandling_id"] for row in found["behandling_historikk"]} - set(history)
    assert known - set(history) - all_deleted  # no row at all
    assert known & all_deleted  # only rows that were deleted
    klager = {row["klagebehandling_referanse"] for row in found["paaklaget_behandling"]}
    about = [
        (row["klagebehandling_referanse"], row["paaklaget_behandling_referanse"])
        for row in found["paaklaget_behandling"]
    ]
    assert any(one == other for one, other in about)
    assert any(one != other and other in klager for one, other in about)
    assert any(other is None for _, other in about)
    assert klager - cases


# --- edges ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 7])
@pytest.mark.parametrize("extra", ["", "--hendelser 1", "--from 2025-03-30 --to 2025-03-30"])
def test_few_behandlinger(tmp_path: Path, count: int, extra: str) -> None:
    """Tables with a header and few rows, or none; a period of one day holds all that happens."""
    options = ["--behandlinger", str(count), "--stoppet", "1", *extra.split()]
    found = read_csv(generate(tmp_path, *options))
    generate(tmp_path, *options, "--format", "parquet")
    assert len(found["behandling"]) == len(found["stoppet_behandling"]) == count
    assert set(effective(found)) == {row["id"] for row in found["behandling"]}
    if "--to" in extra:
        times = [row["hendelsestidspunkt"] for row in found["behandling_historikk"]]
        assert {(text or "")[:10] for text in times} <= {"2025-03-30"}
