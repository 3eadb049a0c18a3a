"""Random small inputs of dtnum in which everything that the rules speak of happens often.

Few numbers, states and moments, so that they meet; texts, dates and payloads of every kind that may
be read otherwise by another program. Nothing that is left open is in here: no name twice in one
object, no half of a surrogate pair, no numbers with exponents, no year 0.
"""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any

Table = list[dict[str, str | None]]
Inputs = tuple[Table, Table, Table]

SUIVI = """
    n_datapass_v1 n_demande_v2 n_habilitation_v2 n_datapass_fc_rattache api environnement criticite
    type cas_usage nom_projet description_projet destinataires_donnees date_previsionnelle_ouverture
    volumetrie quotas date_reception date_derniere_soumission_ou_instruction statut siret_demandeur
    raison_sociale_demandeur code_postal ville departement region motif_refus erreurs
    autres_colonnes
""".split()

# no numbers, and numbers that are no integers of a database or are written in two ways
ODD_IDS = ["12a", " 7", "٣", "007", "7", "-1", "1.5", "98765432109876543210", "A\n1"]
PLACEHOLDERS = ["NON RENSEIGNE", "CODE POSTAL NON VALIDE", "SIRET NON VALIDE"]
NEARLY_PLACEHOLDERS = ["NON RENSEIGNÉ", "non renseigne", " "]

CLASSES = [
    *("APIFicoba", "APIFicobaSandbox", "APIR2P", "APIR2PSandbox", "APIImpotParticulier"),
    *("APISFiP", "APISFiPR2P", "APIImprimfipSandbox", "sandbox"),
]
STATES = [
    *("draft", "submitted", "changes_requested", "validated", "validated", "active", "obsolete"),
    *("refused", "archived", "revoked", "inconnu", "Draft"),
]
FORMS = [
    *("api-ficoba-editeur", "api-ficoba-editeur-2", "api-ficoba-EDITEUR", "-editeur"),
    *("api-cantine-scolaire", "carte-transport-cantine-scolaire", "api-r2p-appel-spi-editeur"),
    *(
        "api-r2p-ordonnateur",
        "api-infinoe-envoi-automatise-ecritures",
        "place-creche",
        "carte-transport",
    ),
    *("activites-periscolaires", "aides-sociales-facultatives", "stationnement-residentiel"),
]
EVENTS = [
    *("submit", "approve", "refuse", "request_changes", "reopen", "create", "bulk_update"),
    *("cancel_next_stage", "cancel_reopening", "Submit"),
]
# days around midnight, one instant written in several ways, and texts that are no instants
DATES = [
    "2024-03-05",
    "2024-03-05T00:00:00Z",
    "2024-03-05T01:00:00+01:00",
    "2024-03-05T01:00:00.000+0100",
    "2024-03-04 23:30:00",
    "2024-03-05T00:30:00+02:00",
    "2024-03-04T20:30-02:00",
    "2024-03-04T23:30:00.1234567Z",
    "2024-03-04T23:30:00.1234569Z",
    "2024-03-04T23:30:00.12Z",
    "2024-03-05T00:00:00+14:00",
    "2024-12-31T23:59:59.999999+01:00",
    "2024-02-29T12:00",
]
NO_INSTANTS = [
    "2024-02-30",
    "2023-02-29T10:00:00Z",
    "2024-13-01 10:00:00",
    "2024-03-05T24:00:00Z",
    "2024-03-05T23:59:60Z",
    "2024-03-05T10:00:00+15:00",
    "2024-03-05T10:00:00+01:60",
    "2024-03-05T10:00:00 Z",
    "2024-03-05Z",
    "2024-03-05 ",
    "2024-03-05\n",
    "2024-03-05T10",
    "05/03/2024",
    "05/03",
    "2024-3-5",
    " 2024-03-05",
    "x2024-03-05",
    "demain",
    "٢٢٢٤-03-05",
]
TEXTS = [
    *("Projet", "projet", "Été à l'école", 'dit "oui", ou non', "ligne 1\nligne 2"),
    *("ligne 1\r\nligne 2", "😀 données", " bord ", "C:\\u0000", "a,b;c\td", "12.5", "0", "null"),
    *("<b>&</b>", "NON RENSEIGNE", "12345678901234567890"),
]
POSTCODES = [
    "75001",
    "97400",
    "20000",
    "98800",
    "13001",
    "99999",
    "7500",
    "NON RENSEIGNE",
    " 75001",
]
ASKED = ["Traitement en cours par la DGFiP", "Modifications demandées au partenaire"]
STATUTS = [*ASKED * 3, "Accepté", "Statut inconnu", "Supprimé", "traitement en cours"]
MESSAGES = [
    "N° Demande v2 vide",
    "N° Demande ou N° Habilitation non trouvé",
    "DOUBLON sur N° Demande / N° Habilitation",
    "Plusieurs lignes DataPass pour ce N° Demande / N° Habilitation",
    "Données DataPass illisibles pour ce N° Demande",
    "API inconnue : AuthorizationRequest::APISFiPR2P",
    "Statut inconnu : inconnu",
    "Événements DataPass illisibles",
]
ERREURS = [*MESSAGES, "à revoir", "n° demande v2 vide", " ", " \t\r\n ", "à revoir\n" + MESSAGES[1]]

UNREADABLE = [
    *("{", "{}", "[]", "null", "12", '"texte"', "pas du JSON", " ", "{'id': 1}", '{"id": ""}'),
    *('{"id": null}', '{"id": true}', '{"id": {"id": 1}}', '{"id": [1]}', '{"ID": 1}'),
    None,
]
# what makes a readable object unreadable
BREAKS = [
    lambda text: text[:-1],
    lambda text: text[:-1] + ",}",
    lambda text: text[:-1] + ', "x": NaN}',
    lambda text: text[:-1] + ', "x": -Infinity}',
    lambda text: text[:-1] + ', "x": 007}',
    lambda text: text[:-1] + ', "x": "\\u0000"}',
    lambda text: text[:-1] + ', "x": "a\nb"}',
    lambda text: text[:-1] + ', "x": .5}',
    lambda text: text[:-1] + ", 'x': 1}",
    lambda text: text + text,
    lambda text: text + " x",
    lambda text: "\ufeff" + text,
    lambda text: "[" + text + "]",
]


def world(random: Random, demandes: int, lignes: int) -> Inputs:
    """Return random inputs.

    Args:
        random: What decides.
        demandes: How many demandes there are, about; some are listed twice.
        lignes: How many rows the tracking file has, about.

    Returns:
        The rows of demandes, suivi and evenements, with texts and None as in the CSV files. Nearly
        every row of suivi has a mark of its own in `autres_colonnes`; the others are all different.
    """
    numbers = [str(number) for number in range(5, 5 + max(3, demandes))]
    listed = numbers[: -len(numbers) // 4]
    rows = []
    for _ in range(demandes):
        rows += demande_rows(random, some_id(random, listed))
    tables = rows, suivi_rows(random, numbers, listed, lignes), evenements_rows(random, numbers)
    for table in tables:
        random.shuffle(table)
    return tables


def maybe(random: Random, chance: float, value: Any, otherwise: Any = None) -> Any:
    """Return a value with some probability, something else without."""
    return value if random.random() < chance else otherwise


def some_id(random: Random, numbers: list[str], odd: float = 0.08) -> str:
    """Return one of a few ids."""
    return maybe(random, odd, random.choice(ODD_IDS), random.choice(numbers))


# --- demandes -------------------------------------------------------------------------------------


def moment(random: Random) -> str | None:
    """Return a text in the place of a moment."""
    if random.random() < 0.7:
        return random.choice(DATES)
    return random.choice([*NO_INSTANTS, "", None])


def content(random: Random) -> Any:
    """Return what is somewhere in a payload: mostly a text, and now and then anything."""
    if random.random() < 0.75:
        return random.choice(TEXTS)
    return random.choice(["", None, True, False, 12, "@12.5@", [], ["a"], {}, {"a": "b"}])


def spelled(random: Random, node: dict[str, Any]) -> dict[str, Any]:
    """Return an object without some of its parts, in an order of its own."""
    parts = [part for part in node.items() if random.random() < 0.93]
    return dict(random.sample(parts, len(parts)))


def data(random: Random) -> Any:
    """Return the `data` of a demande or a habilitation."""
    if random.random() < 0.08:
        return random.choice([None, [], "texte", {}])
    names = """
        intitule description destinataire_donnees_caractere_personnel volumetrie_appels_par_minute
        autre
    """.split()
    found = {name: content(random) for name in names}
    found["date_prevue_mise_en_production"] = moment(random)
    found["france_connect_authorization_id"] = maybe(random, 0.3, random.choice(["77", "", "@78@"]))
    return spelled(random, found)


def organisation(random: Random) -> Any:
    """Return the `organisation` of a demande."""
    if random.random() < 0.08:
        return random.choice([None, [], "texte", {}, {"siret": None, "insee_payload": {}}])
    etablissement = {
        "uniteLegale": maybe(random, 0.9, {"denominationUniteLegale": content(random)}),
        "adresseEtablissement": maybe(
            random,
            0.9,
            {
                "codePostalEtablissement": random.choice(POSTCODES),
                "libelleCommuneEtablissement": content(random),
            },
        ),
    }
    return {
        "siret": random.choice(["00012345678901", "", None]),
        "insee_payload": maybe(random, 0.9, {"etablissement": spelled(random, etablissement)}),
    }


def classe(random: Random) -> str | None:
    """Return the class of a demande or a habilitation."""
    found = "AuthorizationRequest::" + random.choice(CLASSES)
    return maybe(random, 0.95, found, random.choice(["", None, "APIFicoba", "Sandbox"]))


def habilitation(random: Random, number: str | None) -> Any:
    """Return a habilitation, or what stands in the place of one."""
    if random.random() < 0.04:
        return random.choice([None, "11", 11, []])
    return spelled(
        random,
        {
            "id": json_number(random, number),
            "state": random.choice([*STATES, None]),
            "revoked": random.choice([False] * 6 + [True, "true", "false", None, 1, ""]),
            "created_at": moment(random),
            "authorization_request_class": classe(random),
            "data": data(random),
        },
    )


def events(random: Random, submitted: float) -> list[Any]:
    """Return events, some of them of the same moment."""
    names = random.choices(EVENTS, k=random.randint(0, 4))
    names += ["submit"] if random.random() < submitted else []
    found: list[Any] = [{"name": name, "created_at": moment(random)} for name in names]
    if random.random() < 0.1:
        found.append(random.choice([None, "submit", {"name": None}, {}, ["submit"]]))
    random.shuffle(found)
    return found


def json_number(random: Random, number: str | None) -> Any:
    """Return an id as the API might write it: a number where it can be one, or a text."""
    if number is None or not re.fullmatch(r"[1-9][0-9]{0,8}", number):
        return number
    return maybe(random, 0.6, int(number), number)


def demande(random: Random, number: str) -> dict[str, Any]:
    """Return a demande as the API would list it."""
    habilitations: Any = [
        habilitation(random, maybe(random, 0.95, some_id(random, ["11", "12", "13"], 0.04)))
        for _ in range(random.choice([0, 0, 1, 1, 1, 2, 3]))
    ]
    state = random.choice(STATES)
    document = {
        "type": classe(random),
        "state": maybe(random, 0.97, state),
        "form_uid": random.choice([*FORMS, None, ""]),
        "reopening": random.choice([False, True, None, "true", "True", 1]),
        "reopened_at": maybe(random, 0.4, moment(random)),
        "last_submitted_at": moment(random),
        "data": data(random),
        "organisation": organisation(random),
        "habilitations": maybe(random, 0.96, habilitations, random.choice([None, {}, "x"])),
        "events": maybe(random, 0.98, events(random, 0.85), random.choice([None, {}, "x"])),
        "inconnu": content(random),
    }
    return {**spelled(random, document), "id": json_number(random, number)}


def json_text(random: Random, node: Any) -> str:
    """Return JSON in one of the ways of writing it."""
    text = json.dumps(
        node,
        ensure_ascii=random.random() < 0.5,
        indent=random.choice([None, None, None, 1]),
        separators=random.choice([(",", ":"), (", ", ": ")]),
    )
    text = re.sub(r'"@([0-9.]+)@"', r"\1", text)
    return random.choice(["", "", "", " ", "\n", "\r\n\t"]) + text + random.choice(["", "", "\n"])


def demande_rows(random: Random, number: str) -> Table:
    """Return the rows of a demande: a readable one, mostly."""
    document = demande(random, number)
    text: str | None = json_text(random, document)
    if random.random() < 0.1:
        text = random.choice(
            [*UNREADABLE, *(broken(json_text(random, document).strip()) for broken in BREAKS)]
        )
    row = {"demande_id": maybe(random, 0.95, number, random.choice([None, "6", "12a"]))}
    rows: Table = [{**row, "payload": text}]
    kind = random.random()
    if kind < 0.08:
        rows.append(dict(rows[0]))
    elif kind < 0.11:
        # the same once more, otherwise written; a later look at it; one payload of two rows
        rows.append({**row, "payload": json_text(random, document) + " "})
    elif kind < 0.14:
        rows.append({**row, "payload": json_text(random, demande(random, number))})
    elif kind < 0.16:
        rows.append({"demande_id": "5", "payload": text})
    return rows


# --- the file and the events ----------------------------------------------------------------------


def suivi_rows(random: Random, numbers: list[str], listed: list[str], lignes: int) -> Table:
    """Return the rows of the tracking file."""
    rows: Table = []
    for place in range(1, lignes + 1):
        row: dict[str, str | None] = {"ligne_nr": str(place)}
        if random.random() < 0.06:
            row["ligne_nr"] = random.choice(["x", "٣", None, "007", "3", "-1", str(10**20)])
        row |= {name: maybe(random, 0.5, random.choice(TEXTS)) for name in SUIVI}
        row["n_datapass_v1"] = maybe(random, 0.5, random.choice(["3", "03", "12", "x", "12a"]))
        row["n_demande_v2"] = some_id(random, maybe(random, 0.5, listed, numbers))
        if random.random() < 0.1:
            row["n_demande_v2"] = random.choice([*PLACEHOLDERS, *NEARLY_PLACEHOLDERS, None])
        habilitation_id = some_id(random, ["11", "12", "13", "11", "12", "13", "99"], 0.05)
        row["n_habilitation_v2"] = maybe(random, 0.45, habilitation_id)
        row["api"] = maybe(random, 0.5, random.choice(["Ficoba", "API inconnue", "R2P FC"]))
        row["type"] = random.choice(["Initial", "Avenant", "Initial", "Avenant", "initial", None])
        row["statut"] = maybe(random, 0.9, random.choice(STATUTS))
        row["code_postal"] = maybe(random, 0.6, random.choice(POSTCODES))
        for name in ("departement", "region"):
            row[name] = random.choice([None, None, "à la main", *PLACEHOLDERS, "NON RENSEIGNÉ"])
        row["motif_refus"] = maybe(random, 0.2, random.choice(TEXTS))
        row["erreurs"] = maybe(random, 0.3, random.choice(ERREURS))
        others = {"marque": str(place), "Suivi par": random.choice(TEXTS)}
        # a row that has no mark has at least a line number of its own
        unmarked = row["ligne_nr"] == str(place) and random.random() < 0.05
        row["autres_colonnes"] = None if unmarked else json.dumps(others, ensure_ascii=False)
        rows.append(row)
    if rows and random.random() < 0.1:
        rows.append({**dict.fromkeys(SUIVI), "ligne_nr": str(lignes + 1)})
    # the same row once more, further down
    for row in random.sample(rows, len(rows) // 10):
        place = len(rows) + 1
        others = {"marque": str(place)}
        rows.append({**row, "ligne_nr": str(place), "autres_colonnes": json.dumps(others)})
    return rows


def evenements_rows(random: Random, numbers: list[str]) -> Table:
    """Return the events of some demandes, listed or not."""
    rows: Table = []
    for number in [*numbers, *random.sample(ODD_IDS, 2)]:
        for _ in range(random.choice([0, 1, 1, 1, 2])):
            text = json_text(random, events(random, 0.2))
            if random.random() < 0.3:
                text = random.choice(
                    [
                        *(
                            "[]",
                            "null",
                            None,
                            " null\n",
                            "{}",
                            '{"events": []}',
                            '"x"',
                            "12",
                            "true",
                        ),
                        *("[", "[,]", "[NaN]", "pas du JSON", " ", '["\\u0000"]', "[] x"),
                    ]
                )
            rows.append({"demande_id": number, "payload": text})
    rows += [dict(row) for row in random.sample(rows, len(rows) // 10)]
    return rows
