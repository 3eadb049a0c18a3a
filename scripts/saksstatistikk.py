"""Generate the raw inputs of the product saksstatistikk.

Run from the project root::

    python -m scripts.saksstatistikk                             # the committed seeds
    python -m scripts.saksstatistikk --behandlinger 1000000 --format parquet --out <folder>

Eight tables are written, ``raw_saksstatistikk__<table>.csv`` or ``.parquet``: behandling,
behandling_historikk, saksstatistikk, avklaringsbehov_endring, stoppet_behandling, jobb,
steg_historikk, paaklaget_behandling.

A behandling is drawn with a whole life: what happened to it is its history. What was sent earlier
(table saksstatistikk) is that history by the rules of the product, with the kinds of error for
which people send it again. Some have the changes of their avklaringsbehov as well, from which the
history can be calculated anew.

Behandlinger are drawn ``CHUNK`` at a time and drawn again for every table that needs them, so that
memory does not grow with their number; only the times at which rows were sent are held for all
(some 30 bytes for each row), because the ids of sent rows follow them.
"""

import functools
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scripts import common
from scripts.common import CODE, TEXT, TIMESTAMP, SettingError, TableFolder

PROGRAM = "scripts.saksstatistikk"
PRODUCT = "saksstatistikk"

# Behandlinger drawn at a time; the draws depend on it, so changing it changes the data.
CHUNK = 50_000
FIRST_ID = 10_001
# The documentation sends this one again; it has been sent and has something to mend.
EXAMPLE_ID = 10_007
MOST_BAD_ROWS = 0.05
# With fewer rows there is no room for every defect.
FEWEST_WITH_BAD_ROWS = 40
FEWEST_STOPPED_WITH_BAD_ROWS = 10
FEWEST_EVENTS_WITH_BAD_ROWS = 4

MILLISECOND = 1_000
SECOND = 1_000_000
DAY = 86_400 * SECOND
LONG_GONE = (date(2023, 1, 1) - date(1970, 1, 1)).days * DAY

FLAG = pa.bool_()

SCHEMAS: dict[str, pa.Schema] = {
    "behandling": pa.schema(
        [
            ("id", TEXT),
            ("referanse", TEXT),
            ("saksnummer", TEXT),
            ("aktor_id", TEXT),
            ("type_behandling", CODE),
            ("status", CODE),
            ("opprettet_tid", TIMESTAMP),
            ("mottatt_tid", TIMESTAMP),
            ("opprettet_av", CODE),
            ("aarsak_til_opprettelse", CODE),
            ("er_skjermet", FLAG),
        ]
    ),
    "behandling_historikk": pa.schema(
        [
            ("id", TEXT),
            ("behandling_id", TEXT),
            ("hendelsestidspunkt", TIMESTAMP),
            ("oppdatert_tid", TIMESTAMP),
            ("status", CODE),
            ("siste_saksbehandler", CODE),
            ("gjeldende_avklaringsbehov", CODE),
            ("gjeldende_avklaringsbehov_status", CODE),
            ("behandlingmetode", CODE),
            ("ansvarlig_enhet", CODE),
            ("venteaarsak", CODE),
            ("retur_aarsak", CODE),
            ("vedtak_tidspunkt", TIMESTAMP),
            ("ansvarlig_beslutter", CODE),
            ("resultat", CODE),
            ("rettighetstype", CODE),
            ("soknadsformat", CODE),
            ("relatert_behandling_referanse", CODE),
            ("versjon", CODE),
            ("slettet", FLAG),
        ]
    ),
    "saksstatistikk": pa.schema(
        [
            ("id", TEXT),
            ("fagsystem_navn", CODE),
            ("behandling_uuid", CODE),
            ("saksnummer", CODE),
            ("relatert_behandling_uuid", CODE),
            ("relatert_fagsystem", CODE),
            ("behandling_type", CODE),
            ("aktor_id", CODE),
            ("teknisk_tid", TIMESTAMP),
            ("registrert_tid", TIMESTAMP),
            ("endret_tid", TIMESTAMP),
            ("mottatt_tid", TIMESTAMP),
            ("vedtak_tid", TIMESTAMP),
            ("ferdigbehandlet_tid", TIMESTAMP),
            ("versjon", CODE),
            ("avsender", CODE),
            ("opprettet_av", CODE),
            ("ansvarlig_beslutter", CODE),
            ("soknadsformat", CODE),
            ("saksbehandler", CODE),
            ("behandlingmetode", CODE),
            ("behandling_status", CODE),
            ("behandling_aarsak", CODE),
            ("behandling_resultat", CODE),
            ("resultat_begrunnelse", CODE),
            ("ansvarlig_enhet_kode", CODE),
            ("sak_ytelse", CODE),
            ("er_relast", FLAG),
        ]
    ),
    "avklaringsbehov_endring": pa.schema(
        [
            ("behandling_referanse", CODE),
            ("behov_nr", TEXT),
            ("definisjon", CODE),
            ("behov_type", CODE),
            ("steg", CODE),
            ("steg_status", CODE),
            ("endring_nr", TEXT),
            ("status", CODE),
            ("tidsstempel", TIMESTAMP),
            ("endret_av", CODE),
            ("aarsak_til_satt_paa_vent", CODE),
            ("aarsak_til_retur", CODE),
        ]
    ),
    "stoppet_behandling": pa.schema(
        [
            ("behandling_referanse", TEXT),
            ("mottatt_tid", TIMESTAMP),
            ("behandling_opprettet_tidspunkt", TIMESTAMP),
            ("behandling_status", CODE),
            ("resultat", CODE),
            ("vedtakstidspunkt", TIMESTAMP),
            ("tidspunkt_siste_endring", TIMESTAMP),
            ("soknadsformat", CODE),
            ("relatert_behandling", CODE),
            ("versjon", CODE),
        ]
    ),
    "jobb": pa.schema(
        [("id", TEXT), ("type", CODE), ("payload", TEXT), ("neste_kjoring", TIMESTAMP)]
    ),
    "steg_historikk": pa.schema(
        [
            ("behandling_referanse", CODE),
            ("steg", CODE),
            ("status", CODE),
            ("opprettet_tid", TIMESTAMP),
        ]
    ),
    "paaklaget_behandling": pa.schema(
        [
            ("klagebehandling_referanse", TEXT),
            ("paaklaget_behandling_referanse", CODE),
            ("aktiv", FLAG),
            ("status", CODE),
        ]
    ),
}

# --- words ---------------------------------------------------------------------------------------
#
# Columns of few distinct texts are drawn as numbers that point into these, -1 for NULL.

TYPES = ("Førstegangsbehandling", "Revurdering", "Klage", "Tilbakekreving")
FORSTEGANG, REVURDERING, KLAGE, TILBAKEKREVING = range(len(TYPES))
# Of twenty behandlinger.
TYPE_DECK = (FORSTEGANG,) * 11 + (REVURDERING,) * 4 + (KLAGE,) * 4 + (TILBAKEKREVING,)

STATUSES = ("OPPRETTET", "UTREDES", "IVERKSETTES", "AVSLUTTET")
OPPRETTET, UTREDES, IVERKSETTES, AVSLUTTET = range(len(STATUSES))

# How an avklaringsbehov stands.
BEHOV_STATUSES = (
    "OPPRETTET",
    "SENDT_TILBAKE_FRA_BESLUTTER",
    "SENDT_TILBAKE_FRA_KVALITETSSIKRER",
    "AVSLUTTET",
    "TOTRINNS_VURDERT",
    "KVALITETSSIKRET",
    "AVBRUTT",
)
(
    BEHOV_OPPRETTET,
    FRA_BESLUTTER,
    FRA_KVALITETSSIKRER,
    BEHOV_AVSLUTTET,
    TOTRINNS_VURDERT,
    KVALITETSSIKRET,
    BEHOV_AVBRUTT,
) = range(len(BEHOV_STATUSES))


@dataclass(frozen=True)
class Definisjon:
    """What an avklaringsbehov is about.

    Attributes:
        kode: four digits.
        behov_type: whether somebody has to do it, may do it, or waits.
        steg: the step that asks for it.
        steg_status: the status of a behandling that is in this step.
    """

    kode: str
    behov_type: str
    steg: str
    steg_status: str = "UTREDES"


DEFINISJONER = (
    Definisjon("5003", "MANUELT_PÅKREVD", "AVKLAR_SYKDOM"),
    Definisjon("5006", "MANUELT_PÅKREVD", "VURDER_BISTANDSBEHOV"),
    Definisjon("5008", "MANUELT_PÅKREVD", "FASTSETT_BEREGNINGSTIDSPUNKT"),
    Definisjon("5004", "MANUELT_FRIVILLIG", "FASTSETT_ARBEIDSEVNE"),
    Definisjon("5021", "OVERSTYR", "VURDER_LOVVALG"),
    Definisjon("6000", "MANUELT_PÅKREVD", "FORMKRAV"),
    Definisjon("6002", "MANUELT_PÅKREVD", "KLAGEBEHANDLING_KONTOR"),
    Definisjon("6003", "MANUELT_PÅKREVD", "KLAGEBEHANDLING_NAY"),
    Definisjon("5097", "MANUELT_PÅKREVD", "KVALITETSSIKRING"),
    Definisjon("5098", "MANUELT_PÅKREVD", "FORESLÅ_VEDTAK"),
    Definisjon("5099", "MANUELT_PÅKREVD", "FATTE_VEDTAK"),
    Definisjon("5051", "MANUELT_PÅKREVD", "BREV", "IVERKSETTES"),
    Definisjon("5041", "MANUELT_PÅKREVD", "BREV", "IVERKSETTES"),
    Definisjon("5050", "BREV", "UDEFINERT"),
    Definisjon("9001", "VENTEPUNKT", "UDEFINERT"),
    Definisjon("9003", "VENTEPUNKT", "UDEFINERT"),
    Definisjon("9002", "BREV_VENTEPUNKT", "UDEFINERT"),
    Definisjon("5023", "VENTEPUNKT", "START_BEHANDLING", "OPPRETTET"),
)
KODER = tuple(definisjon.kode for definisjon in DEFINISJONER)
_KODE = {kode: index for index, kode in enumerate(KODER)}
# What caseworkers do, the first ones more often.
WORK = tuple(_KODE[kode] for kode in ("5003", "5003", "5006", "5006", "5008", "5004", "5021"))
WORK_KLAGE = tuple(_KODE[kode] for kode in ("6000", "6002", "6003", "6003", "6000", "6002", "6003"))
LETTERS = tuple(_KODE[kode] for kode in ("5051", "5051", "5041", "5050"))

VENTEAARSAKER = (
    "VENTER_PÅ_MEDISINSKE_OPPLYSNINGER",
    "VENTER_PÅ_OPPLYSNINGER",
    "VENTER_PÅ_OPPLYSNINGER_FRA_UTENLANDSKE_MYNDIGHETER",
    "VENTER_PÅ_SVAR_FRA_BRUKER",
    "VENTER_PÅ_KLAGE_IMPLEMENTASJON",
)
MEDISINSKE, _, UTENLANDSKE, _, KLAGE_IMPLEMENTASJON = range(len(VENTEAARSAKER))

RETUR_AARSAKER = (
    "MANGELFULL_BEGRUNNELSE",
    "MANGLENDE_UTREDNING",
    "FEIL_LOVANVENDELSE",
    "ANNET",
)
# The list on the change, and which reason counts in the history.
RETUR_LISTS = (
    ("MANGELFULL_BEGRUNNELSE", 0),
    ("MANGLENDE_UTREDNING", 1),
    ("FEIL_LOVANVENDELSE", 2),
    ("ANNET", 3),
    ("FEIL_LOVANVENDELSE,MANGELFULL_BEGRUNNELSE", 0),
    ("MANGLENDE_UTREDNING,ANNET", 1),
    ("ANNET, FEIL_LOVANVENDELSE", 3),
)

METODER = ("MANUELL", "AUTOMATISK", "KVALITETSSIKRING", "FATTE_VEDTAK")
MANUELL, AUTOMATISK, KVALITETSSIKRING, FATTE_VEDTAK = range(len(METODER))

RESULTATER = (
    "INNVILGET",
    "AVSLAG",
    "TRUKKET",
    "AVBRUTT",
    "KLAGE_OPPRETTHOLDES",
    "KLAGE_OMGJØRES",
    "KLAGE_DELVIS_OMGJØRES",
    "KLAGE_AVSLÅTT",
)
INNVILGET, AVSLAG, TRUKKET, AVBRUTT, OPPRETTHOLDES, OMGJORES, DELVIS, AVSLATT = range(
    len(RESULTATER)
)
# By kind of behandling, the frequent ones more than once.
RESULTAT_DECKS = (
    (INNVILGET,) * 10 + (AVSLAG,) * 6 + (TRUKKET,) * 2 + (AVBRUTT, -1),
    (INNVILGET,) * 12 + (AVSLAG,) * 3 + (TRUKKET, AVBRUTT, AVBRUTT, -1, -1),
    (OPPRETTHOLDES,) * 7 + (OMGJORES,) * 4 + (DELVIS,) * 4 + (AVSLATT,) * 3 + (TRUKKET, -1),
    (-1,) * 15 + (AVBRUTT,) * 5,
)
RETTIGHETSTYPER = (
    "BISTANDSBEHOV",
    "SYKEPENGEERSTATNING",
    "STUDENT",
    "ARBEIDSSØKER",
    "VURDERES_FOR_UFØRETRYGD",
)

AARSAKER = (
    "SØKNAD",
    "MANUELL_OPPRETTELSE",
    "MELDEKORT",
    "HELSEOPPLYSNINGER",
    "KLAGE",
    "TILBAKEKREVING_HENDELSE",
)
AARSAK_DECKS = ((0, 0, 0, 0, 1), (1, 2, 2, 3, 3), (4, 4, 4, 4, 1), (5, 5, 5, 5, 5))
SOKNADSFORMATER = ("DIGITAL", "PAPIR")
# Enheter of NAV; 0393 and 4402 are the ones for cases from abroad.
ENHETER = ("4491", "4401", "0219", "0301", "1161", "0393", "4402", "5701")
ENHET_DECK = (0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 7, -1)

# People, then machines.
PEOPLE = tuple(f"Z99{number}" for number in range(4501, 4581))
PERSONS = (*PEOPLE, "Kelvin", "Brevløsning", "KELVIN", "-5")
KELVIN, BREVLOSNING, KELVIN_UPPER, SKJERMET = range(len(PEOPLE), len(PERSONS))

STEG = ("FORMKRAV", "KLAGEBEHANDLING_NAY", "OPPRETTHOLDELSE", "OMGJØRING", "IVERKSETT_VEDTAK")
STEG_STATUSES = ("START", "OPPDATER_FAKTAGRUNNLAG", "UTFØRER", "AVKLARINGSPUNKT", "AVSLUTTER")
# Rows of steg_historikk for a klage: (steg, status, milliseconds before it was closed). Only the
# third counts; the last three are of klager that are sent on.
STEG_ROWS = (
    (0, 1, 5_000),
    (1, 4, 900),
    (2, 1, 7),
    (2, 0, 9),
    (2, 2, 3),
)

JOBB_TYPES = (
    "statistikk.resendSakstatistikk",
    "flyt.statistikk.resend",
    "flyt.prosesserBehandling",
    "statistikk.lagreHendelse",
)
RESEND, FLYT_RESEND, PROSESSER, LAGRE = range(len(JOBB_TYPES))
# (type, whether it is due in January 2026), dealt in turn.
JOBB_KINDS = (
    (RESEND, True),
    (FLYT_RESEND, True),
    (PROSESSER, True),
    (RESEND, False),
    (RESEND, True),
    (FLYT_RESEND, False),
    (FLYT_RESEND, True),
    (LAGRE, True),
)


def _behandling_statuses() -> tuple[str, ...]:
    """List the statuses that are sent; see ``_sent_status`` for the order."""
    words = [*STATUSES, "OVERSENDT_KA"]
    for vent in ("", *VENTEAARSAKER):
        # The statistics have their own word for this one.
        short = vent.replace("OPPLYSNINGER_FRA_UTENLANDSKE_MYNDIGHETER", "UTENLANDSKE_OPPLYSNINGER")
        for retur in ("", *BEHOV_STATUSES[FRA_BESLUTTER : FRA_KVALITETSSIKRER + 1]):
            words.append("_".join(filter(None, ("UNDER_BEHANDLING", short, retur))))
    return tuple(words)


SENT_STATUSES = _behandling_statuses()
OVERSENDT_KA = len(STATUSES)
UNDER_BEHANDLING = OVERSENDT_KA + 1
# As RESULTATER, then what INNVILGET becomes, then what NULL becomes.
SENT_RESULTATER = (*RESULTATER, "AAP", *(f"AAP_{word}" for word in RETTIGHETSTYPER), "UDEFINERT")
SENT_ENHETER = (*ENHETER, "-5", "KELVIN_AUTOMATISK")


@dataclass(frozen=True)
class Settings:
    """What to generate.

    Attributes:
        behandlinger: rows of behandling (more with bad rows), 0 or more.
        hendelser: about how many events a behandling has, 1 or more.
        stoppet: share of behandlinger that have a row of stoppet_behandling.
        jobber: rows of jobb, as a share of the behandlinger.
        first_day: nothing is registered before it (it may have been received two days earlier).
        last_day: nothing happens after it, but some rows are sent again up to ten days later.
        seed: 0 or more.
        bad_rows: share of rows with each defect, from 0 to ``MOST_BAD_ROWS``.

    Raises:
        SettingError: the settings do not go together.
    """

    behandlinger: int = 300
    hendelser: int = 10
    stoppet: float = 0.15
    jobber: float = 0.03
    first_day: date = date(2024, 7, 1)
    last_day: date = date(2025, 12, 31)
    seed: int = common.DEFAULT_SEED
    bad_rows: float = 0.0

    def __post_init__(self) -> None:
        """Refuse settings that contradict each other."""
        common.check_period(self.first_day, self.last_day)
        if self.bad_rows and self.behandlinger < FEWEST_WITH_BAD_ROWS:
            raise SettingError(
                f"--bad-rows needs --behandlinger {FEWEST_WITH_BAD_ROWS} or more "
                "to show every defect."
            )
        if self.bad_rows and self.hendelser < FEWEST_EVENTS_WITH_BAD_ROWS:
            raise SettingError(
                f"--bad-rows needs --hendelser {FEWEST_EVENTS_WITH_BAD_ROWS} or more "
                "to show every defect."
            )
        stopped = round(self.stoppet * self.behandlinger)
        if self.bad_rows and stopped < FEWEST_STOPPED_WITH_BAD_ROWS:
            raise SettingError(
                f"--bad-rows needs {FEWEST_STOPPED_WITH_BAD_ROWS} or more rows of "
                "stoppet_behandling (--behandlinger times --stoppet) to show every defect."
            )
        if self.bad_rows and not self.jobber:
            raise SettingError("--bad-rows needs --jobber above 0 to show every defect.")

    @property
    def begin(self) -> int:
        """Microseconds from 1970-01-01 to the first moment of the period."""
        return (self.first_day - date(1970, 1, 1)).days * DAY

    @property
    def end(self) -> int:
        """Microseconds from 1970-01-01 to the first moment after the period."""
        return ((self.last_day - date(1970, 1, 1)).days + 1) * DAY


def schema(name: str, settings: Settings) -> pa.Schema:
    """Return the schema of a table.

    Args:
        name: a key of ``SCHEMAS``.
        settings: with bad rows every column is text, for some values cannot be read as their type.
    """
    fixed = SCHEMAS[name]
    return pa.schema([(f.name, TEXT) for f in fixed]) if settings.bad_rows else fixed


# --- columns -------------------------------------------------------------------------------------


def _codes(index: np.ndarray, words: Sequence[str] | pa.Array) -> pa.DictionaryArray:
    """Make a column of few distinct texts.

    Args:
        index: whole numbers, shape (rows,), positions in ``words``, -1 for NULL.
        words: the texts.
    """
    texts = words if isinstance(words, pa.Array) else pa.array(words, TEXT)
    numbers = pa.array(index.astype(np.int32), mask=index < 0)
    return pa.DictionaryArray.from_arrays(numbers, texts)


def _same(word: str, rows: int) -> pa.DictionaryArray:
    """Make a column that has the same text in every row."""
    return _codes(np.zeros(rows, dtype=np.int32), [word])


def _times(values: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """Make timestamps from microseconds since 1970-01-01 00:00:00."""
    return pa.array(values, TIMESTAMP, mask=missing)


def _numbers(values: np.ndarray) -> pa.Array:
    """Write whole numbers as text."""
    return pa.array(values, pa.int64()).cast(TEXT)


def _deal(random: np.random.Generator, decks: Sequence[Sequence[int]], deck: np.ndarray):
    """Draw from one of several decks of the same size: a number for each element of ``deck``."""
    table = np.array(decks)
    return table[deck, random.integers(0, table.shape[1], len(deck))]


def _chance(random: np.random.Generator, probability: float, rows: int) -> np.ndarray:
    """Draw ``rows`` booleans that are true with this probability."""
    return random.random(rows) < probability


# --- behandlinger --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Behandlinger:
    """One chunk of behandlinger; an element of each array for each.

    Attributes:
        chunk: number of the chunk.
        number: int64, the id.
        referanse: text, UUIDs.
        type: index into ``TYPES``.
        sak: int64, number of the sak, from 0; those that concern each other share it.
        target: index of the behandling that it revises or complains about, -1 for none.
        knows_target: whether its history names it.
        whole: whether its times are whole seconds.
        opprettet: int64, microseconds since 1970-01-01 00:00:00.
        mottatt: int64, as opprettet and not after it.
        span: int64, microseconds from its first event to its last.
        events: how many events it has, 1 or more.
        closed: whether it is AVSLUTTET in the end.
        reopened: whether it was AVSLUTTET and taken up again.
        decided: whether there is a vedtak at the end of it, if it has come so far.
        automatic: whether nobody had to do anything.
        skjermet: whether it is about somebody whose caseworkers are not to be known.
        resultat: index into ``RESULTATER``, -1 for none.
        rettighet: index into ``RETTIGHETSTYPER``, -1 for none.
        enhet: index into ``ENHETER``, -1 for none.
        saksbehandler: index into ``PERSONS``.
        beslutter: index into ``PERSONS``.
        opprettet_av: index into ``PERSONS``, -1 for none.
        aarsak: index into ``AARSAKER``.
        format: index into ``SOKNADSFORMATER``, -1 for none.
        stoppet: whether it has a row of stoppet_behandling.
    """

    chunk: int
    number: np.ndarray
    referanse: pa.Array
    type: np.ndarray
    sak: np.ndarray
    target: np.ndarray
    knows_target: np.ndarray
    whole: np.ndarray
    opprettet: np.ndarray
    mottatt: np.ndarray
    span: np.ndarray
    events: np.ndarray
    closed: np.ndarray
    reopened: np.ndarray
    decided: np.ndarray
    automatic: np.ndarray
    skjermet: np.ndarray
    resultat: np.ndarray
    rettighet: np.ndarray
    enhet: np.ndarray
    saksbehandler: np.ndarray
    beslutter: np.ndarray
    opprettet_av: np.ndarray
    aarsak: np.ndarray
    format: np.ndarray
    stoppet: np.ndarray

    def __len__(self) -> int:
        """The number of behandlinger."""
        return len(self.number)

    @property
    def registrert(self) -> np.ndarray:
        """When it was registered: opprettet in whole seconds, int64 microseconds."""
        return self.opprettet - self.opprettet % SECOND

    @property
    def named_target(self) -> np.ndarray:
        """Index of the behandling that its history names, -1 for none."""
        return np.where(self.knows_target, self.target, -1)


def draw_behandlinger(settings: Settings, chunk: int, first: int, rows: int) -> Behandlinger:
    """Draw one chunk of behandlinger.

    Later ids are registered later. What has no time to end by the last day is open still. The
    kinds are dealt from a shuffled deck, so that even a few behandlinger are of every kind.

    Args:
        settings: what to generate.
        chunk: number of the chunk.
        first: how many behandlinger come before it.
        rows: how many it has.
    """
    random = common.random_generator(settings.seed, PRODUCT, "behandlinger", chunk)
    index = np.arange(rows)
    kind = random.permutation(np.resize(TYPE_DECK, rows)).astype(np.int8)
    kind[:1] = FORSTEGANG  # somebody has to be the first

    target, root = _draw_targets(random, kind)

    # The last one still has a thirtieth of the period for its life.
    window = settings.end - settings.begin
    step = window * 29 // 30 // max(settings.behandlinger, 1)
    opprettet = settings.begin + (first + index) * step + random.integers(0, max(step, 1), rows)
    whole = _chance(random, 0.12, rows)
    close = _chance(random, 0.15, rows)  # to the whole second of registrert_tid
    fraction = np.where(close, random.integers(0, 6 * MILLISECOND, rows), opprettet % SECOND)
    opprettet = opprettet - opprettet % SECOND + np.where(whole, 0, fraction)
    waited = random.integers(0, 2 * DAY, rows)
    mottatt = opprettet - np.where(_chance(random, 0.3, rows), 0, waited)
    mottatt -= np.where(whole, mottatt % SECOND, 0)

    half, tail = random.random(rows), random.random(rows)
    tail = tail * tail
    size = (settings.hendelser - 0.5) * (half + 2.5 * tail * tail)
    events = 1 + size.astype(np.int64)
    wish = random.random(rows)
    span = (wish * wish * (280 * DAY)).astype(np.int64) + events * SECOND
    rest = settings.end - opprettet - 600 * SECOND
    in_time = span < rest
    span = np.where(in_time, span, rest - (random.random(rows) * 0.2 * rest).astype(np.int64))
    span = np.maximum(span, events * SECOND)
    automatic = _chance(random, 0.1, rows) & (kind != KLAGE)
    closed = in_time & (events > 1) & _chance(random, 0.9, rows)
    resultat = _deal(random, RESULTAT_DECKS, kind)
    rettighet = random.integers(-1, len(RETTIGHETSTYPER), rows)
    stoppet = np.zeros(rows, dtype=bool)
    stoppet[random.permutation(rows)[: _count(settings.stoppet, rows)]] = True
    opprettet_av = np.where(
        _chance(random, 0.3, rows),
        random.integers(0, len(PEOPLE), rows),
        np.where(_chance(random, 0.5, rows), KELVIN, -1),
    )
    uuids = common.random_generator(settings.seed, PRODUCT, "referanser", chunk)
    return Behandlinger(
        chunk=chunk,
        number=FIRST_ID + first + index,
        referanse=common.random_uuids(uuids, rows),
        type=kind,
        sak=first + root,
        target=target,
        knows_target=_chance(random, 0.85, rows),
        whole=whole,
        opprettet=opprettet,
        mottatt=mottatt,
        span=span,
        events=events,
        closed=closed,
        reopened=(events >= 10) & _chance(random, 0.12, rows),
        decided=np.isin(resultat, (TRUKKET, AVBRUTT), invert=True) & _chance(random, 0.9, rows),
        automatic=automatic,
        skjermet=_chance(random, 0.06, rows),
        resultat=resultat,
        rettighet=np.where(resultat == INNVILGET, rettighet, -1),
        enhet=_deal(random, [ENHET_DECK], np.zeros(rows, dtype=np.int64)),
        saksbehandler=random.integers(0, len(PEOPLE), rows),
        beslutter=random.integers(0, len(PEOPLE), rows),
        opprettet_av=opprettet_av,
        aarsak=_deal(random, AARSAK_DECKS, kind),
        format=np.where(kind == FORSTEGANG, _chance(random, 0.3, rows), -1),
        stoppet=stoppet,
    )


def _draw_targets(random: np.random.Generator, kind: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Draw which behandling each one concerns: one that was registered before it.

    Args:
        random: where the draws come from.
        kind: index into ``TYPES``; the first one is a førstegangsbehandling.

    Returns:
        (index of the behandling that a revurdering or klage concerns, -1 for others; index of the
        førstegangsbehandling of the same sak).
    """
    index = np.arange(len(kind))

    def earlier(among: np.ndarray) -> np.ndarray:
        before = np.searchsorted(among, index)
        return among[random.integers(0, np.maximum(before, 1))]

    of_forstegang = earlier(np.flatnonzero(kind == FORSTEGANG))
    of_either = earlier(np.flatnonzero(kind <= REVURDERING))
    target = np.where(kind == KLAGE, of_either, of_forstegang)
    root = np.where(kind == FORSTEGANG, index, of_forstegang)
    root = np.where(kind == KLAGE, root[of_either], root)
    return np.where((kind == REVURDERING) | (kind == KLAGE), target, -1), root


def _count(share: float, rows: int) -> int:
    """Return a share of rows as a number, at least one if the share is not nothing."""
    return min(rows, max(1, round(share * rows))) if share else 0


# --- events --------------------------------------------------------------------------------------

# What an event is about: it begins, waits because klager cannot be dealt with yet, is worked on, is
# put on hold, goes to the quality assurer, is proposed, goes to the beslutter, comes back from the
# latter or the former, waits for a letter, is decided, ends.
(
    START,
    KLAGEVENT,
    ARBEID,
    VENT,
    KVAL,
    FORESLA,
    FATTE,
    RETUR_B,
    RETUR_K,
    BREVVENT,
    IVERKSETT,
    AVSLUTT,
) = range(12)
# Of what may happen in between, in percent.
KIND_SHARES = {
    ARBEID: 46,
    VENT: 24,
    KVAL: 5,
    FORESLA: 6,
    FATTE: 4,
    RETUR_B: 7,
    RETUR_K: 5,
    BREVVENT: 3,
}
KIND_DECK = np.repeat(list(KIND_SHARES), list(KIND_SHARES.values())).astype(np.int8)
# Status of a behandling by kind of event.
KIND_STATUS = np.array(
    [OPPRETTET, OPPRETTET, *[UTREDES] * 8, IVERKSETTES, AVSLUTTET], dtype=np.int8
)


@dataclass(frozen=True)
class Events:
    """What happened to the behandlinger of a chunk, in order; an element of each array for each.

    Attributes:
        of: int32, index of the behandling.
        position: int32, from 0.
        kind: one of the kinds above.
        time: int64, microseconds since 1970-01-01 00:00:00; increasing in a behandling.
        kode: index into ``DEFINISJONER``, -1 for none.
        kode_status: index into ``BEHOV_STATUSES``, -1 for none.
        vent: index into ``VENTEAARSAKER``, -1 for none.
        retur: index into ``RETUR_LISTS``, -1 for none.
        metode: index into ``METODER``.
        saksbehandler: index into ``PERSONS``, -1 for none.
        beslutter: index into ``PERSONS``, -1 for none.
        resultat: index into ``RESULTATER``, -1 for none.
        enhet: index into ``ENHETER``, -1 for none.
        vedtak: int64, as time, 0 for none.
        ferdig: int64, time of the first AVSLUTTET up to here, 0 for none.
        own: index into ``DEFINISJONER`` of the behov that this event opens, -1 for none.
        anchor: int64, index of the last event up to here that is not a wait.
        starts: int64, index of the first event of each behandling, and the number of events.
    """

    of: np.ndarray
    position: np.ndarray
    kind: np.ndarray
    time: np.ndarray
    kode: np.ndarray
    kode_status: np.ndarray
    vent: np.ndarray
    retur: np.ndarray
    metode: np.ndarray
    saksbehandler: np.ndarray
    beslutter: np.ndarray
    resultat: np.ndarray
    enhet: np.ndarray
    vedtak: np.ndarray
    ferdig: np.ndarray
    own: np.ndarray
    anchor: np.ndarray
    starts: np.ndarray

    def __len__(self) -> int:
        """The number of events."""
        return len(self.of)

    @property
    def status(self) -> np.ndarray:
        """Index into ``STATUSES``."""
        return KIND_STATUS[self.kind]


def _since(hit: np.ndarray, starts: np.ndarray, of: np.ndarray) -> np.ndarray:
    """Find the last hit up to each event of the same behandling.

    Args:
        hit: bool, one for each event.
        starts: as in ``Events``.
        of: as in ``Events``.

    Returns:
        int64, index of the event, -1 for none.
    """
    last = np.maximum.accumulate(np.where(hit, np.arange(len(hit)), -1))
    return np.where(last >= starts[of], last, -1)


def _draw_kinds(
    random: np.random.Generator,
    behandlinger: Behandlinger,
    of: np.ndarray,
    position: np.ndarray,
) -> np.ndarray:
    """Draw what each event is about: a beginning, an end, and something in between."""
    count = behandlinger.events
    kind = KIND_DECK[random.integers(0, len(KIND_DECK), len(of))]
    late = _chance(random, 0.08, len(behandlinger))  # its history begins when it is at work
    waits = (behandlinger.type == KLAGE) & (count >= 4) & _chance(random, 0.3, len(behandlinger))
    kval = _chance(random, 0.5, len(behandlinger))
    letter = _chance(random, 0.15, len(behandlinger))
    to_end = count[of] - 1 - position
    closed, decided = behandlinger.closed[of], behandlinger.decided[of]
    manual = ~behandlinger.automatic[of]
    enough = count[of]

    middle = position > 0
    kind[~middle] = np.where(late, ARBEID, START)
    kind[(position == 1) & waits[of]] = KLAGEVENT
    ends = [
        (to_end == 0) & closed,
        (to_end == 1) & closed & decided & (enough >= 4),
        (to_end == 0) & ~closed & decided & letter[of] & (enough >= 4),
        (to_end == 2) & closed & decided & manual & (enough >= 5),
        (to_end == 3) & closed & decided & manual & (enough >= 6),
        (to_end == 4) & closed & decided & manual & (enough >= 9) & kval[of],
    ]
    back = enough // 2
    again = behandlinger.reopened[of]
    ends += [(position == back) & again, (position == back - 1) & again & decided]
    ends += [(position == back - 2) & again & decided & manual]
    fixed = ~middle | (kind == KLAGEVENT)
    for hit, what in zip(
        ends,
        (AVSLUTT, IVERKSETT, IVERKSETT, FATTE, FORESLA, KVAL, AVSLUTT, IVERKSETT, FATTE),
        strict=True,
    ):
        kind[hit] = what
        fixed |= hit
    # A return comes from somebody who had it.
    for returned, giver in ((RETUR_B, FATTE), (RETUR_K, KVAL)):
        at = np.flatnonzero(~fixed & (kind == returned))
        free = ~fixed[at - 1]
        kind[at[~free]] = ARBEID
        kind[at[free] - 1] = giver
    # The giver of the other kind of return may have been overwritten.
    before = np.roll(kind, 1)
    kind[((kind == RETUR_B) & (before != FATTE)) | ((kind == RETUR_K) & (before != KVAL))] = ARBEID
    kind[~fixed & ~manual] = ARBEID
    return kind


def _draw_times(
    random: np.random.Generator,
    behandlinger: Behandlinger,
    of: np.ndarray,
    position: np.ndarray,
    starts: np.ndarray,
) -> np.ndarray:
    """Draw when each event happened: some milliseconds, minutes or weeks after the one before."""
    rows = len(of)
    whole = behandlinger.whole[of]
    instant = _chance(random, 0.3, rows)
    weight = random.integers(1, 101, rows)
    weight = np.where(instant | (position == 0), 0, weight * weight)
    total = np.maximum(np.add.reduceat(weight, starts[:-1]), 1) if rows else np.ones(0, np.int64)
    gap = (behandlinger.span // total)[of] * weight
    short = random.integers(200, 40 * MILLISECOND, rows)
    # Events of one behandling have different times.
    gap = np.where(whole, gap - gap % SECOND + SECOND, gap + short)
    # The first one: with the registration, or some milliseconds or seconds later.
    which = random.integers(0, 4, rows)
    late = np.choose(
        which,
        [
            np.zeros(rows, dtype=np.int64),
            random.integers(1, 9 * MILLISECOND, rows),
            random.integers(11 * MILLISECOND, SECOND, rows),
            random.integers(SECOND, 60 * SECOND, rows),
        ],
    )
    late = np.where(whole, late - late % SECOND, late)
    gap = np.where(position == 0, behandlinger.opprettet[of] + late, gap)
    total_time = np.cumsum(gap)
    before = np.where(starts[:-1] > 0, total_time[starts[:-1] - 1], 0)
    return total_time - before[of]


def draw_events(settings: Settings, behandlinger: Behandlinger) -> Events:
    """Draw what happened to the behandlinger of a chunk."""
    random = common.random_generator(settings.seed, PRODUCT, "hendelser", behandlinger.chunk)
    starts = np.concatenate([[0], np.cumsum(behandlinger.events)]).astype(np.int64)
    rows = int(starts[-1])
    of = np.repeat(np.arange(len(behandlinger), dtype=np.int32), behandlinger.events)
    position = (np.arange(rows) - starts[of]).astype(np.int32)
    kind = _draw_kinds(random, behandlinger, of, position)
    time = _draw_times(random, behandlinger, of, position, starts)
    if settings.bad_rows:
        extra = common.random_generator(settings.seed, PRODUCT, "equal times", behandlinger.chunk)
        later = extra.permutation(np.flatnonzero(position > 0))
        # Two more, in case that their behandling has lost its history.
        later = later[: 2 + _count(settings.bad_rows, len(later))]
        time[later] = time[later - 1]

    # Which behov it opens, and which reason there is for it.
    klage = (behandlinger.type[of] == KLAGE).astype(np.int64)
    own = _deal(random, (WORK, WORK_KLAGE), klage).astype(np.int8)
    for what, kode in (
        (KVAL, "5097"),
        (FORESLA, "5098"),
        (FATTE, "5099"),
        (BREVVENT, "9002"),
        (KLAGEVENT, "5023"),
    ):
        own[kind == what] = _KODE[kode]
    letters = _deal(random, [LETTERS], np.zeros(rows, dtype=np.int64)).astype(np.int8)
    own = np.where(kind == IVERKSETT, letters, own)
    vent = random.integers(0, KLAGE_IMPLEMENTASJON, rows).astype(np.int8)
    legeerklaering = (vent == MEDISINSKE) & _chance(random, 0.5, rows)
    own = np.where(kind == VENT, np.where(legeerklaering, _KODE["9003"], _KODE["9001"]), own)
    own[(kind == START) | (kind == AVSLUTT)] = -1
    own[behandlinger.automatic[of]] = -1
    vent[kind == KLAGEVENT] = KLAGE_IMPLEMENTASJON
    vent[(kind != VENT) & (kind != KLAGEVENT)] = -1
    retur = random.integers(0, len(RETUR_LISTS), rows).astype(np.int8)
    retur[(kind != RETUR_B) & (kind != RETUR_K)] = -1
    # Work that is returned is work that was done, if there was any.
    worked = _since((kind == ARBEID) & (own >= 0), starts, of)
    returned = (retur >= 0) & (worked >= 0)
    own = np.where(returned, own[worked], own).astype(np.int8)

    # While somebody waits, what was open before stays open and comes first.
    anchor = np.maximum.accumulate(np.where((kind != VENT) | (position == 0), np.arange(rows), 0))
    open_behov = (own >= 0) & (kind != KLAGEVENT) & (kind != BREVVENT)
    kode = np.where(open_behov[anchor], own[anchor], own).astype(np.int8)
    kode_status = np.full(rows, BEHOV_OPPRETTET, dtype=np.int8)
    kode_status[kind[anchor] == RETUR_B] = FRA_BESLUTTER
    kode_status[kind[anchor] == RETUR_K] = FRA_KVALITETSSIKRER
    kode_status[kode < 0] = -1

    persons = behandlinger.saksbehandler[of]
    other = random.integers(0, len(PEOPLE), rows)
    persons = np.where(_chance(random, 0.1, rows), other, persons)
    touched = _since(own >= 0, starts, of)
    saksbehandler = np.where(touched >= 0, persons, -1)

    last = _since(np.isin(kode, (_KODE["5097"], _KODE["5099"])), starts, of)
    manual = _since((kode >= 0) & (kode != _KODE["9002"]), starts, of)
    metode = np.where(manual >= 0, MANUELL, AUTOMATISK)
    metode = np.where(
        last >= 0, np.where(kode[last] == _KODE["5097"], KVALITETSSIKRING, FATTE_VEDTAK), metode
    ).astype(np.int8)

    status = KIND_STATUS[kind]
    effect = _since(kind == IVERKSETT, starts, of)
    vedtak = np.where(effect >= 0, time[effect] - random.integers(0, 50, rows)[effect], 0)
    vedtak = np.where(behandlinger.whole[of], vedtak - vedtak % SECOND, vedtak)
    resultat = behandlinger.resultat[of]
    known = (status >= IVERKSETTES) | (effect >= 0) | _chance(random, 0.03, rows)
    first_end = _since(kind == AVSLUTT, starts, of)
    # Back to the first of them: an end whose forerunner has no end before it.
    first = (kind == AVSLUTT) & (np.roll(first_end, 1) < starts[of])
    end = _since(first, starts, of)
    enhet = np.where(
        _chance(random, 0.05, rows), random.integers(-1, len(ENHETER), rows), behandlinger.enhet[of]
    )
    return Events(
        of=of,
        position=position,
        kind=kind,
        time=time,
        kode=kode,
        kode_status=kode_status,
        vent=vent,
        retur=np.where(kode_status >= FRA_BESLUTTER, retur[anchor], -1),
        metode=metode,
        saksbehandler=saksbehandler,
        beslutter=np.where(
            (effect >= 0) & ~behandlinger.automatic[of], behandlinger.beslutter[of], -1
        ),
        resultat=np.where(known, resultat, -1),
        enhet=enhet,
        vedtak=vedtak,
        ferdig=np.where(end >= 0, time[end], 0),
        own=own,
        anchor=anchor,
        starts=starts,
    )


# --- defects -------------------------------------------------------------------------------------

UNREADABLE_TIMES = ("2025-02-30 12:00:00", "2025-05-01 25:00:00", "ukjent")
UNREADABLE_NUMBERS = ("ukjent", "12a", "1.5", None)
UNREADABLE_FLAGS = ("ja", "2", "kanskje")
UNKNOWN_REFERANSER = (
    "00000000-0000-4000-8000-000000000001",
    "00000000-0000-4000-8000-000000000002",
    "00000000-0000-4000-8000-000000000003",
)
# The first one comes after nearly all others in the alphabet, the second one before them.
OTHER_REFERANSER = (
    "fffffff0-0000-4000-8000-000000000001",
    "0000000f-0000-4000-8000-000000000002",
)
UNKNOWN_IDS = ("99999999", "88888888")


@dataclass(frozen=True)
class Defect:
    """What is wrong with some rows.

    Attributes:
        name: for messages and tests.
        values: by column, what the rows have there, one after the other; None is NULL. A text that
            begins with ``=`` names the column whose value is taken, with ``+`` that of two rows on.
        added: None if rows are changed; "same" or "new" if the rows are copies of others, which
            stay as they are, with the same key or a new one.
    """

    name: str
    values: Mapping[str, Sequence[str | None]]
    added: str | None = None


def _times_defects(*columns: str) -> tuple[Defect, ...]:
    """List a defect for each column: a time that cannot be read."""
    return tuple(Defect(f"unreadable_{name}", {name: UNREADABLE_TIMES}) for name in columns)


BAD_BEHANDLINGER = (
    Defect("type_not_sent", {"type_behandling": ("Oppfølgingsbehandling", "KLAGE", None)}),
    Defect("unreadable_id", {"id": UNREADABLE_NUMBERS}, "same"),
    Defect("same_row_twice", {}, "same"),
    Defect("same_id_other_referanse", {"referanse": OTHER_REFERANSER}, "same"),
    Defect("same_referanse_other_id", {}, "new"),
    Defect("unreadable_er_skjermet", {"er_skjermet": UNREADABLE_FLAGS}),
    *_times_defects("opprettet_tid", "mottatt_tid"),
)
BAD_HISTORIKK = (
    Defect("unknown_status", {"status": ("PAUSET", None)}),
    Defect("unreadable_id", {"id": UNREADABLE_NUMBERS}),
    Defect("same_row_twice", {}, "same"),
    Defect("unreadable_behandling_id", {"behandling_id": UNREADABLE_NUMBERS}),
    Defect("unknown_behandling", {"behandling_id": UNKNOWN_IDS}),
    Defect("no_hendelsestidspunkt", {"hendelsestidspunkt": (None,)}),
    Defect("unreadable_slettet", {"slettet": UNREADABLE_FLAGS}),
    *_times_defects("hendelsestidspunkt", "oppdatert_tid", "vedtak_tidspunkt"),
)
BAD_SENT = (
    Defect("unreadable_id", {"id": UNREADABLE_NUMBERS}),
    Defect("same_row_twice", {}, "same"),
    Defect("same_id_other_row", {"endret_tid": ("2025-06-01 12:00:00",)}, "same"),
    Defect("no_endret_tid", {"endret_tid": (None,)}),
    Defect("unreadable_er_relast", {"er_relast": (*UNREADABLE_FLAGS, None)}),
    Defect("unknown_behandling", {"behandling_uuid": (*UNKNOWN_REFERANSER, None)}),
    *_times_defects("endret_tid", "teknisk_tid", "registrert_tid"),
    *_times_defects("mottatt_tid", "vedtak_tid", "ferdigbehandlet_tid"),
)
BAD_ENDRINGER = (
    Defect("no_tidsstempel", {"tidsstempel": (None,)}),
    Defect("unknown_status", {"status": ("PAUSET", None)}),
    Defect("unreadable_behov_nr", {"behov_nr": UNREADABLE_NUMBERS}),
    Defect("unreadable_endring_nr", {"endring_nr": UNREADABLE_NUMBERS}),
    Defect("same_row_twice", {}, "same"),
    Defect("same_nr_other_row", {"status": ("AVBRUTT", "AVSLUTTET")}, "same"),
    Defect("unknown_behandling", {"behandling_referanse": UNKNOWN_REFERANSER}, "same"),
    *_times_defects("tidsstempel"),
)
BAD_STOPPEDE = (
    Defect("same_row_twice", {}, "same"),
    Defect("older_row", {"tidspunkt_siste_endring": ("2024-01-01 00:00:00", None)}, "same"),
    Defect("unknown_behandling", {"behandling_referanse": UNKNOWN_REFERANSER}, "same"),
    Defect("no_mottatt_tid", {"mottatt_tid": (None,)}),
    *_times_defects("mottatt_tid", "behandling_opprettet_tidspunkt"),
    *_times_defects("vedtakstidspunkt", "tidspunkt_siste_endring"),
)
BAD_JOBBER = (
    Defect(
        "unknown_payload",
        {"type": JOBB_TYPES[:2], "payload": (*UNKNOWN_IDS, "ukjent", None)},
        "new",
    ),
    Defect("unreadable_neste_kjoring", {"neste_kjoring": (*UNREADABLE_TIMES, None)}, "new"),
    Defect("same_row_twice", {}, "same"),
    Defect("same_id_other_row", {"neste_kjoring": ("2025-11-01 00:00:00",)}, "same"),
    Defect("no_id", {"id": (None,), "type": JOBB_TYPES[:1]}, "same"),
)
BAD_STEG = (
    Defect("same_row_twice", {}, "same"),
    Defect("unknown_behandling", {"behandling_referanse": UNKNOWN_REFERANSER}, "same"),
    Defect("unreadable_opprettet_tid", {"opprettet_tid": (*UNREADABLE_TIMES, None)}, "same"),
)
BAD_PAAKLAGEDE = (
    Defect(
        "itself",
        {
            "paaklaget_behandling_referanse": ("=klagebehandling_referanse",),
            "aktiv": ("true",),
            "status": ("AVSLUTTET",),
        },
    ),
    # A klage has at most two rows, so two rows on there is another one.
    Defect(
        "appeal_chain",
        {
            "paaklaget_behandling_referanse": ("+klagebehandling_referanse",),
            "aktiv": ("true",),
            "status": ("AVSLUTTET",),
        },
    ),
    Defect("unreadable_aktiv", {"aktiv": UNREADABLE_FLAGS}),
    Defect("no_paaklaget", {"paaklaget_behandling_referanse": (None,)}),
    Defect("unknown_behandling", {"klagebehandling_referanse": UNKNOWN_REFERANSER}, "same"),
    Defect(
        "two_paaklagede",
        {
            "paaklaget_behandling_referanse": UNKNOWN_REFERANSER,
            "aktiv": ("true",),
            "status": ("AVSLUTTET",),
        },
        "same",
    ),
)
DEFECTS: dict[str, tuple[Defect, ...]] = {
    "behandling": BAD_BEHANDLINGER,
    "behandling_historikk": BAD_HISTORIKK,
    "saksstatistikk": BAD_SENT,
    "avklaringsbehov_endring": BAD_ENDRINGER,
    "stoppet_behandling": BAD_STOPPEDE,
    "jobb": BAD_JOBBER,
    "steg_historikk": BAD_STEG,
    "paaklaget_behandling": BAD_PAAKLAGEDE,
}


def spoil(
    table: pa.Table,
    defects: Sequence[Defect],
    share: float,
    random: np.random.Generator,
    new: int,
    spared: np.ndarray,
) -> pa.Table:
    """Put defects among the rows of a table.

    Args:
        table: columns of text; the first one is the key.
        defects: each hits its own rows, if there are enough of them.
        share: share of the rows that each hits, at least one row.
        random: where the draws come from.
        new: the first of the new keys.
        spared: bool, the rows that nothing is done to.

    Returns:
        The table with some rows changed, and with some more behind those they are copies of.
    """
    rows = table.num_rows
    order = random.permutation(np.flatnonzero(~spared))
    if not len(order):
        return table
    count = max(1, min(_count(share, rows), len(order) // len(defects)))
    key = table.column_names[0]
    source = [np.arange(rows)]
    changed, copies = [], []
    at = 0
    for turn, defect in enumerate(defects):
        hit = order[(turn * count + np.arange(count)) % len(order)]
        if defect.added:
            copies.append((defect, np.arange(rows + at, rows + at + count)))
            source.append(hit)
            at += count
        else:
            changed.append((defect, hit))
    origin = np.concatenate(source)
    plain = {name: table[name].combine_chunks() for name in table.column_names}
    columns = dict(plain)
    for defect, hit in changed:
        columns.update(_with_defect(columns, plain, defect.values, hit))
    # A copy has its own defect, not that of the row it is a copy of.
    taken = pa.array(origin[rows:])
    plain = {name: pa.concat_arrays([text, text.take(taken)]) for name, text in plain.items()}
    columns = {name: pa.concat_arrays([text, plain[name][rows:]]) for name, text in columns.items()}
    for defect, hit in copies:
        keys = {key: [str(new + number - rows) for number in hit]} if defect.added == "new" else {}
        columns.update(_with_defect(columns, plain, {**keys, **defect.values}, hit))
    place = pa.array(np.argsort(origin, kind="stable"))
    return pa.table({name: text.take(place) for name, text in columns.items()})


def _with_defect(
    columns: Mapping[str, pa.Array],
    plain: Mapping[str, pa.Array],
    values: Mapping[str, Sequence[str | None]],
    rows: np.ndarray,
) -> dict[str, pa.Array]:
    """Return the columns of a defect with its values in some rows.

    Args:
        columns: the table by column.
        plain: the table without defects.
        values: as in ``Defect``.
        rows: index of the rows.
    """
    rows = np.sort(rows)
    mask = np.zeros(len(plain[next(iter(plain))]), dtype=bool)
    mask[rows] = True
    changed = {}
    for name, texts in values.items():
        if texts[0] is not None and texts[0][:1] in "=+":
            source = rows if texts[0][0] == "=" else (rows + 2) % len(mask)
            new = plain[texts[0][1:]].take(pa.array(source))
        else:
            new = pa.array(np.resize(np.array(texts, dtype=object), len(rows)), TEXT)
        changed[name] = pc.replace_with_mask(columns[name], pa.array(mask), new)
    return changed


# --- tables --------------------------------------------------------------------------------------


class Tables:
    """The eight tables of some settings, chunk by chunk."""

    def __init__(self, settings: Settings) -> None:
        """Prepare the tables; nothing is drawn yet."""
        self._settings = settings
        first_version = settings.first_day.replace(day=1)
        months = (settings.last_day.year - first_version.year) * 12
        months += settings.last_day.month - first_version.month + 1
        self._first_month = first_version.year * 12 + first_version.month - 1
        self._versions = tuple(
            _version((self._first_month + month) // 12, (self._first_month + month) % 12 + 1)
            for month in range(months)
        )
        # The last chunk is kept: small data have one chunk only.
        self._behandlinger = functools.lru_cache(maxsize=1)(self._draw_behandlinger)
        self._events = functools.lru_cache(maxsize=1)(self._draw_events)

    def _draw_behandlinger(self, chunk: int) -> Behandlinger:
        first = chunk * CHUNK
        rows = min(CHUNK, self._settings.behandlinger - first)
        return draw_behandlinger(self._settings, chunk, first, rows)

    def _draw_events(self, chunk: int) -> Events:
        return draw_events(self._settings, self._behandlinger(chunk))

    def _random(self, purpose: str, chunk: int) -> np.random.Generator:
        return common.random_generator(self._settings.seed, PRODUCT, purpose, chunk)

    def _table(
        self,
        name: str,
        chunk: int,
        columns: Sequence[pa.Array],
        spared: np.ndarray | None = None,
    ) -> pa.Table:
        """Make a chunk of a table, with defects if they are asked for, but in the spared rows."""
        settings = self._settings
        table = common.table(SCHEMAS[name], columns)
        if not settings.bad_rows:
            return table
        texts = {field: table[field].combine_chunks() for field in table.column_names}
        table = pa.table({field: common.as_text(text).cast(TEXT) for field, text in texts.items()})
        table = spoil(
            table,
            DEFECTS[name],
            settings.bad_rows,
            self._random(f"bad {name}", chunk),
            900_000_000 + chunk * CHUNK * 100,
            np.zeros(table.num_rows, dtype=bool) if spared is None else spared,
        )
        return table.cast(schema(name, settings))

    def _chunks(self) -> range:
        return range(-(-self._settings.behandlinger // CHUNK))

    def _version_of(self, times: np.ndarray) -> np.ndarray:
        """Return the index of the version that ran at these times."""
        months = times.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)
        return np.clip(months + 1970 * 12 - self._first_month, 0, len(self._versions) - 1)

    def behandling(self) -> Iterator[pa.Table]:
        """Make the chunks of behandling: one row for each."""
        for chunk in self._chunks():
            cases, events = self._behandlinger(chunk), self._events(chunk)
            yield self._table(
                "behandling",
                chunk,
                [
                    _numbers(cases.number),
                    cases.referanse,
                    _saksnummer(cases.sak),
                    _aktor_id(cases.sak),
                    _codes(cases.type, TYPES),
                    _codes(events.status[events.starts[1:] - 1], STATUSES),
                    _times(cases.opprettet),
                    _times(cases.mottatt),
                    _codes(cases.opprettet_av, PERSONS),
                    _codes(cases.aarsak, AARSAKER),
                    pa.array(cases.skjermet),
                ],
            )

    def _old_history(self, chunk: int) -> tuple[np.ndarray, np.ndarray]:
        """Draw whose history was replaced.

        Returns:
            (bool for each behandling; int64, microseconds that the old time of each event is off).
        """
        random = self._random("replaced history", chunk)
        cases, events = self._behandlinger(chunk), self._events(chunk)
        replaced = _chance(random, 0.03, len(cases))
        replaced &= cases.number != EXAMPLE_ID
        off = random.integers(-15 * MILLISECOND, 15 * MILLISECOND + 1, len(events))
        off = np.where(_chance(random, 0.5, len(events)), off, 0)
        return replaced, off

    def _deleted(self, chunk: int) -> np.ndarray:
        """Draw which events were deleted later on: bool for each."""
        random = self._random("deleted", chunk)
        cases, events = self._behandlinger(chunk), self._events(chunk)
        some = _chance(random, 0.06, len(cases))
        between = (events.position > 0) & np.isin(events.kind, (ARBEID, VENT, BREVVENT))
        return some[events.of] & between & _chance(random, 0.3, len(events))

    def behandling_historikk(self) -> Iterator[pa.Table]:
        """Make the chunks of behandling_historikk: one row for each event, more where replaced."""
        bad_rows = self._settings.bad_rows
        written = 0
        for chunk in self._chunks():
            cases, events = self._behandlinger(chunk), self._events(chunk)
            random = self._random("historikk", chunk)
            replaced, off = self._old_history(chunk)
            # Most ids follow the time, a few do not.
            late = _chance(random, 0.02, len(events)) & (events.position > 0)
            order = np.argsort(2 * np.arange(len(events)) + 3 * late, kind="stable")
            order = order[np.argsort(events.of[order], kind="stable")]
            old = np.flatnonzero(replaced[events.of])
            rows = np.concatenate([old, order])
            is_old = np.arange(len(rows)) < len(old)
            place = np.argsort(events.of[rows], kind="stable")
            rows, is_old = rows[place], is_old[place]
            gone = is_old | self._deleted(chunk)[rows]
            spared = None
            if bad_rows:
                without = self._random("without history", chunk).permutation(len(cases))
                count = _count(bad_rows, len(cases))
                keep = ~np.isin(events.of[rows], without[:count])
                gone |= np.isin(events.of[rows], without[count : 2 * count])
                rows, is_old, gone = rows[keep], is_old[keep], gone[keep]
                # What is wrong with these must not be mended by something else.
                equal = np.diff(events.time, prepend=0) == 0
                equal |= np.roll(equal, -1)
                spared = equal[rows] | np.isin(events.of[rows], without[count : 2 * count])
            of = events.of[rows]
            time = events.time[rows] + np.where(is_old, off[rows], 0)
            status = events.status[rows]
            changed = time + random.integers(0, SECOND, len(rows))
            changed = np.where(cases.whole[of], time, changed)
            retur = np.array([index for _, index in RETUR_LISTS] + [-1])[events.retur[rows]]
            yield self._table(
                "behandling_historikk",
                chunk,
                [
                    _numbers(written + 1 + np.arange(len(rows))),
                    _numbers(cases.number[of]),
                    _times(time),
                    _times(changed),
                    _codes(status, STATUSES),
                    _codes(events.saksbehandler[rows], PERSONS),
                    _codes(events.kode[rows], KODER),
                    _codes(events.kode_status[rows], BEHOV_STATUSES),
                    _codes(events.metode[rows], METODER),
                    _codes(events.enhet[rows], ENHETER),
                    _codes(events.vent[rows], VENTEAARSAKER),
                    _codes(retur, RETUR_AARSAKER),
                    _times(events.vedtak[rows], events.vedtak[rows] == 0),
                    _codes(events.beslutter[rows], PERSONS),
                    _codes(events.resultat[rows], RESULTATER),
                    _codes(_rettighet(cases, events, rows), RETTIGHETSTYPER),
                    _codes(cases.format[of], SOKNADSFORMATER),
                    _codes(cases.named_target[of], cases.referanse),
                    _codes(self._version_of(time), self._versions),
                    pa.array(gone),
                ],
                spared,
            )
            written += len(rows)

    def _sent(self, chunk: int) -> "Sent":
        """Draw which rows were sent, with which errors."""
        random = self._random("saksstatistikk", chunk)
        cases, events = self._behandlinger(chunk), self._events(chunk)
        count, rows = len(cases), len(events)
        of, example = events.of, cases.number == EXAMPLE_ID
        replaced, off = self._old_history(chunk)
        never = _chance(random, 0.04, count) & ~example
        shifted = replaced | _chance(random, 0.08, count)
        gaps = _chance(random, 0.08, count) & ~example
        endret = events.time + np.where(shifted[of], off, 0)
        kept = ~never[of] & ~(gaps[of] & _chance(random, 0.3, rows))
        base = np.flatnonzero(kept)

        # The first row that was sent is preceded by one at the time of registration.
        leads = np.flatnonzero(np.diff(of[base], prepend=-1))
        leads = base[leads]
        far = np.abs(endret[leads] - cases.registrert[of[leads]]) > 10 * MILLISECOND
        leads = leads[far & ~_chance(random, 0.12, count)[of[leads]]]
        # Something that the history does not know (any longer).
        some = base[_chance(random, 0.006, len(base))]
        wait = random.integers(1, 3_600, len(some)) * SECOND
        wait = np.minimum(wait, np.maximum(self._settings.end - 1 - endret[some], 0))
        # Something that was sent again.
        again = base[_chance(random, 0.006, len(base))]

        delay = random.integers(50 * MILLISECOND, 3 * SECOND, count)
        # Nothing is sent after the tenth day that follows the period.
        late = random.integers(DAY, 90 * DAY, len(again))
        late = np.maximum(np.minimum(late, self._settings.end - endret[again]), 0)
        late += random.integers(60 * SECOND, 10 * DAY - 60 * SECOND, len(again))
        source = np.concatenate([base, leads, some, again])
        what = np.repeat(
            [SENT_BASE, SENT_LEAD, SENT_EXTRA, SENT_AGAIN],
            [len(base), len(leads), len(some), len(again)],
        )
        time = np.concatenate(
            [endret[base], cases.registrert[of[leads]], endret[some] + wait, endret[again]]
        )
        teknisk = np.concatenate(
            [endret[base], endret[leads] - 200, endret[some] + wait, endret[again] + late]
        )
        teknisk += delay[of[source]]
        order = np.argsort(teknisk, kind="stable")
        return Sent(source[order], what[order], time[order], teknisk[order])

    def ids_of_sent(self) -> np.ndarray:
        """Number the rows of saksstatistikk in the order in which they were sent.

        Returns:
            int64, from 1, one for each row, chunk after chunk.
        """
        teknisk = [self._sent(chunk).teknisk for chunk in self._chunks()]
        order = np.argsort(np.concatenate([np.empty(0, np.int64), *teknisk]), kind="stable")
        ids = np.empty(len(order), dtype=np.int64)
        ids[order] = np.arange(1, len(order) + 1)
        return ids

    def saksstatistikk(self) -> Iterator[pa.Table]:
        """Make the chunks of saksstatistikk: what was sent earlier, errors included."""
        ids = self.ids_of_sent()
        written = 0
        for chunk in self._chunks():
            sent = self._sent(chunk)
            cases, events = self._behandlinger(chunk), self._events(chunk)
            numbers = ids[written : written + len(sent.source)]
            yield self._table(
                "saksstatistikk", chunk, self._sent_columns(chunk, sent, cases, events, numbers)
            )
            written += len(sent.source)

    def _sent_columns(
        self, chunk: int, sent: "Sent", cases: Behandlinger, events: Events, ids: np.ndarray
    ) -> list[pa.Array]:
        """Make the columns of a chunk of saksstatistikk."""
        random = self._random("errors", chunk)
        rows, count = sent.source, len(cases)
        of = events.of[rows]
        example = cases.number == EXAMPLE_ID
        status = events.status[rows]
        lead = sent.what == SENT_LEAD
        right = sent.what == SENT_AGAIN  # what was sent again has been put right, mostly

        resultat = np.where(
            status >= IVERKSETTES, _sent_resultat(events.resultat[rows], cases.rettighet[of]), -1
        )
        sent_status = _sent_status(events, rows, cases.type[of] == KLAGE, resultat)
        # OVERSENDT_KA came late: earlier it was AVSLUTTET.
        plain = _chance(random, 0.6, count)[of] & (sent_status == OVERSENDT_KA) & ~right
        sent_status = np.where(plain, AVSLUTTET, sent_status)
        sent_status = np.where(lead, OPPRETTET, sent_status)

        target = cases.named_target[of]
        forgot = _chance(random, 0.25, count) & (cases.type >= REVURDERING)
        target = np.where(forgot[of] & ~right, -1, target)

        shielded = cases.skjermet & ~_chance(random, 0.15, count)
        shielded = shielded[of]
        saksbehandler = np.where(shielded, SKJERMET, events.saksbehandler[rows])
        beslutter = events.beslutter[rows]
        beslutter = np.where(shielded & (beslutter >= 0), SKJERMET, beslutter)
        automatic = events.metode[rows] == AUTOMATISK
        enhet = np.where(automatic, len(ENHETER) + 1, events.enhet[rows])
        wrong = _chance(random, 0.06, count) | example
        wrong_enhet = random.integers(0, len(ENHETER), count)
        enhet = np.where(wrong[of] & ~right, wrong_enhet[of], enhet)
        enhet = np.where(shielded, len(ENHETER), enhet)
        opprettet_av = np.where(cases.opprettet_av < 0, KELVIN_UPPER, cases.opprettet_av)[of]

        returned = events.kode_status[rows]
        returned = (returned == FRA_BESLUTTER) | (returned == FRA_KVALITETSSIKRER)
        retur = np.array([index for _, index in RETUR_LISTS] + [-1])[events.retur[rows]]
        vedtak, ferdig = events.vedtak[rows], events.ferdig[rows]
        mottatt = cases.mottatt - cases.mottatt % SECOND
        size = len(rows)
        return [
            _numbers(ids),
            _same("Kelvin", size),
            _codes(of, cases.referanse),
            _codes(of, _saksnummer(cases.sak)),
            _codes(target, cases.referanse),
            _codes(np.where(target >= 0, 0, -1), ["Kelvin"]),
            _codes(cases.type[of], [word.upper() for word in TYPES]),
            _codes(of, _aktor_id(cases.sak)),
            _times(sent.teknisk),
            _times(cases.registrert[of]),
            _times(sent.endret),
            _times(mottatt[of]),
            _times(vedtak, (vedtak == 0) | lead),
            _times(ferdig, (ferdig == 0) | lead),
            _codes(self._version_of(sent.endret), self._versions),
            _same("KELVIN", size),
            _codes(opprettet_av, PERSONS),
            _codes(beslutter, PERSONS),
            _codes(cases.format[of], SOKNADSFORMATER),
            _codes(saksbehandler, PERSONS),
            _codes(events.metode[rows], METODER),
            _codes(sent_status, SENT_STATUSES),
            _codes(cases.aarsak[of], AARSAKER),
            _codes(resultat, SENT_RESULTATER),
            _codes(np.where(returned, retur, -1), RETUR_AARSAKER),
            _codes(enhet, SENT_ENHETER),
            _same("AAP", size),
            pa.array(right),
        ]

    def avklaringsbehov_endring(self) -> Iterator[pa.Table]:
        """Make the chunks of avklaringsbehov_endring, for behandlinger that have stopped."""
        for chunk in self._chunks():
            cases, events = self._behandlinger(chunk), self._events(chunk)
            changes = draw_changes(self._random("endringer", chunk), cases, events)
            kode, behov_type, steg, steg_status = (
                _codes(changes.kode, [getattr(definisjon, name) for definisjon in DEFINISJONER])
                for name in ("kode", "behov_type", "steg", "steg_status")
            )
            yield self._table(
                "avklaringsbehov_endring",
                chunk,
                [
                    _codes(changes.of, cases.referanse),
                    _numbers(changes.behov_nr),
                    kode,
                    behov_type,
                    steg,
                    steg_status,
                    _numbers(changes.endring_nr),
                    _codes(changes.status, BEHOV_STATUSES),
                    _times(changes.time),
                    _codes(changes.person, PERSONS),
                    _codes(changes.vent, VENTEAARSAKER),
                    _codes(changes.retur, [text for text, _ in RETUR_LISTS]),
                ],
            )

    def stoppet_behandling(self) -> Iterator[pa.Table]:
        """Make the chunks of stoppet_behandling: the last state of some behandlinger."""
        for chunk in self._chunks():
            cases, events = self._behandlinger(chunk), self._events(chunk)
            random = self._random("stoppede", chunk)
            at = np.flatnonzero(cases.stoppet)
            last = events.starts[1:][at] - 1
            status = events.status[last]
            vedtak = events.vedtak[last]
            unknown = (vedtak == 0) | _chance(random, 0.3, len(at))
            resultat = np.where(status == AVSLUTTET, cases.resultat[at], events.resultat[last])
            yield self._table(
                "stoppet_behandling",
                chunk,
                [
                    cases.referanse.take(pa.array(at)),
                    _times(cases.mottatt[at]),
                    _times(cases.opprettet[at]),
                    _codes(status, STATUSES),
                    _codes(resultat, RESULTATER),
                    _times(vedtak, unknown),
                    _times(events.time[last]),
                    _codes(cases.format[at], SOKNADSFORMATER),
                    _codes(cases.named_target[at], cases.referanse),
                    _codes(self._version_of(events.time[last]), self._versions),
                ],
            )

    def jobb(self) -> Iterator[pa.Table]:
        """Make the chunks of jobb: a few behandlinger that are to be sent again, and other work."""
        written = 0
        for chunk in self._chunks():
            cases = self._behandlinger(chunk)
            random = self._random("jobber", chunk)
            rows = _count(self._settings.jobber, len(cases))
            turn = np.arange(written, written + rows) % len(JOBB_KINDS)
            kind, due = (np.array(column)[turn] for column in zip(*JOBB_KINDS, strict=True))
            picked = random.permutation(np.flatnonzero(cases.number != EXAMPLE_ID))
            of = np.resize(picked, rows)
            stopped = cases.stoppet & (cases.number != EXAMPLE_ID)
            stopped = random.permutation(np.flatnonzero(stopped))
            # Nearly all that are to be calculated anew can be.
            asks = np.flatnonzero((kind == FLYT_RESEND) & ~_chance(random, 0.1, rows))
            if len(stopped):
                of[asks] = np.resize(stopped, len(asks))
            number = _numbers(cases.number[of])
            payload = pc.if_else(
                pa.array(kind <= FLYT_RESEND),
                number,
                pc.binary_join_element_wise('{"behandlingId":', number, ',"forsøk":1}', ""),
            )
            after = self._settings.end
            times = np.where(due, after + 5 * DAY, after + 32 * DAY)
            times += random.integers(0, 10 * DAY // SECOND, rows) * SECOND
            # Some are ordered for a time long gone, so that they are done at once.
            times = np.where(due & _chance(random, 0.3, rows), LONG_GONE, times)
            yield self._table(
                "jobb",
                chunk,
                [
                    _numbers(1 + written + np.arange(rows)),
                    _codes(kind, JOBB_TYPES),
                    payload,
                    _times(times),
                ],
            )
            written += rows

    def steg_historikk(self) -> Iterator[pa.Table]:
        """Make the chunks of steg_historikk: steps of klager, most of those that are sent on."""
        for chunk in self._chunks():
            cases, events = self._behandlinger(chunk), self._events(chunk)
            random = self._random("steg", chunk)
            at = np.flatnonzero((cases.type == KLAGE) & ~_chance(random, 0.1, len(cases)))
            last = events.starts[1:][at] - 1
            sent_on = np.isin(cases.resultat[at], (OPPRETTHOLDES, DELVIS))
            sent_on &= events.status[last] >= IVERKSETTES
            row = np.tile(np.arange(len(STEG_ROWS)), len(at))
            of = np.repeat(np.arange(len(at)), len(STEG_ROWS))
            keep = (row < 2) | sent_on[of]
            row, of = row[keep], of[keep]
            steg, status, before = (
                np.array(column)[row] for column in zip(*STEG_ROWS, strict=True)
            )
            time = events.time[last][of] - before * MILLISECOND
            place = np.lexsort([time, of])
            yield self._table(
                "steg_historikk",
                chunk,
                [
                    _codes(at[of[place]], cases.referanse),
                    _codes(steg[place], STEG),
                    _codes(status[place], STEG_STATUSES),
                    _times(time[place]),
                ],
            )

    def paaklaget_behandling(self) -> Iterator[pa.Table]:
        """Make the chunks of paaklaget_behandling: what the klager are about."""
        for chunk in self._chunks():
            cases, events = self._behandlinger(chunk), self._events(chunk)
            random = self._random("paaklagede", chunk)
            klager = np.flatnonzero(cases.type == KLAGE)
            # Some pointed at something else first.
            corrected = klager[_chance(random, 0.15, len(klager))]
            other = np.flatnonzero(cases.type == FORSTEGANG)
            other = other[random.integers(0, len(other), len(corrected))]
            of = np.concatenate([klager, corrected])
            target = np.concatenate([cases.target[klager], other])
            active = np.repeat([True, False], [len(klager), len(corrected)])
            active[: len(klager)] &= ~_chance(random, 0.1, len(klager))
            place = np.argsort(of, kind="stable")
            of, target, active = of[place], target[place], active[place]
            yield self._table(
                "paaklaget_behandling",
                chunk,
                [
                    cases.referanse.take(pa.array(of)),
                    _codes(target, cases.referanse),
                    pa.array(active),
                    _codes(events.status[events.starts[1:][of] - 1], STATUSES),
                ],
            )


def _version(year: int, month: int) -> str:
    """Name the version that ran in a month, as images of the application are named."""
    commit = zlib.crc32(f"{year}-{month}".encode())
    return f"{year}.{month:02d}.03-08.15-{commit:08x}"


def _rettighet(cases: Behandlinger, events: Events, rows: np.ndarray) -> np.ndarray:
    """Return the rettighetstype beside a resultat: index into ``RETTIGHETSTYPER``, -1 for none."""
    return np.where(events.resultat[rows] >= 0, cases.rettighet[events.of[rows]], -1)


def _saksnummer(sak: np.ndarray) -> pa.StringArray:
    """Write the numbers of saker, up to 2**30, as texts such as 4LDQPDS."""
    letters = np.frombuffer(b"0123456789ABCDEFGHIJKLMNOPQRSTUV", dtype=np.uint8)
    # An odd factor permutes the numbers, so that neighbours look different.
    rest = (sak.astype(np.uint64) * np.uint64(774_546_137) + np.uint64(91_552_653)) % np.uint64(
        2**30
    )
    characters = np.empty((len(sak), 7), dtype=np.uint8)
    characters[:, 0] = ord("4")
    for column in range(6, 0, -1):
        characters[:, column] = letters[rest & np.uint64(31)]
        rest >>= np.uint64(5)
    return common.fixed_width_text(characters)


def _aktor_id(sak: np.ndarray) -> pa.StringArray:
    """Write the aktør id of the person that a sak is about: 13 digits."""
    scrambled = (sak.astype(np.uint64) * np.uint64(29_573_482_177)) % np.uint64(2**39)
    return common.numbered("2", scrambled, 12)


# --- what was sent -------------------------------------------------------------------------------

SENT_BASE, SENT_LEAD, SENT_EXTRA, SENT_AGAIN = range(4)


@dataclass(frozen=True)
class Sent:
    """Rows that were sent, in the order of teknisk_tid; an element of each array for each.

    Attributes:
        source: int64, index of the event that the row tells of.
        what: an event, the row before the first one, one without an event, or one sent again.
        endret: int64, microseconds since 1970-01-01 00:00:00.
        teknisk: int64, as endret.
    """

    source: np.ndarray
    what: np.ndarray
    endret: np.ndarray
    teknisk: np.ndarray


def _sent_resultat(resultat: np.ndarray, rettighet: np.ndarray) -> np.ndarray:
    """Return the result that is sent of what has ended: index into ``SENT_RESULTATER``."""
    granted = len(RESULTATER) + 1 + rettighet
    sent = np.where(resultat == INNVILGET, granted, resultat)
    return np.where(resultat < 0, len(SENT_RESULTATER) - 1, sent)


def _sent_status(
    events: Events, rows: np.ndarray, klage: np.ndarray, resultat: np.ndarray
) -> np.ndarray:
    """Return the status that is sent: index into ``SENT_STATUSES``."""
    status = events.status[rows]
    retur = events.kode_status[rows]
    retur = np.where((retur == FRA_BESLUTTER) | (retur == FRA_KVALITETSSIKRER), retur, 0)
    busy = UNDER_BEHANDLING + 3 * (events.vent[rows] + 1) + retur
    ends = klage & (status == AVSLUTTET) & np.isin(resultat, (OPPRETTHOLDES, DELVIS))
    return np.where(status == UTREDES, busy, np.where(ends, OVERSENDT_KA, status))


# --- avklaringsbehov -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Changes:
    """Changes of avklaringsbehov, in the order of their time; an element of each array for each.

    Attributes:
        of: index of the behandling.
        behov_nr: int64, from 1, by first appearance in the behandling.
        endring_nr: int64, from 1, in the behov.
        kode: index into ``DEFINISJONER``.
        status: index into ``BEHOV_STATUSES``.
        time: int64, microseconds since 1970-01-01 00:00:00.
        person: index into ``PERSONS``.
        vent: index into ``VENTEAARSAKER``, -1 for none.
        retur: index into ``RETUR_LISTS``, -1 for none.
    """

    of: np.ndarray
    behov_nr: np.ndarray
    endring_nr: np.ndarray
    kode: np.ndarray
    status: np.ndarray
    time: np.ndarray
    person: np.ndarray
    vent: np.ndarray
    retur: np.ndarray


def draw_changes(random: np.random.Generator, cases: Behandlinger, events: Events) -> Changes:
    """Draw the changes of avklaringsbehov that the events of stopped behandlinger come from.

    An event opens its behov, or returns one. It closes what was open before: the wait, if there is
    one, and, unless it is a wait itself, the behov of the last event that was none. A decision
    also marks the work that was decided on.

    Args:
        random: where the draws come from.
        cases: the behandlinger of the chunk.
        events: their events.
    """
    chosen = np.flatnonzero(cases.stoppet[events.of])
    random_person = random.integers(0, len(PEOPLE), len(events))
    of, kind, own = events.of, events.kind, events.own
    person = np.where(events.saksbehandler >= 0, events.saksbehandler, random_person)
    decider = cases.beslutter[of]

    first = events.position == 0
    previous = np.maximum(np.arange(len(events)) - 1, 0)
    waits = (kind == VENT) | (kind == KLAGEVENT) | (kind == BREVVENT)
    # (event, kode, status, person, vent, retur, place among the changes of the same event)
    parts: list[list[np.ndarray]] = []

    def add(hit, kode, status, who, place, vent=-1, retur=-1):
        at = chosen[hit[chosen] & (kode[chosen] >= 0)]
        columns = (kode, status, who, vent, retur, place)
        parts.append([at, *(np.broadcast_to(column, len(events))[at] for column in columns)])

    # 1. A wait ends with the next event.
    ended = ~first & waits[previous]
    machine = random.random(len(events)) < 0.5
    add(ended, own[previous], BEHOV_AVSLUTTET, np.where(machine, KELVIN, person), 0)
    # 2. What was open before ends with the next event that is no wait.
    before = events.anchor[previous]
    done = ~first & ~waits & ~waits[before]
    closer = np.where(
        kind[before] == FATTE,
        decider,
        np.where(
            kind[before] == IVERKSETT,
            np.where(machine, BREVLOSNING, person),
            person,
        ),
    )
    given_up = (kind == AVSLUTT) & np.isin(cases.resultat[of], (TRUKKET, AVBRUTT))
    add(done, own[before], np.where(given_up, BEHOV_AVBRUTT, BEHOV_AVSLUTTET), closer, 1)
    # 3. The work is marked as assessed by whoever agreed with it.
    worked = _since((kind == ARBEID) & (own >= 0), events.starts, of)
    work = np.where(worked >= 0, own[worked], -1)
    approved = done & ~np.isin(kind, (RETUR_B, RETUR_K)) & (worked >= 0)
    add(approved & (kind[before] == FATTE), work, TOTRINNS_VURDERT, decider, 2)
    add(approved & (kind[before] == KVAL), work, KVALITETSSIKRET, person, 2)
    # 4. The event itself.
    status = np.where(
        kind == RETUR_B, FRA_BESLUTTER, np.where(kind == RETUR_K, FRA_KVALITETSSIKRER, 0)
    )
    who = np.where(status > 0, np.where(kind == RETUR_B, decider, random_person), KELVIN)
    who = np.where((kind == VENT) & ~machine, person, who)
    retur = np.where(status > 0, events.retur, -1)
    add(np.ones(len(events), dtype=bool), own, status, who, 3, events.vent, retur)

    at, kode, status, who, vent, retur, place = map(np.concatenate, zip(*parts, strict=True))
    # What an event brings about comes some microseconds before it.
    time = events.time[at] - np.where(cases.whole[of[at]], 0, (3 - place) * 20)
    order = np.lexsort([place, time, of[at]])
    at, kode, status, who, vent, retur, time = (
        column[order] for column in (at, kode, status, who, vent, retur, time)
    )
    case = of[at]
    behov_nr, endring_nr = _number_changes(case, kode)
    return Changes(case, behov_nr, endring_nr, kode, status, time, who, vent, retur)


def _number_changes(case: np.ndarray, kode: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number the behov of each behandling by their first change, and the changes of each behov.

    Args:
        case: the behandling of each change; the changes of one come in the order of their time.
        kode: what the change is about; one behov for each kode.

    Returns:
        (behov_nr, endring_nr), int64, from 1.
    """
    order = np.lexsort([kode, case])  # stable: the changes of a behov stay in order
    behov, first_change = _runs(case[order], kode[order])
    heads = order[first_change]
    # The behov in the order in which they appear; those of a behandling lie together.
    by_time = np.argsort(heads, kind="stable")
    of_case, first_behov = _runs(case[heads[by_time]])
    behov_nr = np.empty(len(heads), dtype=np.int64)
    behov_nr[by_time] = np.arange(len(heads)) - first_behov[of_case] + 1
    numbers = np.empty((2, len(case)), dtype=np.int64)
    numbers[:, order] = behov_nr[behov], np.arange(len(case)) - first_change[behov] + 1
    return numbers[0], numbers[1]


def _runs(*columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tell runs of equal rows apart.

    Returns:
        (number of the run of each row, from 0; index of the first row of each run).
    """
    begins = np.ones(len(columns[0]), dtype=bool)
    begins[1:] = np.any([column[1:] != column[:-1] for column in columns], axis=0)
    return np.cumsum(begins) - 1, np.flatnonzero(begins)


# --- the command ---------------------------------------------------------------------------------


def generate(settings: Settings, folder: TableFolder) -> dict[str, int]:
    """Write the eight tables.

    Args:
        settings: what to generate.
        folder: an entered ``TableFolder``.

    Returns:
        By table, the number of rows.
    """
    tables = Tables(settings)
    cases = settings.behandlinger
    expected = {"behandling_historikk": settings.hendelser, "saksstatistikk": settings.hendelser}
    return {
        name: folder.write(
            f"raw_{PRODUCT}__{name}",
            schema(name, settings),
            getattr(tables, name)(),
            cases * expected.get(name, 1),
        )
        for name in SCHEMAS
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: the command line without the program's name; that of the process if None.

    Returns:
        The exit code, see ``scripts.common.run``.
    """
    default = Settings()
    parser = common.command_line(
        PROGRAM, "Generate the raw inputs of the product saksstatistikk.", f"seeds/{PRODUCT}"
    )
    add = parser.add_argument
    add(
        "--behandlinger",
        type=common.whole_number(0, 10**8),
        default=default.behandlinger,
        metavar="N",
        help="rows of behandling",
    )
    add(
        "--hendelser",
        type=common.whole_number(1, 100),
        default=default.hendelser,
        metavar="N",
        help="for each behandling, about",
    )
    add(
        "--stoppet",
        type=common.share(1.0),
        default=default.stoppet,
        metavar="SHARE",
        help="share of behandlinger with a row of stoppet_behandling",
    )
    add(
        "--jobber",
        type=common.share(1.0),
        default=default.jobber,
        metavar="SHARE",
        help="rows of jobb, as a share of the behandlinger",
    )
    common.add_day(add, "--from", "first_day", default.first_day, "first day of the behandlinger")
    common.add_day(add, "--to", "last_day", default.last_day, "last day of their events")
    common.add_bad_rows(
        add,
        MOST_BAD_ROWS,
        default.bad_rows,
        "share of rows with each defect, at least one row; every column is "
        "then text in Parquet, too",
    )

    def summary(_: Settings, rows: dict[str, int]) -> str:
        return (
            f"{rows['behandling']} behandlinger with "
            f"{rows['behandling_historikk']} rows of history, "
            f"{rows['saksstatistikk']} rows sent"
        )

    return common.write_tables(parser, arguments, Settings, generate, summary)


if __name__ == "__main__":
    sys.exit(main())
