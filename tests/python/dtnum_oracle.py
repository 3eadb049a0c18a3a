"""dtnum's rules once more, one case at a time in plain Python, to compare the models with.

Written from the specification and our readings of it, not from the SQL. Inputs are tables of
texts, as the CSV files hold them (None or '' is an empty field; a column that is not there is
empty). Outputs are sorted lists of tuples of texts and None (ordre is an int), so that the order
of the inputs never shows.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

Source = Mapping[str, str | None]
Table = Sequence[Source]
Row = dict[str, str | None]

LIGNE = """
    etat n_demande_v2 n_habilitation_v2 n_datapass_fc_rattache api environnement criticite type
    cas_usage nom_projet description_projet destinataires_donnees date_previsionnelle_ouverture
    volumetrie quotas date_reception date_derniere_soumission_ou_instruction statut
    siret_demandeur raison_sociale_demandeur code_postal ville
""".split()
SUIVI = [
    "n_datapass_v1",
    *LIGNE[1:],
    *"departement region motif_refus erreurs autres_colonnes".split(),
]
FILE_ONLY = {"n_datapass_v1", "motif_refus", "erreurs", "autres_colonnes"}
ORIGINES = ["fusion", "nouvelle_habilitation", "nouvelle_demande", "suivi_sans_correspondance"]

API_INCONNUE = "API inconnue"
STATUT_INCONNU = "Statut inconnu"
SAISIE_LIBRE = "Saisie libre"
PLACEHOLDERS = {"NON RENSEIGNE", "CODE POSTAL NON VALIDE", "SIRET NON VALIDE"}
INSTRUCTION = ("approve", "refuse", "request_changes", "submit", "reopen")
REFUS = "Refus de réouverture"

M1 = "N° Demande v2 vide"
M2 = "N° Demande ou N° Habilitation non trouvé"
M3 = "DOUBLON sur N° Demande / N° Habilitation"
M4 = "Plusieurs lignes DataPass pour ce N° Demande / N° Habilitation"
M5 = "Données DataPass illisibles pour ce N° Demande"
M6 = "API inconnue : "
M7 = "Statut inconnu : "
M8 = "Événements DataPass illisibles"

BLANK = re.compile(r"[ \t\r\n]*")
NUMBER = re.compile(r"[0-9]+")
DISPLAYED = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:\Z|[T ])")
INSTANT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?"
    r"(Z|([+-])([0-9]{2}):?([0-9]{2}))?)?"
)
SURROGATE = re.compile("[\ud800-\udfff]")


class _NumberText(str):
    """A JSON number, as it was written."""

    __slots__ = ()


UNREADABLE = object()


@dataclass
class Reference:
    """What the seeds hold.

    Attributes:
        apis: The label of a class.
        statuts: The label of a state.
        cas_usage: Pairs of what a form's name contains and the label, in order.
        datapass_first: The columns where DataPass comes before the file.
        codes_postaux: The département, written 'Paris (75)', and the region of a post code.
    """

    apis: dict[str, str]
    statuts: dict[str, str]
    cas_usage: list[tuple[str, str]]
    datapass_first: set[str]
    codes_postaux: dict[str, tuple[str, str]]


@dataclass
class Output:
    """The four results, each a sorted list of tuples (suivi_mis_a_jour in the order of ordre)."""

    lignes_datapass: list[tuple[str | None, ...]] = field(default_factory=list)
    suivi_mis_a_jour: list[tuple[Any, ...]] = field(default_factory=list)
    reste_datapass: list[tuple[str | None, ...]] = field(default_factory=list)
    reste_suivi: list[tuple[str | None, ...]] = field(default_factory=list)


class Line(NamedTuple):
    """One line of DataPass: its columns, and what M6 and M7 have to say."""

    columns: Row
    api_message: str | None
    statut_message: str | None


@dataclass
class Demandes:
    """What the payloads of `demandes` say.

    Attributes:
        lines: The lines that exist.
        rest: Pairs of motif and columns, of the demandes that have no line.
        unreadable: The demande_id of unreadable payloads.
        events: Per payload id, the events of its payloads, in the order of their hashes.
    """

    lines: list[Line] = field(default_factory=list)
    rest: list[tuple[str, Row]] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)
    events: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))


@dataclass
class NewRow:
    """A row of the new file: its values, where it is from and the file row behind it."""

    values: Row
    origine: str
    source: Row | None


def read_reference(folder: Path) -> Reference:
    """Read the seeds.

    Args:
        folder: Where the seeds are.

    Returns:
        The seeds; of a post code that both lists hold, the official one counts.
    """
    postcodes: dict[str, tuple[str, str]] = {}
    for name in ("dtnum_codes_postaux_ajouts", "dtnum_codes_postaux"):
        for row in _read(folder / f"{name}.csv"):
            departement = f"{row['departement']} ({row['code_departement']})"
            postcodes[row["code_postal"]] = (departement, row["region"])
    cas_usage = sorted(_read(folder / "dtnum_cas_usage.csv"), key=lambda row: int(row["ordre"]))
    return Reference(
        apis={row["classe"]: row["libelle"] for row in _read(folder / "dtnum_apis.csv")},
        statuts={row["etat"]: row["libelle"] for row in _read(folder / "dtnum_statuts.csv")},
        cas_usage=[(row["motif"], row["libelle"]) for row in cas_usage],
        datapass_first={
            row["colonne"]
            for row in _read(folder / "dtnum_colonnes.csv")
            if row["priorite_datapass"] == "oui"
        },
        codes_postaux=postcodes,
    )


def _read(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def update(demandes: Table, suivi: Table, evenements: Table, reference: Reference) -> Output:
    """Bring the follow-up file up to date with DataPass.

    Args:
        demandes: Rows of demande_id and payload.
        suivi: Rows of ligne_nr and the 27 columns of the file.
        evenements: Rows of demande_id and payload.
        reference: The seeds.

    Returns:
        The four results.
    """
    read = read_demandes(demandes, reference)
    events, unreadable_events = _read_events(evenements)
    for number, own in read.events.items():
        events[number].extend(own)
    file = sorted(({c: row.get(c) or None for c in ["ligne_nr", *SUIVI]} for row in suivi), key=_at)

    taken, blocked = _match(file, read.lines)
    used = {line for line, _ in taken.values()}
    rows: list[NewRow] = []
    rest = list(read.rest)
    before_after: list[tuple[str | None, ...]] = []
    for position, source in enumerate(file):
        if position in taken:
            number, origine = taken[position]
            rows.append(NewRow(_merged(source, read.lines[number], reference), origine, source))
            continue
        values = _without_line(
            source, position in blocked, read.unreadable, events, unreadable_events, reference
        )
        rows.append(NewRow(values, ORIGINES[3], source))
        after = source | {c: values[c] for c in ("statut", "motif_refus", "erreurs")}
        for moment, shown in (("avant", source), ("apres", after)):
            before_after.append((moment, shown["ligne_nr"], *(shown[c] for c in SUIVI)))
    for number, line in enumerate(read.lines):
        if number in used:
            continue
        if line.columns["statut"] == reference.statuts["archived"]:
            rest.append(("supprime", line.columns))
        else:
            empty: Row = dict.fromkeys(SUIVI)
            rows.append(NewRow(_merged(empty, line, reference), ORIGINES[2], None))

    _finish(rows, reference)
    rows.sort(key=_place)
    return Output(
        lignes_datapass=_sorted(tuple(line.columns[c] for c in LIGNE) for line in read.lines),
        suivi_mis_a_jour=[
            (*(row.values[c] for c in SUIVI), place, row.origine)
            for place, row in enumerate(rows, start=1)
        ],
        reste_datapass=_sorted((why, *(columns[c] for c in LIGNE)) for why, columns in rest),
        reste_suivi=_sorted(before_after),
    )


# What DataPass says


def read_demandes(demandes: Table, reference: Reference) -> Demandes:
    """Read the payloads of the demandes.

    Args:
        demandes: Rows of demande_id and payload.
        reference: The seeds.

    Returns:
        The lines, what has none, the unreadable ones and the events.
    """
    result = Demandes()
    pairs = {(row.get("demande_id") or None, row.get("payload") or None) for row in demandes}
    for demande_id, text in sorted(pairs, key=_hash):
        payload = _parse(text)
        number = _text(payload, "id") if isinstance(payload, dict) else None
        if number in (None, "true", "false"):
            columns: Row = dict.fromkeys(LIGNE)
            result.rest.append(
                ("illisible", columns | {"etat": "demande", "n_demande_v2": demande_id})
            )
            if demande_id is not None:
                result.unreadable.add(demande_id)
            continue
        assert number is not None
        events = _objects(payload.get("events"))
        result.events[number].extend(events)
        _lines_of(payload, events, result, reference)
    return result


def _hash(pair: tuple[str | None, str | None]) -> str:
    """Return the hash by which a demande and its payload are told apart, and put in order."""
    return hashlib.md5("|".join(text or "" for text in pair).encode()).hexdigest()


def _lines_of(
    payload: dict[str, Any], events: list[dict[str, Any]], result: Demandes, reference: Reference
) -> None:
    habilitations = _objects(payload.get("habilitations"))
    state = _text(payload, "state")
    demande = _demande_line(payload, events, reference)
    if not habilitations and state == "draft":
        result.rest.append(("brouillon", demande.columns))
        return
    if all(_text(event, "name") != "submit" for event in events):
        result.rest.append(("jamais_soumise", demande.columns))
        return
    if not habilitations or state in ("submitted", "changes_requested", "refused"):
        result.lines.append(demande)
    instants = [instant(_text(one, "created_at")) for one in habilitations]
    first = min((at for at in instants if at is not None), default=None)
    for one, at in zip(habilitations, instants, strict=True):
        kind = "Initial" if at == first else "Avenant"
        result.lines.append(_habilitation_line(payload, one, kind, reference))


def _demande_line(
    payload: dict[str, Any], events: list[dict[str, Any]], reference: Reference
) -> Line:
    latest = _latest(event for event in events if _text(event, "name") in INSTRUCTION)
    own: Row = {
        "etat": "demande",
        "n_habilitation_v2": None,
        "type": "Avenant" if _text(payload, "reopening") == "true" else "Initial",
        "date_derniere_soumission_ou_instruction": shown_date(
            _text(latest, "created_at") if latest else None
        ),
    }
    return _line(payload, payload, _text(payload, "type"), own, False, reference)


def _habilitation_line(
    payload: dict[str, Any], one: dict[str, Any], kind: str, reference: Reference
) -> Line:
    own: Row = {
        "etat": "habilitation",
        "n_habilitation_v2": _text(one, "id"),
        "type": kind,
        "date_derniere_soumission_ou_instruction": shown_date(_text(one, "created_at")),
    }
    revoked = _text(one, "revoked") == "true"
    return _line(payload, one, _text(one, "authorization_request_class"), own, revoked, reference)


def _line(
    payload: dict[str, Any],
    part: dict[str, Any],
    class_: str | None,
    own: Row,
    revoked: bool,
    reference: Reference,
) -> Line:
    form = _text(payload, "form_uid") or ""
    france_connect = _text(part, "data", "france_connect_authorization_id")
    label = reference.apis.get(class_ or "")
    if form.endswith("-editeur"):
        environment = "Unique"
    elif (class_ or "").endswith("Sandbox"):
        environment = "Bac à sable"
    else:
        environment = "Production"
    state = "revoked" if revoked else _text(part, "state")
    statut = reference.statuts.get(state or "")
    per_minute = _text(part, "data", "volumetrie_appels_par_minute")
    company = ("organisation", "insee_payload", "etablissement")
    columns: Row = {
        "n_demande_v2": _text(payload, "id"),
        "n_datapass_fc_rattache": france_connect,
        "api": (label or API_INCONNUE) + (" FC" if france_connect else ""),
        "environnement": environment,
        "criticite": "Normale",
        "cas_usage": next((to for motif, to in reference.cas_usage if motif in form), SAISIE_LIBRE),
        "nom_projet": _text(part, "data", "intitule"),
        "description_projet": _text(part, "data", "description"),
        "destinataires_donnees": _text(part, "data", "destinataire_donnees_caractere_personnel"),
        "date_previsionnelle_ouverture": shown_date(
            _text(part, "data", "date_prevue_mise_en_production")
        ),
        "volumetrie": per_minute,
        "quotas": per_minute,
        "date_reception": shown_date(
            _text(payload, "reopened_at") or _text(payload, "last_submitted_at")
        ),
        "statut": statut or STATUT_INCONNU,
        "siret_demandeur": _text(payload, "organisation", "siret"),
        "raison_sociale_demandeur": _text(
            payload, *company, "uniteLegale", "denominationUniteLegale"
        ),
        "code_postal": _text(payload, *company, "adresseEtablissement", "codePostalEtablissement"),
        "ville": _text(payload, *company, "adresseEtablissement", "libelleCommuneEtablissement"),
    }
    return Line(
        columns | own,
        None if label else M6 + (class_ or "(vide)"),
        None if statut else M7 + (state or "(vide)"),
    )


# The merge


def _match(file: list[Row], lines: list[Line]) -> tuple[dict[int, tuple[int, str]], set[int]]:
    """Find the line of each file row.

    Args:
        file: The file's rows, in its order.
        lines: The lines of DataPass.

    Returns:
        Per position of a file row the line it takes and the origine; the positions of M4.
    """
    taken: dict[int, tuple[int, str]] = {}
    blocked: set[int] = set()
    by_key: dict[tuple[str, str | None], list[int]] = defaultdict(list)
    for number, line in enumerate(lines):
        key = _key(line.columns)
        if key:
            by_key[key].append(number)
    rows_of: dict[tuple[str, str | None], list[int]] = defaultdict(list)
    for position, row in enumerate(file):
        key = _key(row)
        if key in by_key:
            rows_of[key].append(position)
    for key, positions in rows_of.items():
        if len(by_key[key]) == 1:
            taken[positions[0]] = (by_key[key][0], ORIGINES[0])
        else:
            blocked.update(positions)

    used = {number for number, _ in taken.values()}
    free: dict[str, list[int]] = defaultdict(list)
    for number, line in enumerate(lines):
        demande = line.columns["n_demande_v2"]
        if number not in used and line.columns["etat"] == "habilitation" and is_number(demande):
            free[str(demande)].append(number)
    waiting: dict[str, list[int]] = defaultdict(list)
    for position, row in enumerate(file):
        if position in taken or position in blocked or row["n_habilitation_v2"] is not None:
            continue
        if row["n_demande_v2"] in free:
            waiting[row["n_demande_v2"]].append(position)
    for demande, positions in waiting.items():
        if len(free[demande]) == 1:
            taken[positions[0]] = (free[demande][0], ORIGINES[1])
        else:
            blocked.update(positions)
    return taken, blocked


def _key(row: Row) -> tuple[str, str | None] | None:
    demande, habilitation = row["n_demande_v2"], row["n_habilitation_v2"]
    if not is_number(demande) or (habilitation is not None and not is_number(habilitation)):
        return None
    return str(demande), habilitation


def _merged(source: Row, line: Line, reference: Reference) -> Row:
    unknown = set()
    if line.api_message:
        unknown.add("api")
    if line.statut_message:
        unknown.add("statut")
    values: Row = {}
    for column in SUIVI:
        theirs, ours = line.columns.get(column), source[column]
        if column in FILE_ONLY:
            values[column] = ours
        elif column in reference.datapass_first and column not in unknown:
            values[column] = ours if theirs is None else theirs
        else:
            values[column] = theirs if ours is None else ours
    for message in (line.api_message, line.statut_message):
        if message:
            values["erreurs"] = with_message(values["erreurs"], message)
    return values


def _without_line(
    source: Row,
    is_blocked: bool,
    unreadable: set[str],
    events: Mapping[str, list[dict[str, Any]]],
    unreadable_events: set[str],
    reference: Reference,
) -> Row:
    values = {column: source[column] for column in SUIVI}
    demande = source["n_demande_v2"]
    if demande is None or demande in PLACEHOLDERS:
        values["erreurs"] = with_message(values["erreurs"], M1)
        return values
    counts = is_number(demande)
    waiting = {reference.statuts["submitted"], reference.statuts["changes_requested"]}
    asks = counts and source["statut"] in waiting
    if asks:
        latest = _latest(events.get(demande, []))
        values |= _events_rule(source["type"], _text(latest, "name") if latest else None, reference)
    if is_blocked:
        message = M4
    elif counts and demande in unreadable:
        message = M5
    else:
        message = M2
    values["erreurs"] = with_message(values["erreurs"], message)
    if asks and demande in unreadable_events:
        values["erreurs"] = with_message(values["erreurs"], M8)
    return values


def _events_rule(kind: str | None, name: str | None, reference: Reference) -> Row:
    if (kind, name) in (
        ("Initial", "cancel_next_stage"),
        ("Initial", "cancel_reopening"),
        ("Avenant", "cancel_reopening"),
    ):
        return {"statut": reference.statuts["archived"]}
    if (kind, name) == ("Avenant", "refuse"):
        return {"statut": reference.statuts["refused"], "motif_refus": REFUS}
    return {}


def _read_events(evenements: Table) -> tuple[dict[str, list[dict[str, Any]]], set[str]]:
    events: dict[str, list[dict[str, Any]]] = defaultdict(list)
    unreadable: set[str] = set()
    given = [(row.get("demande_id"), row.get("payload")) for row in evenements]
    pairs = {(demande, text) for demande, text in given if demande and text}
    for demande, text in sorted(pairs, key=lambda pair: _last(pair[1])):
        payload = _parse(text)
        if isinstance(payload, list):
            events[demande].extend(_objects(payload))
        elif payload is not None:
            unreadable.add(demande)
    return events, unreadable


def _finish(rows: list[NewRow], reference: Reference) -> None:
    """Fill in départements and regions, then mark the rows that share their numbers."""
    pairs = Counter((r.values["n_demande_v2"], r.values["n_habilitation_v2"]) for r in rows)
    for row in rows:
        values = row.values
        found = reference.codes_postaux.get(values["code_postal"] or "")
        if found:
            for column, value in zip(("departement", "region"), found, strict=True):
                if values[column] is None or values[column] in PLACEHOLDERS:
                    values[column] = value
        if pairs[values["n_demande_v2"], values["n_habilitation_v2"]] > 1:
            values["erreurs"] = with_message(values["erreurs"], M3)


def with_message(erreurs: str | None, message: str) -> str:
    """Append a message.

    Args:
        erreurs: What is there.
        message: What to add.

    Returns:
        The message alone if nothing but blanks was there, what was there if it has the message.
    """
    if erreurs is None or BLANK.fullmatch(erreurs):
        return message
    return erreurs if message in erreurs else f"{erreurs}\n{message}"


# Order


def _last(text: str | None) -> tuple[bool, bytes]:
    """Byte order, NULL last."""
    return (text is None, (text or "").encode("utf-8", "surrogatepass"))


def _numeric_first(text: str | None) -> tuple[int, int, bytes]:
    if text is None:
        return (2, 0, b"")
    if is_number(text):
        digits = text.lstrip("0")
        return (0, len(digits), digits.encode())
    return (1, 0, text.encode("utf-8", "surrogatepass"))


def _at(row: Row) -> tuple[Any, ...]:
    """Where a row is in the file; the other columns decide between rows of the same number."""
    return (_numeric_first(row["ligne_nr"]), *(_last(row[c]) for c in SUIVI))


def _place(row: NewRow) -> tuple[Any, ...]:
    """Return what orders rows; those that it leaves equal stay in the order of their inputs."""
    return (
        *(_numeric_first(row.values[c]) for c in SUIVI[:3]),
        ORIGINES.index(row.origine),
        _numeric_first(row.source["ligne_nr"] if row.source else None),
    )


def _sorted(rows: Iterable[tuple[str | None, ...]]) -> list[tuple[str | None, ...]]:
    return sorted(rows, key=lambda row: tuple(map(_last, row)))


# Texts


def is_number(text: str | None) -> bool:
    """Say whether a text is a number.

    Args:
        text: The text.

    Returns:
        True if it is ASCII digits from end to end.
    """
    return text is not None and NUMBER.fullmatch(text) is not None


def shown_date(text: str | None) -> str | None:
    """Write a date as the file does.

    Args:
        text: What DataPass says.

    Returns:
        dd/mm/yyyy, cut out of the text as it is written, or the text.
    """
    found = DISPLAYED.match(text or "")
    return f"{found[3]}/{found[2]}/{found[1]}" if found else text


def instant(text: str | None) -> int | None:
    """Read an instant.

    Args:
        text: A date, or a date and a time with or without an offset (none is UTC).

    Returns:
        Microseconds, or None if the text is no real date and time.
    """
    found = INSTANT.fullmatch(text or "")
    if not found:
        return None
    year, month, day, hour, minute, second, fraction, _, sign, off_hour, off_minute = found.groups()
    try:
        days = date(int(year), int(month), int(day)).toordinal()
    except ValueError:
        return None
    time = (int(hour or 0), int(minute or 0), int(second or 0))
    offset = (int(off_hour or 0), int(off_minute or 0))
    if time[0] > 23 or time[1] > 59 or time[2] > 59 or offset[0] > 14 or offset[1] > 59:
        return None
    shift = (offset[0] * 60 + offset[1]) * 60 * (-1 if sign == "-" else 1)
    seconds = days * 86400 + time[0] * 3600 + time[1] * 60 + time[2] - shift
    return seconds * 1_000_000 + int((fraction or "")[:6].ljust(6, "0"))


def _latest(events: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    best: dict[str, Any] | None = None
    best_at: int | None = None
    for event in events:
        at = instant(_text(event, "created_at"))
        if best is None or (at is not None and (best_at is None or at > best_at)):
            best, best_at = event, at
    return best


# JSON


# an escape, that is behind an even number of backslashes
ZERO = re.compile(r"(^|[^\\])(\\\\)*\\u0000")


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _parse(text: str | None) -> Any:
    """Read strict JSON: UNREADABLE is what is none, and what PostgreSQL cannot hold."""
    if text is None or ZERO.search(text):
        return UNREADABLE
    try:
        value = json.loads(
            text, parse_int=_NumberText, parse_float=_NumberText, parse_constant=_no_constant
        )
    except (ValueError, RecursionError):
        return UNREADABLE
    if "\\u" in text and _has_surrogate(value):
        return UNREADABLE
    return value


def _has_surrogate(value: Any) -> bool:
    if isinstance(value, str):
        return SURROGATE.search(value) is not None
    if isinstance(value, dict):
        return any(_has_surrogate(k) or _has_surrogate(v) for k, v in value.items())
    return isinstance(value, list) and any(map(_has_surrogate, value))


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(value: Any, *path: str) -> str | None:
    """The text at a path: of a text, a number or a boolean; None for all else and for ''."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, bool):
        return "true" if value else "false"
    return (str(value) or None) if isinstance(value, str) else None
