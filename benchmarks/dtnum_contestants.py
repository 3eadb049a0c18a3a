"""The contestant of ``benchmarks.dtnum`` beside flette, a process of its own.

Run from the project root::

    python -m benchmarks.dtnum_contestants <folder> <most seconds>

``pandas`` is today's way, written from the product's specification: DataFrames, walked through row
by row; for every row of the file, what belongs to it is looked up with a boolean mask over all
rows of DataPass (or of the events, or of the postcodes), so that the time grows with the square of
the rows. It has the rules for what the generator's good rows hold: unreadable payloads and lists
of events (M5 and M8) are none of its business. An empty text stands for NULL until the end.

What it took from the files to the new file in memory, the number of its rows and their checksum
are printed as JSON; or, where it takes more seconds than it may, that it stopped.
"""

import argparse
import importlib
import json
import re
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.common import raw_file
from benchmarks.saksstatistikk_contestants import checksum
from scripts import ROOT
from scripts.dtnum_suivi import COLUMNS, PLACEHOLDERS, WAITING, environment

PRODUCT = "dtnum"
TABLES = ("demandes", "suivi", "evenements")
SEEDS = ROOT / "seeds" / PRODUCT
ANSWER = (*COLUMNS[1:], "ordre", "origine")
ORIGINS = ("fusion", "nouvelle_habilitation", "nouvelle_demande", "suivi_sans_correspondance")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}($|[T ])")
DEALT_WITH = ("approve", "refuse", "request_changes", "submit", "reopen")
FROM_DATA = {
    "n_datapass_fc_rattache": "france_connect_authorization_id",
    "nom_projet": "intitule",
    "description_projet": "description",
    "destinataires_donnees": "destinataire_donnees_caractere_personnel",
    "volumetrie": "volumetrie_appels_par_minute",
    "quotas": "volumetrie_appels_par_minute",
}

Row = dict[str, str]


class Stopped(RuntimeError):
    """It takes too long."""


class Clock:
    """Stops a program that takes too long.

    Args:
        most: seconds that it may take.
    """

    def __init__(self, most: float) -> None:
        """Start."""
        self._most = most
        self._begin = time.perf_counter()

    @property
    def seconds(self) -> float:
        """How long it has taken."""
        return time.perf_counter() - self._begin

    def each(self, table: Any) -> Iterator[Any]:
        """Yield the rows of a DataFrame.

        Raises:
            Stopped: it takes too long.
        """
        for row in table.itertuples():
            if self.seconds > self._most:
                raise Stopped
            yield row


def seed(name: str) -> Any:
    """Read a reference list as text."""
    import pandas as pd

    return pd.read_csv(SEEDS / f"{PRODUCT}_{name}.csv", dtype=str, keep_default_na=False)


def labels(name: str) -> Row:
    """Read a reference list of two columns as a dict."""
    return dict(seed(name).itertuples(index=False))


# --- the rows of DataPass ------------------------------------------------------------------------


def value(document: Any, path: str) -> str:
    """Return a single value of a JSON object as text, empty if there is none."""
    for name in path.split("."):
        document = document.get(name) if isinstance(document, dict) else None
    if document is None or isinstance(document, dict | list):
        return ""
    return str(document).lower() if isinstance(document, bool) else str(document)


def french(text: str) -> str:
    """Write a date as the file does."""
    return f"{text[8:10]}/{text[5:7]}/{text[:4]}" if DATE.match(text) else text


def latest(events: Sequence[Any]) -> Any:
    """Return the event that happened last, of several the one listed first; {} without any."""
    return max(events, key=lambda event: datetime.fromisoformat(event["created_at"]), default={})


class Labels:
    """The reference lists that say how DataPass is named in the file."""

    def __init__(self) -> None:
        """Read them."""
        self.apis = labels("apis")
        self.statuts = labels("statuts")
        self._uses = list(seed("cas_usage").itertuples(index=False))

    def use(self, form: str) -> str:
        """Return the use case of a form."""
        return next((use.libelle for use in self._uses if use.motif in form), "Saisie libre")

    def line(self, number: str, part: Any, state: str, classe: str, form: str) -> Row:
        """Make what demande and habilitation lines have of their own state, class and data.

        Args:
            number: of the habilitation, empty for a demande.
            part: of the payload, the one with ``data``.
            state: of the demande or habilitation.
            classe: its class.
            form: form_uid of the demande.
        """
        data = {column: value(part, f"data.{path}") for column, path in FROM_DATA.items()}
        api = self.apis.get(classe, "API inconnue")
        return {
            **data,
            "n_habilitation_v2": number,
            "api": f"{api} FC" if data["n_datapass_fc_rattache"] else api,
            "environnement": environment(form, classe.endswith("Sandbox")),
            "statut": self.statuts.get(state, "Statut inconnu"),
            "date_previsionnelle_ouverture": french(
                value(part, "data.date_prevue_mise_en_production")
            ),
            "message_api": "" if classe in self.apis else f"API inconnue : {classe or '(vide)'}",
            "message_statut": ""
            if state in self.statuts
            else f"Statut inconnu : {state or '(vide)'}",
        }

    def lines(self, demande: Any) -> list[Row]:
        """Make the lines of a demande."""
        habilitations, events = demande.get("habilitations") or [], demande.get("events") or []
        state, form = value(demande, "state"), value(demande, "form_uid")
        if all(event["name"] != "submit" for event in events):
            return []
        office = "organisation.insee_payload.etablissement"
        both = {
            "n_demande_v2": value(demande, "id"),
            "criticite": "Normale",
            "cas_usage": self.use(form),
            "date_reception": french(
                value(demande, "reopened_at") or value(demande, "last_submitted_at")
            ),
            "siret_demandeur": value(demande, "organisation.siret"),
            "raison_sociale_demandeur": value(
                demande, f"{office}.uniteLegale.denominationUniteLegale"
            ),
            "code_postal": value(demande, f"{office}.adresseEtablissement.codePostalEtablissement"),
            "ville": value(demande, f"{office}.adresseEtablissement.libelleCommuneEtablissement"),
        }
        lines = []
        if not habilitations or state in ("submitted", "changes_requested", "refused"):
            dealt_with = latest([event for event in events if event["name"] in DEALT_WITH])
            lines.append(
                self.line("", demande, state, value(demande, "type"), form)
                | {
                    "type": "Avenant" if demande.get("reopening") else "Initial",
                    "date_derniere_soumission_ou_instruction": french(
                        value(dealt_with, "created_at")
                    ),
                }
            )
        granted = [datetime.fromisoformat(own["created_at"]) for own in habilitations]
        for own, when in zip(habilitations, granted, strict=True):
            own_state = "revoked" if own.get("revoked") else value(own, "state")
            classe = value(own, "authorization_request_class")
            lines.append(
                self.line(value(own, "id"), own, own_state, classe, form)
                | {
                    "type": "Initial" if when == min(granted) else "Avenant",
                    "date_derniere_soumission_ou_instruction": french(value(own, "created_at")),
                }
            )
        return [both | line for line in lines]


# --- the merge -----------------------------------------------------------------------------------


def with_message(errors: str, message: str) -> str:
    """Append a message to what a row says already."""
    if not message or message in errors:
        return errors
    return f"{errors}\n{message}" if errors.strip(" \t\r\n") else message


def is_number(text: str) -> bool:
    """Say whether an id is digits only."""
    return text.isascii() and text.isdigit()


def id_key(text: str) -> tuple[int, int, bytes]:
    """Return what sorts ids: numbers by value, other texts, nothing."""
    if not text:
        return (2, 0, b"")
    if not is_number(text):
        return (1, 0, text.encode())
    digits = text.lstrip("0")
    return (0, len(digits), digits.encode())


def text_key(row: Row) -> list[tuple[bool, bytes]]:
    """Return what sorts rows that nothing else tells apart."""
    return [(row[column] == "", row[column].encode()) for column in COLUMNS[1:]]


class Merge:
    """Today's way to merge.

    Args:
        folder: with the raw files.
        clock: stops it.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        """Read everything."""
        import pandas as pd

        demandes, suivi, self._evenements = (
            pd.read_parquet(raw_file(folder, PRODUCT, table)).fillna("") for table in TABLES
        )
        self._clock = clock
        self._labels = Labels()
        self._places = pd.concat([seed("codes_postaux"), seed("codes_postaux_ajouts")])
        columns = seed("colonnes")
        self._datapass_first = set(columns[columns["priorite_datapass"] == "oui"]["colonne"])
        self._suivi = suivi.iloc[suivi["ligne_nr"].astype(int).argsort()].reset_index(drop=True)
        texts = demandes.drop_duplicates()["payload"]
        payloads = [json.loads(text, parse_int=str, parse_float=str) for text in texts]
        self._demandes = pd.DataFrame(
            {
                "n_demande_v2": [value(payload, "id") for payload in payloads],
                "evenements": [payload.get("events") or [] for payload in payloads],
            }
        )
        lines = [line for payload in payloads for line in self._labels.lines(payload)]
        self._lignes = pd.DataFrame(lines)
        self._lignes["libre"] = True

    def merged(self, old: Row, line: Row, origin: str) -> Row:
        """Merge a row of the file, or an empty one, with a line of DataPass."""
        row = {"origine": origin}
        unknown = {"api": line["message_api"], "statut": line["message_statut"]}
        for column in COLUMNS:
            file, datapass = old.get(column, ""), line.get(column, "")
            if column in self._datapass_first and not unknown.get(column):
                row[column] = datapass or file
            else:
                row[column] = file or datapass
        for message in unknown.values():
            row["erreurs"] = with_message(row["erreurs"], message)
        return row

    def rows(self) -> list[Row]:
        """Return the new file, not yet in order and without places and doubles."""
        lignes, suivi = self._lignes, self._suivi
        found: dict[int, Row] = {}
        ambiguous: set[int] = set()

        def look(row: Any, candidates: Any, origin: str) -> None:
            """Merge a row with its line if there is one, and still free."""
            if len(candidates) > 1:
                ambiguous.add(row.Index)
            elif len(candidates) == 1 and candidates["libre"].iloc[0]:
                index = candidates.index[0]
                line = lignes.loc[index].to_dict()
                lignes.at[index, "libre"] = False
                found[row.Index] = self.merged(suivi.loc[row.Index].to_dict(), line, origin)

        for row in self._clock.each(suivi):
            if is_number(row.n_demande_v2):
                same = (lignes["n_demande_v2"] == row.n_demande_v2) & (
                    lignes["n_habilitation_v2"] == row.n_habilitation_v2
                )
                look(row, lignes[same], ORIGINS[0])
        for row in self._clock.each(suivi):
            waits = row.Index not in found and row.Index not in ambiguous
            if waits and is_number(row.n_demande_v2) and not row.n_habilitation_v2:
                gained = (
                    (lignes["n_demande_v2"] == row.n_demande_v2)
                    & (lignes["n_habilitation_v2"] != "")
                    & lignes["libre"]
                )
                look(row, lignes[gained], ORIGINS[1])
        gone = self._labels.statuts["archived"]
        new = [
            self.merged({}, lignes.loc[line.Index].to_dict(), ORIGINS[2])
            for line in self._clock.each(lignes)
            if line.libre and line.statut != gone
        ]
        left = [
            self.left_over(suivi.loc[row.Index].to_dict(), row.Index in ambiguous)
            for row in self._clock.each(suivi)
            if row.Index not in found
        ]
        return [*found.values(), *new, *left]

    def left_over(self, old: Row, is_ambiguous: bool) -> Row:
        """Explain a row of the file that nothing in DataPass belongs to."""
        row = {**old, "origine": ORIGINS[3]}
        number = row["n_demande_v2"]
        message = "N° Demande ou N° Habilitation non trouvé"
        if not number or number in PLACEHOLDERS:
            message = "N° Demande v2 vide"
        else:
            if row["statut"] in WAITING and is_number(number):
                self._apply_events(row, number)
            if is_ambiguous:
                message = "Plusieurs lignes DataPass pour ce N° Demande / N° Habilitation"
        row["erreurs"] = with_message(row["erreurs"], message)
        return row

    def _apply_events(self, row: Row, number: str) -> None:
        """Set what the last event says of a row that waits."""
        evenements, demandes = self._evenements, self._demandes
        events: list[Any] = []
        for text in evenements[evenements["demande_id"] == number]["payload"]:
            events += json.loads(text or "[]") or []
        for own in demandes[demandes["n_demande_v2"] == number]["evenements"]:
            events += own
        case = (row["type"], latest(events).get("name"))
        if case in (
            ("Initial", "cancel_next_stage"),
            ("Initial", "cancel_reopening"),
            ("Avenant", "cancel_reopening"),
        ):
            row["statut"] = self._labels.statuts["archived"]
        elif case == ("Avenant", "refuse"):
            row["statut"] = self._labels.statuts["refused"]
            row["motif_refus"] = "Refus de réouverture"

    def answer(self) -> list[dict[str, Any]]:
        """Return the new file: the rows with places and doubles, in order."""
        import pandas as pd

        rows = self.rows()
        result = pd.DataFrame(rows)
        keys = ["n_demande_v2", "n_habilitation_v2"]
        doubles = result.duplicated(subset=keys, keep=False)
        places = self._places
        for at in self._clock.each(result):
            row = rows[at.Index]
            known = places[places["code_postal"] == at.code_postal]
            if len(known):
                place = known.iloc[0]
                department = f"{place['departement']} ({place['code_departement']})"
                for column, name in (("departement", department), ("region", place["region"])):
                    if not row[column] or row[column] in PLACEHOLDERS:
                        row[column] = name
            if doubles[at.Index]:
                message = "DOUBLON sur N° Demande / N° Habilitation"
                row["erreurs"] = with_message(row["erreurs"], message)
        rows.sort(
            key=lambda row: (
                *(id_key(row[column]) for column in ("n_datapass_v1", *keys)),
                ORIGINS.index(row["origine"]),
                id_key(row["ligne_nr"]),
                text_key(row),
            )
        )
        return [
            {column: row.get(column) or None for column in ANSWER} | {"ordre": place}
            for place, row in enumerate(rows, 1)
        ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Let pandas answer and print what it took.

    Args:
        arguments: the command line without the program's name; that of the process if None.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(
        prog="benchmarks.dtnum_contestants",
        description="Let today's way of benchmarks.dtnum answer.",
    )
    parser.add_argument("folder", type=Path, help="with the raw files")
    parser.add_argument("most", type=float, help="seconds after which it stops")
    options = parser.parse_args(arguments)
    importlib.import_module("pandas")  # before the clock starts
    clock = Clock(options.most)
    try:
        rows = Merge(options.folder, clock).answer()
    except Stopped:
        print(json.dumps({"seconds": clock.seconds, "stopped": True}))
        return 0
    seconds = clock.seconds
    said = {"seconds": seconds, "rows": len(rows), "checksum": str(checksum(rows, ANSWER))}
    print(json.dumps(said))
    return 0


if __name__ == "__main__":
    sys.exit(main())
