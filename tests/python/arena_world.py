"""Worlds for arena: random streams of messages over many passes, and one made by hand.

A world is a list of passes. The input tables of a pass are all that has come so far, as the CSV
files hold them (texts, None is an empty field). The pools of ids are small, so that the messages of
a random world meet each other; `golden_passes` meets every rule once.
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from arena_oracle import (
    DELT,
    GJ,
    HIST,
    INPUTS,
    REASON_CODES,
    STATUS_CODES,
    STATUSES,
    SUPPORTED,
    Arena,
    Inputs,
    Row,
    amt_id,
)

Text = dict[str, str | None]
Tables = dict[str, list[Text]]
Fields = dict[str, Any]

FIRST = datetime(2025, 3, 10, 12)
FIRST_OP = datetime(2025, 3, 1, 8)
FOLDER_NAME = "raw_arena__{}.csv"


@dataclass(frozen=True)
class Pass:
    """One pass: operations to do before it, all input as it stands then, and the clock."""

    inputs: Inputs
    naa: str
    idag: str
    process_failed: bool = False
    # pairs (arena_table_name, ingest_status) for rekonstruer
    rekonstruer: tuple[tuple[str, str], ...] = ()

    def play(self, arena: Arena) -> None:
        """Do it with the oracle."""
        for table, status in self.rekonstruer:
            arena.rekonstruer(table, status)
        arena.run(self.inputs, self.naa, self.idag, self.process_failed)


def play(passes: list[Pass]) -> Arena:
    """Do all passes with a new oracle."""
    arena = Arena()
    for one in passes:
        one.play(arena)
    return arena


def write_csv(inputs: Inputs, folder: Path) -> None:
    """Write the four inputs as seeds into a folder; None is an empty field."""
    for table, columns in INPUTS.items():
        path = folder / FOLDER_NAME.format(table)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            for row in inputs.get(table, ()):
                writer.writerow([row.get(column) or "" for column in columns])


def snapshot(tables: Tables) -> Tables:
    """Return a copy that later changes leave alone."""
    return {name: [dict(row) for row in rows] for name, rows in tables.items()}


# Messages


def stamp(time: datetime, micros: int = 0) -> str:
    """Return an op_ts."""
    return f"{time:%Y-%m-%d %H:%M:%S}.{micros:06}"


def message(
    nr: int | str | None,
    table: str,
    op: str,
    pos: int | str,
    data: Any,
    **other: Any,
) -> Text:
    """Return a row of meldinger; data (object or text) goes where the operation has it."""
    text = data if data is None or isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    row: Text = dict.fromkeys(INPUTS["meldinger"])
    number = int(pos) if str(pos).isdigit() else 0
    return (
        row
        | {
            "mottatt_nr": None if nr is None else str(nr),
            "arena_table_name": table,
            "op_type": op,
            "op_ts": stamp(FIRST_OP + timedelta(minutes=number % 100_000), number % 7),
            "pos": f"{pos:020}" if isinstance(pos, int) else pos,
            "before" if op == "D" else "after": text,
        }
        | other
    )


def gjennomforing(number: Any = 1, **more: Any) -> Fields:
    """Return the data of a valid gjennomføring."""
    return {
        "TILTAKGJENNOMFORING_ID": number,
        "TILTAKSKODE": "ARBFORB",
        "SAK_ID": 700,
        "ARBGIV_ID_ARRANGOR": 800,
        "LOKALTNAVN": "Kurs",
        "TILTAKSTATUSKODE": "GJENNOMFOR",
        "REG_DATO": "2025-01-01 00:00:00",
        "DATO_FRA": "2025-01-01 00:00:00",
        "DATO_TIL": None,
    } | more


def deltaker(number: Any = 11, measure: Any = 1, person: Any = 31, **more: Any) -> Fields:
    """Return the data of a deltaker who takes part since 1 March 2025."""
    return {
        "TILTAKDELTAKER_ID": number,
        "TILTAKGJENNOMFORING_ID": measure,
        "PERSON_ID": person,
        "DELTAKERSTATUSKODE": "GJENN",
        "DATO_FRA": "2025-03-01 00:00:00",
        "DATO_TIL": "2025-06-30 00:00:00",
        "REG_DATO": "2025-02-01 10:00:00",
        "MOD_DATO": "2025-02-02 10:00:00",
        "DATO_STATUSENDRING": "2025-02-20 00:00:00",
        "ANTALL_DAGER_PR_UKE": 5,
        "PROSENT_DELTID": 100,
        "BEGRUNNELSE_BESTILLING": "Ønsker kurs",
    } | more


def hist(number: Any = 21, measure: Any = 1, person: Any = 31, **more: Any) -> Fields:
    """Return the data of a hist-deltaker who has ended, with the same person and measure."""
    fields = deltaker(None, measure, person)
    del fields["TILTAKDELTAKER_ID"]
    return (
        fields
        | {"HIST_TILTAKDELTAKER_ID": number, "DELTAKERSTATUSKODE": "FULLF"}
        | {"DATO_STATUSENDRING": "2025-03-05 00:00:00"}
        | more
    )


def mr_row(arena_id: str, **more: str | None) -> Text:
    """Return Mulighetsrommet's row of a gjennomføring."""
    row: Text = dict.fromkeys(INPUTS["mulighetsrommet_gjennomforinger"])
    return (
        row
        | {
            "arena_id": arena_id,
            "id": f"mr-{arena_id}",
            "arena_kode": "ARBFORB",
            "navn": "Kurs",
            "start_dato": "2025-01-01",
            "status": "GJENNOMFORES",
            "oppstart": "LOPENDE",
        }
        | more
    )


def person_row(person: str) -> Text:
    """Return ORDS' row of a person."""
    return {"person_id": person, "personident": f"ident-{person}"}


# The world made by hand

E1 = "aaaaaaaa-0000-4000-8000-000000000001"
E2 = "aaaaaaaa-0000-4000-8000-000000000002"
E3 = "AAAAAAAA-0000-4000-8000-00000000000C"
E4 = "aaaaaaaa-0000-4000-8000-000000000004"


class Golden:
    """Builds the passes: every call of `add` gives the next mottatt_nr and pos."""

    def __init__(self) -> None:
        """Begin with empty tables."""
        self.tables: Tables = {name: [] for name in INPUTS}
        self.passes: list[Pass] = []
        self.nr = 0

    def add(
        self, table: str, op: str, data: Any, pos: int | str | None = None, **other: Any
    ) -> int:
        """Add a message; pos is ten times its number unless it is given."""
        self.nr += 1
        place = self.nr * 10 if pos is None else pos
        self.tables["meldinger"].append(message(self.nr, table, op, place, data, **other))
        return self.nr

    def end(self, naa: str, idag: str | None = None, process_failed: bool = False) -> None:
        """End the pass."""
        inputs = snapshot(self.tables)
        self.passes.append(Pass(inputs, naa, idag or naa[:10], process_failed))


def golden_passes() -> list[Pass]:
    """Return five passes in which every rule of the specification, and every note, comes once."""
    golden = Golden()
    _golden_1(golden)
    _golden_2(golden)
    golden.end("2025-03-12 12:00:00", "2025-03-13")
    _golden_4(golden)
    golden.end("2025-03-13 12:00:00", process_failed=True)
    golden.add(DELT, "U", deltaker(11, DELTAKERSTATUSKODE="DELAVB", AARSAKVERDIKODE_STATUS="SYK"))
    golden.add(GJ, "U", gjennomforing(6))
    # late: older than what pass 1 did with 11
    golden.add(DELT, "U", deltaker(11, DELTAKERSTATUSKODE="AKTUELL"), pos=45)
    golden.end("2025-03-14 12:00:00")
    return golden.passes


def _golden_1(golden: Golden) -> None:
    add = golden.add
    tables = golden.tables
    tables["mulighetsrommet_gjennomforinger"] = [
        mr_row("0"),
        mr_row("1"),
        mr_row("2"),
        mr_row("4", arena_kode="ENKELAMO", slutt_dato="2025-05-01", status="AVSLUTTET"),
        mr_row("5", oppstart="FELLES", slutt_dato="2025-03-31", start_dato="tull"),
        mr_row("6", status="AVBRUTT"),
        mr_row("7"),
        mr_row("1", id="mr-1b"),
        mr_row("", id="mr-x"),
    ]
    tables["personidenter"] = [
        *(person_row(str(person)) for person in (31, 32, 33, 34)),
        {"person_id": "31", "personident": "jdent-31"},
        {"person_id": "35", "personident": None},
    ]
    tables["amt_deltakere"] = [
        {"id": amt_id(DELT, "12"), "status": "DELTAR"},
        {"id": amt_id(DELT, "13"), "status": "FEILREGISTRERT"},
        {"id": amt_id(DELT, "13"), "status": "HAR_SLUTTET"},
        {"id": None, "status": "DELTAR"},
    ]
    # gjennomføringer; 2 is invalid at first, 3 comes to MR later, 9 is not supported, 8 comes later
    add(GJ, "I", gjennomforing(0))
    add(GJ, "I", gjennomforing("1"))
    add(GJ, "I", gjennomforing(2, SAK_ID=None))
    add(GJ, "I", gjennomforing(3))
    add(GJ, "I", gjennomforing(4, TILTAKSKODE="ENKELAMO"))
    add(GJ, "I", gjennomforing(5, TILTAKSKODE="GRUPPEAMO"))
    add(GJ, "U", gjennomforing(6, TILTAKSKODE="JOBBK"))
    add(GJ, "I", gjennomforing(7))
    add(GJ, "I", gjennomforing(9, TILTAKSKODE="MENTOR"))
    # checks 1-4
    add(DELT, "I", deltaker(40, 8))
    add(DELT, "I", deltaker(41, 9))
    add(DELT, "I", deltaker(42, 2))
    add(DELT, "I", deltaker(43, 3))
    add(DELT, "U", deltaker(42, 2))
    # checks 5-7
    add(DELT, "I", deltaker(44, EKSTERN_ID=E1))
    add(DELT, "I", deltaker(45, EKSTERN_ID=E1))
    add(DELT, "U", deltaker(44, EKSTERN_ID=E2))
    add(DELT, "I", deltaker(46, EKSTERN_ID="x-1"))
    add(DELT, "I", deltaker(47, DELTAKERTYPEKODE="EKSTERN"))
    add(DELT, "I", deltaker(48, EKSTERN_ID=""))
    # checks 8 and 9
    add(DELT, "I", deltaker(None))
    add(DELT, "I", deltaker(50, 0))
    add(DELT, "I", deltaker(51, person=None))
    add(DELT, "I", deltaker(52, DATO_FRA="2025-03-01"))
    add(DELT, "I", deltaker(53, DATO_TIL="2025-02-30 00:00:00"))
    add(DELT, "I", deltaker(54, DELTAKERSTATUSKODE="UKJENT"))
    add(DELT, "I", deltaker(55, DATO_STATUSENDRING="2025-03-01T00:00:00"))
    add(DELT, "I", deltaker(56, AARSAKVERDIKODE_STATUS="UKJENT"))
    add(DELT, "I", deltaker(57, REG_DATO="2025-03-01 00:00:00.0"))
    add(DELT, "I", deltaker(58, person=39))
    # handled; 12, 13, 14 have hist-deltakere that match
    ended = {"DATO_TIL": "2025-03-04 00:00:00", "DATO_STATUSENDRING": "2025-03-05 00:00:00"}
    for number, person in ((11, 34), (12, 31), (13, 32), (14, 33)):
        add(DELT, "I", deltaker(number, person=person, **ended, DELTAKERSTATUSKODE="TILBUD"))
    add(DELT, "I", deltaker(15, 5, 33, **ended))
    add(DELT, "I", deltaker(16, 5, 33, **ended))
    add(DELT, "I", deltaker(17, 5, 34, DATO_STATUSENDRING=None, DELTAKERSTATUSKODE="VENTELISTE"))
    for number in (12, 13, 18):
        add(DELT, "D", deltaker(number, person=31 if number == 12 else 32, **ended))
    add(DELT, "I", deltaker(18, DELTAKERSTATUSKODE="NEITAKK"), pos=11)
    # after its new DELETED of lower pos
    add(DELT, "U", deltaker(18, DELTAKERSTATUSKODE="AVSLAG"))
    _golden_hist(add, ended)
    _golden_conversions(add)
    _golden_unreadable(golden)
    golden.end("2025-03-10 12:00:00")


def _golden_hist(add: Callable[..., int], ended: Fields) -> None:
    add(HIST, "I", hist(59, 8))
    add(HIST, "I", hist(60, 9))
    add(HIST, "I", hist(61, 2))
    add(HIST, "I", hist(62, 3))
    add(HIST, "I", hist(63, EKSTERN_ID=E1))
    add(HIST, "I", hist(64, EKSTERN_ID=E1))
    add(HIST, "I", hist(63, EKSTERN_ID=E4))
    add(HIST, "I", hist(65, EKSTERN_ID=E3))
    add(HIST, "I", hist(66, DELTAKERTYPEKODE="EKSTERN"))
    add(HIST, "U", hist(67))
    add(HIST, "D", hist(67))
    add(HIST, "I", hist(None))
    add(HIST, "I", hist(68, DATO_STATUSENDRING=None))
    add(HIST, "I", hist(69, 5, 33, **ended))
    add(HIST, "I", hist(70, 5, 34))
    add(HIST, "I", hist(71, 4, 34))
    add(HIST, "I", hist(72, 4, 34, DELTAKERSTATUSKODE="VENTELISTE"), before='"x"')
    add(HIST, "I", hist(73, 7, 34, DELTAKERSTATUSKODE="VENTELISTE"))
    add(HIST, "I", hist(74, 1, 31, **ended))
    add(HIST, "I", hist(75, 1, 32, **ended, BEGRUNNELSE_BESTILLING=None))
    add(HIST, "I", hist(76, 1, 33, **ended))


def _golden_conversions(add: Callable[..., int]) -> None:
    """One deltaker for every row of the conversion, with its reason."""
    late = {"DATO_FRA": "2025-03-20 00:00:00", "DATO_TIL": None}
    over = {"DATO_FRA": "2025-02-25 00:00:00", "DATO_TIL": "2025-03-09 00:00:00"}
    begun = {"DATO_FRA": "2025-03-10 00:00:00", "DATO_TIL": "2025-03-10 00:00:00"}
    same_day = {"REG_DATO": "2025-02-20 23:59:59"}
    stopped = {"DATO_STATUSENDRING": "2025-03-05 12:00:00"}
    cases: list[tuple[str, int, Fields]] = [
        ("AKTUELL", 1, {"BEGRUNNELSE_BESTILLING": None}),
        ("AKTUELL", 6, {}),
        ("INFOMOETE", 1, {"ANTALL_DAGER_PR_UKE": 2.5, "PROSENT_DELTID": "50"}),
        ("VENTELISTE", 1, {"MOD_DATO": "tull"}),
        ("FEILREG", 1, {}),
        ("GJENN", 1, over),
        ("GJENN", 5, over),
        ("GJENN", 4, begun),
        ("GJENN", 6, begun),
        ("TILBUD", 5, over | {"DATO_TIL": "2025-03-05 00:00:00"}),
        ("JATAKK", 1, begun),
        ("JATAKK", 1, late),
        ("JATAKK", 4, late),
        ("TILBUD", 1, {"DATO_FRA": None, "DATO_STATUSENDRING": None}),
        ("DELAVB", 1, stopped | {"AARSAKVERDIKODE_STATUS": "BEGA"}),
        ("FULLF", 5, stopped),
        ("FULLF", 1, stopped | {"AARSAKVERDIKODE_STATUS": "FTOAT"}),
        ("GJENN_AVB", 5, stopped | {"DATO_TIL": "2025-03-04 00:00:00"}),
        ("GJENN_AVL", 1, late),
        ("IKKEM", 1, stopped),
        ("IKKAKTUELL", 1, same_day | {"AARSAKVERDIKODE_STATUS": "SYK"}),
        ("IKKAKTUELL", 1, {"AARSAKVERDIKODE_STATUS": "HENLU"}),
        ("AVSLAG", 1, {}),
        ("NEITAKK", 1, {"BEGRUNNELSE_BESTILLING": "med\0null"}),
    ]
    for number, (status, measure, more) in enumerate(cases, 81):
        add(DELT, "I", deltaker(number, measure, 34, DELTAKERSTATUSKODE=status, **more))


def _golden_unreadable(golden: Golden) -> None:
    add = golden.add
    fine = deltaker(49)
    add("SIAMO.ANNET", "I", fine)
    add(DELT, "X", fine)
    add(DELT, "I", fine, op_ts="2025-03-01 08:00:00")
    add(DELT, "I", fine, pos="-1")
    add(DELT, "I", '{"TILTAKDELTAKER_ID": NaN}')
    add(DELT, "I", fine, before="{")
    add(DELT, "I", None, before="{}")
    add(DELT, "D", "[]")
    add(DELT, "I", deltaker("x"))
    add(DELT, "I", deltaker(49, DELTAKERSTATUSKODE=None))
    add(DELT, "I", deltaker(49, PROSENT_DELTID="mye"))
    add(GJ, "I", gjennomforing(9, TILTAKSKODE=""))
    rows = golden.tables["meldinger"]
    rows.append(message("x", DELT, "I", 1, fine))
    # the key of the first deltaker again, and the number of the first message again
    add(DELT, "I", fine, pos=100)
    rows.append(message(1, DELT, "I", 99_990, fine))


def _golden_2(golden: Golden) -> None:
    add = golden.add
    tables = golden.tables
    mr = tables["mulighetsrommet_gjennomforinger"]
    mr.append(mr_row("3"))
    mr[:] = [row for row in mr if row["arena_id"] != "7"]
    tables["amt_deltakere"].append({"id": amt_id(DELT, "14"), "status": "FULLFORT"})
    tables["personidenter"].append(person_row("39"))
    add(GJ, "U", gjennomforing(2, TILTAKSKODE="MENTOR"))
    add(GJ, "U", gjennomforing(2, DATO_TIL=""))
    add(GJ, "U", gjennomforing(2))
    add(GJ, "U", gjennomforing(8))
    add(DELT, "I", deltaker(77, 7))
    add(DELT, "U", deltaker(18, DELTAKERSTATUSKODE="TILBUD"))
    add(DELT, "D", deltaker(18, DELTAKERSTATUSKODE="TILBUD"))
    golden.end("2025-03-11 12:00:00")


def _golden_4(golden: Golden) -> None:
    mr = golden.tables["mulighetsrommet_gjennomforinger"]
    for row in mr:
        if row["arena_id"] == "8":
            row["status"] = "AVLYST"
    mr.append(mr_row("8", status="AVLYST"))
    golden.add(GJ, "U", gjennomforing(6, LOKALTNAVN=None))
    golden.add(DELT, "I", deltaker(78, 6))
    golden.add(DELT, "I", deltaker(79, 8, DELTAKERSTATUSKODE="VENTELISTE"))


# Random worlds

MEASURES = "1 2 3 4 5".split()
PARTICIPANTS = [str(number) for number in range(11, 19)]
HISTORIC = [str(number) for number in range(21, 27)]
PERSONS = "31 32 33 34".split()
KINDS = sorted(SUPPORTED)
BAD_JSON = """{|{"A": NaN}|{'a': 1}|{"A": 01}|Infinity|{"A": 1} x|[1,]|{"A": "\t"}""".split("|")
NO_DATA = ["null", "[]", '"x"', "1", "true", None]
OTHER_DATA = ["null", "[1]", '"x"', '{"TILTAKGJENNOMFORING_ID": 2}', '{"A": {"B": []}}']
BAD_DATES = [
    *("2025-03-01", "2025-03-01T00:00:00", "2025-03-01 00:00:00.0"),
    *("2025-02-30 00:00:00", "2025-03-01 24:00:00", "tull"),
]


def _as_message(row: Row) -> Fields:
    """Return the fields by which a hist-deltaker matches a row of deltaker."""
    names = {
        "TILTAKGJENNOMFORING_ID": "gjennomforing_id",
        "PERSON_ID": "person_id",
        "DATO_FRA": "dato_fra",
        "DATO_TIL": "dato_til",
        "DATO_STATUSENDRING": "dato_statusendring",
    }
    fields = {}
    for name, column in names.items():
        value = row[column]
        fields[name] = f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, date) else value
    return fields


class World:
    """A random world; `next_pass` is the next of its passes, `passes` several of them.

    It plays along with an oracle of its own, to know which AMT ids have been given.
    """

    def __init__(self, seed: int, per_pass: int = 25) -> None:
        """Begin with some reference rows and no messages."""
        self.rng = random.Random(seed)
        self.per_pass = per_pass
        self.tables: Tables = {name: [] for name in INPUTS}
        self.arena = Arena()
        self.naa = FIRST
        self.nr = 0
        self.pos = 100
        self.number = 0
        self.data: dict[str, Fields] = {}
        self._reference_rows()

    def passes(self, count: int) -> list[Pass]:
        """Return the next passes."""
        return [self.next_pass() for _ in range(count)]

    def next_pass(self) -> Pass:
        """Bring new messages, change the clients, now and then ask for a reconstruction."""
        rng = self.rng
        if self.number:
            self.naa += timedelta(hours=rng.choice([1, 7, 24, 30]), seconds=rng.randrange(60))
            self._change_clients()
        for _ in range(rng.randint(self.per_pass // 2, self.per_pass)):
            self._bring()
        self.number += 1
        operations = []
        if self.number > 1 and rng.random() < 0.3:
            table = rng.choice([DELT, DELT, GJ, HIST])
            operations.append((table, rng.choice([*STATUSES, "HANDLED"])))
        idag = self.naa.date() + timedelta(days=rng.choice([0, 0, 0, -1, 2]))
        made = Pass(
            snapshot(self.tables),
            str(self.naa),
            str(idag),
            rng.random() < 0.2,
            tuple(operations),
        )
        made.play(self.arena)
        return made

    # The clients

    def _reference_rows(self) -> None:
        rng = self.rng
        mr = self.tables["mulighetsrommet_gjennomforinger"]
        mr.extend(self._mr_row(one) for one in ["0", *MEASURES] if rng.random() < 0.75)
        persons = self.tables["personidenter"]
        persons.extend(person_row(one) for one in PERSONS if rng.random() < 0.8)
        persons.append({"person_id": "0", "personident": "ident-0"})
        self._amt_rows(0.5)
        if rng.random() < 0.3:
            persons.append({"person_id": rng.choice([None, "38"]), "personident": None})
        if rng.random() < 0.3:
            persons.append({"person_id": persons[0]["person_id"], "personident": "a"})
        if rng.random() < 0.3:
            mr.append(mr_row("1000", id=None))
            self.tables["amt_deltakere"].append({"id": None, "status": "DELTAR"})

    def _mr_row(self, arena_id: str) -> Text:
        rng = self.rng
        return mr_row(
            arena_id,
            arena_kode=rng.choice(["ENKELAMO", "HOYEREUTD", "ARBFORB", "JOBBK", None]),
            slutt_dato=rng.choice([None, "2025-03-09", "2025-03-11", "2025-06-30", "tull"]),
            status=rng.choice(["GJENNOMFORES", "GJENNOMFORES", "AVSLUTTET", "AVBRUTT", "AVLYST"]),
            oppstart=rng.choice(["FELLES", "LOPENDE", None]),
        )

    def _amt_rows(self, often: float) -> None:
        rows = self.tables["amt_deltakere"]
        there = {row["id"] for row in rows}
        for one in PARTICIPANTS:
            if self.rng.random() < often and amt_id(DELT, one) not in there:
                status = self.rng.choice(["DELTAR", "FEILREGISTRERT", "FEILREGISTRERT", None])
                rows.append({"id": amt_id(DELT, one), "status": status})

    def _change_clients(self) -> None:
        rng = self.rng
        mr = self.tables["mulighetsrommet_gjennomforinger"]
        there = {row["arena_id"] for row in mr}
        mr.extend(
            self._mr_row(one) for one in ["0", *MEASURES] if one not in there and rng.random() < 0.3
        )
        for row in mr:
            if rng.random() < 0.1 and row["id"]:
                column = rng.choice(["slutt_dato", "status", "oppstart"] * 3 + ["id"])
                new = self._mr_row(str(row["arena_id"]))
                row[column] = new[column] if column != "id" else f"mr-{self.number}-{len(mr)}"
        if rng.random() < 0.1:
            mr.pop(rng.randrange(len(mr)))
        if rng.random() < 0.1 and mr:
            mr.append(mr_row(str(mr[0]["arena_id"]), id=f"nr-{self.number}"))
        persons = self.tables["personidenter"]
        there = {row["person_id"] for row in persons}
        persons.extend(
            person_row(one) for one in PERSONS if one not in there and rng.random() < 0.3
        )
        self._amt_rows(0.1)
        for row in self.tables["amt_deltakere"]:
            if rng.random() < 0.1:
                row["status"] = rng.choice(["DELTAR", "FEILREGISTRERT", "FULLFORT"])
        if rng.random() < 0.1:
            extra = dict(rng.choice(self.tables["amt_deltakere"] or [{"id": None}]))
            self.tables["amt_deltakere"].append(extra | {"status": "AAA"})

    # The messages

    def _bring(self) -> None:
        rng = self.rng
        rows = self.tables["meldinger"]
        self.nr += rng.choice([1, 1, 1, 2])
        kind = rng.random()
        if rows and kind < 0.04:
            # the same key again, with the same number or with a new one
            row = dict(rng.choice(rows))
            if len(row["pos"] or "") == 20 and int(row["pos"] or 0) > 10**18:
                # not one whose number was used: which of the two is first, nobody says
                return
            if rng.random() < 0.7:
                row["mottatt_nr"] = str(self.nr)
            rows.append(row)
        elif kind < 0.12:
            rows.append(self._broken())
        elif self.arena.rows and kind < 0.13:
            # a number that a row has, on a key of its own that is above all others
            used = rng.choice(list(self.arena.rows))
            rows.append(message(used, DELT, "I", 10**18 + self.nr, self._deltaker()))
        else:
            rows.append(self._message())

    def _pos(self) -> int | str:
        """Mostly above all before; at times late, or equal with that of another message."""
        rng = self.rng
        kind = rng.random()
        if kind < 0.08:
            pos = rng.randint(1, self.pos)
        else:
            self.pos += 0 if kind < 0.12 else rng.choice([1, 1, 2, 9])
            pos = self.pos
        return str(pos) if rng.random() < 0.1 else pos

    def _message(self) -> Text:
        rng = self.rng
        table = rng.choices([GJ, DELT, HIST], [2, 6, 3])[0]
        op = rng.choice({GJ: "IUUD", DELT: "IIUUUDD", HIST: "IIIIIIUD"}[table])
        make = {GJ: self._gjennomforing, DELT: self._deltaker, HIST: self._hist}[table]
        text = json.dumps(make(), ensure_ascii=rng.random() < 0.5, sort_keys=rng.random() < 0.3)
        if rng.random() < 0.05:
            text = text.replace("Ø", "\\u0000Ø").replace("TILTAKGJ", "TILT\\u0000AKGJ")
        row = message(self.nr, table, op, self._pos(), text)
        if rng.random() < 0.15:
            row["after" if op == "D" else "before"] = rng.choice(OTHER_DATA)
        return row

    def _broken(self) -> Text:
        rng = self.rng
        row = self._message()
        data = "before" if row["op_type"] == "D" else "after"
        other = "after" if data == "before" else "before"
        fields: Fields = json.loads(str(row[data]).replace("\\u0000", ""))
        choice = rng.randrange(9)
        if choice == 0:
            row["mottatt_nr"] = rng.choice(["x", "1.5", "1" * 19])
        elif choice == 1:
            row["arena_table_name"] = rng.choice(["SIAMO.ANNET", "TILTAKDELTAKER", None])
        elif choice == 2:
            row["op_type"] = rng.choice(["X", "i", "CREATED", None])
        elif choice == 3:
            row["op_ts"] = rng.choice(
                ["2025-03-01 08:00:00", "2025-03-01T08:00:00.000000", "2025-02-30 08:00:00.000000"]
            )
        elif choice == 4:
            row["pos"] = rng.choice(["-1", "1" * 21, "1.0", "x", None])
        elif choice == 5:
            row[rng.choice([data, other])] = rng.choice(BAD_JSON)
        elif choice == 6:
            row[data] = rng.choice(NO_DATA)
        else:
            name = rng.choice(
                [name for name in fields if name.endswith("GJENNOMFORING_ID")]
                + [name for name in fields if name in ("PERSON_ID", "SAK_ID", "PROSENT_DELTID")]
            )
            if choice == 7:
                fields[name] = rng.choice(
                    ["x", {"a": 1}, True, "1" * 19 if name.endswith("_ID") else "y"]
                )
            else:
                kind = "TILTAKSKODE" if "TILTAKSKODE" in fields else "DELTAKERSTATUSKODE"
                fields[kind] = rng.choice([None, "", {}, []])
            row[data] = json.dumps(fields)
        return row

    def _gjennomforing(self) -> Fields:
        rng = self.rng
        fields = gjennomforing(self._number(rng.choice(MEASURES)))
        kind = rng.random()
        if kind < 0.07:
            return fields | {"TILTAKGJENNOMFORING_ID": rng.choice([0, None])}
        fields["TILTAKSKODE"] = rng.choice([*KINDS * 3, "MENTOR", "KURS"])
        if kind < 0.2:
            name = rng.choice("SAK_ID ARBGIV_ID_ARRANGOR LOKALTNAVN TILTAKSTATUSKODE".split())
            fields[name] = rng.choice([None, None, ""])
        elif kind < 0.3:
            name = rng.choice("REG_DATO DATO_FRA DATO_TIL".split())
            fields[name] = rng.choice([*BAD_DATES, "", None])
        return fields

    def _number(self, text: str) -> Any:
        """An id as a number or as a text."""
        return text if self.rng.random() < 0.2 else int(text)

    def _day(self, *days: int) -> str:
        """A day near the first pass, at midnight."""
        day = date(2025, 3, 10) + timedelta(days=self.rng.choice(days))
        return f"{day} 00:00:00"

    def _common(self) -> Fields:
        rng = self.rng
        endret = self._day(-8, -3, -1, 0, 1, 4)
        if rng.random() < 0.3:
            endret = endret.replace("00:00:00", "12:30:00")
        fields: Fields = {
            "TILTAKGJENNOMFORING_ID": self._number(rng.choice(MEASURES)),
            "PERSON_ID": self._number(rng.choice(PERSONS)),
            "DELTAKERSTATUSKODE": rng.choice(STATUS_CODES),
            "AARSAKVERDIKODE_STATUS": rng.choice([None, None, "", *REASON_CODES]),
            "DATO_FRA": rng.choice([None, self._day(-30, -8, -1, 0, 1, 30)]),
            "DATO_TIL": rng.choice([None, self._day(-8, -1, 0, 1, 30)]),
            "DATO_STATUSENDRING": endret if rng.random() < 0.92 else None,
            "REG_DATO": rng.choice([self._day(-60), endret[:10] + " 23:59:59"]),
            "MOD_DATO": rng.choice([None, self._day(-5), "tull", ""]),
            "ANTALL_DAGER_PR_UKE": rng.choice([None, 5, 2.5, "3", ""]),
            "PROSENT_DELTID": rng.choice([None, 100, 50.5, "80"]),
            "BEGRUNNELSE_BESTILLING": rng.choice([None, "", "Ønsker kurs", 5, ["x"], 'a "b", c']),
            "UKJENT_FELT": rng.choice([None, {"a": [1]}]),
        }
        self._spoil(fields)
        return fields

    def _spoil(self, fields: Fields) -> None:
        rng = self.rng
        kind = rng.random()
        if kind < 0.06:
            names = "DATO_FRA DATO_TIL DATO_STATUSENDRING REG_DATO".split()
            name = rng.choice(names)
            fields[name] = rng.choice(BAD_DATES if name == "REG_DATO" else [*BAD_DATES, ""])
        elif kind < 0.08:
            fields["DELTAKERSTATUSKODE"] = rng.choice(["UKJENT", "gjenn", 7])
        elif kind < 0.1:
            fields["AARSAKVERDIKODE_STATUS"] = rng.choice(["UKJENT", "syk"])
        elif kind < 0.12:
            fields["PERSON_ID"] = rng.choice([None, 0, 39])
        elif kind < 0.14:
            fields["TILTAKGJENNOMFORING_ID"] = rng.choice([0, 0, 99])
        elif kind < 0.17:
            fields["DELTAKERTYPEKODE"] = rng.choice(["EKSTERN", "EKSTERN", "INTERN"])

    def _ekstern_id(self) -> str | None:
        """None mostly; an id of the pool, of AMT, or none that it could be."""
        rng = self.rng
        kind = rng.random()
        if kind > 0.12:
            return rng.choice([None, None, ""])
        given = [row["amt_id"] for row in self.arena.arena_data_id_translation]
        given += [row["amt_id"] for row in self.arena.arena_data_hist_id_translation]
        if given and kind < 0.05:
            return rng.choice(given)
        return rng.choice([E1, E2, E3, E4, E1, "x-1"])

    def _deltaker(self) -> Fields:
        rng = self.rng
        number = rng.choice(PARTICIPANTS)
        fields = self._common()
        old = self.data.get(number)
        there = self.arena.deltaker
        if there and rng.random() < 0.12:
            # a twin of another deltaker, so that a hist-deltaker matches both
            fields |= _as_message(rng.choice(there))
        elif old and rng.random() < 0.7:
            for name in ("TILTAKGJENNOMFORING_ID", "PERSON_ID", "DATO_FRA", "DATO_TIL"):
                fields[name] = old[name]
        fields["TILTAKDELTAKER_ID"] = self._number(number)
        fields["EKSTERN_ID"] = self._ekstern_id()
        if rng.random() < 0.01:
            fields["TILTAKDELTAKER_ID"] = rng.choice([None, 0])
        names = "TILTAKGJENNOMFORING_ID PERSON_ID DATO_FRA DATO_TIL DATO_STATUSENDRING".split()
        self.data[number] = {name: fields[name] for name in names}
        return fields

    def _hist(self) -> Fields:
        rng = self.rng
        fields = self._common()
        there = self.arena.deltaker
        if self.data and rng.random() < 0.7:
            if there and rng.random() < 0.6:
                fields |= _as_message(rng.choice(there))
            else:
                fields |= rng.choice(list(self.data.values()))
            if rng.random() < 0.1:
                name = rng.choice(["DATO_FRA", "DATO_TIL", "DATO_STATUSENDRING"])
                fields[name] = rng.choice([None, self._day(-8, -1, 0)])
        fields["HIST_TILTAKDELTAKER_ID"] = self._number(rng.choice(HISTORIC))
        fields["EKSTERN_ID"] = self._ekstern_id()
        if rng.random() < 0.02:
            fields["HIST_TILTAKDELTAKER_ID"] = rng.choice([None, 0])
        return fields


def random_passes(seed: int) -> list[Pass]:
    """Return a world: every fifth has 13 passes of few messages, so that attempts reach 10."""
    few = seed % 5 == 4
    return World(seed, 5 if few else 25).passes(13 if few else 6)
