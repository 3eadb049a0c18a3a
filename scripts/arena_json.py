"""Write rows of Arena as the JSON texts that its messages carry.

Texts are joined column by column, not row by row: each field of the object is an Arrow array of
JSON literals, NULL where the literal is ``null``.
"""

import hashlib
from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scripts.arena_drawing import (
    AARSAKER,
    FIRST_DELTAKER,
    FIRST_GJENNOMFORING,
    FIRST_HIST,
    FIRST_PERSON,
    KODER,
    NO_DAY,
    SECOND,
    STATUSES,
    Deltakere,
    Gjennomforinger,
)
from scripts.arena_stories import (
    BAD_ENDRING,
    BAD_FRA,
    BAD_MOD,
    BAD_REG,
    BAD_TIL,
    EKSTERN_OF_MATE,
    EKSTERN_TEXT,
    EKSTERN_TYPE,
    EKSTERN_UUID,
    EMPTY_TIL,
    MEASURES,
    NO_ENDRING,
    NO_GJENNOMFORING,
    NO_ID,
    NO_PERSON,
    NUL_IN_TEXT,
    NUMBERS_AS_TEXT,
    STORIES,
    UNKNOWN_AARSAK,
    UNKNOWN_FIELD,
    UNKNOWN_STATUS,
)
from scripts.common import TEXT

STORY_ODD = np.array([story.odd for story in STORIES.values()])
STORY_EKSTERN = np.array([story.ekstern for story in STORIES.values()])

# JSON literals, dealt by number.
BEGRUNNELSER = (
    None,
    '"Ønsker å komme i arbeid."',
    '"Avtalt i samtale med veileder; se aktivitetsplanen, punkt 2."',
    '"Trenger hjelp til \\"jobbsøk\\" og CV."',
    '"Søkt inn av lege.\\nTa kontakt på telefon."',
    '"M\\u00e5 starte f\\u00f8r sommeren."',
)
NUL_BEGRUNNELSE = '"Ønsker \\u0000plass\\u0000 snarest."'
STATUS_BEGRUNNELSER = (None, None, None, '"Fått jobb"', '"Møtte ikke til avtalt tid"')
BREV = (None, None, '"TILBREV"', '"INNBREV"')
USERS = tuple(f'"TST{number:04d}"' for number in range(4401, 4441))
PROSENTER = ("100", "100", "100", "50", "80", "20.5", None)
DAGER = ("5", "5", None, "2", "3.5", "4", None)
NAVN = (
    *("Oppfølging Sør", "Jobbklubb Ung", "AFT Verkstedet", "Avklaring, gruppe A", "Kurs i IKT"),
    *(
        'Norsk "på jobb"',
        "Truckfører T1",
        "Helsefagarbeider",
        "Digital jobbsøking",
        "Butikk og lager",
    ),
)
GJ_STATUSES = ('"GJENNOMFOR"', '"AVSLUTT"', '"AVBRUTT"', '"AVLYST"')
UNPARSABLE = ('"2025-02-30 00:00:00"', '"2025-03-01T00:00:00"', '"2025-03-01"', '"01.03.2025"')


def _deal(numbers: np.ndarray, deck: Sequence[str | None]) -> pa.Array:
    """Deal literals by number: the one at the remainder."""
    return pa.array(deck, TEXT).take(pa.array(numbers % len(deck)))


def _number(values: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """Write whole numbers."""
    return pa.array(values, pa.int64(), mask=missing).cast(TEXT)


def _time(seconds: np.ndarray) -> pa.Array:
    """Write times as Arena does, from seconds since 1970-01-01 00:00:00; ``NO_DAY`` is NULL."""
    missing = seconds == NO_DAY
    text = pa.array(np.where(missing, 0, seconds), pa.timestamp("s"), mask=missing).cast(TEXT)
    return pc.binary_join_element_wise('"', text, '"', "")


def _day(days: np.ndarray) -> pa.Array:
    """Write days as Arena does: with midnight."""
    return _time(np.where(days == NO_DAY, NO_DAY, days * 86_400))


def _put(column: pa.Array, rows: np.ndarray, literal: str | None) -> pa.Array:
    """Put one literal into some rows of a field."""
    if not rows.any():
        return column
    return pc.if_else(pa.array(rows), pa.scalar(literal, TEXT), column)


def _objects(fields: dict[str, pa.Array | str | None], extra: pa.Array | None = None) -> pa.Array:
    """Write objects.

    Args:
        fields: by name, the literals; one text is the literal of every row, None is ``null``.
        extra: what comes before the closing brace of each row.
    """
    parts: list[pa.Array | str] = []
    text = "{"
    for name, literals in fields.items():
        text += f'"{name}":'
        if isinstance(literals, pa.Array):
            parts += [text, literals]
            text = ","
        else:
            text += f"{literals or 'null'},"
    parts += [text.removesuffix(","), *([] if extra is None else [extra]), "}"]
    return pc.binary_join_element_wise(*parts, "", null_handling="replace", null_replacement="null")


def uuids(purpose: str, numbers: np.ndarray) -> list[str]:
    """Make a UUID of each number: md5 of ``<purpose>|<number>`` as 8-4-4-4-12."""
    found = []
    for number in numbers.tolist():
        code = hashlib.md5(f"{purpose}|{number}".encode(), usedforsecurity=False).hexdigest()
        found.append(f"{code[:8]}-{code[8:12]}-{code[12:16]}-{code[16:20]}-{code[20:]}")
    return found


# --- deltakere -----------------------------------------------------------------------------------


def _ekstern(drawn: Deltakere, who: np.ndarray) -> pa.Array:
    """Write EKSTERN_ID."""
    kind = STORY_EKSTERN[drawn.story[who]]
    found = np.full(len(who), None, dtype=object)
    at = np.flatnonzero((kind == EKSTERN_UUID) | (kind == EKSTERN_OF_MATE))
    found[at] = [f'"{uuid}"' for uuid in uuids("ekstern", drawn.mate[who[at]])]
    found[kind == EKSTERN_TEXT] = '"ikke-en-uuid"'
    return pa.array(found, TEXT)


def deltaker_rows(
    drawn: Deltakere, who: np.ndarray, version: np.ndarray, is_hist: bool
) -> pa.Array:
    """Write versions of deltakere as rows of DELT or HIST.

    Args:
        drawn: all deltakere.
        who: indices of deltakere, shape (rows,).
        version: of each, from 0.
        is_hist: whether they are rows of HIST, whose key has another name and other numbers.

    Returns:
        JSON objects.
    """
    odd = STORY_ODD[drawn.story[who], version]
    key, first = (
        ("HIST_TILTAKDELTAKER_ID", FIRST_HIST) if is_hist else ("TILTAKDELTAKER_ID", FIRST_DELTAKER)
    )
    # Numbers that differ from column to column, for what the rules do not read.
    mixed = who.astype(np.int64) * 31 + drawn.person[who]
    changed = drawn.times[who, version] // SECOND
    fields: dict[str, pa.Array | str | None] = {
        key: _put(_number(first + who.astype(np.int64)), odd == NO_ID, "0"),
        "PERSON_ID": _put(_number(FIRST_PERSON + drawn.person[who]), odd == NO_PERSON, None),
        "TILTAKGJENNOMFORING_ID": _put(
            _number(FIRST_GJENNOMFORING + drawn.measure[who]), odd == NO_GJENNOMFORING, None
        ),
        "DELTAKERSTATUSKODE": _put(
            _deal(drawn.status[who, version], [f'"{status}"' for status in STATUSES]),
            odd == UNKNOWN_STATUS,
            '"UKJENT"',
        ),
        "DELTAKERTYPEKODE": _put(
            _deal(mixed, ('"INNSOKT"', '"INNSOKT"', '"INNMELDT"')),
            STORY_EKSTERN[drawn.story[who]] == EKSTERN_TYPE,
            '"EKSTERN"',
        ),
        "AARSAKVERDIKODE_STATUS": _put(
            _deal(drawn.aarsak[who, version] + 1, [None, *(f'"{code}"' for code in AARSAKER)]),
            odd == UNKNOWN_AARSAK,
            '"HVETIKKE"',
        ),
        "OPPMOTETYPEKODE": None,
        "PRIORITET": None,
        "BEGRUNNELSE_INNSOKT": None,
        "BEGRUNNELSE_PRIORITERING": None,
        "REG_DATO": _put(_time(drawn.reg[who]), odd == BAD_REG, UNPARSABLE[2]),
        "REG_USER": _deal(mixed, USERS),
        "MOD_DATO": _put(_time(changed), odd == BAD_MOD, UNPARSABLE[1]),
        "MOD_USER": _deal(mixed // 7 + version, USERS),
        "DATO_SVARFRIST": None,
        "DATO_FRA": _put(_day(drawn.fra[who, version]), odd == BAD_FRA, UNPARSABLE[0]),
        "DATO_TIL": _put(
            _put(_day(drawn.til[who, version]), odd == BAD_TIL, UNPARSABLE[3]),
            odd == EMPTY_TIL,
            '""',
        ),
        "BEGRUNNELSE_STATUS": _deal(mixed // 3 + version, STATUS_BEGRUNNELSER),
        "PROSENT_DELTID": _deal(mixed // 5, PROSENTER),
        "BRUKERID_STATUSENDRING": _deal(mixed // 7 + version, USERS),
        "DATO_STATUSENDRING": _put(
            _put(_time(drawn.endring[who, version]), odd == BAD_ENDRING, UNPARSABLE[2]),
            odd == NO_ENDRING,
            None,
        ),
        "AKTIVITET_ID": _number(130_000_000 + mixed),
        "BRUKERID_ENDRING_PRIORITERING": None,
        "DATO_ENDRING_PRIORITERING": None,
        "DOKUMENTKODE_SISTE_BREV": _deal(mixed // 11, BREV),
        "STATUS_INNSOK_PAKKE": None,
        "STATUS_OPPTAK_PAKKE": None,
        "OPPLYSNINGER_INNSOK": None,
        "PARTISJON": None,
        "BEGRUNNELSE_BESTILLING": _put(
            _deal(mixed // 2, BEGRUNNELSER), odd == NUL_IN_TEXT, NUL_BEGRUNNELSE
        ),
        "ANTALL_DAGER_PR_UKE": _deal(mixed // 13, DAGER),
        "EKSTERN_ID": _ekstern(drawn, who),
    }
    _quote(fields, (key, "PERSON_ID", "TILTAKGJENNOMFORING_ID"), odd == NUMBERS_AS_TEXT)
    extra = None
    if (odd == UNKNOWN_FIELD).any():
        unknown = ',"NYTT_FELT":{"KODE":"X","LISTE":[1,2]}'
        extra = pc.if_else(pa.array(odd == UNKNOWN_FIELD), unknown, "")
    return _objects(fields, extra)


def _quote(
    fields: dict[str, pa.Array | str | None], names: Sequence[str], rows: np.ndarray
) -> None:
    """Write the numbers of some rows as texts."""
    if rows.any():
        for name in names:
            text = pc.binary_join_element_wise('"', fields[name], '"', "")
            fields[name] = pc.if_else(pa.array(rows), text, fields[name])


# --- measures ------------------------------------------------------------------------------------

# What a version that is not valid lacks, and what it says instead.
INVALID: tuple[tuple[str, str | None], ...] = (
    ("SAK_ID", None),
    ("ARBGIV_ID_ARRANGOR", None),
    ("LOKALTNAVN", None),
    ("TILTAKSTATUSKODE", None),
    ("REG_DATO", None),
    ("DATO_FRA", UNPARSABLE[0]),
    ("DATO_TIL", UNPARSABLE[1]),
)
_IS_INVALID = np.array([[v in m.invalid for v in range(2)] for m in MEASURES.values()])


def gjennomforing_rows(measures: Gjennomforinger, who: np.ndarray, version: np.ndarray) -> pa.Array:
    """Write versions of measures as rows of GJ.

    Args:
        measures: all measures.
        who: indices of measures, shape (rows,).
        version: of each, from 0.

    Returns:
        JSON objects.
    """
    number = who.astype(np.int64)
    invalid = np.where(_IS_INVALID[measures.story[who], version], measures.invalid[who], -1)
    registered = measures.times[who, 0] // SECOND - 86_400
    navn = [f'"{name.replace(chr(34), chr(92) + chr(34))}"' for name in NAVN]
    slutt = np.where(measures.endless[who], NO_DAY, measures.slutt[who])
    fields: dict[str, pa.Array | str | None] = {
        "TILTAKGJENNOMFORING_ID": _number(FIRST_GJENNOMFORING + number),
        "SAK_ID": _number(13_000_000 + number),
        "TILTAKSKODE": _deal(measures.kode[who, version], [f'"{kode}"' for kode in KODER]),
        "ANTALL_DELTAKERE": _number(5 + number * 7 % 40 + version),
        "ANTALL_VARIGHET": None,
        "DATO_FRA": _day(measures.start[who]),
        "DATO_TIL": _day(slutt),
        "FAGPLANKODE": None,
        "MAALEENHET_VARIGHET": None,
        "TEKST_FAGBESKRIVELSE": _deal(number, BEGRUNNELSER[:4]),
        "TEKST_KURSSTED": None,
        "TEKST_MAALGRUPPE": '"Personer som trenger støtte for å komme i arbeid"',
        "STATUS_TREVERDIKODE_INNSOKNING": '"J"',
        "REG_DATO": _time(registered),
        "REG_USER": _deal(number, USERS),
        "MOD_DATO": _time(measures.times[who, version] // SECOND),
        "MOD_USER": _deal(number + version, USERS),
        "LOKALTNAVN": _deal(number, navn),
        "TILTAKSTATUSKODE": _deal(measures.status[who], GJ_STATUSES),
        "PROSENT_DELTID": "100",
        "KOMMENTAR": None,
        "ARBGIV_ID_ARRANGOR": _number(200_000 + number % 997),
        "PROFILELEMENT_ID_GEOGRAFI": None,
        "KLOKKETID_FREMMOTE": None,
        "DATO_FREMMOTE": None,
        "BEGRUNNELSE_STATUS": None,
        "AVTALE_ID": _number(310_000 + number // 3),
        "AKTIVITET_ID": _number(125_000_000 + number),
        "DATO_INNSOKNINGSTART": None,
        "GML_FRA_DATO": None,
        "EKSTERN_ID": None,
    }
    for kind, (name, literal) in enumerate(INVALID):
        fields[name] = _put(fields[name], invalid == kind, literal)
    return _objects(fields)


def rows_of_messages(
    length: int,
    groups: Sequence[tuple[np.ndarray, Callable[[np.ndarray], pa.Array]]],
) -> pa.Array:
    """Put the rows of several tables into the order of their messages.

    Args:
        length: number of messages.
        groups: which messages, and what writes the rows of some of these.

    Returns:
        A text for each message, NULL for those in no group.
    """
    place = np.full(length, -1, dtype=np.int64)
    parts, first = [], 0
    for at, write in groups:
        if len(at):
            place[at] = first + np.arange(len(at))
            parts.append(write(at))
            first += len(at)
    texts = pa.concat_arrays(parts) if parts else pa.array([], TEXT)
    return texts.take(pa.array(place, mask=place < 0))
