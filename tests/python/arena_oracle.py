"""arena's rules once more, one message at a time in plain Python, to compare the models with.

Written from the specification (spec/arena) and not from the SQL. Inputs are tables of texts, as the
CSV files hold them (None or '' is an empty field). The state lives in dicts by deltaker,
gjennomføring, person and status, so that a pass costs what its messages cost, not what the history
is long. Outputs are lists of dicts with the contract's columns, sorted by their key.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, NoReturn

Raw = Mapping[str, str | None]
Inputs = Mapping[str, Sequence[Raw]]
Row = dict[str, Any]
Key = tuple[str, str, int]

GJ = "SIAMO.TILTAKGJENNOMFORING"
DELT = "SIAMO.TILTAKDELTAKER"
HIST = "SIAMO.HIST_TILTAKDELTAKER"
TABLES = (GJ, DELT, HIST)
OPERATIONS = {"I": "CREATED", "U": "MODIFIED", "D": "DELETED"}
ID_FIELD = {
    GJ: "TILTAKGJENNOMFORING_ID",
    DELT: "TILTAKDELTAKER_ID",
    HIST: "HIST_TILTAKDELTAKER_ID",
}
SUPPORTED = frozenset(
    """
    INDOPPFAG ARBFORB AVKLARAG VASV ARBRRHDAG DIGIOPPARB JOBBK GRUPPEAMO GRUFAGYRKE ENKELAMO
    ENKFAGYRKE HOYEREUTD
    """.split()
)
ENKELTPLASS = frozenset("ENKELAMO ENKFAGYRKE HOYEREUTD".split())
STATUS_CODES = """
    DELAVB FULLF GJENN_AVB GJENN_AVL IKKEM IKKAKTUELL AVSLAG NEITAKK GJENN TILBUD VENTELISTE AKTUELL
    JATAKK INFOMOETE FEILREG
""".split()
REASON_CODES = "HENLU SYK FRISM ANN BEGA UTV FTOAT".split()
ENDED = frozenset("IKKE_AKTUELL HAR_SLUTTET FEILREGISTRERT AVBRUTT FULLFORT".split())
STATUSES = "HANDLED RETRY FAILED INVALID EXTERNAL_SOURCE WAITING".split()
OPEN = frozenset("RETRY FAILED WAITING".split())
TOPIC = "amt.amt-tiltak-v1"
TOPIC_ENKELTPLASS = "amt.arena-enkeltplass-deltaker-v1"
MAX_ATTEMPTS = 10

INPUTS = {
    "meldinger": "mottatt_nr arena_table_name op_type op_ts pos before after".split(),
    "mulighetsrommet_gjennomforinger": """
        arena_id id arena_kode navn start_dato slutt_dato status oppstart virksomhetsnummer
    """.split(),
    "personidenter": "person_id personident".split(),
    "amt_deltakere": "id status".split(),
}
AMT = """
    gjennomforing_id person_ident start_dato slutt_dato status status_aarsak dager_per_uke
    prosent_deltid registrert_dato status_endret_dato innsok_begrunnelse
""".split()
# The columns of every output, in the contract's order; avvik without its free text.
COLUMNS = {
    "arena_silver.arena_data": """
        id arena_table_name arena_id operation_type operation_pos operation_timestamp ingest_status
        ingested_timestamp ingest_attempts last_attempted before after note
    """.split(),
    "arena_silver.gjennomforing": "arena_id tiltak_kode is_valid id".split(),
    "arena_silver.deltaker": """
        arena_id person_id gjennomforing_id dato_fra dato_til reg_dato mod_dato status
        dato_statusendring ekstern_id arena_source_table
    """.split(),
    "arena_silver.arena_data_id_translation": "amt_id arena_table_name arena_id".split(),
    "arena_silver.arena_data_hist_id_translation": "amt_id arena_hist_id arena_id".split(),
    "arena_silver.avvik": "tabell nokkel regel".split(),
    "arena_gold.amt_deltaker": ["id", *AMT],
    "arena_gold.amt_meldinger": [
        *"arena_data_id topic operation deltaker_id sendt_tid".split(),
        *AMT,
    ],
    "arena_gold.ingest_status": """
        arena_table_name ingest_status antall eldste_operation_timestamp
    """.split(),
    "arena_gold.rekonstruksjon_avvik": "arena_id siste_melding_id siste_ingestet".split(),
}

NUMBER = re.compile(r"-?[0-9]{1,18}")
DIGITS = re.compile(r"[0-9]{1,18}")
POS = re.compile(r"[0-9]{1,20}")
DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
OP_TS = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}")
ARENA_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Unreadable(Exception):
    """A message that gets no row; its argument is the rule in avvik."""


class Unsupported(Exception):
    """A gjennomføring message of a kind that is not supported: no row."""


class Refused(Exception):
    """A treatment that did not succeed: the status of a new message, and the note."""

    def __init__(self, status: str, note: str) -> None:
        """Keep both."""
        super().__init__(status, note)
        self.status = status
        self.note = note


class Number(str):
    """A JSON number, as the characters that it was written with."""

    __slots__ = ()


@dataclass(slots=True)
class Data:
    """The fields of a message's data that some rule reads; numbers as text, dates as they came."""

    arena_id: str
    gjennomforing: str
    tiltakskode: str | None = None
    is_valid: bool = False
    person: str | None = None
    ekstern_id: str | None = None
    typekode: str | None = None
    status: str | None = None
    aarsak: str | None = None
    dato_fra: str | None = None
    dato_til: str | None = None
    dato_statusendring: str | None = None
    reg_dato: str | None = None
    mod_dato: str | None = None
    dager: float | None = None
    prosent: float | None = None
    begrunnelse: str | None = None


@dataclass(slots=True)
class Message:
    """A readable message: nr is mottatt_nr, pos a number, before and after cleaned text."""

    nr: int
    table: str
    operation: str
    pos: int
    pos_text: str
    timestamp: datetime
    before: str | None
    after: str | None
    data: Data

    @property
    def key(self) -> Key:
        """What a message is known by."""
        return self.table, self.operation, self.pos


@dataclass(slots=True)
class ArenaRow:
    """A row of arena_data."""

    id: int
    table: str
    arena_id: str
    operation: str
    pos: int
    pos_text: str
    timestamp: datetime
    status: str
    ingested: datetime
    attempts: int
    last_attempted: datetime | None
    before: str | None
    after: str | None
    note: str | None


@dataclass(slots=True)
class Valid:
    """The dates of a deltaker or hist-deltaker that passed validation."""

    fra: date | None
    til: date | None
    statusendring: datetime | None
    reg: datetime | None


# Values


def parse_arena_time(text: str | None) -> datetime | None:
    """Return the time that `yyyy-mm-dd hh:mm:ss` says; None when the text is anything else."""
    return _exact(text, ARENA_TIME)


def _exact(text: str | None, pattern: re.Pattern[str]) -> datetime | None:
    if not text or not pattern.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def parse_day(text: str | None) -> date | None:
    """Return the day that `yyyy-mm-dd` says; None when the text is anything else."""
    found = _exact(text, DAY)
    return None if found is None else found.date()


def midnight(day: date | None) -> datetime | None:
    """Return the time at which a day begins."""
    return None if day is None else datetime.combine(day, time())


def less(left: Any, right: Any) -> bool:
    """Tell whether left < right; what is not there is not less."""
    return left is not None and right is not None and left < right


def amt_id(table: str, arena_id: str) -> str:
    """Return the id that a row of Arena gets in AMT: md5 in the form of a UUID."""
    text = hashlib.md5(f"{table}|{arena_id}".encode()).hexdigest()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def clean(text: str | None) -> str | None:
    """Remove what a database cannot hold; an empty text is none."""
    return (text or "").replace("\0", "").replace("\\u0000", "") or None


def _no_constant(text: str) -> NoReturn:
    raise ValueError(text)


DECODER = json.JSONDecoder(parse_int=Number, parse_float=Number, parse_constant=_no_constant)


def parse_json(text: str) -> Any:
    """Return what a JSON text says; Unreadable when it is none. Numbers stay as written."""
    try:
        return DECODER.decode(text)
    except (ValueError, RecursionError):
        raise Unreadable("json") from None


def _text(value: Any) -> str | None:
    """A text field: objects, arrays and the empty text are absent."""
    return _raw_text(value) or None


def _raw_text(value: Any) -> str | None:
    """A text as it came, the empty one too."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str) else None


def _whole(value: Any) -> str | None:
    """A whole number as text, None when it is absent."""
    if value is None or value == "" or isinstance(value, dict | list):
        return None
    pattern = NUMBER if isinstance(value, Number) else DIGITS
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise Unreadable("felt")
    return str(int(value))


def _decimal(value: Any) -> float | None:
    if value is None or value == "" or isinstance(value, dict | list):
        return None
    if isinstance(value, Number) or (isinstance(value, str) and DECIMAL.fullmatch(value)):
        return float(value)
    raise Unreadable("felt")


# Reading


def read_data(table: str, document: Any) -> Data:
    """Return the fields of a parsed document; Unreadable when it is no object or lacks a field."""
    if not isinstance(document, dict):
        raise Unreadable("data_mangler")
    get = document.get
    arena_id = _whole(get(ID_FIELD[table])) or "0"
    if table == GJ:
        return _read_gjennomforing(document, arena_id)
    data = Data(
        arena_id=arena_id,
        gjennomforing=_whole(get("TILTAKGJENNOMFORING_ID")) or "0",
        person=_whole(get("PERSON_ID")),
        ekstern_id=_text(get("EKSTERN_ID")),
        typekode=_text(get("DELTAKERTYPEKODE")),
        status=_text(get("DELTAKERSTATUSKODE")),
        aarsak=_text(get("AARSAKVERDIKODE_STATUS")),
        dato_fra=_raw_text(get("DATO_FRA")),
        dato_til=_raw_text(get("DATO_TIL")),
        dato_statusendring=_raw_text(get("DATO_STATUSENDRING")),
        reg_dato=_text(get("REG_DATO")),
        mod_dato=_text(get("MOD_DATO")),
        dager=_decimal(get("ANTALL_DAGER_PR_UKE")),
        prosent=_decimal(get("PROSENT_DELTID")),
        begrunnelse=_raw_text(get("BEGRUNNELSE_BESTILLING")),
    )
    if data.status is None or data.reg_dato is None:
        raise Unreadable("felt")
    return data


def _read_gjennomforing(document: Row, arena_id: str) -> Data:
    numbers = [_whole(document.get(name)) for name in ("SAK_ID", "ARBGIV_ID_ARRANGOR")]
    texts = [_text(document.get(name)) for name in ("LOKALTNAVN", "TILTAKSTATUSKODE")]
    dates = [_raw_text(document.get(name)) for name in ("REG_DATO", "DATO_FRA", "DATO_TIL")]
    kode = _text(document.get("TILTAKSKODE"))
    if kode is None:
        raise Unreadable("felt")
    is_valid = None not in (*numbers, *texts, dates[0]) and all(
        text is None or parse_arena_time(text) is not None for text in dates
    )
    return Data(arena_id, arena_id, tiltakskode=kode, is_valid=is_valid)


def read_number(text: str | None) -> int:
    """Return mottatt_nr as a number; Unreadable when it is none."""
    if not text or not NUMBER.fullmatch(text):
        raise Unreadable("mottatt_nr")
    return int(text)


def read_head(raw: Raw) -> tuple[str, str, int, datetime]:
    """Return table, operation, pos and time of a message; Unreadable with the first reason."""
    table = raw.get("arena_table_name") or ""
    operation = OPERATIONS.get(raw.get("op_type") or "")
    timestamp = _exact(raw.get("op_ts"), OP_TS)
    pos = raw.get("pos") or ""
    if table not in TABLES:
        raise Unreadable("tabell")
    if operation is None:
        raise Unreadable("op_type")
    if timestamp is None:
        raise Unreadable("op_ts")
    if not POS.fullmatch(pos):
        raise Unreadable("pos")
    return table, operation, int(pos), timestamp


def read_body(table: str, operation: str, before: str | None, after: str | None) -> Data:
    """Return the data of a message from its two cleaned texts."""
    parsed = [None if text is None else parse_json(text) for text in (before, after)]
    return read_data(table, parsed[0 if operation == "DELETED" else 1])


def phase_of(table: str, operation: str) -> int:
    """Return the phase in which a message is treated: 0 to 3."""
    if table == DELT:
        return 3 if operation == "DELETED" else 1
    return 0 if table == GJ else 2


# Conversion


def convert_status(
    status: str,
    aarsak: str | None,
    dates: Valid,
    mr: Raw,
    idag: date,
) -> tuple[str, datetime | None, str | None]:
    """Return AMT's status, status_endret_dato and status_aarsak of a deltaker on MR's row."""
    enkeltplass = mr.get("arena_kode") in ENKELTPLASS
    godkjenning = enkeltplass or mr.get("oppstart") == "FELLES"
    avsluttet = mr.get("status") in ("AVSLUTTET", "AVBRUTT", "AVLYST")
    new, when = _table(status, dates, godkjenning, parse_day(mr.get("slutt_dato")), idag)
    stands = enkeltplass and mr.get("status") == "AVSLUTTET" and status == "GJENN"
    if avsluttet and new not in ENDED and not stands:
        new, when = "IKKE_AKTUELL", dates.statusendring
    return new, when, _reason(status, aarsak, avsluttet) if new in ENDED else None


def _table(
    status: str, dates: Valid, godkjenning: bool, mr_slutt: date | None, idag: date
) -> tuple[str, datetime | None]:
    start, slutt, endret = dates.fra, dates.til, dates.statusendring
    plain = {
        "AKTUELL": "SOKT_INN",
        "INFOMOETE": "VURDERES",
        "VENTELISTE": "VENTELISTE",
        "FEILREG": "FEILREGISTRERT",
    }
    if status in plain:
        return plain[status], endret
    if status in ("GJENN", "TILBUD", "JATAKK"):
        if less(start, idag) and less(slutt, idag):
            if not godkjenning:
                return "HAR_SLUTTET", midnight(slutt)
            return "AVBRUTT" if less(slutt, mr_slutt) else "FULLFORT", midnight(slutt)
        if start is not None and start <= idag:
            return "DELTAR", midnight(start)
        return "VENTER_PA_OPPSTART", endret
    if status in ("DELAVB", "FULLF", "GJENN_AVB", "GJENN_AVL", "IKKEM"):
        if not less(midnight(start), endret):
            return "IKKE_AKTUELL", endret
        when = midnight(slutt) if less(midnight(slutt), endret) else endret
        if not godkjenning:
            return "HAR_SLUTTET", when
        return "FULLFORT" if status == "FULLF" else "AVBRUTT", when
    # IKKAKTUELL AVSLAG NEITAKK
    same_day = endret is not None and dates.reg is not None and endret.date() == dates.reg.date()
    return "FEILREGISTRERT" if status == "IKKAKTUELL" and same_day else "IKKE_AKTUELL", endret


def _reason(status: str, aarsak: str | None, avsluttet: bool) -> str | None:
    by_code = {"SYK": "SYK", "BEGA": "FATT_JOBB", "FTOAT": "TRENGER_ANNEN_STOTTE"}
    if status == "IKKEM":
        return "IKKE_MOTT"
    if avsluttet and status in ("AKTUELL", "INFOMOETE", "VENTELISTE"):
        return "FIKK_IKKE_PLASS"
    if aarsak in by_code:
        return by_code[aarsak]
    by_status = {
        "FULLF": None,
        "GJENN_AVB": "AVLYST_KONTRAKT",
        "GJENN_AVL": "AVLYST_KONTRAKT",
        "AVSLAG": "FIKK_IKKE_PLASS",
    }
    return by_status.get(status, "ANNET")


# The three clients


@dataclass(slots=True)
class Clients:
    """The rows in use of Mulighetsrommet, ORDS and AMT, and what is wrong with the others."""

    mr_by_arena_id: dict[str, Raw]
    mr_by_id: dict[str, Raw]
    persons: dict[str, str]
    amt: dict[str, str | None]
    avvik: list[Row]


def read_clients(inputs: Inputs) -> Clients:
    """Read the three tables; of several rows with one key, the first in order is in use."""
    clients = Clients({}, {}, {}, {}, [])

    def wrong(table: str, regel: str, *names: str | None) -> None:
        nokkel = next((name for name in names if name), None)
        clients.avvik.append({"tabell": table, "nokkel": nokkel, "regel": regel})

    table = "mulighetsrommet_gjennomforinger"
    seen_ids: set[str] = set()
    seen_arena_ids: set[str] = set()
    for row in _ordered(inputs.get(table, ()), "id", "arena_id"):
        arena_id, id_ = row.get("arena_id"), row.get("id")
        if not arena_id or not id_:
            wrong(table, "mangler_id", arena_id, id_)
            continue
        if id_ in seen_ids or arena_id in seen_arena_ids:
            wrong(table, "duplikat", arena_id)
        else:
            clients.mr_by_arena_id[arena_id] = row
            clients.mr_by_id[id_] = row
            dates = (row.get("start_dato"), row.get("slutt_dato"))
            if any(text and parse_day(text) is None for text in dates):
                wrong(table, "dato", arena_id)
        seen_ids.add(id_)
        seen_arena_ids.add(arena_id)
    for row in _ordered(inputs.get("personidenter", ()), "personident"):
        person, ident = row.get("person_id"), row.get("personident")
        if not person or not ident:
            wrong("personidenter", "mangler_id", person, ident)
        elif person in clients.persons:
            wrong("personidenter", "duplikat", person)
        else:
            clients.persons[person] = ident
    for row in _ordered(inputs.get("amt_deltakere", ()), "status"):
        id_ = row.get("id")
        if not id_:
            wrong("amt_deltakere", "mangler_id")
        elif id_ in clients.amt:
            wrong("amt_deltakere", "duplikat", id_)
        else:
            clients.amt[id_] = row.get("status") or None
    return clients


def _ordered(rows: Iterable[Raw], *columns: str) -> list[Raw]:
    return sorted(rows, key=lambda row: [row.get(column) or "" for column in columns])


# The product


class Arena:
    """The product's state between passes; `run` is one pass, the properties are the outputs.

    `treated` lists what the last pass did, in order: (id, phase, is new, status or None for a
    gjennomføring message without a row, note).
    """

    def __init__(self) -> None:
        """Begin with nothing read."""
        self.rows: dict[int, ArenaRow] = {}
        self.measures: dict[str, Row] = {}
        self.participants: dict[str, Row] = {}
        self.messages: list[Row] = []
        self.treated: list[tuple[int, int, bool, str | None, str | None]] = []
        # key -> mottatt_nr of every message that was ever treated, and the other way round
        self._known: dict[Key, int] = {}
        self._numbers: dict[int, Key] = {}
        # messages that were treated and have no row: key -> rule in avvik
        self._without_row: dict[Key, str] = {}
        # ids by phase and status, of the statuses that a later pass looks for
        self._by_status: dict[tuple[int, str], set[int]] = defaultdict(set)
        # open DELT rows by deltaker: id -> pos
        self._open: dict[str, dict[int, int]] = defaultdict(dict)
        # WAITING DELT rows by gjennomføring, and the gjennomføringer that each of them names
        self._waiting: dict[str, set[int]] = defaultdict(set)
        self._waits_on: dict[int, set[str]] = {}
        self._peers: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._amt_of: dict[str, str] = {}
        self._deltaker_of: dict[str, str] = {}
        self._hist: dict[str, tuple[str, str | None]] = {}
        self._amt_of_hist: dict[str, str] = {}
        self._last_sent: dict[str, Row] = {}
        self._avvik: list[Row] = []
        self._new_deleted: dict[str, int] = {}
        self._clients = Clients({}, {}, {}, {}, [])
        self._naa = datetime.min
        self._idag = date.min

    # A pass

    def run(
        self,
        inputs: Inputs,
        naa: datetime | str,
        idag: date | str | None = None,
        process_failed: bool = False,
    ) -> None:
        """Treat what is new and what is to be tried again, once, in order."""
        self._naa = datetime.fromisoformat(naa) if isinstance(naa, str) else naa
        idag = date.fromisoformat(idag) if isinstance(idag, str) else idag
        self._idag = idag or self._naa.date()
        self._clients = read_clients(inputs)
        self._avvik = list(self._clients.avvik)
        self.treated = []
        new: list[list[Message]] = [[], [], [], []]
        for message in self._read(inputs.get("meldinger", ())):
            new[phase_of(message.table, message.operation)].append(message)
        self._new_deleted = {}
        for message in new[3]:
            arena_id = message.data.arena_id
            first = self._new_deleted.get(arena_id, message.pos)
            self._new_deleted[arena_id] = min(first, message.pos)
        for phase in range(4):
            again = set(self._by_status[phase, "RETRY"])
            if process_failed:
                again |= self._by_status[phase, "FAILED"]
            work = new[phase] + [self._read_again(self.rows[id_]) for id_ in again]
            work.sort(key=lambda message: (message.pos, message.nr))
            for message in work:
                self._treat(message, phase)
        for phase in range(4):
            for id_ in self._by_status.pop((phase, "IGNORED"), ()):
                row = self.rows.pop(id_)
                self._without_row[row.table, row.operation, row.pos] = "ignorert"
        self._list_without_row(inputs.get("meldinger", ()))

    def rekonstruer(self, arena_table_name: str, ingest_status: str) -> None:
        """Make the newest row per arena_id of those with that status ready to be tried again."""
        newest: dict[str, ArenaRow] = {}
        for row in self.rows.values():
            if (row.table, row.status) == (arena_table_name, ingest_status) and (
                row.arena_id not in newest or newest[row.arena_id].id < row.id
            ):
                newest[row.arena_id] = row
        for row in newest.values():
            self._set_status(row, "RETRY")
            row.attempts = 0
            row.last_attempted = None

    def _read(self, raws: Iterable[Raw]) -> list[Message]:
        """Return the new messages: readable, and the only ones with their key and number."""
        candidates: list[Message] = []
        seen: set[int] = set()
        for raw in raws:
            nokkel = raw.get("mottatt_nr")
            try:
                nr = read_number(nokkel)
                nokkel = str(nr)
                table, operation, pos, timestamp = read_head(raw)
                if nr not in seen and self._known.get((table, operation, pos)) == nr:
                    seen.add(nr)
                    continue
                before, after = clean(raw.get("before")), clean(raw.get("after"))
                data = read_body(table, operation, before, after)
            except Unreadable as unreadable:
                self._wrong(nokkel, unreadable.args[0])
                continue
            text = raw.get("pos") or ""
            candidates.append(
                Message(nr, table, operation, pos, text, timestamp, before, after, data)
            )
        # the lowest key of every number, then the first number of every key
        numbers: dict[int, Key] = {}
        lowest: list[Message] = []
        for message in sorted(candidates, key=lambda one: (one.pos, one.table, one.operation)):
            taken = self._numbers.get(message.nr, numbers.setdefault(message.nr, message.key))
            if taken != message.key:
                self._wrong(str(message.nr), "mottatt_nr_brukt")
            else:
                lowest.append(message)
        new: list[Message] = []
        for message in sorted(lowest, key=lambda message: message.nr):
            if message.key in self._known:
                self._wrong(str(message.nr), "duplikat")
            else:
                self._numbers[message.nr] = message.key
                self._known[message.key] = message.nr
                new.append(message)
        return new

    def _read_again(self, row: ArenaRow) -> Message:
        data = read_body(row.table, row.operation, row.before, row.after)
        return Message(
            row.id,
            row.table,
            row.operation,
            row.pos,
            row.pos_text,
            row.timestamp,
            row.before,
            row.after,
            data,
        )

    def _wrong(self, nokkel: str | None, regel: str) -> None:
        self._avvik.append({"tabell": "meldinger", "nokkel": nokkel, "regel": regel})

    def _list_without_row(self, raws: Iterable[Raw]) -> None:
        """List the treated messages without a row that the input still has."""
        if not self._without_row:
            return
        numbers = {self._known[key]: regel for key, regel in self._without_row.items()}
        for raw in raws:
            try:
                nr = read_number(raw.get("mottatt_nr"))
                if nr in numbers and read_head(raw)[:3] == self._numbers[nr]:
                    self._wrong(str(nr), numbers.pop(nr))
            except Unreadable:
                continue

    def _treat(self, message: Message, phase: int) -> None:
        row = self.rows.get(message.nr)
        is_new = row is None
        refused = False
        note: str | None
        try:
            status, note = "HANDLED", self._handle(message, row.attempts if row else 0)
        except Unsupported:
            self._without_row[message.key] = "ikke_stottet"
            self.treated.append((message.nr, phase, is_new, None, None))
            return
        except Refused as refusal:
            refused, status, note = True, refusal.status, refusal.note
        if row is None:
            row = self.rows[message.nr] = ArenaRow(
                id=message.nr,
                table=message.table,
                arena_id=message.data.arena_id,
                operation=message.operation,
                pos=message.pos,
                pos_text=message.pos_text,
                timestamp=message.timestamp,
                status="",
                ingested=self._naa,
                attempts=0,
                last_attempted=None,
                before=message.before,
                after=message.after,
                note=None,
            )
        elif not refused:
            row.ingested = self._naa
        else:
            row.attempts += 1
            row.last_attempted = self._naa
            if status not in ("IGNORED", "EXTERNAL_SOURCE", "WAITING"):
                status = row.status
                if status == "RETRY" and row.attempts >= MAX_ATTEMPTS:
                    status = "FAILED"
        row.note = note
        self._set_status(row, status)
        self.treated.append((message.nr, phase, is_new, status, note))

    def _set_status(self, row: ArenaRow, status: str) -> None:
        """Give a row its status and keep the indexes right."""
        phase = phase_of(row.table, row.operation)
        self._by_status[phase, row.status].discard(row.id)
        if status not in ("HANDLED", "INVALID", "EXTERNAL_SOURCE"):
            self._by_status[phase, status].add(row.id)
        if row.table == DELT:
            if status in OPEN:
                self._open[row.arena_id][row.id] = row.pos
            elif row.arena_id in self._open:
                self._open[row.arena_id].pop(row.id, None)
            if status == "WAITING" and row.status != "WAITING":
                self._waits_on[row.id] = _named_gjennomforinger(row)
                for gjennomforing in self._waits_on[row.id]:
                    self._waiting[gjennomforing].add(row.id)
            elif status != "WAITING" and row.status == "WAITING":
                for gjennomforing in self._waits_on.pop(row.id):
                    self._waiting[gjennomforing].discard(row.id)
        row.status = status

    # The messages

    def _handle(self, message: Message, attempts: int) -> str | None:
        """Treat a message; return the note of one that succeeds."""
        if message.table == GJ:
            return self._handle_gjennomforing(message.data)
        mr = self._checks_1_to_4(message.data)
        if message.table == DELT:
            return self._handle_deltaker(message, mr, attempts)
        return self._handle_hist(message, mr)

    def _handle_gjennomforing(self, data: Data) -> None:
        new = {
            "arena_id": data.arena_id,
            "tiltak_kode": data.tiltakskode,
            "is_valid": data.is_valid,
            "id": None,
        }
        measure = self.measures.setdefault(data.arena_id, new)
        measure["is_valid"] = data.is_valid
        if data.tiltakskode not in SUPPORTED:
            raise Unsupported
        if data.arena_id in self._clients.mr_by_arena_id:
            measure["id"] = self._clients.mr_by_arena_id[data.arena_id]["id"]
        if data.is_valid:
            for id_ in list(self._waiting.get(data.arena_id, ())):
                row = self.rows[id_]
                self._set_status(row, "RETRY")
                row.attempts = 0

    def _checks_1_to_4(self, data: Data) -> Raw:
        """Return MR's row of the gjennomføring."""
        arena_id = data.gjennomforing
        measure = self.measures.get(arena_id)
        wait = f"Venter på at gjennomføring med id={arena_id} skal bli håndtert"
        if measure is None:
            raise Refused("RETRY", wait)
        if measure["tiltak_kode"] not in SUPPORTED:
            note = f"Deltaker på gjennomføring med arenakode {arena_id} er ikke støttet"
            raise Refused("IGNORED", note)
        if not measure["is_valid"]:
            raise Refused("WAITING", f"Deltaker på ugyldig gjennomføring <{arena_id}>")
        if measure["id"] is None:
            if arena_id not in self._clients.mr_by_arena_id:
                raise Refused("RETRY", wait + " av Mulighetsrommet")
            measure["id"] = self._clients.mr_by_arena_id[arena_id]["id"]
        mr = self._clients.mr_by_id.get(measure["id"])
        if mr is None:
            note = f"Fant ikke gjennomføring med id={measure['id']} hos Mulighetsrommet"
            raise Refused("RETRY", note)
        return mr

    def _handle_deltaker(self, message: Message, mr: Raw, attempts: int) -> str | None:
        data = message.data
        arena_id, ekstern_id = data.arena_id, data.ekstern_id
        if ekstern_id is not None:
            self._check_uuid(ekstern_id)
            other = self._deltaker_of.get(ekstern_id)
            if other is not None and other != arena_id:
                raise Refused(
                    "INVALID",
                    f"Fikk arenadeltaker med id {arena_id} og EKSTERN_ID {ekstern_id}"
                    f" men arenaId er allerede mappet til {other}",
                )
            if other is None and arena_id not in self._amt_of:
                self._translate(ekstern_id, arena_id)
            raise Refused("EXTERNAL_SOURCE", f"Deltaker har eksternid {ekstern_id}")
        if data.typekode == "EKSTERN":
            note = f"Deltaker har deltakertypekode ekstern, arenaid {arena_id}"
            raise Refused("EXTERNAL_SOURCE", note)
        dates = self._validate(DELT, data)
        if arena_id not in self._amt_of:
            self._translate(amt_id(DELT, arena_id), arena_id)
        own = self._amt_of[arena_id]
        deleted = message.operation == "DELETED"
        if any(pos < message.pos for pos in self._open.get(arena_id, {}).values()) or (
            not deleted and less(self._new_deleted.get(arena_id), message.pos)
        ):
            note = f"Forrige melding på deltaker med id={arena_id} er ikke håndtert enda"
            raise Refused("RETRY", note)
        topic = TOPIC_ENKELTPLASS if mr.get("arena_kode") in ENKELTPLASS else TOPIC
        if not deleted:
            self._upsert_deltaker(data, dates)
            payload = self._payload(data, dates, mr) | {
                "innsok_begrunnelse": data.begrunnelse or ""
            }
            self._send(message, topic, message.operation, own, payload)
            return None
        if own in self._hist:
            self._upsert_deltaker(data, dates)
            return "Slettes ikke fordi deltaker ble historisert"
        if attempts < 2:
            note = f"Fant ikke hist-deltaker for deltaker id={own} arenaId={arena_id}"
            raise Refused("RETRY", note)
        if arena_id in self.participants:
            self.participants[arena_id]["status"] = "FEILREGISTRERT"
        payload = self._payload(data, dates, mr) | {
            "status": "FEILREGISTRERT",
            "status_aarsak": None,
            "dager_per_uke": None,
            "prosent_deltid": None,
            "innsok_begrunnelse": None,
        }
        self._send(message, topic, "MODIFIED", own, payload)
        return None

    def _handle_hist(self, message: Message, mr: Raw) -> str:
        data = message.data
        hist_id, ekstern_id = data.arena_id, data.ekstern_id
        if ekstern_id is not None:
            self._check_uuid(ekstern_id)
            self._hist_with_ekstern_id(hist_id, ekstern_id)
        if data.typekode == "EKSTERN":
            note = f"hist-deltaker har deltakertypekode ekstern, arenaid {hist_id}"
            raise Refused("EXTERNAL_SOURCE", note)
        if message.operation != "CREATED":
            note = f"Ignorerer hist-deltaker som har operation type {message.operation}"
            raise Refused("IGNORED", note)
        dates = self._validate(HIST, data)
        if dates.statusendring is None:
            note = "Kan ikke matche hist deltaker som mangler DATO_STATUSENDRING"
            raise Refused("INVALID", note)
        matches = self._matches(data, dates)
        if not matches:
            if hist_id not in self._amt_of_hist:
                self._translate_hist(amt_id(HIST, hist_id), hist_id, None)
            payload = self._hist_payload(data, dates, mr)
            self._send(message, TOPIC, "CREATED", self._amt_of_hist[hist_id], payload)
            return "Fant match? false"
        own = self._amt_of[matches[0]]
        if own not in self._clients.amt:
            raise Refused(
                "INVALID",
                f"Fant matchende deltaker for hist deltaker {hist_id} men fant ikke deltakeren"
                " igjen i amt-tiltak",
            )
        if own not in self._hist:
            self._translate_hist(own, hist_id, matches[0])
        if self._clients.amt[own] == "FEILREGISTRERT":
            payload = self._hist_payload(data, dates, mr)
            self._send(message, TOPIC, "MODIFIED", own, payload)
        return "Fant match? true"

    def _hist_with_ekstern_id(self, hist_id: str, ekstern_id: str) -> NoReturn:
        other = self._hist.get(ekstern_id)
        if other is not None and other[0] != hist_id:
            raise Refused(
                "INVALID",
                f"Fikk arena hist-deltaker med id {hist_id} og EKSTERN_ID {ekstern_id}"
                f" men arenaId er allerede mappet til {other[0]}",
            )
        if other is None:
            if hist_id in self._amt_of_hist:
                raise Refused(
                    "RETRY",
                    f"Translation entry on amtId {ekstern_id} with arenaHistId {hist_id}"
                    " already exist.",
                )
            self._translate_hist(ekstern_id, hist_id, self._deltaker_of.get(ekstern_id))
        raise Refused("EXTERNAL_SOURCE", f"hist-deltaker har eksternid {ekstern_id}")

    def _matches(self, data: Data, dates: Valid) -> list[str]:
        """Return the one deltaker that a hist-deltaker was, or none."""
        peers = sorted(self._peers.get((str(data.person), data.gjennomforing), ()))
        for peer in peers:
            if self.participants[peer]["dato_statusendring"] is None:
                raise Refused(
                    "RETRY",
                    f"Kan ikke matche hist deltaker {data.arena_id}: deltaker {peer} mangler"
                    " DATO_STATUSENDRING",
                )
        wanted = (dates.fra, dates.til, dates.statusendring)
        names = ("dato_fra", "dato_til", "dato_statusendring")
        matches = [
            peer
            for peer in peers
            if tuple(self.participants[peer][name] for name in names) == wanted
        ]
        if len(matches) > 1:
            note = f"Fant {len(peers)} deltakere som matcher med hist deltaker {data.arena_id}"
            raise Refused("FAILED", note)
        return matches

    def _check_uuid(self, ekstern_id: str) -> None:
        if not UUID.fullmatch(ekstern_id):
            raise Refused("RETRY", f"EKSTERN_ID {ekstern_id} er ikke en UUID")

    def _validate(self, table: str, data: Data) -> Valid:
        """Checks 8 and 9."""
        if data.arena_id == "0":
            raise Refused("INVALID", f"{ID_FIELD[table]} er 0")
        if data.gjennomforing == "0":
            raise Refused("INVALID", "TILTAKGJENNOMFORING_ID er 0")
        if data.person is None:
            raise Refused("INVALID", "PERSON_ID er null")
        fra = _parsed("DATO_FRA", data.dato_fra, "LocalDate")
        til = _parsed("DATO_TIL", data.dato_til, "LocalDate")
        if data.status not in STATUS_CODES:
            raise Refused("RETRY", f"Ukjent DELTAKERSTATUSKODE {data.status}")
        endret = _parsed("DATO_STATUSENDRING", data.dato_statusendring, "LocalDateTime")
        if data.aarsak is not None and data.aarsak not in REASON_CODES:
            raise Refused("RETRY", f"Ukjent AARSAKVERDIKODE_STATUS {data.aarsak}")
        reg = _parsed("REG_DATO", data.reg_dato, "LocalDateTime")
        if data.person not in self._clients.persons:
            note = f"Arena mangler personlig ident for personId={data.person}"
            raise Refused("INVALID", note)
        return Valid(fra and fra.date(), til and til.date(), endret, reg)

    def _translate(self, amt: str, arena_id: str) -> None:
        self._amt_of[arena_id] = amt
        self._deltaker_of.setdefault(amt, arena_id)

    def _translate_hist(self, amt: str, hist_id: str, arena_id: str | None) -> None:
        self._hist[amt] = (hist_id, arena_id)
        self._amt_of_hist.setdefault(hist_id, amt)

    def _upsert_deltaker(self, data: Data, dates: Valid) -> None:
        old = self.participants.get(data.arena_id)
        if old is not None:
            self._peers[old["person_id"], old["gjennomforing_id"]].discard(data.arena_id)
        self._peers[str(data.person), data.gjennomforing].add(data.arena_id)
        self.participants[data.arena_id] = {
            "arena_id": data.arena_id,
            "person_id": data.person,
            "gjennomforing_id": data.gjennomforing,
            "dato_fra": dates.fra,
            "dato_til": dates.til,
            "reg_dato": dates.reg,
            "mod_dato": parse_arena_time(data.mod_dato),
            "status": data.status,
            "dato_statusendring": dates.statusendring,
            "ekstern_id": data.ekstern_id,
            "arena_source_table": DELT,
        }

    def _payload(self, data: Data, dates: Valid, mr: Raw) -> Row:
        status, when, reason = convert_status(str(data.status), data.aarsak, dates, mr, self._idag)
        return {
            "gjennomforing_id": mr["id"],
            "person_ident": self._clients.persons[str(data.person)],
            "start_dato": dates.fra,
            "slutt_dato": dates.til,
            "status": status,
            "status_aarsak": reason,
            "dager_per_uke": data.dager,
            "prosent_deltid": data.prosent,
            "registrert_dato": dates.reg,
            "status_endret_dato": when,
            "innsok_begrunnelse": data.begrunnelse,
        }

    def _hist_payload(self, data: Data, dates: Valid, mr: Raw) -> Row:
        payload = self._payload(data, dates, mr)
        if payload["status"] not in ENDED:
            raise Refused("RETRY", f"Hist deltaker har fått status {payload['status']}")
        return payload

    def _send(
        self, message: Message, topic: str, operation: str, deltaker_id: str, payload: Row
    ) -> None:
        sent = {
            "arena_data_id": message.nr,
            "topic": topic,
            "operation": operation,
            "deltaker_id": deltaker_id,
            "sendt_tid": self._naa,
            **payload,
        }
        self.messages.append(sent)
        self._last_sent[deltaker_id] = sent

    # The outputs

    @property
    def arena_data(self) -> list[Row]:
        """One row for every message that was treated and not ignored."""
        return [
            {
                "id": row.id,
                "arena_table_name": row.table,
                "arena_id": row.arena_id,
                "operation_type": row.operation,
                "operation_pos": row.pos_text,
                "operation_timestamp": row.timestamp,
                "ingest_status": row.status,
                "ingested_timestamp": row.ingested,
                "ingest_attempts": row.attempts,
                "last_attempted": row.last_attempted,
                "before": row.before,
                "after": row.after,
                "note": row.note,
            }
            for row in sorted(self.rows.values(), key=lambda row: row.id)
        ]

    @property
    def gjennomforing(self) -> list[Row]:
        """One row for every gjennomføring."""
        return [dict(self.measures[arena_id]) for arena_id in sorted(self.measures)]

    @property
    def deltaker(self) -> list[Row]:
        """The raw values that every deltaker had last."""
        return [dict(self.participants[arena_id]) for arena_id in sorted(self.participants)]

    @property
    def arena_data_id_translation(self) -> list[Row]:
        """The AMT id of every deltaker."""
        return [
            {"amt_id": self._amt_of[arena_id], "arena_table_name": DELT, "arena_id": arena_id}
            for arena_id in sorted(self._amt_of)
        ]

    @property
    def arena_data_hist_id_translation(self) -> list[Row]:
        """The hist-deltaker that an AMT id belongs to, and the deltaker that it was."""
        return [
            {"amt_id": amt, "arena_hist_id": hist_id, "arena_id": arena_id}
            for amt, (hist_id, arena_id) in sorted(self._hist.items())
        ]

    @property
    def amt_meldinger(self) -> list[Row]:
        """Everything that was sent, in the order of sending."""
        return [dict(sent) for sent in self.messages]

    @property
    def amt_deltaker(self) -> list[Row]:
        """What was sent last for every AMT id."""
        return [
            {"id": id_, **{name: self._last_sent[id_][name] for name in AMT}}
            for id_ in sorted(self._last_sent)
        ]

    @property
    def ingest_status(self) -> list[Row]:
        """How many rows every table has in every status, and how old the oldest is."""
        groups: dict[tuple[str, str], list[datetime]] = defaultdict(list)
        for row in self.rows.values():
            groups[row.table, row.status].append(row.timestamp)
        return [
            {
                "arena_table_name": table,
                "ingest_status": status,
                "antall": len(times),
                "eldste_operation_timestamp": min(times),
            }
            for (table, status), times in sorted(groups.items())
        ]

    @property
    def rekonstruksjon_avvik(self) -> list[Row]:
        """The deltakere whose newest HANDLED message is not the one ingested last."""
        handled: dict[str, list[ArenaRow]] = defaultdict(list)
        for row in self.rows.values():
            if row.table == DELT and row.status == "HANDLED":
                handled[row.arena_id].append(row)
        found = []
        for arena_id, rows in sorted(handled.items()):
            newest = max(row.id for row in rows)
            last = max(rows, key=_ingest_order).id
            if newest != last:
                found.append(
                    {"arena_id": arena_id, "siste_melding_id": newest, "siste_ingestet": last}
                )
        return found

    @property
    def avvik(self) -> list[Row]:
        """What the outputs do not carry as it came, of the inputs of the last pass."""
        return sorted(
            (dict(row) for row in self._avvik),
            key=lambda row: (row["tabell"], row["nokkel"] or "", row["regel"]),
        )

    @property
    def relations(self) -> dict[str, list[Row]]:
        """Every output by its name in the contract."""
        return {name: getattr(self, name.split(".")[1]) for name in COLUMNS}


def _parsed(field: str, text: str | None, kind: str) -> datetime | None:
    """Return a date that is there as a time; refuse one that does not parse."""
    found = parse_arena_time(text)
    if text is not None and found is None:
        raise Refused("INVALID", f"{field} kan ikke parses til {kind} ({text})")
    return found


def _named_gjennomforinger(row: ArenaRow) -> set[str]:
    """Return the gjennomføringer that before or after of a deltaker row name."""
    own = row.before if row.operation == "DELETED" else row.after
    named = set()
    for text in (row.before, row.after):
        document = None if text is None else parse_json(text)
        if isinstance(document, dict):
            value = document.get("TILTAKGJENNOMFORING_ID")
            try:
                number = _whole(value) or ("0" if text == own else None)
            except Unreadable:
                number = None
            if number is not None:
                named.add(number)
    return named


def _ingest_order(row: ArenaRow) -> tuple[datetime, int, int, int]:
    return row.ingested, phase_of(row.table, row.operation), row.pos, row.id
