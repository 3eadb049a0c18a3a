"""Generate the raw inputs of the product tiltak.

Run from the project root::

    python -m scripts.tiltak                                     # the committed seeds
    python -m scripts.tiltak --deltakere 10000000 --format parquet --out <folder>

Six tables are written, ``raw_tiltak__<table>.csv`` or ``.parquet``: tiltakstyper, gjennomforinger,
gjennomforing_nav_enheter, gjennomforing_avdelinger, deltaker_siste_status, vent_person_periode.

Every gjennomføring has an owner, the office that arranges it, and one of the owner's five
avdelinger. Deltakere are drawn from the gjennomføringer in the mother table's scope that an office
in ``--offices`` owns. The gjennomføringer are the same whatever the number of deltakere; what
``--offices`` adds to them is the second office that offers some of them.
"""

import argparse
import sys
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scripts import common
from scripts.common import CODE, DAY, TEXT, TIMESTAMP, SettingError, TableFolder

PROGRAM = "scripts.tiltak"
PRODUCT = "tiltak"

# Deltakere drawn at a time; the draws depend on it, so changing it changes the data.
CHUNK = 1_000_000
SCOPE_FROM = date(2022, 1, 1)
INNSATSGRUPPER = ("IKVAL", "IVURD", "VARIG", "BATT", "BFORM", "UKJENT")
SHARE_OF_NEW_PERSONS = 0.9
MOST_BAD_ROWS = 0.05

SCHEMAS: dict[str, pa.Schema] = {
    "tiltakstyper": pa.schema(
        [("id", TEXT), ("navn", TEXT), ("tiltakskode", TEXT), ("arena_tiltakskode", TEXT)]
    ),
    "gjennomforinger": pa.schema(
        [
            ("id", TEXT),
            ("tiltakstype_id", TEXT),
            ("avtale_id", TEXT),
            ("tiltaksnummer", TEXT),
            ("start_dato", DAY),
            ("slutt_dato", DAY),
            ("opprettet_tidspunkt", TIMESTAMP),
            ("oppdatert_tidspunkt", TIMESTAMP),
            ("avsluttet_tidspunkt", TIMESTAMP),
        ]
    ),
    "gjennomforing_nav_enheter": pa.schema([("gjennomforing_id", TEXT), ("enhetsnummer", TEXT)]),
    "gjennomforing_avdelinger": pa.schema([("gjennomforing_id", TEXT), ("avdeling", TEXT)]),
    "deltaker_siste_status": pa.schema(
        [
            ("bruker_id", TEXT),
            ("gjennomforing_id", CODE),
            ("status", CODE),
            ("start_dato", DAY),
            ("slutt_dato", DAY),
        ]
    ),
    "vent_person_periode": pa.schema([("bruker_id", TEXT), ("innsatsgruppekode", CODE)]),
}


@dataclass(frozen=True)
class Tiltakstype:
    """A labour-market measure.

    Attributes:
        tiltakskode: code in the new system, also the source of its id.
        arena_tiltakskode: code in Arena.
        navn: the name that people use.
        group: whether people start together, so that they complete it or break it off.
    """

    tiltakskode: str
    arena_tiltakskode: str
    navn: str
    group: bool = False

    @property
    def id(self) -> str:
        """A UUID that is the same for every seed."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"tiltakstype/{self.tiltakskode}"))


TILTAKSTYPER = (
    Tiltakstype("AVKLARING", "AVKLARAG", "Avklaring"),
    Tiltakstype("OPPFOLGING", "INDOPPFAG", "Oppfølging"),
    Tiltakstype("ARBEIDSFORBEREDENDE_TRENING", "ARBFORB", "Arbeidsforberedende trening"),
    Tiltakstype("ARBEIDSRETTET_REHABILITERING", "ARBRRHDAG", "Arbeidsrettet rehabilitering"),
    Tiltakstype("DIGITALT_OPPFOLGINGSTILTAK", "DIGIOPPARB", "Digitalt oppfølgingstiltak"),
    Tiltakstype(
        "GRUPPE_ARBEIDSMARKEDSOPPLAERING", "GRUPPEAMO", "Arbeidsmarkedsopplæring (gruppe)", True
    ),
    Tiltakstype("JOBBKLUBB", "JOBBK", "Jobbklubb", True),
    Tiltakstype("VARIG_TILRETTELAGT_ARBEID_SKJERMET", "VASV", "Varig tilrettelagt arbeid"),
    Tiltakstype("GRUPPE_FAG_OG_YRKESOPPLAERING", "GRUFAGYRKE", "Fag- og yrkesopplæring", True),
)


@dataclass(frozen=True)
class Office:
    """A NAV office.

    Attributes:
        enhetsnummer: four digits.
        navn: its name, not in the data.
        neighbour: enhetsnummer of the office that offers some of its gjennomføringer too. Nobody's
            neighbour is 0219, so that its gjennomføringer always have its own five avdelinger.
        avdelinger: its five departments.
        without: arena_tiltakskode of the measure that it does not use, if any.
    """

    enhetsnummer: str
    navn: str
    neighbour: str
    avdelinger: tuple[str, str, str, str, str]
    without: str | None = None


OFFICES = (
    Office(
        "0219",
        "Nav Bærum",
        "0220",
        (
            "Jobb og inkludering",
            "Kvalifisering og velferd",
            "Oppfølging Sandvika",
            "Sykmeldte, avklaring og helse",
            "Ungdom",
        ),
        without="GRUFAGYRKE",
    ),
    Office(
        "0220",
        "Nav Asker",
        "0626",
        (
            "Arbeidsmarked",
            "Flyktning og introduksjon",
            "Oppfølging 1",
            "Oppfølging 2",
            "Ungdom",  # as in 0219: names are only unique within an office
        ),
    ),
    Office(
        "0626",
        "Nav Lier",
        "0220",
        ("Arbeid", "Mottak og veiledning", "Oppfølging", "Sosiale tjenester", "Ungdom og skole"),
        without="DIGIOPPARB",
    ),
    Office(
        "0334",
        "Nav Vestre Aker",
        "0335",
        (
            "Arbeid og aktivitet",
            "Jobbsenter",
            "Kvalifiseringsprogrammet",
            "Oppfølging Røa",
            "Unge voksne",
        ),
    ),
    Office(
        "0335",
        "Nav Ullern",
        "0334",
        (
            "Arbeid og helse",
            "Bolig, økonomi og gjeld",
            "Jobbspesialister",
            "Markedsteamet",
            "Ungdomsteamet",
        ),
        without="VASV",
    ),
    Office(
        "1161",
        "Nav Eiganes og Tasta",
        "1164",
        (
            "Arbeidsrettet oppfølging",
            "Inkludering og mangfold",
            "Publikumsmottak",
            "Sykefravær",
            "Ung i jobb",
        ),
    ),
    Office(
        "1164",
        "Nav Hillevåg og Hinna",
        "1161",
        ("Arbeidsliv", "Kvalifisering", "Oppfølging Hinna", "Velferd", "Åpen dør for unge"),
        without="JOBBK",
    ),
)
OFFICE_NUMBERS = tuple(office.enhetsnummer for office in OFFICES)

STATUSES = ("VENTER_PA_OPPSTART", "DELTAR", "HAR_SLUTTET", "FULLFORT", "AVBRUTT", "IKKE_AKTUELL")
VENTER, DELTAR, HAR_SLUTTET, FULLFORT, AVBRUTT, IKKE_AKTUELL = range(len(STATUSES))

# The defects of --bad-rows. Each hits its own rows, about the asked share of them, at least one.
BAD_GJENNOMFORINGER = (
    "lost_leading_zero",  # first: only offices whose number has one will do
    "unknown_tiltakstype",
    "no_office",
    "no_avdeling",
    "unparsable_start",
    "unparsable_slutt",
    "unparsable_oppdatert",
    "slutt_before_start",
    "same_row_twice",
    "older_row_of_same_id",
    "same_office_twice",
    "same_avdeling_twice",
)
BAD_DELTAKERE = (
    "unknown_gjennomforing",
    "unparsable_start",
    "unparsable_slutt",
    "slutt_before_start",
)
BAD_BRUKERE = ("no_innsatsgruppe", "empty_innsatsgruppe", "two_innsatsgrupper")
UNPARSABLE_DAYS = ("2024-02-30", "2023-02-29", "2024-13-01", "31.12.2024", "ukjent")
UNPARSABLE_TIMES = ("2024-02-30 12:00:00", "2024-05-01 25:00:00", "ukjent")


@dataclass(frozen=True)
class Settings:
    """What to generate.

    Attributes:
        deltakere: rows of deltaker_siste_status, 0 or more.
        gjennomforinger: gjennomføringer of each office, 1 or more.
        offices: enhetsnummer of the offices whose gjennomføringer the deltakere are drawn from.
        first_day: no gjennomføring starts before it.
        last_day: no gjennomføring ends after it (some have no end).
        updated_by: no oppdatert_tidspunkt is later than the end of this day.
        seed: 0 or more.
        bad_rows: share of rows with each defect, from 0 to ``MOST_BAD_ROWS``.

    Raises:
        SettingError: the settings do not go together.
    """

    deltakere: int = 10_000
    gjennomforinger: int = 120
    offices: tuple[str, ...] = ("0219",)
    first_day: date = date(2021, 1, 4)
    last_day: date = date(2026, 6, 30)
    updated_by: date = date(2025, 7, 7)
    seed: int = common.DEFAULT_SEED
    bad_rows: float = 0.0

    def __post_init__(self) -> None:
        """Refuse settings that contradict each other."""
        common.check_period(self.first_day, self.last_day)
        if self.deltakere and self.last_day < SCOPE_FROM:
            raise SettingError(
                f"--to {self.last_day} leaves no gjennomforing to draw deltakere from, "
                f"for those that end before {SCOPE_FROM} get none."
            )
        if self.bad_rows and self.deltakere < 20:
            raise SettingError("--bad-rows needs --deltakere 20 or more to show every defect.")
        if self.bad_rows and self.gjennomforinger < 20:
            raise SettingError(
                "--bad-rows needs --gjennomforinger 20 or more to show every defect."
            )
        if self.bad_rows and self.last_day < SCOPE_FROM:
            raise SettingError(f"--bad-rows needs --to {SCOPE_FROM} or later.")


def schema(name: str, settings: Settings) -> pa.Schema:
    """Return the schema of a table.

    Args:
        name: a key of ``SCHEMAS``.
        settings: with bad rows, dates and timestamps are text, for some cannot be read as such.
    """
    fixed = SCHEMAS[name]
    if not settings.bad_rows:
        return fixed
    return pa.schema([(f.name, TEXT if f.type in (DAY, TIMESTAMP) else f.type) for f in fixed])


# --- tiltakstyper and gjennomføringer ------------------------------------------------------------


@dataclass(frozen=True)
class Gjennomforinger:
    """Gjennomføringer of all offices, one element of each array for each.

    Attributes:
        ids: text, UUIDs.
        avtale_ids: text, UUIDs, NULL for those without an avtale.
        owner: index into ``OFFICES``.
        shared: whether the owner's neighbour offers it, too, if the owner is asked for.
        tiltakstype: index into ``TILTAKSTYPER``.
        avdeling: index into the owner's avdelinger.
        start: int64, days since 1970-01-01.
        slutt: int64, days since 1970-01-01; not used where ``endless``.
        endless: no slutt_dato.
        number: serial number of the tiltaksnummer.
        opprettet: int64, seconds since 1970-01-01 00:00:00.
        oppdatert: int64, as opprettet and not before it.
        avsluttet: int64, as opprettet; not used where ``running``.
        running: no avsluttet_tidspunkt.
    """

    ids: pa.Array
    avtale_ids: pa.Array
    owner: np.ndarray
    shared: np.ndarray
    tiltakstype: np.ndarray
    avdeling: np.ndarray
    start: np.ndarray
    slutt: np.ndarray
    endless: np.ndarray
    number: np.ndarray
    opprettet: np.ndarray
    oppdatert: np.ndarray
    avsluttet: np.ndarray
    running: np.ndarray

    def __len__(self) -> int:
        """The number of gjennomføringer."""
        return len(self.owner)

    def take(self, rows: np.ndarray) -> "Gjennomforinger":
        """Pick rows by index, in that order."""
        picked: dict[str, Any] = {}
        for name, column in vars(self).items():
            arrow = isinstance(column, pa.Array)
            picked[name] = column.take(pa.array(rows)) if arrow else column[rows]
        return Gjennomforinger(**picked)

    def owned_by(self, offices: Sequence[str]) -> np.ndarray:
        """Tell which ones an office of these owns: bool, one for each gjennomføring."""
        return np.isin(self.owner, [OFFICE_NUMBERS.index(number) for number in offices])

    def drawable(self, offices: Sequence[str]) -> np.ndarray:
        """Index those in the mother table's scope that an office of these owns."""
        in_scope = ~self.endless & (self.slutt >= _day_number(SCOPE_FROM))
        return np.flatnonzero(in_scope & self.owned_by(offices))


def _day_number(value: date) -> int:
    """Count the days since 1970-01-01."""
    return (value - date(1970, 1, 1)).days


def draw_gjennomforinger(settings: Settings) -> Gjennomforinger:
    """Draw the gjennomføringer of every office.

    About 8 % end before 2022 and 4 % have no end (as far as the period allows): the mother table
    does not have those. Measure and avdeling are dealt from shuffled decks that hold every pair
    once, so that each is uniform and 40 gjennomføringer in scope are enough to have all pairs.

    Args:
        settings: ``deltakere`` and ``offices`` make no difference.

    Returns:
        ``settings.gjennomforinger`` of each office, in the order of ``OFFICES``.
    """
    offices = [_draw_office(settings, index) for index in range(len(OFFICES))]
    columns: dict[str, Any] = {}
    for name in offices[0]:
        parts = [office[name] for office in offices]
        arrow = isinstance(parts[0], pa.Array)
        columns[name] = pa.concat_arrays(parts) if arrow else np.concatenate(parts)
    random = common.random_generator(settings.seed, PRODUCT, "tiltaksnummer")
    rows = len(columns["owner"])
    columns["number"] = random.permutation(max(rows, 90_000))[:rows] + 10_000
    return Gjennomforinger(**columns)


def _draw_office(settings: Settings, office_index: int) -> dict[str, Any]:
    """Draw the gjennomføringer that one office owns, as columns of ``Gjennomforinger``."""
    office = OFFICES[office_index]
    rows = settings.gjennomforinger
    random = common.random_generator(
        settings.seed, PRODUCT, "gjennomforinger", int(office.enhetsnummer)
    )
    first, last = _day_number(settings.first_day), _day_number(settings.last_day)
    scope_from, updated_by = _day_number(SCOPE_FROM), _day_number(settings.updated_by)

    # Which are in scope is settled first, so that a handful of gjennomføringer has some, too.
    before = round(0.08 * rows) if first < scope_from <= last else 0
    if last < scope_from:
        before = rows
    endless_count = round(0.04 * rows) if before < rows else 0
    kinds = np.repeat(
        ["before", "endless", "scope"], [before, endless_count, rows - before - endless_count]
    )
    kinds = random.permutation(kinds)
    endless = kinds == "endless"

    # From the end backwards: the end decides whether it is in scope.
    days = np.where(
        random.random(rows) < 0.05,
        random.integers(0, 10, rows),  # courses of a day or a week
        random.integers(28, 731, rows),
    )
    earliest_end = np.where(kinds == "scope", max(first, scope_from), first)
    latest_end = np.where(kinds == "before", min(last, scope_from - 1), last)
    slutt = random.integers(earliest_end, latest_end + 1)
    start = np.maximum(slutt - days, first)

    measures = [
        index
        for index, tiltakstype in enumerate(TILTAKSTYPER)
        if tiltakstype.arena_tiltakskode != office.without
    ]
    cells = len(measures) * len(office.avdelinger)
    decks = random.permuted(np.tile(np.arange(cells), (-(-rows // cells), 1)), axis=1)
    dealt = np.empty(rows, dtype=np.int64)
    # Those in scope are served first.
    dealt[np.argsort(kinds != "scope", kind="stable")] = decks.ravel()[:rows]

    # Registered some time before the start, but known by now; changed since, closed after the end.
    opprettet_day = start - random.integers(7, 181, rows)
    opprettet_day = np.where(
        opprettet_day > updated_by, updated_by - random.integers(0, 366, rows), opprettet_day
    )
    opprettet = opprettet_day * 86_400 + random.integers(7 * 3600, 17 * 3600, rows)
    running = endless | (slutt >= updated_by)
    avsluttet = (slutt + 1) * 86_400 + random.integers(0, 4 * 3600, rows)
    oldest = np.where(running, opprettet, avsluttet)
    newest = (updated_by + 1) * 86_400 - 1
    # Most were changed soon after; those that have ended are seldom touched again.
    # (Multiplied out: a power may differ in its last bit from one processor to the next.)
    wait = random.random(rows)
    wait = wait * wait
    seldom = wait * wait * wait * wait * wait
    wait = np.where(running, wait, seldom)
    oppdatert = oldest + np.floor(wait * (newest - oldest)).astype(np.int64)

    avtaler = common.random_uuids(random, max(1, rows // 3))
    avtale = random.integers(0, len(avtaler), rows)
    return {
        "ids": common.random_uuids(random, rows),
        "avtale_ids": avtaler.take(pa.array(avtale, mask=random.random(rows) < 0.15)),
        "owner": np.full(rows, office_index),
        "shared": random.random(rows) < 0.15,
        "tiltakstype": np.array(measures)[dealt // len(office.avdelinger)],
        "avdeling": dealt % len(office.avdelinger),
        "start": start,
        "slutt": slutt,
        "endless": endless,
        "opprettet": opprettet,
        "oppdatert": oppdatert,
        "avsluttet": avsluttet,
        "running": running,
    }


def tiltakstyper_table(settings: Settings) -> pa.Table:
    """Return tiltakstyper: nine rows, and one of them again with bad rows."""
    rows = [(t.id, t.navn, t.tiltakskode, t.arena_tiltakskode) for t in TILTAKSTYPER]
    if settings.bad_rows:
        rows.append(rows[0])
    columns = [pa.array(column, TEXT) for column in zip(*rows, strict=True)]
    return common.table(schema("tiltakstyper", settings), columns)


def _days(values: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """Make dates from days since 1970-01-01."""
    return pa.array(values.astype(np.int32), DAY, mask=missing)


def _times(values: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """Make timestamps from seconds since 1970-01-01 00:00:00."""
    return pa.array(values * 1_000_000, TIMESTAMP, mask=missing)


def pick_defects(settings: Settings, drawn: Gjennomforinger) -> dict[str, np.ndarray]:
    """Choose which gjennomføringer get which defect.

    Args:
        settings: ``bad_rows`` is the share for each defect.
        drawn: all gjennomføringer.

    Returns:
        For each of ``BAD_GJENNOMFORINGER`` the rows that have it; no row has two. They are of the
        offices that deltakere are drawn from and in scope, so that the defect matters (a lost zero
        may have to come from another office). Empty arrays without bad rows.
    """
    if not settings.bad_rows:
        return {kind: np.empty(0, dtype=np.int64) for kind in BAD_GJENNOMFORINGER}
    random = common.random_generator(settings.seed, PRODUCT, "bad gjennomforinger")
    rows = random.permutation(drawn.drawable(settings.offices))
    count = max(1, round(settings.bad_rows * len(rows)))
    with_zero = [number for number in OFFICE_NUMBERS if number.startswith("0")]
    zeros = rows[drawn.owned_by(with_zero)[rows]]
    if not len(zeros):
        zeros = drawn.drawable(with_zero)
    picked = {BAD_GJENNOMFORINGER[0]: zeros[:count]}
    rows = rows[~np.isin(rows, zeros[:count])]
    for index, kind in enumerate(BAD_GJENNOMFORINGER[1:]):
        picked[kind] = rows[index * count : (index + 1) * count]
    return picked


def _replaced(column: pa.Array, rows: np.ndarray, values: Sequence[str]) -> pa.Array:
    """Return the column as text, these rows replaced by the values, over and over."""
    text = common.as_text(column)
    mask = np.zeros(len(text), dtype=bool)
    mask[rows] = True
    return pc.replace_with_mask(text, pa.array(mask), pa.array(np.resize(values, len(rows)), TEXT))


def gjennomforinger_table(
    settings: Settings, drawn: Gjennomforinger, defects: dict[str, np.ndarray]
) -> pa.Table:
    """Return gjennomforinger: a row for each gjennomføring, and for the duplicates.

    Args:
        settings: what to generate.
        drawn: all gjennomføringer.
        defects: from ``pick_defects``.
    """
    older = defects["older_row_of_same_id"]
    again = np.concatenate([defects["same_row_twice"], older])
    # A longer plan, replaced by the row that came after it.
    copies = drawn.take(again)
    stale = np.isin(again, older)
    copies = replace(
        copies,
        slutt=copies.slutt + 30 * stale,
        opprettet=copies.opprettet - 86_400 * stale,
        oppdatert=np.where(stale, copies.opprettet - 86_400, copies.oppdatert),
        running=copies.running | stale,
    )
    slutt = drawn.slutt.copy()
    start = drawn.start.copy()
    reversed_rows = defects["slutt_before_start"]
    start[reversed_rows] = slutt[reversed_rows] + 14  # slutt decides the scope and stays

    ids = pa.array([tiltakstype.id for tiltakstype in TILTAKSTYPER])
    columns: dict[str, pa.Array] = {}
    columns["id"] = pa.concat_arrays([drawn.ids, copies.ids])
    columns["tiltakstype_id"] = ids.take(
        pa.array(np.concatenate([drawn.tiltakstype, copies.tiltakstype]))
    )
    columns["avtale_id"] = pa.concat_arrays([drawn.avtale_ids, copies.avtale_ids])
    opprettet = _times(np.concatenate([drawn.opprettet, copies.opprettet]))
    # Numbered by the year of the row that counts, which the copies share.
    years = pc.year(_times(np.concatenate([drawn.opprettet, drawn.opprettet[again]])))
    number = pa.array(np.concatenate([drawn.number, copies.number]))
    columns["tiltaksnummer"] = pc.binary_join_element_wise(years.cast(TEXT), number.cast(TEXT), "/")
    columns["start_dato"] = _days(np.concatenate([start, copies.start]))
    columns["slutt_dato"] = _days(
        np.concatenate([slutt, copies.slutt]), np.concatenate([drawn.endless, copies.endless])
    )
    columns["opprettet_tidspunkt"] = opprettet
    columns["oppdatert_tidspunkt"] = _times(np.concatenate([drawn.oppdatert, copies.oppdatert]))
    columns["avsluttet_tidspunkt"] = _times(
        np.concatenate([drawn.avsluttet, copies.avsluttet]),
        np.concatenate([drawn.running, copies.running]),
    )
    if settings.bad_rows:
        random = common.random_generator(settings.seed, PRODUCT, "unknown tiltakstyper")
        unknown = common.random_uuids(random, 3).to_pylist()
        for name, kind, values in (
            ("tiltakstype_id", "unknown_tiltakstype", unknown),
            ("start_dato", "unparsable_start", UNPARSABLE_DAYS),
            ("slutt_dato", "unparsable_slutt", UNPARSABLE_DAYS),
            ("oppdatert_tidspunkt", "unparsable_oppdatert", UNPARSABLE_TIMES),
        ):
            columns[name] = _replaced(columns[name], defects[kind], values)
        columns = {name: common.as_text(column) for name, column in columns.items()}
    return common.table(schema("gjennomforinger", settings), list(columns.values()))


def nav_enheter_table(
    settings: Settings, drawn: Gjennomforinger, defects: dict[str, np.ndarray]
) -> pa.Table:
    """Return gjennomforing_nav_enheter: the owner and, for some, the neighbour that offers it too.

    Args:
        settings: only owners in ``settings.offices`` have neighbours that offer theirs.
        drawn: all gjennomføringer.
        defects: from ``pick_defects``.
    """
    numbers = list(OFFICE_NUMBERS)
    neighbour = np.array([numbers.index(office.neighbour) for office in OFFICES])
    # Numbers that lost their leading zero come after the proper ones.
    names = pa.array(numbers + [number.removeprefix("0") for number in numbers])
    owner = drawn.owner.copy()
    owner[defects["lost_leading_zero"]] += len(numbers)

    shared = drawn.shared & drawn.owned_by(settings.offices)
    # A second office would hide these two defects.
    shared[defects["lost_leading_zero"]] = False
    shared[defects["same_office_twice"]] = False
    count = 1 + shared
    count[defects["no_office"]] = 0
    count[defects["same_office_twice"]] = 2
    rows = np.repeat(np.arange(len(drawn)), count)
    second = np.zeros(len(rows), dtype=bool)
    second[1:] = rows[1:] == rows[:-1]
    office = np.where(second & shared[rows], neighbour[drawn.owner[rows]], owner[rows])
    return common.table(
        schema("gjennomforing_nav_enheter", settings),
        [drawn.ids.take(pa.array(rows)), names.take(pa.array(office))],
    )


def avdelinger_table(
    settings: Settings, drawn: Gjennomforinger, defects: dict[str, np.ndarray]
) -> pa.Table:
    """Return gjennomforing_avdelinger: one avdeling of the owner for each gjennomføring.

    Args:
        settings: what to generate.
        drawn: all gjennomføringer.
        defects: from ``pick_defects``.
    """
    names = pa.array([name for office in OFFICES for name in office.avdelinger])
    width = len(OFFICES[0].avdelinger)
    count = np.ones(len(drawn), dtype=np.int64)
    count[defects["no_avdeling"]] = 0
    count[defects["same_avdeling_twice"]] = 2
    rows = np.repeat(np.arange(len(drawn)), count)
    avdeling = drawn.owner[rows] * width + drawn.avdeling[rows]
    return common.table(
        schema("gjennomforing_avdelinger", settings),
        [drawn.ids.take(pa.array(rows)), names.take(pa.array(avdeling))],
    )


# --- deltakere -----------------------------------------------------------------------------------


class Deltakere:
    """The deltakere and, once those are drawn, what is known of each person.

    Args:
        settings: what to generate.
        drawn: all gjennomføringer.
    """

    def __init__(self, settings: Settings, drawn: Gjennomforinger) -> None:
        """Draw nothing yet."""
        self._settings = settings
        self._pool = drawn.take(drawn.drawable(settings.offices))
        self._persons = 0
        # Ids are as wide as the largest one needs, at least eight digits.
        self._digits = max(8, len(str(settings.deltakere)))

    @property
    def persons(self) -> int:
        """Distinct persons drawn so far."""
        return self._persons

    @property
    def pool(self) -> int:
        """Gjennomføringer that deltakere are drawn from."""
        return len(self._pool)

    def status_chunks(self) -> Iterator[pa.Table]:
        """Draw deltaker_siste_status.

        The gjennomføring is uniform over the pool. Where it spans less than seven days, the
        deltaker has the whole span; else the start is uniform on [start, slutt - 7 days] and the
        length uniform on [7 days, what is left]. About one row in ten is a further participation
        of a person who came earlier.

        Yields:
            Tables of at most ``CHUNK`` rows.
        """
        settings, pool = self._settings, self._pool
        extra = common.random_generator(settings.seed, PRODUCT, "unknown gjennomforinger")
        # With bad rows, these follow the known ids.
        unknown = common.random_uuids(extra, 20)
        ids = pa.concat_arrays([pool.ids, unknown]) if settings.bad_rows else pool.ids
        group = np.array([tiltakstype.group for tiltakstype in TILTAKSTYPER])[pool.tiltakstype]
        self._persons = 0
        for number, first, rows in common.in_chunks(settings.deltakere, CHUNK):
            random = common.random_generator(settings.seed, PRODUCT, "deltakere", number)
            person = self._draw_persons(random, rows)
            index = random.integers(0, max(len(pool), 1), rows, dtype=np.int32)
            start, slutt = _draw_span(random, pool.start[index], pool.slutt[index])
            status = _draw_status(
                random, start, slutt, group[index], _day_number(settings.updated_by)
            )
            days = [_days(start), _days(slutt)]
            if settings.bad_rows:
                period = _period(settings.bad_rows, settings.deltakere, len(BAD_DELTAKERE))
                at = np.arange(first, first + rows)
                turn = at // period
                hit = {kind: at % period == k for k, kind in enumerate(BAD_DELTAKERE)}
                index = np.where(
                    hit["unknown_gjennomforing"], len(pool) + turn % len(unknown), index
                ).astype(np.int32)
                # Some of these lie in one week, some do not.
                slutt = np.where(hit["slutt_before_start"], start - 1 - turn % 10, slutt)
                days = [
                    _replaced(_days(values), np.flatnonzero(hit[kind]), UNPARSABLE_DAYS)
                    for values, kind in ((start, "unparsable_start"), (slutt, "unparsable_slutt"))
                ]
            yield common.table(
                schema("deltaker_siste_status", settings),
                [
                    common.numbered("P", person + 1, self._digits),
                    pa.DictionaryArray.from_arrays(index, ids),
                    pa.DictionaryArray.from_arrays(status, pa.array(STATUSES, TEXT)),
                    *days,
                ],
            )

    def _draw_persons(self, random: np.random.Generator, rows: int) -> np.ndarray:
        """Draw a person's number, from 0, for each row; a new person gets the next one."""
        new = random.random(rows) < SHARE_OF_NEW_PERSONS
        if not self._persons:
            new[:1] = True  # nobody has come earlier
        known = self._persons + np.cumsum(new)
        person = np.where(new, known - 1, random.integers(0, known))
        self._persons += int(new.sum())
        return person

    def innsatsgruppe_chunks(self) -> Iterator[pa.Table]:
        """Draw vent_person_periode: one row for each person, uniform over the innsatsgrupper.

        Yields:
            Tables of at most ``CHUNK`` persons, in the order of their ids.

        Raises:
            RuntimeError: the deltakere have not been drawn yet.
        """
        settings = self._settings
        if settings.deltakere and not self._persons:
            raise RuntimeError("status_chunks() counts the persons and has to be used up first")
        for number, first, rows in common.in_chunks(self._persons, CHUNK):
            random = common.random_generator(settings.seed, PRODUCT, "innsatsgrupper", number)
            code = random.integers(0, len(INNSATSGRUPPER), rows, dtype=np.int32)
            person = np.arange(first, first + rows)
            missing = None
            if settings.bad_rows:
                period = _period(settings.bad_rows, self._persons, len(BAD_BRUKERE))
                # From the end of the period: the first persons are in bad rows of deltakere.
                turn = period - 1 - person % period
                count = np.ones(rows, dtype=np.int64)
                count[turn == BAD_BRUKERE.index("no_innsatsgruppe")] = 0
                count[turn == BAD_BRUKERE.index("two_innsatsgrupper")] = 2
                picked = np.repeat(np.arange(rows), count)
                second = np.zeros(len(picked), dtype=bool)
                second[1:] = picked[1:] == picked[:-1]
                missing = turn[picked] == BAD_BRUKERE.index("empty_innsatsgruppe")
                code = (code[picked] + second) % len(INNSATSGRUPPER)
                code = code.astype(np.int32)
                person = person[picked]
            yield common.table(
                schema("vent_person_periode", settings),
                [
                    common.numbered("P", person + 1, self._digits),
                    pa.DictionaryArray.from_arrays(
                        code, pa.array(INNSATSGRUPPER, TEXT), mask=missing
                    ),
                ],
            )


def _period(bad_rows: float, rows: int, kinds: int) -> int:
    """Return after how many rows a defect comes again, so that each kind comes at least once."""
    return max(kinds, int(min(1 / bad_rows, rows)))


def _draw_span(
    random: np.random.Generator, first: np.ndarray, last: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Draw start and slutt inside spans of days.

    Args:
        random: where the draws come from.
        first: int64, first day of each gjennomføring.
        last: int64, its last day.

    Returns:
        (start, slutt), int64, with first <= start <= slutt <= last.
    """
    span = last - first
    whole = span < 7
    start = first + random.integers(0, np.where(whole, 1, span - 6))
    rest = last - start
    length = np.where(whole, span, random.integers(7, np.where(whole, 8, rest + 1)))
    return start, start + length


def _draw_status(
    random: np.random.Generator,
    start: np.ndarray,
    slutt: np.ndarray,
    group: np.ndarray,
    today: int,
) -> np.ndarray:
    """Draw the raw status as it would stand at the end of a day.

    Args:
        random: where the draws come from.
        start: int64, days since 1970-01-01.
        slutt: int64, as start.
        group: bool, whether the measure is completed (FULLFORT) rather than left (HAR_SLUTTET).
        today: days since 1970-01-01.

    Returns:
        int32, indices into ``STATUSES``.
    """
    chance = random.random(len(start))
    waiting = np.where(chance < 0.05, IKKE_AKTUELL, VENTER)
    ended = np.where(group, np.where(chance < 0.15, AVBRUTT, FULLFORT), HAR_SLUTTET)
    status = np.where(start > today, waiting, np.where(slutt < today, ended, DELTAR))
    return status.astype(np.int32)


# --- the command ---------------------------------------------------------------------------------


def generate(settings: Settings, folder: TableFolder) -> Deltakere:
    """Write the six tables.

    Args:
        settings: what to generate.
        folder: an entered ``TableFolder``.

    Returns:
        The deltakere, for their counts.
    """
    drawn = draw_gjennomforinger(settings)
    defects = pick_defects(settings, drawn)
    tables = {
        "tiltakstyper": tiltakstyper_table(settings),
        "gjennomforinger": gjennomforinger_table(settings, drawn, defects),
        "gjennomforing_nav_enheter": nav_enheter_table(settings, drawn, defects),
        "gjennomforing_avdelinger": avdelinger_table(settings, drawn, defects),
    }
    deltakere = Deltakere(settings, drawn)

    def write(name: str, chunks: Iterator[pa.Table], rows: int) -> None:
        folder.write(f"raw_{PRODUCT}__{name}", schema(name, settings), chunks, rows)

    for name, table in tables.items():
        write(name, iter([table]), table.num_rows)
    write("deltaker_siste_status", deltakere.status_chunks(), settings.deltakere)
    write("vent_person_periode", deltakere.innsatsgruppe_chunks(), deltakere.persons)
    return deltakere


def _offices(text: str) -> tuple[str, ...]:
    """Convert ``0219,0220`` to office numbers, each once, in the order of ``OFFICES``."""
    asked = {part.strip() for part in text.split(",")}
    unknown = sorted(asked.difference(OFFICE_NUMBERS))
    if unknown:
        raise argparse.ArgumentTypeError(
            f"{unknown[0]!r} is not one of the offices {', '.join(OFFICE_NUMBERS)}"
        )
    return tuple(number for number in OFFICE_NUMBERS if number in asked)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: the command line without the program's name; that of the process if None.

    Returns:
        The exit code, see ``scripts.common.run``.
    """
    default = Settings()
    parser = common.command_line(
        PROGRAM, "Generate the raw inputs of the product tiltak.", f"seeds/{PRODUCT}"
    )
    add = parser.add_argument
    add(
        "--deltakere",
        type=common.whole_number(0, 10**9),
        default=default.deltakere,
        metavar="N",
        help="rows of deltaker_siste_status",
    )
    add(
        "--gjennomforinger",
        type=common.whole_number(1, 100_000),
        default=default.gjennomforinger,
        metavar="N",
        help="for each office",
    )
    add(
        "--offices",
        type=_offices,
        default=",".join(default.offices),
        metavar="NUMBERS",
        help="offices whose gjennomforinger the deltakere are drawn from, such as 0219,0220",
    )
    common.add_day(
        add, "--from", "first_day", default.first_day, "first day of the gjennomforinger"
    )
    common.add_day(add, "--to", "last_day", default.last_day, "last day of the gjennomforinger")
    common.add_day(
        add,
        "--updated-by",
        "updated_by",
        default.updated_by,
        "no oppdatert_tidspunkt is later than the end of this day",
    )
    common.add_bad_rows(
        add,
        MOST_BAD_ROWS,
        default.bad_rows,
        "share of rows with each defect, at least one row; dates are then text in Parquet, too",
    )

    def summary(settings: Settings, deltakere: Deltakere) -> str:
        return (
            f"{settings.deltakere} deltakere ({deltakere.persons} persons) in "
            f"{deltakere.pool} of {settings.gjennomforinger * len(OFFICES)} gjennomforinger"
        )

    return common.write_tables(parser, arguments, Settings, generate, summary)


if __name__ == "__main__":
    sys.exit(main())
