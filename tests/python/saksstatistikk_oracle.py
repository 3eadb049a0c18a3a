"""saksstatistikk's rules once more, one case at a time in plain Python, to compare the models with.

Written from the specification and not from the SQL: the merge walks over the sent times with a
queue, as the service does, where the models have a closed form; a state is counted up from its
changes, a copy is looked for in a list. Inputs are tables of texts, as the CSV files hold them
(None is an empty field; a table or column that is not there is empty).

Rows are dicts. A row that was read has numbers, times and booleans in place of their texts, None
where a text is none.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from itertools import chain
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

Source = Mapping[str, str | None]
Table = Sequence[Source]
Row = dict[str, Any]
Key = TypeVar("Key", bound=Hashable)

GOLD = """
    id fagsystem_navn behandling_uuid saksnummer relatert_behandling_uuid relatert_fagsystem
    behandling_type aktor_id teknisk_tid registrert_tid endret_tid mottatt_tid vedtak_tid
    ferdigbehandlet_tid versjon avsender opprettet_av ansvarlig_beslutter soknadsformat
    saksbehandler behandlingmetode behandling_status behandling_aarsak behandling_resultat
    resultat_begrunnelse ansvarlig_enhet_kode sak_ytelse er_relast sak_utland
""".split()
GOLD_TIMES = [name for name in GOLD if name.endswith("_tid")]

VIEW = """
    fagsystem_navn sekvensnummer saksnummer behandling_uuid relatert_behandling_uuid
    relatert_fagsystem behandling_type ferdigbehandlet_tid endretTid fodselsnummer teknisk_tid
    mottatt_tid registrert_tid versjon avsender opprettet_av saksbehandler vedtak_tid soknadsformat
    behandlingmetode behandling_status behandling_aarsak ansvarlig_beslutter ansvarlig_enhet
    sak_ytelse behandling_resultat resultat_begrunnelse utbetalt_tid forventet_oppstart_tid
    sak_utland er_relast
""".split()
# what the view calls by another name
GOLD_NAME = {
    "sekvensnummer": "id",
    "endretTid": "endret_tid",
    "fodselsnummer": "aktor_id",
    "ansvarlig_enhet": "ansvarlig_enhet_kode",
}

REBEREGNET = """
    behandling_referanse hendelse_nr hendelsestidspunkt status gjeldende_avklaringsbehov
    gjeldende_avklaringsbehov_status venteaarsak retur_aarsak saksbehandler ansvarlig_beslutter
    resultat vedtak_tidspunkt
""".split()

# The columns that decide which of several rows with one key is in use, when all else is equal.
BEHANDLING = """
    referanse saksnummer aktor_id type_behandling status opprettet_tid mottatt_tid opprettet_av
    aarsak_til_opprettelse er_skjermet
""".split()
HISTORIKK = """
    oppdatert_tid status siste_saksbehandler gjeldende_avklaringsbehov
    gjeldende_avklaringsbehov_status behandlingmetode ansvarlig_enhet venteaarsak retur_aarsak
    vedtak_tidspunkt ansvarlig_beslutter resultat rettighetstype soknadsformat
    relatert_behandling_referanse versjon slettet
""".split()
STOPPET = """
    versjon mottatt_tid behandling_opprettet_tidspunkt behandling_status resultat vedtakstidspunkt
    soknadsformat relatert_behandling
""".split()
STOPPET_TIMES = """
    mottatt_tid behandling_opprettet_tidspunkt vedtakstidspunkt tidspunkt_siste_endring
""".split()
ENDRING = """
    definisjon behov_type steg steg_status status endret_av aarsak_til_satt_paa_vent
    aarsak_til_retur
""".split()

SENT_TYPES = {"Førstegangsbehandling", "Revurdering", "Klage", "Tilbakekreving"}
HISTORY_STATUSES = {"OPPRETTET", "UTREDES", "IVERKSETTES", "AVSLUTTET"}
RETURNED = {"SENDT_TILBAKE_FRA_BESLUTTER", "SENDT_TILBAKE_FRA_KVALITETSSIKRER"}
OPEN = {"OPPRETTET"} | RETURNED
CLOSED = {"AVSLUTTET", "TOTRINNS_VURDERT", "KVALITETSSIKRET", "AVBRUTT"}
WAITING = {"VENTEPUNKT", "BREV_VENTEPUNKT"}
SENT_TO_KA = {"KLAGE_OPPRETTHOLDES", "KLAGE_DELVIS_OMGJØRES"}
# the one code that is written otherwise
SHORTER = {
    "VENTER_PÅ_OPPLYSNINGER_FRA_UTENLANDSKE_MYNDIGHETER": "VENTER_PÅ_UTENLANDSKE_OPPLYSNINGER"
}
RESEND_JOB, RECOMPUTE_JOB = "statistikk.resendSakstatistikk", "flyt.statistikk.resend"
BACKFILLS = ("oversendt_ka", "relatert_behandling")

NEAR = timedelta(milliseconds=10)
OSLO = ZoneInfo("Europe/Oslo")

TIME_FORM = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([ T]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?)?"
)
NUMBER_FORM = re.compile(r"-?[0-9]{1,18}")
# ASCII and the letters of Latin-1 that have a capital there; other letters stay as they are
CAPITALS = {
    small: small - 32
    for small in chain(range(ord("a"), ord("z") + 1), range(ord("à"), ord("þ") + 1))
    if small != ord("÷")
}


def to_time(text: str | None) -> datetime | None:
    """Return the wall-clock time that a text is, None when it is none."""
    if text is None or not TIME_FORM.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def to_number(text: str | None) -> int | None:
    """Return the whole number that a text is, None when it is none."""
    return int(text) if text is not None and NUMBER_FORM.fullmatch(text) else None


def to_bool(text: str | None, otherwise: bool | None) -> bool | None:
    """Return the truth that a text is, `otherwise` for an unreadable one (and for NULL)."""
    word = text.lower() if text is not None else None
    if word in ("true", "t", "1"):
        return True
    return False if word in ("false", "f", "0") else otherwise


def upper(text: str) -> str:
    """Return a text in capitals, the same on every engine."""
    return text.translate(CAPITALS)


def nulls_last(row: Row, columns: Iterable[str]) -> tuple[tuple[bool, Any], ...]:
    """Return a key that sorts rows by columns, texts byte by byte, NULL last."""
    values = (row.get(column) for column in columns)
    return tuple((value is None, "" if value is None else value) for value in values)


def first_of_each(
    rows: Iterable[Row], group: Callable[[Row], Key], order: Callable[[Row], Any]
) -> dict[Key, Row]:
    """Return the first row of every group."""
    first: dict[Key, Row] = {}
    for row in rows:
        key = group(row)
        if key not in first or order(row) < order(first[key]):
            first[key] = row
    return first


def recency(row: Row) -> tuple[Any, ...]:
    """Return what says which of some sent rows is the current one: the greatest."""
    teknisk = row["teknisk_tid"]
    return teknisk is not None, teknisk or datetime.min, row["id"]


def equal_but(one: Row, other: Row, *columns: str) -> bool:
    """Return whether two statistics rows are equal in every column but some."""
    return all(one.get(name) == other.get(name) for name in GOLD if name not in columns)


# --- what the inputs say --------------------------------------------------------------------------


def read_behandlinger(table: Table) -> dict[int, Row]:
    """Return the usable behandlinger by id: one row per id, one id per referanse."""
    rows = ({**row, "id": to_number(row.get("id"))} for row in table)
    per_id = first_of_each(
        (row for row in rows if None not in (row["id"], row.get("referanse"))),
        lambda row: row["id"],
        lambda row: nulls_last(row, BEHANDLING),
    )
    per_referanse = first_of_each(
        per_id.values(), lambda row: row["referanse"], lambda row: row["id"]
    )
    for row in per_referanse.values():
        row["opprettet_tid"] = to_time(row.get("opprettet_tid"))
        row["mottatt_tid"] = to_time(row.get("mottatt_tid"))
        # shielded when in doubt, but not when nothing is said
        said = row.get("er_skjermet") is not None
        row["er_skjermet"] = to_bool(row.get("er_skjermet"), otherwise=said)
    return {row["id"]: row for row in sorted(per_referanse.values(), key=lambda row: row["id"])}


def read_historikk(table: Table, behandlinger: Mapping[int, Row]) -> dict[int, list[Row]]:
    """Return the usable, not deleted history of every behandling, in order."""
    histories: dict[int, list[Row]] = defaultdict(list)
    for source in table:
        behandling = to_number(source.get("behandling_id"))
        row = {
            **source,
            "id": to_number(source.get("id")),
            "hendelsestidspunkt": to_time(source.get("hendelsestidspunkt")),
            "vedtak_tidspunkt": to_time(source.get("vedtak_tidspunkt")),
        }
        usable = (
            behandling in behandlinger
            and None not in (row["id"], row["hendelsestidspunkt"])
            and row.get("status") in HISTORY_STATUSES
        )
        if usable and not to_bool(row.get("slettet"), otherwise=False):
            histories[behandling].append(row)
    for rows in histories.values():
        in_order(rows, HISTORIKK)
        rows.sort(key=lambda row: row["hendelsestidspunkt"])
    return histories


def read_sent(table: Table) -> list[Row]:
    """Return the rows of gold that the input table gives, in order of id."""
    rows = []
    for source in table:
        row: Row = {name: source.get(name) for name in GOLD}
        for name in GOLD_TIMES:
            row[name] = to_time(row[name])
        row["id"] = to_number(source.get("id"))
        row["er_relast"] = to_bool(source.get("er_relast"), otherwise=None)
        row["sak_utland"] = sak_utland(row["ansvarlig_enhet_kode"])
        if row["id"] is not None:
            rows.append(row)
    in_order(rows, GOLD[1:])
    return rows


def in_order(rows: list[Row], others: Iterable[str]) -> None:
    """Sort rows by id, those that claim the same one by other columns."""
    if len({row["id"] for row in rows}) < len(rows):
        rows.sort(key=lambda row: nulls_last(row, others))
    rows.sort(key=lambda row: row["id"])


def read_stoppede(table: Table) -> dict[str, Row]:
    """Return the stopped behandlinger by referanse, the one that was changed last of several."""
    rows = []
    for source in table:
        row: Row = dict(source)
        for name in STOPPET_TIMES:
            row[name] = to_time(source.get(name))
        if row.get("behandling_referanse") is not None:
            rows.append(row)

    def latest_first(row: Row) -> tuple[Any, ...]:
        siste = row["tidspunkt_siste_endring"]
        return siste is None, datetime.max - (siste or datetime.max), nulls_last(row, STOPPET)

    return first_of_each(rows, lambda row: row["behandling_referanse"], latest_first)


def read_endringer(table: Table) -> dict[str, list[Row]]:
    """Return the usable changes of every behandling's behov, in order of their numbers."""
    rows = [
        {
            **dict.fromkeys(ENDRING),
            **row,
            "behov_nr": to_number(row.get("behov_nr")),
            "endring_nr": to_number(row.get("endring_nr")),
            "tidsstempel": to_time(row.get("tidsstempel")),
        }
        for row in table
        if row.get("behandling_referanse") is not None and row.get("status") in OPEN | CLOSED
    ]
    usable = (
        row for row in rows if None not in (row["behov_nr"], row["endring_nr"], row["tidsstempel"])
    )
    once = first_of_each(
        usable,
        lambda row: (row["behandling_referanse"], row["behov_nr"], row["endring_nr"]),
        lambda row: (row["tidsstempel"], nulls_last(row, ENDRING)),
    )
    endringer: dict[str, list[Row]] = defaultdict(list)
    for row in once.values():
        endringer[row["behandling_referanse"]].append(row)
    for changes in endringer.values():
        changes.sort(key=by_number)
    return endringer


def by_number(change: Row) -> tuple[int, int]:
    """Return the place of a change among those of its behandling."""
    return change["behov_nr"], change["endring_nr"]


# --- new events -----------------------------------------------------------------------------------


def sak_utland(enhet: str | None) -> str:
    """Return whether the office that is sent works with cases from abroad."""
    return "UTLAND" if enhet in ("0393", "4402") else "NASJONAL"


def behandling_status(type_behandling: str, event: Row) -> str:
    """Return the status that is sent for an event."""
    if event["status"] == "UTREDES":
        status = "UNDER_BEHANDLING"
        if event.get("venteaarsak") is not None:
            aarsak = upper(event["venteaarsak"])
            status += "_" + SHORTER.get(aarsak, aarsak)
        if event.get("gjeldende_avklaringsbehov_status") in RETURNED:
            status += "_" + event["gjeldende_avklaringsbehov_status"]
        return status
    to_ka = type_behandling == "Klage" and event.get("resultat") in SENT_TO_KA
    return "OVERSENDT_KA" if event["status"] == "AVSLUTTET" and to_ka else event["status"]


def behandling_resultat(event: Row) -> str | None:
    """Return the result that is sent for an event."""
    if event["status"] in ("OPPRETTET", "UTREDES"):
        return None
    resultat, rettighetstype = event.get("resultat"), event.get("rettighetstype")
    if resultat == "INNVILGET":
        return "AAP" if rettighetstype is None else "AAP_" + upper(rettighetstype)
    return "UDEFINERT" if resultat is None else resultat


def ansvarlig_enhet_kode(skjermet: bool, event: Row) -> str | None:
    """Return the office that is sent for an event."""
    if skjermet:
        return "-5"
    if event.get("behandlingmetode") == "AUTOMATISK":
        return "KELVIN_AUTOMATISK"
    return event.get("ansvarlig_enhet")


def whole_seconds(time: datetime | None) -> datetime | None:
    """Return a time without its fraction of a second."""
    return None if time is None else time.replace(microsecond=0)


def nye_hendelser(behandling: Row, historikk: Iterable[Row], naa: datetime) -> list[Row]:
    """Return one statistics row, without id, per row of a behandling's history."""
    rows = []
    skjermet = behandling["er_skjermet"]
    ferdigbehandlet = None
    for event in historikk:
        if event["status"] == "AVSLUTTET" and ferdigbehandlet is None:
            ferdigbehandlet = event["hendelsestidspunkt"]
        relatert = event.get("relatert_behandling_referanse")
        beslutter = event.get("ansvarlig_beslutter")
        returned = event.get("gjeldende_avklaringsbehov_status") in RETURNED
        enhet = ansvarlig_enhet_kode(skjermet, event)
        opprettet_av = behandling.get("opprettet_av")
        rows.append(
            {
                "fagsystem_navn": "Kelvin",
                "behandling_uuid": behandling["referanse"],
                "saksnummer": behandling.get("saksnummer"),
                "relatert_behandling_uuid": relatert,
                "relatert_fagsystem": None if relatert is None else "Kelvin",
                "behandling_type": upper(behandling["type_behandling"]),
                "aktor_id": behandling.get("aktor_id"),
                "teknisk_tid": naa,
                "registrert_tid": whole_seconds(behandling["opprettet_tid"]),
                "endret_tid": event["hendelsestidspunkt"],
                "mottatt_tid": whole_seconds(behandling["mottatt_tid"]),
                "vedtak_tid": event["vedtak_tidspunkt"],
                "ferdigbehandlet_tid": ferdigbehandlet,
                "versjon": event.get("versjon"),
                "avsender": "KELVIN",
                "opprettet_av": "KELVIN" if opprettet_av is None else opprettet_av,
                "ansvarlig_beslutter": "-5" if skjermet and beslutter is not None else beslutter,
                "soknadsformat": event.get("soknadsformat"),
                "saksbehandler": "-5" if skjermet else event.get("siste_saksbehandler"),
                "behandlingmetode": event.get("behandlingmetode"),
                "behandling_status": behandling_status(behandling["type_behandling"], event),
                "behandling_aarsak": behandling.get("aarsak_til_opprettelse"),
                "behandling_resultat": behandling_resultat(event),
                "resultat_begrunnelse": event.get("retur_aarsak") if returned else None,
                "ansvarlig_enhet_kode": enhet,
                "sak_ytelse": "AAP",
                "er_relast": True,
                "sak_utland": sak_utland(enhet),
            }
        )
    return rows


# --- the merge of sent and new --------------------------------------------------------------------


def flette(originals: list[datetime], new: list[datetime]) -> list[tuple[datetime, int, bool]]:
    """Return the merge as (endret_tid, number of the new event from 1, whether it was sent).

    `new` are the times of the new events in history order, so none is before the one before it.
    """
    if not new:
        return []
    queue = deque(enumerate(new, start=1))
    taken: int | None = None
    merged = []
    for sent in sorted(set(originals)):
        if queue:
            number, time = queue[0]
            # The first one takes whatever there is; later ones take an event that is near in time
            # or has been, and wait for one that is still to come.
            if taken is None or sent - time >= -NEAR:
                taken = number
                queue.popleft()
        merged.append((sent, taken, True))
    merged += [(time, number, False) for number, time in queue]
    return sorted(merged, key=lambda row: row[:2])


def merged_rows(sent: Sequence[Row], new: Sequence[Row]) -> list[Row]:
    """Return the rows, without id, that a resend of one behandling would send.

    `sent` are its rows in gold, `new` its new events.
    """
    originals = [row["endret_tid"] for row in sent if row["endret_tid"] is not None]
    rows: list[Row] = []
    previous: Row | None = None
    for endret, number, was_sent in flette(originals, [row["endret_tid"] for row in new]):
        row = {**new[number - 1], "endret_tid": endret}
        repeats = previous is not None and equal_but(
            row, previous, "id", "er_relast", "teknisk_tid", "endret_tid", "versjon"
        )
        if was_sent or not repeats:
            rows.append(row)
        previous = row
    if rows and not sent:
        registrert = rows[0]["registrert_tid"]
        if registrert is not None and abs(rows[0]["endret_tid"] - registrert) > NEAR:
            opening = {
                "endret_tid": registrert,
                "behandling_status": "OPPRETTET",
                "vedtak_tid": None,
                "ferdigbehandlet_tid": None,
            }
            rows.insert(0, {**rows[0], **opening})
    return rows


def says_nothing_new(sent: Iterable[Row], merged: Iterable[Row]) -> bool:
    """Return whether a resend would leave the receiver with the rows that it has already."""
    current: dict[datetime, Row] = {}
    for row in sent:
        endret = row["endret_tid"]
        if endret is not None and (
            endret not in current or recency(row) > recency(current[endret])
        ):
            current[endret] = row
    last = {row["endret_tid"]: row for row in merged}
    return current.keys() == last.keys() and all(
        equal_but(row, last[endret], "id", "er_relast", "teknisk_tid", "versjon")
        for endret, row in current.items()
    )


# --- the recomputed history -----------------------------------------------------------------------


class State:
    """What is known of a behandling's behov at a time.

    A behov is the list of its changes until then, in order of their numbers; the last one says what
    it is and how it stands.
    """

    def __init__(self, endringer: Sequence[Row], time: datetime) -> None:
        """Collect the changes until a time, from changes in order of their numbers."""
        behov: dict[int, list[Row]] = defaultdict(list)
        for change in endringer:
            if change["tidsstempel"] <= time:
                behov[change["behov_nr"]].append(change)
        self.behov = list(behov.values())

    def open(self) -> list[list[Row]]:
        """Return the open behov, those that wait for nothing before those that do."""
        found = [behov for behov in self.behov if behov[-1]["status"] in OPEN]
        return sorted(found, key=lambda behov: behov[-1]["behov_type"] in WAITING)

    def status(self) -> str:
        """Return the status of the behandling."""
        brev = {
            behov[-1]["status"]
            for behov in self.behov
            if behov[-1]["steg_status"] == "IVERKSETTES" or behov[-1]["definisjon"] == "5050"
        }
        if brev & OPEN:
            return "IVERKSETTES"
        if brev & CLOSED:
            return "AVSLUTTET"
        created = any(behov[-1]["steg_status"] == "OPPRETTET" for behov in self.open())
        return "OPPRETTET" if created else "UTREDES"

    def vedtak(self) -> Row | None:
        """Return the change that was the decision, None while something is left to look into."""
        for behov in self.open():
            last = behov[-1]
            if last["behov_type"] not in WAITING and last["steg_status"] == "UTREDES":
                return None
        decisions = [
            change
            for behov in self.behov
            if behov[-1]["definisjon"] == "5099" and behov[-1]["status"] == "AVSLUTTET"
            for change in behov
            if change["status"] == "AVSLUTTET"
        ]
        return max(
            decisions,
            key=lambda change: (change["tidsstempel"], *by_number(change)),
            default=None,
        )

    def venteaarsak(self) -> str | None:
        """Return what is waited for."""
        waiting = [behov for behov in self.open() if behov[-1]["behov_type"] == "VENTEPUNKT"]
        change = latest(chain.from_iterable(waiting))
        return None if change is None else change.get("aarsak_til_satt_paa_vent")

    def retur_aarsak(self) -> str | None:
        """Return why the behov that was sent back first was sent back."""
        last_changes = [latest(behov) for behov in self.behov if behov[-1]["status"] in RETURNED]
        if not last_changes:
            return None
        first = min(last_changes, key=lambda change: (change["tidsstempel"], change["behov_nr"]))
        if first.get("aarsak_til_retur") is None:
            return None
        reasons = [reason.strip(" ") for reason in first["aarsak_til_retur"].split(",")]
        if "MANGELFULL_BEGRUNNELSE" in reasons:
            return "MANGELFULL_BEGRUNNELSE"
        return reasons[0] or None

    def saksbehandler(self) -> str | None:
        """Return the last person who changed something."""
        change = latest(
            change
            for change in chain.from_iterable(self.behov)
            if change.get("endret_av") is not None
            and upper(change["endret_av"]) not in ("KELVIN", "BREVLØSNING")
        )
        return None if change is None else change["endret_av"]


def latest(changes: Iterable[Row]) -> Row | None:
    """Return the latest of changes in order of their numbers, the first of several."""
    return max(changes, key=lambda change: change["tidsstempel"], default=None)


def first_known(*times: datetime | None) -> datetime | None:
    """Return the first time that is known."""
    return next((time for time in times if time is not None), None)


def reberegn(stoppet: Row, endringer: Sequence[Row]) -> list[Row]:
    """Return reberegnet_historikk of one stopped behandling, from the changes of its behov."""
    endringer = sorted(endringer, key=by_number)
    is_over = stoppet.get("behandling_status") == "AVSLUTTET"
    over_at = first_known(
        stoppet["vedtakstidspunkt"],
        stoppet["tidspunkt_siste_endring"],
        stoppet["behandling_opprettet_tidspunkt"],
    )
    final_vedtak = None
    times = sorted(change["tidsstempel"] for change in endringer)
    if times:
        final_vedtak = State(endringer, times[-1]).vedtak()
    vedtak_tidspunkt = None
    if is_over:
        vedtak_tidspunkt = first_known(
            stoppet["vedtakstidspunkt"],
            final_vedtak["tidsstempel"] if final_vedtak else None,
            stoppet["tidspunkt_siste_endring"],
        )
    nothing = dict.fromkeys(
        [
            *("gjeldende_avklaringsbehov", "gjeldende_avklaringsbehov_status", "venteaarsak"),
            *("retur_aarsak", "saksbehandler", "ansvarlig_beslutter"),
        ]
    )

    opening = {"hendelsestidspunkt": stoppet["mottatt_tid"], "status": "OPPRETTET"}
    events: list[Row] = [{**nothing, **opening, "vedtak_tidspunkt": None}]
    for time in times:
        state = State(endringer, time)
        vedtak, open_behov = state.vedtak(), state.open()
        beslutter = vedtak.get("endret_av") if vedtak else None
        if beslutter is None and not open_behov:
            continue
        gjeldende = open_behov[0][-1] if open_behov else {}
        events.append(
            {
                "hendelsestidspunkt": time,
                "status": state.status(),
                "gjeldende_avklaringsbehov": gjeldende.get("definisjon"),
                "gjeldende_avklaringsbehov_status": gjeldende.get("status"),
                "venteaarsak": state.venteaarsak(),
                "retur_aarsak": state.retur_aarsak(),
                "saksbehandler": state.saksbehandler(),
                "ansvarlig_beslutter": beslutter,
                "vedtak_tidspunkt": vedtak_tidspunkt,
            }
        )
    # also where there was no behov at all
    if is_over and events[-1]["status"] != "AVSLUTTET":
        beslutter = final_vedtak.get("endret_av") if final_vedtak else None
        events.append(
            {
                **nothing,
                "hendelsestidspunkt": over_at,
                "status": "AVSLUTTET",
                "ansvarlig_beslutter": beslutter,
                "vedtak_tidspunkt": vedtak_tidspunkt,
            }
        )

    rows = []
    so_far: datetime | None = None
    for number, event in enumerate(events, start=1):
        own = event["hendelsestidspunkt"]
        if so_far is None or (own is not None and own > so_far):
            so_far = own
        row = {
            **event,
            "behandling_referanse": stoppet["behandling_referanse"],
            "hendelse_nr": number,
            "hendelsestidspunkt": so_far,
            "resultat": stoppet.get("resultat"),
        }
        rows.append({name: row[name] for name in REBEREGNET})
    return rows


def behandlingmetode(codes: Sequence[str]) -> str:
    """Return how a behandling was worked on, from the codes that it has been through."""
    if codes and codes[-1] == "5097":
        return "KVALITETSSIKRING"
    if codes and codes[-1] == "5099":
        return "FATTE_VEDTAK"
    return "MANUELL" if any(code != "9002" for code in codes) else "AUTOMATISK"


def as_history(stoppet: Row, reberegnet: Iterable[Row], replaced: Sequence[Row]) -> list[Row]:
    """Return recomputed events as the history rows that replace others."""
    rows = []
    codes: list[str] = []
    for event in reberegnet:
        if event["gjeldende_avklaringsbehov"] is not None:
            codes.append(event["gjeldende_avklaringsbehov"])
        time = event["hendelsestidspunkt"]
        if time is None:
            continue
        # in order of time and id, so the last one that has begun is in force
        begun = [row for row in replaced if row["hendelsestidspunkt"] <= time]
        in_force = begun[-1] if begun else {}
        rows.append(
            {
                **event,
                "siste_saksbehandler": event["saksbehandler"],
                "behandlingmetode": behandlingmetode(codes),
                "soknadsformat": stoppet.get("soknadsformat"),
                "versjon": stoppet.get("versjon"),
                "relatert_behandling_referanse": stoppet.get("relatert_behandling"),
                "ansvarlig_enhet": in_force.get("ansvarlig_enhet"),
                "rettighetstype": in_force.get("rettighetstype"),
            }
        )
    return rows


# --- the views ------------------------------------------------------------------------------------


def in_oslo(time: datetime | None) -> datetime | None:
    """Return the instant at which Norwegian clocks show a time.

    It carries Oslo's offset rather than the zone: Python holds a time in the repeated hour of
    autumn for unequal to every time in another zone.
    """
    if time is None:
        return None
    local = time.replace(tzinfo=OSLO)
    # Where the two differ, the lesser is winter time: what counts in the repeated hour of autumn,
    # and what was in force until the hour that spring leaves out.
    offset = min(local.replace(fold=0).utcoffset(), local.replace(fold=1).utcoffset())
    return time.replace(tzinfo=timezone(offset))


# --- many runs ------------------------------------------------------------------------------------


@dataclass
class Owner:
    """Somebody who runs the product now and then, and keeps what was sent."""

    gold: list[Row] = field(default_factory=list)
    utforte: set[str] = field(default_factory=set)
    started: bool = False
    flettede: list[Row] = field(default_factory=list)
    reberegnet: list[Row] = field(default_factory=list)
    # gold by behandling_uuid, and the behandlinger whose recomputation a job has ordered
    sent: dict[str | None, list[Row]] = field(default_factory=lambda: defaultdict(list))
    recomputed: set[int] = field(default_factory=set)
    last_id: int = 0

    def run(
        self,
        naa: datetime,
        tables: Mapping[str, Table],
        resend_behandlinger: Sequence[int | str] = (),
        backfill: Sequence[str] = (),
    ) -> None:
        """Do one run. An unknown id or backfill is a ValueError, and nothing has happened then."""
        behandlinger = read_behandlinger(tables.get("behandling", ()))
        asked = {to_number(str(value)) for value in resend_behandlinger}
        if unknown := asked - behandlinger.keys():
            raise ValueError(f"resend_behandlinger: no behandling has the id {unknown}")
        if unknown := set(backfill) - set(BACKFILLS):
            raise ValueError(f"backfill: {unknown} is none of {BACKFILLS}")
        if not self.started:
            self.start(tables.get("saksstatistikk", ()))

        asked |= self.do_jobs(naa, tables.get("jobb", ()), behandlinger)
        merged = self.merge(naa, tables, behandlinger)
        self.flettede = list(chain.from_iterable(merged.values()))

        for number in sorted(asked & merged.keys()):
            if not says_nothing_new(self.sent[behandlinger[number]["referanse"]], merged[number]):
                self.append(merged[number])

        numbers = {row["referanse"]: number for number, row in behandlinger.items()}
        if "oversendt_ka" in backfill:
            self.append(self.oversendt_ka(naa, tables.get("steg_historikk", ()), numbers))
        if "relatert_behandling" in backfill:
            table = tables.get("paaklaget_behandling", ())
            self.append(self.relatert_behandling(naa, table, numbers))

    def start(self, table: Table) -> None:
        """Begin with what was sent before the product took over."""
        self.gold = read_sent(table)
        for row in self.gold:
            self.sent[row["behandling_uuid"]].append(row)
        self.last_id = max((row["id"] for row in self.gold), default=0)
        self.started = True

    def append(self, rows: Iterable[Row]) -> None:
        """Send rows."""
        for row in rows:
            self.last_id += 1
            sent = {"id": self.last_id, **{name: row[name] for name in GOLD[1:]}}
            self.gold.append(sent)
            self.sent[sent["behandling_uuid"]].append(sent)

    def do_jobs(self, naa: datetime, table: Table, behandlinger: Mapping[int, Row]) -> set[int]:
        """Return the behandlinger that jobs want resent, and note that the jobs are done."""
        resent = set()
        done = set()
        for job in table:
            due = to_time(job.get("neste_kjoring"))
            number = to_number(job.get("payload"))
            if (
                job.get("id") is None
                or job.get("type") not in (RESEND_JOB, RECOMPUTE_JOB)
                or due is None
                or due > naa
                or number not in behandlinger
            ):
                continue
            if job["type"] == RECOMPUTE_JOB:
                self.recomputed.add(number)
            if job["id"] not in self.utforte:
                resent.add(number)
                done.add(job["id"])
        self.utforte |= done
        return resent

    def merge(
        self, naa: datetime, tables: Mapping[str, Table], behandlinger: Mapping[int, Row]
    ) -> dict[int, list[Row]]:
        """Return what a resend of every behandling would send now, in order of id."""
        historikk = read_historikk(tables.get("behandling_historikk", ()), behandlinger)
        stoppede = read_stoppede(tables.get("stoppet_behandling", ()))
        endringer = read_endringer(tables.get("avklaringsbehov_endring", ()))
        reberegnet = {
            referanse: reberegn(stoppet, endringer.get(referanse, ()))
            for referanse, stoppet in sorted(stoppede.items())
        }
        self.reberegnet = list(chain.from_iterable(reberegnet.values()))

        merged = {}
        for number, behandling in behandlinger.items():
            if behandling.get("type_behandling") not in SENT_TYPES:
                continue
            history = historikk.get(number, [])
            stoppet = stoppede.get(behandling["referanse"])
            if number in self.recomputed and stoppet is not None:
                history = as_history(stoppet, reberegnet[behandling["referanse"]], history)
            if history:
                new = nye_hendelser(behandling, history, naa)
                merged[number] = merged_rows(self.sent.get(behandling["referanse"], ()), new)
        return merged

    def oversendt_ka(self, naa: datetime, table: Table, numbers: Mapping[str, int]) -> list[Row]:
        """Return a copy of what was sent last before every time a complaint was upheld."""
        upheld = {
            (row["behandling_referanse"], to_time(row.get("opprettet_tid")))
            for row in table
            if row.get("steg") == "OPPRETTHOLDELSE"
            and row.get("status") == "OPPDATER_FAKTAGRUNNLAG"
            and row.get("behandling_referanse") is not None
        }
        copies = []
        timed = [case for case in upheld if case[1] is not None]
        for referanse, time in sorted(timed, key=lambda case: (place(case[0], numbers), case[1])):
            sent = self.sent.get(referanse, ())
            before = [row for row in sent if row["endret_tid"] and row["endret_tid"] < time]
            has_it = any(
                row["endret_tid"] == time and row["behandling_status"] == "OVERSENDT_KA"
                for row in sent
            )
            if before and not has_it:
                original = max(before, key=lambda row: (row["endret_tid"], *recency(row)))
                copies.append(
                    backfilled(original, naa, endret_tid=time, behandling_status="OVERSENDT_KA")
                )
        return copies

    def relatert_behandling(
        self, naa: datetime, table: Table, numbers: Mapping[str, int]
    ) -> list[Row]:
        """Return a copy of the end of every complaint that does not say what it is about."""
        about: dict[str, str] = {}
        for row in table:
            klage = row.get("klagebehandling_referanse")
            paaklaget = row.get("paaklaget_behandling_referanse")
            is_active = to_bool(row.get("aktiv"), otherwise=False)
            if is_active and row.get("status") == "AVSLUTTET" and klage and paaklaget:
                about[klage] = min(paaklaget, about.get(klage, paaklaget))
        copies = []
        for klage in sorted(about, key=lambda klage: place(klage, numbers)):
            ends = [
                row
                for row in self.sent.get(klage, ())
                if row["behandling_status"] in ("AVSLUTTET", "OVERSENDT_KA")
            ]
            end = max(
                ends,
                key=lambda row: (
                    row["endret_tid"] is not None,
                    row["endret_tid"] or datetime.min,
                    *recency(row),
                ),
                default=None,
            )
            if end is not None and end["relatert_behandling_uuid"] != about[klage]:
                copies.append(
                    backfilled(
                        end,
                        naa,
                        relatert_behandling_uuid=about[klage],
                        relatert_fagsystem="KELVIN",
                    )
                )
        return copies

    def view(self) -> list[Row]:
        """Return the rows of view_saksstatistikk, in order of gold."""
        rows = []
        for sent in self.gold:
            row = {name: sent.get(GOLD_NAME.get(name, name)) for name in VIEW}
            for name, value in row.items():
                if isinstance(value, datetime):
                    row[name] = in_oslo(value)
            rows.append(row)
        return rows

    def view_gjeldende(self) -> list[Row]:
        """Return the rows of view_gjeldende_hendelser_saksstatistikk, in order of gold."""
        current: dict[tuple[Any, ...], tuple[Any, ...]] = {}
        rows = self.view()
        for place_in_gold, row in enumerate(rows):
            teknisk = row["teknisk_tid"]
            newness = (teknisk is not None, teknisk or 0, row["sekvensnummer"])
            key = row["behandling_uuid"], row["endretTid"]
            if key not in current or newness > current[key][0]:
                current[key] = newness, place_in_gold
        return [
            {**rows[place_in_gold], "siste_melding_for_hendelse": 1}
            for _, place_in_gold in sorted(current.values(), key=lambda found: found[1])
        ]


def place(referanse: str, numbers: Mapping[str, int]) -> tuple[bool, int, str]:
    """Return a key that sorts known behandlinger by id, and then the others by referanse."""
    return referanse not in numbers, numbers.get(referanse, 0), referanse


def backfilled(original: Row, naa: datetime, **changes: Any) -> Row:
    """Return a copy of a sent row that a backfill sends."""
    return {**original, "teknisk_tid": naa, "er_relast": False, **changes}
