"""The oracle of saksstatistikk, against cases worked out by hand from the specification."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any

import pytest
from saksstatistikk_oracle import (
    GOLD,
    REBEREGNET,
    VIEW,
    Owner,
    behandlingmetode,
    equal_but,
    flette,
    read_behandlinger,
    read_endringer,
    read_stoppede,
    reberegn,
)

NAA = datetime(2025, 7, 7, 12)
Source = dict[str, str | None]


def at(minute: float) -> datetime:
    """Return a time some minutes into the day on which everything happens."""
    return datetime(2025, 3, 3, 8) + timedelta(minutes=minute)


def text(minute: float) -> str:
    """Return such a time as the inputs write it."""
    return str(at(minute))


def behandling(number: int = 1, **changes: str | None) -> Source:
    """Return a behandling that was created at the beginning of the day."""
    return {
        "id": str(number),
        "referanse": f"ref-{number}",
        "saksnummer": "SAK",
        "aktor_id": "12345",
        "type_behandling": "Førstegangsbehandling",
        "opprettet_tid": text(0),
        "mottatt_tid": "2025-03-01 10:00:00.987654",
        "aarsak_til_opprettelse": "SØKNAD",
        **changes,
    }


def event(number: int, minute: float, status: str = "UTREDES", **changes: str | None) -> Source:
    """Return a row of history of the first behandling."""
    return {
        "id": str(number),
        "behandling_id": "1",
        "hendelsestidspunkt": text(minute),
        "status": status,
        "behandlingmetode": "MANUELL",
        "versjon": "v1",
        **changes,
    }


def sent(number: int, minute: float, **changes: str | None) -> Source:
    """Return a row that was sent for the first behandling."""
    return {
        "id": str(number),
        "behandling_uuid": "ref-1",
        "endret_tid": text(minute),
        "teknisk_tid": text(minute),
        "behandling_status": "UNDER_BEHANDLING",
        **changes,
    }


def stoppet(**changes: str | None) -> Source:
    """Return the payload of the first behandling when it stopped."""
    return {
        "behandling_referanse": "ref-1",
        "mottatt_tid": text(0),
        "behandling_opprettet_tidspunkt": text(1),
        "behandling_status": "UTREDES",
        "tidspunkt_siste_endring": text(90),
        "versjon": "v9",
        **changes,
    }


def change(
    behov: int, number: int, minute: float, code: str, status: str, **changes: str | None
) -> Source:
    """Return a change of a behov, which is one that must be looked into unless told otherwise."""
    return {
        "behandling_referanse": "ref-1",
        "behov_nr": str(behov),
        "endring_nr": str(number),
        "tidsstempel": text(minute),
        "definisjon": code,
        "behov_type": "MANUELT_PÅKREVD",
        "steg_status": "UTREDES",
        "status": status,
        **changes,
    }


def run(**tables: list[Source]) -> Owner:
    """Return an owner after a first run, with the first behandling unless others are given."""
    owner = Owner()
    owner.run(NAA, {"behandling": [behandling()], **tables})
    return owner


def columns(rows: Iterable[dict[str, Any]], *names: str) -> list[Any]:
    """Return some columns of rows, as tuples when they are several."""
    return [
        row[names[0]] if len(names) == 1 else tuple(row[name] for name in names) for row in rows
    ]


def recompute(payload: Source, *changes: Source) -> list[dict[str, Any]]:
    """Return the recomputed history of the first behandling."""
    return reberegn(read_stoppede([payload])["ref-1"], read_endringer(changes).get("ref-1", []))


# --- the walk -------------------------------------------------------------------------------------


def numbered(originals: Iterable[float], new: Iterable[float]) -> list[tuple[float, int, bool]]:
    """Return a merge of minutes."""
    merged = flette([at(minute) for minute in originals], [at(minute) for minute in new])
    return [((time - at(0)) / timedelta(minutes=1), number, was) for time, number, was in merged]


@pytest.mark.parametrize(
    ("originals", "new", "merged"),
    [
        pytest.param([], [], [], id="nothing at all"),
        pytest.param([1, 2], [], [], id="no history"),
        pytest.param([], [1, 2], [(1, 1, False), (2, 2, False)], id="nothing was sent"),
        pytest.param([1], [5], [(1, 1, True)], id="the first takes one that is still to come"),
        pytest.param([9], [5], [(9, 1, True)], id="the first takes one that has been"),
        pytest.param(
            [1, 2, 5], [1, 5], [(1, 1, True), (2, 1, True), (5, 2, True)], id="before: it waits"
        ),
        pytest.param([1, 7], [1, 5], [(1, 1, True), (7, 2, True)], id="after: it takes"),
        pytest.param(
            [1, 2, 3], [1, 2], [(1, 1, True), (2, 2, True), (3, 2, True)], id="the queue is empty"
        ),
        pytest.param(
            [1], [1, 2, 3], [(1, 1, True), (2, 2, False), (3, 3, False)], id="more new than sent"
        ),
        # one event per original, however many have been
        pytest.param(
            [9, 10],
            [1, 2, 3],
            [(3, 3, False), (9, 1, True), (10, 2, True)],
            id="added before what was sent",
        ),
        pytest.param(
            [1, 1, 4], [1, 4, 4], [(1, 1, True), (4, 2, True), (4, 3, False)], id="equal times"
        ),
    ],
)
def test_each_branch_of_the_walk(
    originals: list[float], new: list[float], merged: list[tuple[float, int, bool]]
) -> None:
    assert numbered(originals, new) == merged


def test_near_is_ten_milliseconds_and_no_more() -> None:
    first, later = at(0), at(5)
    near = later - timedelta(milliseconds=10)
    far = near - timedelta(microseconds=1)
    assert flette([first, near], [first, later]) == [(first, 1, True), (near, 2, True)]
    assert flette([first, far], [first, later]) == [
        (first, 1, True),
        (far, 1, True),
        (later, 2, False),
    ]


def test_the_walk_equals_the_closed_form() -> None:
    def closed_form(sent_times: list[int], new: list[int]) -> list[tuple[int, int, bool]]:
        n = len(new)
        c = [max(sum(y - 10 <= t for y in new), 1) for t in sent_times]
        slack = accumulate((c_j - j for j, c_j in enumerate(c, start=1)), min)
        k = [min(n, i + min(0, lowest)) for i, lowest in enumerate(slack, start=1)]
        rows = [(t, k_i, True) for t, k_i in zip(sent_times, k, strict=True)]
        used = k[-1] if k else 0
        rows += [(new[i - 1], i, False) for i in range(used + 1, n + 1)]
        return sorted(rows)

    chance = random.Random(20250707)
    begin = at(0)
    for _ in range(20_000):
        reach = chance.choice([8, 40, 200])
        originals = [chance.randint(0, reach) for _ in range(chance.randint(0, 7))]
        new = sorted(chance.randint(0, reach) for _ in range(chance.randint(1, 7)))
        merged = flette(
            [begin + timedelta(milliseconds=t) for t in originals],
            [begin + timedelta(milliseconds=y) for y in new],
        )
        in_ms = [((time - begin) // timedelta(milliseconds=1), *rest) for time, *rest in merged]
        assert in_ms == closed_form(sorted(set(originals)), new), (originals, new)


# --- new events -----------------------------------------------------------------------------------


def test_every_column_of_a_new_event() -> None:
    row = run(
        behandling=[behandling(opprettet_tid="2025-03-03 08:00:00.9", mottatt_tid="2025-02-30")],
        behandling_historikk=[
            event(
                1,
                0,
                "IVERKSETTES",
                siste_saksbehandler="S1",
                vedtak_tidspunkt=text(7),
                ansvarlig_beslutter="B1",
                ansvarlig_enhet="4402",
                resultat="INNVILGET",
                rettighetstype="Bistandsbehov_æøåé",
                soknadsformat="DIGITAL",
                relatert_behandling_referanse="ref-0",
                retur_aarsak="FEIL_LOV",
            )
        ],
        # the day's first row is no more than 10 ms from registrert_tid: no row is put before it
    ).flettede
    assert row == [
        {
            "fagsystem_navn": "Kelvin",
            "behandling_uuid": "ref-1",
            "saksnummer": "SAK",
            "relatert_behandling_uuid": "ref-0",
            "relatert_fagsystem": "Kelvin",
            "behandling_type": "FØRSTEGANGSBEHANDLING",
            "aktor_id": "12345",
            "teknisk_tid": NAA,
            "registrert_tid": at(0),
            "endret_tid": at(0),
            "mottatt_tid": None,
            "vedtak_tid": at(7),
            "ferdigbehandlet_tid": None,
            "versjon": "v1",
            "avsender": "KELVIN",
            "opprettet_av": "KELVIN",
            "ansvarlig_beslutter": "B1",
            "soknadsformat": "DIGITAL",
            "saksbehandler": "S1",
            "behandlingmetode": "MANUELL",
            "behandling_status": "IVERKSETTES",
            "behandling_aarsak": "SØKNAD",
            "behandling_resultat": "AAP_BISTANDSBEHOV_ÆØÅÉ",
            "resultat_begrunnelse": None,
            "ansvarlig_enhet_kode": "4402",
            "sak_ytelse": "AAP",
            "er_relast": True,
            "sak_utland": "UTLAND",
        }
    ]
    assert list(row[0]) == [name for name in GOLD if name != "id"]


@pytest.mark.parametrize(
    ("kind", "changes", "status", "resultat", "begrunnelse"),
    [
        ("Klage", {"status": "OPPRETTET", "resultat": "AVSLAG"}, "OPPRETTET", None, None),
        ("Klage", {"resultat": "AVSLAG", "retur_aarsak": "X"}, "UNDER_BEHANDLING", None, None),
        (
            "Klage",
            {
                "venteaarsak": "venter_på_svar",
                "gjeldende_avklaringsbehov_status": "SENDT_TILBAKE_FRA_BESLUTTER",
                "retur_aarsak": "FEIL_LOV",
            },
            "UNDER_BEHANDLING_VENTER_PÅ_SVAR_SENDT_TILBAKE_FRA_BESLUTTER",
            None,
            "FEIL_LOV",
        ),
        (
            "Klage",
            {
                "venteaarsak": "VENTER_PÅ_OPPLYSNINGER_FRA_UTENLANDSKE_MYNDIGHETER",
                "gjeldende_avklaringsbehov_status": "OPPRETTET",
                "retur_aarsak": "FEIL_LOV",
            },
            "UNDER_BEHANDLING_VENTER_PÅ_UTENLANDSKE_OPPLYSNINGER",
            None,
            None,
        ),
        ("Klage", {"status": "IVERKSETTES"}, "IVERKSETTES", "UDEFINERT", None),
        ("Klage", {"status": "AVSLUTTET", "resultat": "INNVILGET"}, "AVSLUTTET", "AAP", None),
        (
            "Klage",
            {"status": "AVSLUTTET", "resultat": "KLAGE_DELVIS_OMGJØRES"},
            "OVERSENDT_KA",
            "KLAGE_DELVIS_OMGJØRES",
            None,
        ),
        (
            "Revurdering",
            {"status": "AVSLUTTET", "resultat": "KLAGE_OPPRETTHOLDES"},
            "AVSLUTTET",
            "KLAGE_OPPRETTHOLDES",
            None,
        ),
    ],
)
def test_status_result_and_reason(
    kind: str,
    changes: dict[str, str],
    status: str,
    resultat: str | None,
    begrunnelse: str | None,
) -> None:
    owner = run(
        behandling=[behandling(type_behandling=kind)],
        behandling_historikk=[event(1, 0, **changes)],
    )
    found = columns(
        owner.flettede, "behandling_status", "behandling_resultat", "resultat_begrunnelse"
    )
    assert found == [(status, resultat, begrunnelse)]


@pytest.mark.parametrize(
    ("skjermet", "changes", "sent_as"),
    [
        (None, {"ansvarlig_enhet": "0393"}, (None, None, "0393", "UTLAND")),
        ("False", {}, (None, None, None, "NASJONAL")),
        (
            "F",
            {"ansvarlig_enhet": "0393", "behandlingmetode": "AUTOMATISK"},
            (None, None, "KELVIN_AUTOMATISK", "NASJONAL"),
        ),
        (
            "TRUE",
            {"ansvarlig_enhet": "0393", "behandlingmetode": "AUTOMATISK"},
            ("-5", None, "-5", "NASJONAL"),
        ),
        # shielded when in doubt
        (
            "kanskje",
            {"siste_saksbehandler": "S1", "ansvarlig_beslutter": "B1"},
            ("-5", "-5", "-5", "NASJONAL"),
        ),
    ],
)
def test_who_is_shielded(
    skjermet: str | None, changes: dict[str, str], sent_as: tuple[str | None, ...]
) -> None:
    owner = run(
        behandling=[behandling(er_skjermet=skjermet)], behandling_historikk=[event(1, 0, **changes)]
    )
    names = ("saksbehandler", "ansvarlig_beslutter", "ansvarlig_enhet_kode", "sak_utland")
    assert columns(owner.flettede, *names) == [sent_as]


def test_a_reopened_behandling_keeps_the_time_at_which_it_was_first_over() -> None:
    owner = run(
        behandling_historikk=[
            event(4, 9, "AVSLUTTET"),
            event(3, 5, venteaarsak="X"),
            event(2, 3, "AVSLUTTET"),
            event(1, 0),
            event(5, 1, slettet="true"),
            event(6, 1, "UKJENT"),
        ]
    )
    assert columns(owner.flettede, "endret_tid", "ferdigbehandlet_tid") == [
        (at(0), None),
        (at(3), at(3)),
        (at(5), at(3)),
        (at(9), at(3)),
    ]


# --- the merged rows ------------------------------------------------------------------------------


def test_what_was_never_sent_begins_with_its_creation() -> None:
    owner = run(behandling_historikk=[event(1, 5, "AVSLUTTET", vedtak_tidspunkt=text(4))])
    names = ("endret_tid", "behandling_status", "vedtak_tid", "ferdigbehandlet_tid")
    assert columns(owner.flettede, *names) == [
        (at(0), "OPPRETTET", None, None),
        (at(5), "AVSLUTTET", at(4), at(5)),
    ]
    # put first also when its time is later
    owner = run(behandling_historikk=[event(1, -5)])
    assert columns(owner.flettede, "endret_tid") == [at(0), at(-5)]
    # 10 ms is near enough, and what was sent once is not created again
    near = str(at(0) + timedelta(milliseconds=10))
    far = str(at(0) + timedelta(microseconds=10_001))
    owner = run(behandling_historikk=[event(1, 0, hendelsestidspunkt=near)])
    assert columns(owner.flettede, "behandling_status") == ["UNDER_BEHANDLING"]
    owner = run(behandling_historikk=[event(1, 0, hendelsestidspunkt=far)])
    assert columns(owner.flettede, "behandling_status") == ["OPPRETTET", "UNDER_BEHANDLING"]
    owner = run(behandling_historikk=[event(1, 5)], saksstatistikk=[sent(1, 5)])
    assert columns(owner.flettede, "endret_tid") == [at(5)]


def test_an_added_event_that_says_nothing_new_is_dropped_and_an_original_never() -> None:
    owner = run(
        behandling_historikk=[
            event(1, 0),
            event(2, 1, versjon="v2"),
            event(3, 2, venteaarsak="A"),
            event(4, 3, venteaarsak="A"),
            event(5, 4),
        ]
    )
    assert columns(owner.flettede, "endret_tid") == [at(0), at(2), at(4)]
    owner = run(
        behandling_historikk=[event(1, 0), event(2, 20)],
        saksstatistikk=[sent(1, 0), sent(2, 7), sent(3, 8)],
    )
    assert columns(owner.flettede, "endret_tid") == [at(0), at(7), at(8)]
    assert all(equal_but(row, owner.flettede[0], "endret_tid") for row in owner.flettede)


def test_only_what_can_be_sent_is_merged() -> None:
    owner = run(
        behandling=[
            behandling(1),
            behandling(2, type_behandling="Oppfølgingsbehandling"),
            behandling(3),
            behandling(4, referanse="ref-1"),
            behandling(1, saksnummer="SAL"),
        ],
        behandling_historikk=[
            event(1, 0),
            event(2, 0, behandling_id="2"),
            event(4, 0, behandling_id="4"),
            event(5, 0, behandling_id="5"),
            event(6, 0, behandling_id="1x"),
        ],
    )
    assert columns(owner.flettede, "behandling_uuid", "saksnummer") == [("ref-1", "SAK")]


# --- the recomputed history -----------------------------------------------------------------------


def test_recomputed_wait_point() -> None:
    rows = recompute(
        stoppet(resultat="R"),
        change(0, 0, 10, "5003", "OPPRETTET", endret_av="Kelvin"),
        change(1, 0, 11, "9003", "OPPRETTET", behov_type="VENTEPUNKT", endret_av="S1"),
        change(1, 1, 12, "9003", "OPPRETTET", behov_type="VENTEPUNKT")
        | {"aarsak_til_satt_paa_vent": "VENTER_PÅ_SVAR", "endret_av": "brevLØSNING"},
        change(0, 1, 13, "5003", "AVSLUTTET", endret_av="S2"),
        change(1, 2, 14, "9003", "AVSLUTTET", behov_type="VENTEPUNKT", endret_av="Kelvin"),
        # what waits for a letter is open, but gives no reason
        change(2, 0, 15, "9002", "OPPRETTET", behov_type="BREV_VENTEPUNKT")
        | {"aarsak_til_satt_paa_vent": "BREV"},
    )
    names = ("hendelsestidspunkt", "status", "gjeldende_avklaringsbehov", "venteaarsak")
    assert columns(rows, *names, "saksbehandler") == [
        (at(0), "OPPRETTET", None, None, None),
        (at(10), "UTREDES", "5003", None, None),
        (at(11), "UTREDES", "5003", None, "S1"),
        (at(12), "UTREDES", "5003", "VENTER_PÅ_SVAR", "S1"),
        (at(13), "UTREDES", "9003", "VENTER_PÅ_SVAR", "S2"),
        # minute 14: nothing is open and nobody has decided
        (at(15), "UTREDES", "9002", None, "S2"),
    ]
    assert columns(rows, "hendelse_nr") == [1, 2, 3, 4, 5, 6]
    assert set(columns(rows, "resultat", "vedtak_tidspunkt")) == {("R", None)}
    assert list(rows[0]) == REBEREGNET


def test_recomputed_return() -> None:
    rows = recompute(
        stoppet(),
        change(0, 0, 10, "5003", "SENDT_TILBAKE_FRA_KVALITETSSIKRER", aarsak_til_retur="A, B"),
        change(1, 0, 11, "5004", "SENDT_TILBAKE_FRA_BESLUTTER")
        | {"aarsak_til_retur": "C , MANGELFULL_BEGRUNNELSE"},
        change(0, 1, 12, "5003", "SENDT_TILBAKE_FRA_KVALITETSSIKRER", aarsak_til_retur=" D,E"),
        change(0, 2, 13, "5003", "AVSLUTTET"),
        change(1, 1, 14, "5004", "SENDT_TILBAKE_FRA_BESLUTTER"),
    )
    names = ("gjeldende_avklaringsbehov", "gjeldende_avklaringsbehov_status", "retur_aarsak")
    kvalitetssikrer, beslutter = (
        "SENDT_TILBAKE_FRA_KVALITETSSIKRER",
        "SENDT_TILBAKE_FRA_BESLUTTER",
    )
    assert columns(rows, *names) == [
        (None, None, None),
        ("5003", kvalitetssikrer, "A"),
        # 5003 was changed earliest
        ("5003", kvalitetssikrer, "A"),
        # now 5004 was
        ("5003", kvalitetssikrer, "MANGELFULL_BEGRUNNELSE"),
        ("5004", beslutter, "MANGELFULL_BEGRUNNELSE"),
        # its latest change gives no reason
        ("5004", beslutter, None),
    ]


def test_recomputed_decision() -> None:
    changes = [
        change(0, 0, 10, "5003", "OPPRETTET"),
        change(0, 1, 11, "5003", "AVSLUTTET", endret_av="S1"),
        change(1, 0, 12, "5099", "OPPRETTET"),
        change(1, 1, 13, "5099", "AVSLUTTET", endret_av="B1"),
        change(0, 2, 14, "5003", "SENDT_TILBAKE_FRA_BESLUTTER"),
        change(0, 3, 15, "5003", "AVSLUTTET", endret_av="S1"),
        change(1, 2, 16, "5099", "AVSLUTTET", endret_av="B2"),
        change(2, 0, 17, "5051", "OPPRETTET", steg_status="IVERKSETTES"),
        change(2, 1, 18, "5051", "AVSLUTTET", steg_status="IVERKSETTES"),
        # 5050 is a letter in whatever step
        change(3, 0, 19, "5050", "OPPRETTET", behov_type="BREV", steg_status="OPPRETTET"),
    ]
    rows = recompute(stoppet(behandling_status="AVSLUTTET"), *changes)
    names = ("hendelsestidspunkt", "status", "ansvarlig_beslutter")
    assert columns(rows, *names) == [
        (at(0), "OPPRETTET", None),
        (at(10), "UTREDES", None),
        # minute 11: nothing open, no decision yet
        (at(12), "UTREDES", None),
        (at(13), "UTREDES", "B1"),
        (at(14), "UTREDES", None),
        (at(15), "UTREDES", "B1"),
        (at(16), "UTREDES", "B2"),
        (at(17), "IVERKSETTES", "B2"),
        (at(18), "AVSLUTTET", "B2"),
        (at(19), "IVERKSETTES", "B2"),
        (at(90), "AVSLUTTET", "B2"),
    ]
    assert set(columns(rows[1:], "vedtak_tidspunkt")) == {at(16)}
    assert columns(rows[:1] + rows[-1:], "vedtak_tidspunkt", "gjeldende_avklaringsbehov") == [
        (None, None),
        (at(16), None),
    ]
    # the payload's own time goes first, and without an end there is none
    over = stoppet(behandling_status="AVSLUTTET", vedtakstidspunkt=text(50))
    assert set(columns(recompute(over, *changes)[1:], "vedtak_tidspunkt")) == {at(50)}
    assert set(columns(recompute(stoppet(), *changes), "vedtak_tidspunkt")) == {None}


def test_recomputed_without_any_behov() -> None:
    names = ("hendelsestidspunkt", "status", "vedtak_tidspunkt")
    opening = (at(0), "OPPRETTET", None)
    over = {"behandling_status": "AVSLUTTET"}
    assert columns(recompute(stoppet()), *names) == [opening]
    rows = recompute(stoppet(**over, vedtakstidspunkt=text(80)))
    assert columns(rows, *names) == [opening, (at(80), "AVSLUTTET", at(80))]
    rows = recompute(stoppet(**over))
    assert columns(rows, *names) == [opening, (at(90), "AVSLUTTET", at(90))]
    rows = recompute(stoppet(**over, tidspunkt_siste_endring=None))
    assert columns(rows, *names) == [opening, (at(1), "AVSLUTTET", None)]


def test_recomputed_times_never_decrease() -> None:
    rows = recompute(
        stoppet(
            mottatt_tid=text(30), behandling_status="AVSLUTTET", tidspunkt_siste_endring=text(20)
        ),
        change(0, 0, 10, "8003", "OPPRETTET", steg_status="OPPRETTET"),
        change(1, 0, 40, "5003", "OPPRETTET"),
    )
    assert columns(rows, "hendelsestidspunkt", "status") == [
        (at(30), "OPPRETTET"),
        (at(30), "OPPRETTET"),
        (at(40), "OPPRETTET"),
        (at(40), "AVSLUTTET"),
    ]


def test_a_job_replaces_the_history_from_then_on() -> None:
    job = {"id": "J1", "type": "flyt.statistikk.resend", "payload": "1", "neste_kjoring": text(60)}
    tables = {
        "behandling": [behandling(opprettet_tid=text(5))],
        "behandling_historikk": [
            event(1, 5, ansvarlig_enhet="4402"),
            event(2, 12, ansvarlig_enhet="0219", rettighetstype="x"),
        ],
        "stoppet_behandling": [
            stoppet(
                mottatt_tid=text(0),
                soknadsformat="PAPIR",
                relatert_behandling="ref-7",
                versjon="v9",
                tidspunkt_siste_endring=None,
            ),
            stoppet(tidspunkt_siste_endring=text(1), behandling_status="AVSLUTTET"),
            stoppet(tidspunkt_siste_endring=text(40), soknadsformat="DIGITAL"),
        ],
        "avklaringsbehov_endring": [
            change(0, 0, 10, "9002", "OPPRETTET", behov_type="BREV_VENTEPUNKT"),
            change(0, 1, 15, "9002", "AVSLUTTET", behov_type="BREV_VENTEPUNKT"),
            change(1, 0, 15, "5003", "OPPRETTET"),
            change(2, 0, 20, "5097", "OPPRETTET"),
        ],
        "jobb": [job],
    }
    names = ("endret_tid", "behandlingmetode", "ansvarlig_enhet_kode", "soknadsformat")
    recomputed = [
        # the first one is created when it came in, which is not when it was registered
        (at(5), "AUTOMATISK", "KELVIN_AUTOMATISK", "DIGITAL"),
        (at(0), "AUTOMATISK", "KELVIN_AUTOMATISK", "DIGITAL"),
        (at(10), "AUTOMATISK", "KELVIN_AUTOMATISK", "DIGITAL"),
        # two changes at one time are two equal events, and one of them is dropped; so is that of
        # minute 20, which says the same
        (at(15), "MANUELL", "0219", "DIGITAL"),
    ]
    owner = Owner()
    owner.run(at(59), tables)
    assert columns(owner.flettede, "endret_tid") == [at(5), at(12)]
    assert owner.gold == []
    owner.run(at(60), tables)
    assert columns(owner.gold, *names) == recomputed
    assert columns(owner.reberegnet, "hendelse_nr") == [1, 2, 3, 4, 5]
    # executed, so it does not run again, but its effect stays
    owner.run(at(61), tables | {"jobb": []})
    assert columns(owner.flettede, "endret_tid") == [at(0), at(5), at(10), at(15)]
    assert len(owner.gold) == 4
    assert behandlingmetode(["5003", "5097"]) == "KVALITETSSIKRING"
    assert behandlingmetode(["5003", "5099"]) == "FATTE_VEDTAK"
    assert behandlingmetode(["5099", "9002"]) == "MANUELL"


# --- resends, jobs and backfills ------------------------------------------------------------------


def test_a_resend_sends_once_and_keeps_every_time() -> None:
    tables = {
        "behandling": [behandling()],
        "behandling_historikk": [event(1, 0), event(2, 5, venteaarsak="A")],
        "saksstatistikk": [
            sent(7, 0, ansvarlig_enhet_kode="0393", er_relast="F"),
            sent(9, 3, er_relast="?"),
            sent(8, 2, endret_tid="i går"),
            sent(1, 2) | {"id": "x"},
        ],
    }
    owner = Owner()
    with pytest.raises(ValueError, match="5"):
        owner.run(NAA, tables, ["1", 5])
    assert not owner.started
    owner.run(NAA, tables, ["1"])
    names = ("id", "endret_tid", "behandling_status", "er_relast", "sak_utland")
    assert columns(owner.gold, *names) == [
        (7, at(0), "UNDER_BEHANDLING", False, "UTLAND"),
        (8, None, "UNDER_BEHANDLING", None, "NASJONAL"),
        (9, at(3), "UNDER_BEHANDLING", None, "NASJONAL"),
        (10, at(0), "UNDER_BEHANDLING", True, "NASJONAL"),
        (11, at(3), "UNDER_BEHANDLING", True, "NASJONAL"),
        (12, at(5), "UNDER_BEHANDLING_A", True, "NASJONAL"),
    ]
    assert set(owner.gold[-1]) == set(GOLD)
    # `flettede` is what was merged before the run's own rows
    assert columns(owner.flettede, "endret_tid") == [at(0), at(3), at(5)]
    owner.run(NAA + timedelta(hours=1), tables, [1])
    assert len(owner.gold) == 6


def test_a_job_is_executed_once() -> None:
    def job(number: int, payload: str, minute: float = 60, kind: str = "") -> Source:
        return {
            "id": f"J{number}",
            "type": kind or "statistikk.resendSakstatistikk",
            "payload": payload,
            "neste_kjoring": text(minute),
        }

    tables = {
        "behandling": [behandling(2, referanse="ref-2"), behandling(1)],
        "behandling_historikk": [event(1, 0), event(2, 0, behandling_id="2")],
        "jobb": [
            job(1, "2"),
            job(2, "1", 61),
            job(3, '{"a": 1}', kind="annet"),
            job(4, "77"),
            job(5, "-"),
        ],
    }
    owner = Owner()
    owner.run(at(60), tables)
    assert columns(owner.gold, "id", "behandling_uuid") == [(1, "ref-2")]
    assert owner.utforte == {"J1"}
    # history changes, and a job that is done does not see it
    tables["behandling_historikk"] += [event(3, 9, "AVSLUTTET", behandling_id="2")]
    owner.run(at(61), tables)
    assert columns(owner.gold, "id", "behandling_uuid") == [(1, "ref-2"), (2, "ref-1")]
    assert owner.utforte == {"J1", "J2"}
    # one run sends in order of id, whatever asked for it
    owner.run(at(62), tables | {"jobb": [job(6, "2"), job(7, "1")]}, [1, 2])
    assert columns(owner.gold[2:], "behandling_uuid", "endret_tid") == [
        ("ref-2", at(0)),
        ("ref-2", at(9)),
    ]


def test_backfills_copy_what_was_sent_once() -> None:
    def upheld(minute: float, referanse: str = "ref-1") -> Source:
        return {
            "behandling_referanse": referanse,
            "steg": "OPPRETTHOLDELSE",
            "status": "OPPDATER_FAKTAGRUNNLAG",
            "opprettet_tid": text(minute),
        }

    def about(paaklaget: str, klage: str = "ref-1", aktiv: str = "1") -> Source:
        return {
            "klagebehandling_referanse": klage,
            "paaklaget_behandling_referanse": paaklaget,
            "aktiv": aktiv,
            "status": "AVSLUTTET",
        }

    tables = {
        "behandling": [behandling(1), behandling(2, referanse="a-2")],
        "saksstatistikk": [
            sent(1, 1),
            sent(2, 5, saksnummer="gammel"),
            sent(3, 5, saksnummer="ny"),
            sent(4, 8, behandling_status="AVSLUTTET"),
            sent(5, 1, behandling_uuid="a-2"),
            sent(6, 1, behandling_uuid="a-0", behandling_status="AVSLUTTET"),
        ],
        "steg_historikk": [
            upheld(6),
            upheld(6),
            upheld(1),
            upheld(2, "a-2"),
            upheld(2, "a-0"),
            upheld(7) | {"steg": "OMGJØRING"},
        ],
        "paaklaget_behandling": [
            about("p-2"),
            about("p-1"),
            about("p-0", aktiv="nei"),
            about("p-3", klage="a-2"),
            about("p-4", klage="a-0"),
        ],
    }
    owner = Owner()
    owner.run(NAA, tables, backfill=["relatert_behandling", "oversendt_ka"])
    names = ("id", "behandling_uuid", "endret_tid", "behandling_status")
    assert columns(owner.gold[6:], *names, "relatert_behandling_uuid") == [
        # nothing was sent strictly before minute 1
        (7, "ref-1", at(6), "OVERSENDT_KA", None),
        (8, "a-2", at(2), "OVERSENDT_KA", None),
        (9, "a-0", at(2), "OVERSENDT_KA", None),
        (10, "ref-1", at(8), "AVSLUTTET", "p-1"),
        (11, "a-2", at(2), "OVERSENDT_KA", "p-3"),
        (12, "a-0", at(2), "OVERSENDT_KA", "p-4"),
    ]
    assert owner.gold[6]["saksnummer"] == "ny"
    assert {(row["er_relast"], row["teknisk_tid"]) for row in owner.gold[6:]} == {(False, NAA)}
    assert columns(owner.gold[9:], "relatert_fagsystem") == ["KELVIN"] * 3
    owner.run(NAA + timedelta(days=1), tables, backfill=["oversendt_ka", "relatert_behandling"])
    assert len(owner.gold) == 12


def test_views_give_instants_and_the_current_rows() -> None:
    owner = run(
        saksstatistikk=[
            sent(1, 0, endret_tid="2025-07-01 12:00:00", aktor_id="A", ansvarlig_enhet_kode="E"),
            sent(2, 0, endret_tid="2025-07-01 12:00:00"),
            # the repeated hour is winter time, and the hour that is left out begins from it
            sent(3, 0, endret_tid="2025-10-26 02:30:00"),
            sent(4, 0, endret_tid="2025-03-30 02:30:00"),
            sent(5, -1, endret_tid="2025-03-30 03:30:00"),
            sent(6, 0, endret_tid=None, teknisk_tid=None),
        ]
    )
    rows = owner.view()
    assert list(rows[0]) == VIEW
    assert columns(rows[:1], "sekvensnummer", "fodselsnummer", "ansvarlig_enhet") == [(1, "A", "E")]
    instants = [None if time is None else str(time) for time in columns(rows, "endretTid")]
    assert instants == [
        *["2025-07-01 12:00:00+02:00"] * 2,
        "2025-10-26 02:30:00+01:00",
        "2025-03-30 02:30:00+01:00",
        "2025-03-30 03:30:00+02:00",
        None,
    ]
    # equality with other zones holds in the repeated hour, too
    assert rows[2]["endretTid"] == datetime(2025, 10, 26, 1, 30, tzinfo=UTC)
    current = owner.view_gjeldende()
    # 4 and 5 are the same instant
    assert columns(current, "sekvensnummer") == [2, 3, 4, 6]
    assert set(columns(current, "siste_melding_for_hendelse")) == {1}


def test_a_behandling_has_one_row_and_one_referanse() -> None:
    found = read_behandlinger(
        [
            behandling(2, referanse="b", saksnummer=None),
            behandling(2, referanse="b", saksnummer="Z"),
            behandling(2, referanse="c"),
            behandling(3, referanse="b"),
            behandling(4, referanse="Å"),
            behandling(5, referanse=None),
            behandling(6, referanse="d") | {"id": "seks"},
        ]
    )
    assert [(number, row["referanse"], row["saksnummer"]) for number, row in found.items()] == [
        (2, "b", "Z"),
        (4, "Å", "SAK"),
    ]


def resends_until_settled(tables: dict[str, list[Source]], owner: Owner) -> int:
    """Resend the first behandling until nothing is sent any more; return how often it was."""
    for resends in range(20):
        naa = NAA + timedelta(hours=len(owner.gold))
        before = [dict(row) for row in owner.gold]
        owner.run(naa, tables, [1])
        added = owner.gold[len(before) :]
        assert owner.gold[: len(before)] == before
        assert columns(added, "id") == [owner.last_id - n for n in range(len(added))][::-1]
        if not added:
            return resends
        assert set(columns(added, "endret_tid")) >= set(columns(before, "endret_tid"))
    raise AssertionError("does not settle")


def test_a_dropped_event_may_come_back_in_the_next_resend() -> None:
    tables = {
        "behandling": [behandling(opprettet_tid=text(5))],
        "behandling_historikk": [
            *(event(1, 0), event(2, 1), event(3, 3)),
            *(event(4, 4, venteaarsak="A"), event(5, 9, venteaarsak="A")),
        ],
    }
    owner = Owner()
    assert resends_until_settled(tables, owner) == 3
    merges = [
        [(0, ""), (4, "_A")],
        [(0, ""), (4, ""), (4, "_A"), (5, ""), (9, "_A")],
        [(0, ""), (4, ""), (5, ""), (9, "_A")],
    ]
    assert columns(owner.gold, "endret_tid", "behandling_status") == [
        (at(5), "OPPRETTET"),
        *((at(minute), "UNDER_BEHANDLING" + end) for merge in merges for minute, end in merge),
    ]


@pytest.mark.parametrize("repeating", [False, True])
def test_random_resends_keep_every_time_and_settle(repeating: bool) -> None:
    chance = random.Random(7)
    for _ in range(200):
        reach = chance.choice([3, 12])

        def minute(reach: int = reach) -> float:
            # some of them near each other
            return chance.randint(0, reach) + chance.choice([0, 0, 0, 1e-4, -1e-4, 2e-4])

        owner = Owner()
        tables: dict[str, list[Source]] = {
            "behandling": [behandling(opprettet_tid=text(minute()))],
            "saksstatistikk": [sent(n, minute()) for n in range(chance.randint(0, 5))],
            "behandling_historikk": [],
        }
        history = tables["behandling_historikk"]
        owner.run(NAA, tables)
        for _ in range(4):
            for number in range(len(history) + 1, len(history) + chance.randint(1, 4)):
                # versjon alone makes no difference
                vente = chance.choice([None, "A"]) if repeating else str(number)
                status = chance.choice(["UTREDES", "UTREDES", "AVSLUTTET" if repeating else None])
                history.append(
                    event(number, minute(), status or "UTREDES", venteaarsak=vente)
                    | {"versjon": str(number)}
                )
            resends = resends_until_settled(tables, owner)
            # at most two, unless what was dropped comes back
            assert repeating or resends <= 2
