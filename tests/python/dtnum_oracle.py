"""dtnum's rules once more, row by row in plain Python, to compare the models with.

Written from the specification and not from the SQL: the new tracking file is put together as a
careful person would do it, one pass over the file per step, with DataPass in the other hand. Inputs
are tables of texts, as the CSV files hold them (None is an empty field, and so is '').

Rows are dicts by column. Whatever is looked for again is indexed, so that a large file takes
seconds.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

Row = dict[str, str | None]
Table = Sequence[Mapping[str, str | None]]
Key = tuple[str, str | None]

DATAPASS = """
    n_demande_v2 n_habilitation_v2 n_datapass_fc_rattache api environnement criticite type cas_usage
    nom_projet description_projet destinataires_donnees date_previsionnelle_ouverture volumetrie
    quotas date_reception date_derniere_soumission_ou_instruction statut siret_demandeur
    raison_sociale_demandeur code_postal ville
""".split()
LIGNES_DATAPASS = ["etat", *DATAPASS]
SUIVI = [
    *("n_datapass_v1", *DATAPASS),
    *("departement", "region", "motif_refus", "erreurs", "autres_colonnes"),
]
SUIVI_MIS_A_JOUR = [*SUIVI, "ordre", "origine"]
RESTE_DATAPASS = ["motif", *LIGNES_DATAPASS]
RESTE_SUIVI = ["moment", "ligne_nr", *SUIVI]

ORIGINES = ("fusion", "nouvelle_habilitation", "nouvelle_demande", "suivi_sans_correspondance")
FUSION, NOUVELLE_HABILITATION, NOUVELLE_DEMANDE, SANS_CORRESPONDANCE = ORIGINES

M1 = "N° Demande v2 vide"
M2 = "N° Demande ou N° Habilitation non trouvé"
M3 = "DOUBLON sur N° Demande / N° Habilitation"
M4 = "Plusieurs lignes DataPass pour ce N° Demande / N° Habilitation"
M5 = "Données DataPass illisibles pour ce N° Demande"
M6 = "API inconnue : "
M7 = "Statut inconnu : "
M8 = "Événements DataPass illisibles"

API_INCONNUE, STATUT_INCONNU = "API inconnue", "Statut inconnu"
UNKNOWN = {"api": {API_INCONNUE, API_INCONNUE + " FC"}, "statut": {STATUT_INCONNU}}
PLACEHOLDERS = {"NON RENSEIGNE", "CODE POSTAL NON VALIDE", "SIRET NON VALIDE"}

INSTRUCTION = {"approve", "refuse", "request_changes", "submit", "reopen"}
WITH_A_LINE = {"submitted", "changes_requested", "refused"}

NUMBER_FORM = re.compile(r"[0-9]+")
DATE_FORM = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?=[ T]|\Z)")
INSTANT_FORM = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.]([0-9]+))?)?"
    r"(?:Z|([+-])([0-9]{2}):?([0-9]{2}))?)?"
)
# one escape of a JSON text at a time, so that an escaped backslash is not taken for the beginning
ESCAPE_FORM = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
BLANKS = " \t\r\n"


@dataclass
class Reference:
    """The reference lists, as the seeds hold them."""

    apis: dict[str, str]
    statuts: dict[str, str]
    cas_usage: list[tuple[str, str]]
    datapass_first: set[str]
    # (département as the file writes it, région) by postcode
    codes_postaux: dict[str, tuple[str | None, str | None]]


@dataclass
class Output:
    """The four relations, each a list of tuples in the contract's order of columns."""

    lignes_datapass: list[tuple[Any, ...]]
    suivi_mis_a_jour: list[tuple[Any, ...]]
    reste_datapass: list[tuple[Any, ...]]
    reste_suivi: list[tuple[Any, ...]]


@dataclass
class Ligne:
    """A row that DataPass gives, and what `erreurs` is told about it."""

    etat: str
    columns: Row
    messages: list[str] = field(default_factory=list)


@dataclass
class Demande:
    """A readable demande: its own number, and the objects among its habilitations and events."""

    number: str
    document: dict[str, Any]
    habilitations: list[dict[str, Any]]
    events: list[dict[str, Any]]


@dataclass
class Suivi:
    """A row of the new file: what the file had (nothing for a new row), and what it is now."""

    ligne_nr: str | None
    before: Row
    after: Row
    origine: str
    ligne: Ligne | None = None
    blocked: bool = False


def read_reference(folder: Path) -> Reference:
    """Return the reference lists of a folder of seeds.

    Args:
        folder: The folder of dtnum_apis.csv and the others. Postcodes that were looked up
            (dtnum_codes_postaux_ajouts.csv) count when the file is there.

    Returns:
        The lists, indexed by what is looked for in them.
    """

    def rows(name: str) -> list[Row]:
        path = folder / f"dtnum_{name}.csv"
        with path.open(newline="", encoding="utf-8") as file:
            return [
                {key: text or None for key, text in row.items()} for row in csv.DictReader(file)
            ]

    added = (folder / "dtnum_codes_postaux_ajouts.csv").exists()
    places = (rows("codes_postaux_ajouts") if added else []) + rows("codes_postaux")
    return Reference(
        apis={str(row["classe"]): str(row["libelle"]) for row in rows("apis")},
        statuts={str(row["etat"]): str(row["libelle"]) for row in rows("statuts")},
        cas_usage=[
            (str(row["motif"]), str(row["libelle"]))
            for row in sorted(rows("cas_usage"), key=lambda row: int(row["ordre"] or 0))
        ],
        datapass_first={
            str(row["colonne"]) for row in rows("colonnes") if row["priorite_datapass"] == "oui"
        },
        codes_postaux={
            str(row["code_postal"]): (
                f"{row['departement']} ({row['code_departement']})",
                row["region"],
            )
            for row in places
        },
    )


# --- texts, numbers, dates ------------------------------------------------------------------------


def is_number(text: str | None) -> bool:
    """Return whether a text is all ASCII digits."""
    return text is not None and NUMBER_FORM.fullmatch(text) is not None


def by_number(text: str | None) -> tuple[int, int, str]:
    """Return a key that sorts numbers by their size, then other texts byte by byte, then NULL."""
    if text is None:
        return 2, 0, ""
    if is_number(text):
        digits = text.lstrip("0")
        return 0, len(digits), digits
    return 1, 0, text


def nulls_last(row: Mapping[str, Any], columns: Iterable[str]) -> tuple[tuple[bool, str], ...]:
    """Return a key that sorts rows by columns, texts byte by byte, NULL last."""
    values = (row.get(column) for column in columns)
    return tuple((value is None, value or "") for value in values)


def display_date(text: str | None) -> str | None:
    """Return a date as the file writes it, any other text as it is.

    Args:
        text: A text of DataPass, such as 2024-05-03T23:30:00+02:00.

    Returns:
        The day as written, 03/05/2024: neither moved to another zone nor looked up in a calendar.
    """
    found = DATE_FORM.match(text) if text is not None else None
    return "/".join(reversed(found.groups())) if found else text


def instant(text: str | None) -> datetime | None:
    """Return the instant that a text is, in UTC; None when it is none."""
    found = INSTANT_FORM.fullmatch(text) if text is not None else None
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, sign, hours, minutes = found.groups()
    if hours is not None and (int(hours) > 14 or int(minutes) > 59):
        return None
    try:
        local = datetime(
            *(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0)),
            microsecond=int((fraction or "")[:6].ljust(6, "0")),
        )
    except ValueError:
        return None
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    return local + offset if sign == "-" else local - offset


def add_message(erreurs: str | None, message: str) -> str:
    """Return `erreurs` with a message: alone if there was nothing, and never twice."""
    if erreurs is None or not erreurs.strip(BLANKS):
        return message
    return erreurs if message in erreurs else f"{erreurs}\n{message}"


# --- JSON -----------------------------------------------------------------------------------------


def read_json(text: str | None) -> Any:
    """Return what a payload holds, its numbers as they are written.

    Args:
        text: The payload.

    Returns:
        Dicts, lists, texts, booleans and None.

    Raises:
        ValueError: The payload is no strict JSON, or holds the character that a database cannot.
    """
    if text is None:
        raise ValueError("no payload")
    if "u0000" in ESCAPE_FORM.findall(text):
        raise ValueError("\\u0000")
    return json.loads(text, parse_int=str, parse_float=str, parse_constant=refuse)


def refuse(constant: str) -> None:
    """Refuse NaN and the infinities, which Python would read and JSON does not know."""
    raise ValueError(constant)


def value(node: Any, *path: str) -> str | None:
    """Return the text at a path of names: None unless it is a text, a number or a boolean there."""
    for name in path:
        node = node.get(name) if isinstance(node, dict) else None
    if isinstance(node, bool):
        return "true" if node else "false"
    return (node or None) if isinstance(node, str) else None


def objects(node: Any) -> list[dict[str, Any]]:
    """Return the objects of an array, none of anything else."""
    return [part for part in node if isinstance(part, dict)] if isinstance(node, list) else []


def read_demande(payload: str | None) -> Demande | None:
    """Return the demande that a payload is, None when it is none."""
    try:
        document = read_json(payload)
    except ValueError:
        return None
    number = value(document, "id")
    # true is no id, though it has a text
    if number is None or isinstance(document["id"], bool):
        return None
    return Demande(
        number,
        document,
        objects(document.get("habilitations")),
        objects(document.get("events")),
    )


# --- events ---------------------------------------------------------------------------------------


def latest(events: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the latest event, of equal ones that which is listed first."""
    found, when = None, None
    for event in events:
        moment = instant(value(event, "created_at"))
        if found is None or (moment is not None and (when is None or moment > when)):
            found, when = event, moment
    return found


def events_outcome(type_demande: str | None, event: dict[str, Any] | None) -> str | None:
    """Return the state that the latest event means for a row that DataPass does not list."""
    name = value(event, "name")
    if type_demande == "Initial" and name in ("cancel_next_stage", "cancel_reopening"):
        return "archived"
    if type_demande == "Avenant" and name == "refuse":
        return "refused"
    return "archived" if type_demande == "Avenant" and name == "cancel_reopening" else None


# --- the rows that DataPass gives -----------------------------------------------------------------


def common_columns(demande: Demande, reference: Reference) -> Row:
    """Return what all lines of a demande have in common."""
    document = demande.document
    form = value(document, "form_uid")
    uses = (label for word, label in reference.cas_usage if form is not None and word in form)
    reception = value(document, "reopened_at") or value(document, "last_submitted_at")
    etablissement = ("organisation", "insee_payload", "etablissement")
    adresse = (*etablissement, "adresseEtablissement")
    return {
        "n_demande_v2": demande.number,
        "criticite": "Normale",
        "cas_usage": next(uses, "Saisie libre"),
        "date_reception": display_date(reception),
        "siret_demandeur": value(document, "organisation", "siret"),
        "raison_sociale_demandeur": value(
            document, *etablissement, "uniteLegale", "denominationUniteLegale"
        ),
        "code_postal": value(document, *adresse, "codePostalEtablissement"),
        "ville": value(document, *adresse, "libelleCommuneEtablissement"),
    }


def columns_of_part(
    part: dict[str, Any], form: str | None, classe: str | None, reference: Reference
) -> tuple[Row, list[str]]:
    """Return the columns that a demande and a habilitation fill alike, each from itself.

    Args:
        part: The demande or the habilitation.
        form: The demande's form_uid.
        classe: The class of the part.
        reference: The reference lists.

    Returns:
        The columns, and the messages about labels that are not known.
    """
    messages = []
    state, france_connect = (
        value(part, "state"),
        value(part, "data", "france_connect_authorization_id"),
    )
    api, statut = reference.apis.get(classe or ""), reference.statuts.get(state or "")
    if api is None:
        messages.append(M6 + (classe or "(vide)"))
    if statut is None:
        messages.append(M7 + (state or "(vide)"))
    if form is not None and form.endswith("-editeur"):
        environnement = "Unique"
    elif classe is not None and classe.endswith("Sandbox"):
        environnement = "Bac à sable"
    else:
        environnement = "Production"
    volume = value(part, "data", "volumetrie_appels_par_minute")
    columns = {
        "n_datapass_fc_rattache": france_connect,
        "api": (api or API_INCONNUE) + ("" if france_connect is None else " FC"),
        "environnement": environnement,
        "nom_projet": value(part, "data", "intitule"),
        "description_projet": value(part, "data", "description"),
        "destinataires_donnees": value(part, "data", "destinataire_donnees_caractere_personnel"),
        "date_previsionnelle_ouverture": display_date(
            value(part, "data", "date_prevue_mise_en_production")
        ),
        "volumetrie": volume,
        "quotas": volume,
        "statut": statut or STATUT_INCONNU,
    }
    return columns, messages


def demande_line(demande: Demande, reference: Reference) -> Ligne:
    """Return the line of a demande itself."""
    document = demande.document
    instructed = latest(event for event in demande.events if value(event, "name") in INSTRUCTION)
    columns, messages = columns_of_part(
        document, value(document, "form_uid"), value(document, "type"), reference
    )
    columns |= common_columns(demande, reference) | {
        "type": "Avenant" if value(document, "reopening") == "true" else "Initial",
        "date_derniere_soumission_ou_instruction": display_date(value(instructed, "created_at")),
    }
    return Ligne("demande", columns, messages)


def habilitation_lines(demande: Demande, reference: Reference) -> list[Ligne]:
    """Return one line per habilitation of a demande."""
    moments = [instant(value(part, "created_at")) for part in demande.habilitations]
    earliest = min((moment for moment in moments if moment is not None), default=None)
    common = common_columns(demande, reference)
    form = value(demande.document, "form_uid")
    lines = []
    for part, moment in zip(demande.habilitations, moments, strict=True):
        classe = value(part, "authorization_request_class")
        columns, messages = columns_of_part(part, form, classe, reference)
        if value(part, "revoked") == "true":
            columns["statut"] = reference.statuts["revoked"]
            messages = [text for text in messages if not text.startswith(M7)]
        columns |= common | {
            "n_habilitation_v2": value(part, "id"),
            # without any moment, all of them are the first
            "type": "Initial" if moment == earliest else "Avenant",
            "date_derniere_soumission_ou_instruction": display_date(value(part, "created_at")),
        }
        lines.append(Ligne("habilitation", columns, messages))
    return lines


def lines_of(demande: Demande, reference: Reference) -> tuple[str | None, list[Ligne]]:
    """Return the lines of a demande.

    Args:
        demande: A readable demande.
        reference: The reference lists.

    Returns:
        Why it has none, and then the line that it would have had; or None and its lines.
    """
    state = value(demande.document, "state")
    if not demande.habilitations and state == "draft":
        return "brouillon", [demande_line(demande, reference)]
    if all(value(event, "name") != "submit" for event in demande.events):
        return "jamais_soumise", [demande_line(demande, reference)]
    lines = habilitation_lines(demande, reference)
    if not lines or state in WITH_A_LINE:
        lines.append(demande_line(demande, reference))
    return None, lines


# --- the merge ------------------------------------------------------------------------------------


def update(demandes: Table, suivi: Table, evenements: Table, reference: Reference) -> Output:
    """Return the new tracking file and what is left over.

    Args:
        demandes: Rows of demande_id and payload.
        suivi: Rows of the tracking file.
        evenements: Rows of demande_id and payload.
        reference: The reference lists.

    Returns:
        The four relations; apart from the new file, which has its order, in an order of their own.
    """
    # the order of the payloads decides between events of one instant
    pairs = sorted(
        {(row.get("demande_id") or None, row.get("payload") or None) for row in demandes},
        key=lambda pair: (pair[1] or "", pair[0] or ""),
    )
    lines: list[Ligne] = []
    reste: list[tuple[str, Ligne]] = []
    unreadable: set[str | None] = set()
    own_events: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for demande_id, payload in pairs:
        demande = read_demande(payload)
        if demande is None:
            unreadable.add(demande_id)
            reste.append(("illisible", Ligne("demande", {"n_demande_v2": demande_id})))
            continue
        own_events[demande.number] += demande.events
        motif, found = lines_of(demande, reference)
        if motif is None:
            lines += found
        else:
            reste += [(motif, line) for line in found]

    rows = read_suivi(suivi)
    for row, line in match(rows, lines):
        row.ligne = line
        row.after = merged(row.before, line, reference.datapass_first)
    taken = {id(row.ligne) for row in rows if row.ligne is not None}
    deleted = reference.statuts["archived"]
    for line in lines:
        if id(line) in taken:
            continue
        if line.columns["statut"] == deleted:
            reste.append(("supprime", line))
        else:
            new = merged(dict.fromkeys(SUIVI), line, reference.datapass_first)
            rows.append(Suivi(None, dict.fromkeys(SUIVI), new, NOUVELLE_DEMANDE, line))

    events = Events(evenements, own_events, reference)
    for row in rows:
        if row.origine == SANS_CORRESPONDANCE:
            unmatched(row, events, unreadable)
    reste_suivi = [
        (moment, row.ligne_nr, *(columns[name] for name in SUIVI))
        for row in rows
        if row.origine == SANS_CORRESPONDANCE
        for moment, columns in (("avant", row.before), ("apres", dict(row.after)))
    ]

    for row in rows:
        fill_region(row.after, reference.codes_postaux)
    shared = Counter((row.after["n_demande_v2"], row.after["n_habilitation_v2"]) for row in rows)
    for row in rows:
        if shared[row.after["n_demande_v2"], row.after["n_habilitation_v2"]] > 1:
            row.after["erreurs"] = add_message(row.after["erreurs"], M3)

    rows.sort(key=in_new_file)
    return Output(
        lignes_datapass=in_order(written(line) for line in lines),
        suivi_mis_a_jour=[
            (*(row.after[name] for name in SUIVI), ordre, row.origine)
            for ordre, row in enumerate(rows, 1)
        ],
        reste_datapass=in_order((motif, *written(line)) for motif, line in reste),
        reste_suivi=reste_suivi,
    )


def read_suivi(suivi: Table) -> list[Suivi]:
    """Return the rows of the file in its own order, none of them matched yet."""
    rows = []
    for source in suivi:
        before = {name: source.get(name) or None for name in SUIVI}
        rows.append(
            Suivi(source.get("ligne_nr") or None, before, dict(before), SANS_CORRESPONDANCE)
        )
    return sorted(rows, key=in_file)


def in_file(row: Suivi) -> tuple[Any, ...]:
    """Return a key that sorts rows as the file does; '7' and '07' are one line number."""
    return by_number(row.ligne_nr), nulls_last(row.before, SUIVI), row.ligne_nr or ""


def in_new_file(row: Suivi) -> tuple[Any, ...]:
    """Return a key that sorts rows as the new file does."""
    columns = row.after
    numbers = ("n_datapass_v1", "n_demande_v2", "n_habilitation_v2")
    return (
        tuple(by_number(columns[name]) for name in numbers),
        ORIGINES.index(row.origine),
        by_number(row.ligne_nr),
        nulls_last(columns, SUIVI),
    )


def key_of(columns: Row) -> Key | None:
    """Return the (demande, habilitation) that a row is matched by, None when it matches nothing."""
    demande, habilitation = columns["n_demande_v2"], columns.get("n_habilitation_v2")
    if demande is None or not is_number(demande):
        return None
    return (demande, habilitation) if habilitation is None or is_number(habilitation) else None


def match(rows: list[Suivi], lines: list[Ligne]) -> list[tuple[Suivi, Ligne]]:
    """Return which file row takes which line, and write that into `origine` and `blocked`.

    Args:
        rows: The rows of the file, in its order.
        lines: The lines of DataPass.

    Returns:
        The pairs.
    """
    pairs: list[tuple[Suivi, Ligne]] = []

    candidates: dict[Any, list[Ligne]] = defaultdict(list)
    for line in lines:
        key = key_of(line.columns)
        if key is not None:
            candidates[key].append(line)
    pairs += take(((key_of(row.before), row) for row in rows), candidates, FUSION)

    taken = {id(line) for _, line in pairs}
    candidates = defaultdict(list)
    for line in lines:
        if line.etat == "habilitation" and id(line) not in taken:
            candidates[line.columns["n_demande_v2"]].append(line)
    free = [
        (row.before["n_demande_v2"] if is_number(row.before["n_demande_v2"]) else None, row)
        for row in rows
        if row.origine == SANS_CORRESPONDANCE
        and not row.blocked
        and row.before["n_habilitation_v2"] is None
    ]
    return pairs + take(free, candidates, NOUVELLE_HABILITATION)


def take(
    rows: Iterable[tuple[Any, Suivi]], candidates: Mapping[Any, list[Ligne]], origine: str
) -> list[tuple[Suivi, Ligne]]:
    """Give each line to the first file row that may have it; several lines for a row are a doubt.

    Args:
        rows: The file rows with what they are matched by (None: nothing), in order.
        candidates: The lines by what they are matched by.
        origine: What a row that takes a line becomes.

    Returns:
        The pairs.
    """
    pairs = []
    done = set()
    for key, row in rows:
        found = candidates.get(key, []) if key is not None else []
        if len(found) > 1:
            row.blocked = True
        elif found and key not in done:
            done.add(key)
            row.origine = origine
            pairs.append((row, found[0]))
    return pairs


def merged(file: Row, line: Ligne, datapass_first: Collection[str]) -> Row:
    """Return a row of the new file from a row of the file and the line that it takes."""
    row = dict(file)
    for name in DATAPASS:
        ours, theirs = file[name], line.columns.get(name)
        known = theirs not in UNKNOWN.get(name, ())
        first, second = (theirs, ours) if name in datapass_first and known else (ours, theirs)
        row[name] = second if first is None else first
    for message in line.messages:
        row["erreurs"] = add_message(row["erreurs"], message)
    return row


class Events:
    """The events of demandes that DataPass no longer lists, and those of the demandes it does."""

    def __init__(
        self, evenements: Table, own: Mapping[str, list[dict[str, Any]]], reference: Reference
    ) -> None:
        """Read the payloads in their order, which decides between events of one instant."""
        self.own = own
        self.statuts = reference.statuts
        self.asked = {self.statuts["submitted"], self.statuts["changes_requested"]}
        self.fetched: dict[str | None, list[dict[str, Any]]] = defaultdict(list)
        self.unreadable: set[str | None] = set()
        for row in sorted(evenements, key=lambda row: row.get("payload") or ""):
            demande, payload = row.get("demande_id") or None, row.get("payload") or None
            if payload is None:
                continue
            try:
                document = read_json(payload)
            except ValueError:
                document = payload
            if isinstance(document, list):
                self.fetched[demande] += objects(document)
            elif document is not None:
                self.unreadable.add(demande)

    def outcome(self, columns: Row) -> tuple[str | None, bool]:
        """Return what the events say of a row.

        Args:
            columns: The row, as the file has it.

        Returns:
            The state that the latest event means, None when nothing follows from it; and whether
            there are events that cannot be read.
        """
        demande = columns["n_demande_v2"]
        if demande is None or not is_number(demande) or columns["statut"] not in self.asked:
            return None, False
        event = latest([*self.fetched.get(demande, ()), *self.own.get(demande, ())])
        return events_outcome(columns["type"], event), demande in self.unreadable


def unmatched(row: Suivi, events: Events, unreadable: Collection[str | None]) -> None:
    """Write into a file row without a line what events say, and why it has none."""
    columns, demande = row.after, row.before["n_demande_v2"]
    if demande is None or demande in PLACEHOLDERS:
        columns["erreurs"] = add_message(columns["erreurs"], M1)
        return
    state, in_doubt = events.outcome(row.before)
    if state is not None:
        columns["statut"] = events.statuts[state]
    if state == "refused":
        columns["motif_refus"] = "Refus de réouverture"
    lost = is_number(demande) and demande in unreadable
    message = M4 if row.blocked else M5 if lost else M2
    for text in (message, *([M8] if in_doubt else [])):
        columns["erreurs"] = add_message(columns["erreurs"], text)


def fill_region(columns: Row, places: Mapping[str, tuple[str | None, str | None]]) -> None:
    """Write the département and the région of the postcode where the row says none."""
    place = places.get(columns["code_postal"] or "")
    if place is not None:
        for name, text in zip(("departement", "region"), place, strict=True):
            if columns[name] is None or columns[name] in PLACEHOLDERS:
                columns[name] = text


def written(line: Ligne) -> tuple[str | None, ...]:
    """Return a line of DataPass as a tuple."""
    return (line.etat, *(line.columns.get(name) for name in DATAPASS))


def in_order(rows: Iterable[tuple[str | None, ...]]) -> list[tuple[str | None, ...]]:
    """Return rows in an order that depends on nothing but themselves."""
    return sorted(rows, key=lambda row: tuple((text is None, text or "") for text in row))
