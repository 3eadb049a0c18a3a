"""Random inputs of dtnum whose ids collide, with every defect that the rules speak of."""

from __future__ import annotations

import json
import random
from typing import Any

SUIVI = """
    ligne_nr n_datapass_v1 n_demande_v2 n_habilitation_v2 n_datapass_fc_rattache api environnement
    criticite type cas_usage nom_projet description_projet destinataires_donnees
    date_previsionnelle_ouverture volumetrie quotas date_reception
    date_derniere_soumission_ou_instruction statut siret_demandeur raison_sociale_demandeur
    code_postal ville departement region motif_refus erreurs autres_colonnes
""".split()

STRANGE_IDS = ["12a", " 7", "7 ", "\uff17", "\u0667", "007", "07", "-7", "7.0", "é"]
PLACEHOLDERS = ["NON RENSEIGNE", "CODE POSTAL NON VALIDE", "SIRET NON VALIDE"]
CLASSES = [
    "AuthorizationRequest::APIFicoba",
    "AuthorizationRequest::APIFicobaSandbox",
    "AuthorizationRequest::APIHermes",
    "AuthorizationRequest::APIImpotParticulierSandbox",
    "AuthorizationRequest::APIR2P",
    "AuthorizationRequest::APIImprimfip",
    "AuthorizationRequest::APISFiPR2PSandbox",
    "APIFicoba",
    "",
    None,
]
STATES = "draft submitted changes_requested validated refused archived revoked".split()
HABILITATION_STATES = ["active", "active", "obsolete", "revoked", "archived", "suspended", "", None]
FORMS = [
    "api-impot-particulier-cantine-scolaire",
    "api-impot-particulier-stationnement-residentiel-editeur",
    "api-impot-particulier-place-creche-carte-transport",
    "api-r2p-appel-spi",
    "api-r2p-ordonnateur-editeur",
    "api-infinoe-envoi-automatise-ecritures-Editeur",
    "api-ficoba-editeur-2",
    "api-ficoba",
    "",
    None,
]
EVENTS = """
    submit submit approve refuse request_changes reopen cancel_next_stage cancel_reopening
    bulk_update update archive
""".split()
# The last five are the same instant as, or around, the midnight of Paris.
DATES = [
    "2024-02-30",
    "2024-02-30T10:00:00Z",
    "2024-02-29",
    "2024-03-05",
    "2024-03-05 08:09",
    "2024-03-05T08:09:10.123456Z",
    "2024-03-05T08:09:10.1234569+0100",
    "2024-03-05T24:00:00Z",
    "2024-03-05T23:59:60Z",
    "2024-03-05T10:00:00+15:00",
    "2024-03-05T10:00:00-14:00",
    "2024-03-05X",
    "2024-3-5",
    "05/03/2024",
    "05/03",
    "mars 2024",
    " 2024-03-05",
    "2024-03-05T",
    "",
    None,
    20240305,
    "2024-03-31T23:30:00Z",
    "2024-04-01T01:30:00+02:00",
    "2024-03-31T18:30:00.000-05:00",
    "2024-04-01T00:00:00+02:00",
    "2024-03-31 22:00",
]
TEXTS = [
    "Ligne une\nligne deux",
    "Ligne une\r\nligne deux",
    "Dit \"bonjour\", puis 'au revoir'",
    "Fin avec blancs  ",
    "\ttabulation",
    "Emoji 🎉, é ; |",
    "\\n n'est pas un saut",
    "0",
    "<a & b>",
]
MESSAGES = [
    "N° Demande v2 vide",
    "N° Demande ou N° Habilitation non trouvé",
    "DOUBLON sur N° Demande / N° Habilitation",
    "Plusieurs lignes DataPass pour ce N° Demande / N° Habilitation",
    "Données DataPass illisibles pour ce N° Demande",
    "API inconnue : AuthorizationRequest::APIImprimfip",
    "Statut inconnu : suspended",
    "Événements DataPass illisibles",
]
TRAITEMENT = "Traitement en cours par la DGFiP"
MODIFICATIONS = "Modifications demandées au partenaire"
STATUTS = [TRAITEMENT, TRAITEMENT, MODIFICATIONS, "Accepté", "Refusé", "Supprimé", "Autre", None]
POSTCODES = ["75001", "01000", "97400", "99999", "7500", " 75001", "", None]
UNREADABLE = [
    "{'id': 1}",
    '{"id": 1,}',
    '{"id": NaN}',
    '{"id": 1} {}',
    '{"id": "1", "a": "\\u0000"}',
    '{"id": "1", "a": "\\ud800"}',
    '{"id": "1", "\\udc00x": 1}',
    '{"id": 1',
    "pas du JSON",
    "[]",
    "null",
    '"1"',
    "7",
    "",
    None,
    '{"id": {"id": 1}}',
    '{"id": [1]}',
    '{"id": ""}',
    '{"id": null}',
    '{"id": true}',
    '{"id": "false"}',
    "{}",
    '\ufeff{"id": 1}',
    '{"id": "1", "a": "ligne\nbrute"}',
]
UNREADABLE_EVENTS = ["{}", '{"events": []}', "[", "[NaN]", '["\\u0000"]', "oups", '"x"', "3"]
NO_EVENTS = ["[]", "null", " null\n", " [ ] ", "", None, '[null, 1, "submit"]']

Row = dict[str, Any]


def world(
    chance: random.Random, demandes: int, lignes: int
) -> tuple[list[Row], list[Row], list[Row]]:
    """Make up inputs.

    Args:
        chance: Where chance is from.
        demandes: How many demandes to make up; some are then listed again.
        lignes: How many rows of the file to make up; some are then listed again.

    Returns:
        The rows of demandes, of suivi and of evenements.
    """
    numbers = max(1, round(demandes * 0.8))
    listed: list[Row] = []
    for _ in range(demandes):
        number = _number(chance, numbers)
        listed.append({"demande_id": number, "payload": _payload(chance, number, numbers)})
        if chance.random() < 0.1:
            listed.append(dict(listed[-1]))
    rows = [_file_row(chance, numbers) for _ in range(lignes)]
    rows += [dict(row) for row in chance.sample(rows, k=lignes // 15)]
    places: list[str | None] = [str(place) for place in range(1, len(rows) + 1)]
    chance.shuffle(places)
    for row, place in zip(rows, places, strict=True):
        odd = chance.random() < 0.06
        row["ligne_nr"] = chance.choice([places[0], "", None, "zéro", "1a"]) if odd else place
    events: list[Row] = []
    for _ in range(demandes):
        number = _number(chance, numbers)
        for _ in range(chance.choice([1, 1, 1, 2])):
            events.append({"demande_id": number, "payload": _events_payload(chance)})
            if chance.random() < 0.1:
                events.append(dict(events[-1]))
    for table in (listed, rows, events):
        chance.shuffle(table)
    return listed, rows, events


def _number(chance: random.Random, numbers: int) -> str | None:
    if chance.random() < 0.06:
        return chance.choice([*STRANGE_IDS, "", None])
    return str(chance.randint(1, numbers))


def _maybe(chance: random.Random, value: Any, often: float = 0.7) -> Any:
    return value if chance.random() < often else chance.choice(["", None])


def _text(chance: random.Random, name: str, numbers: int) -> str:
    text = chance.choice(TEXTS) if chance.random() < 0.25 else ""
    return f"{name} {chance.randint(1, numbers)}{text}"


def _date(chance: random.Random) -> Any:
    if chance.random() < 0.4:
        return chance.choice(DATES)
    day = f"2024-0{chance.randint(1, 9)}-{chance.randint(1, 28)}"
    return day + chance.choice(["T10:00:00.000+01:00", "T00:30:00+02:00", "", " 23:30:00", "Z"])


def _json(chance: random.Random, value: Any) -> str:
    text = json.dumps(value, ensure_ascii=chance.random() < 0.5)
    return chance.choice(["", "", "", " ", "\r\n\t"]) + text + chance.choice(["", "", "\n"])


def _json_id(chance: random.Random, number: str | None) -> Any:
    plain = number is not None and number.isascii() and number.isdigit() and number[0] != "0"
    return int(str(number)) if plain and chance.random() < 0.5 else number


def _part(chance: random.Random, numbers: int) -> Row:
    data: Row = {}
    for name in "intitule description destinataire_donnees_caractere_personnel".split():
        if chance.random() < 0.7:
            data[name] = _maybe(chance, _text(chance, name, numbers), 0.8)
    if chance.random() < 0.7:
        data["date_prevue_mise_en_production"] = _date(chance)
    if chance.random() < 0.6:
        data["volumetrie_appels_par_minute"] = chance.choice(["50", 200, 12.5, "", None, True])
    if chance.random() < 0.3:
        data["france_connect_authorization_id"] = chance.choice(["812", 812, "", None, {}, []])
    return {"data": data if chance.random() < 0.95 else chance.choice([None, [data], "", 1])}


def _payload(chance: random.Random, number: str | None, numbers: int) -> str | None:
    if chance.random() < 0.1:
        return chance.choice(UNREADABLE)
    number = number if chance.random() < 0.95 else _number(chance, numbers)
    payload: Row = {"id": _json_id(chance, number), **_part(chance, numbers)}
    payload["type"] = chance.choice(CLASSES)
    if chance.random() < 0.95:
        payload["state"] = chance.choice([*STATES, *STATES, "inventé", "", None])
    payload["form_uid"] = chance.choice(FORMS)
    if chance.random() < 0.8:
        payload["reopening"] = chance.choice([True, False, "true", "false", None, "True", 1])
    for name in ("reopened_at", "last_submitted_at"):
        if chance.random() < 0.6:
            payload[name] = _date(chance)
    payload["organisation"] = chance.choice([_organisation(chance, numbers)] * 9 + [None])
    count = chance.choice([0, 0, 1, 1, 1, 2, 2, 3])
    habilitations: Any = [_habilitation(chance, number, numbers) for _ in range(count)]
    if chance.random() < 0.1:
        habilitations = chance.choice(
            [None, {"id": 1}, "", [1, None, "x"], [None, *habilitations, []]]
        )
    if chance.random() < 0.95:
        payload["habilitations"] = habilitations
    events: Any = _events(chance)
    if chance.random() < 0.85:
        events.append({"name": "submit", "created_at": _date(chance)})
    chance.shuffle(events)
    if chance.random() < 0.06:
        events = chance.choice([None, {"name": "submit"}, "submit", ["submit"]])
    if chance.random() < 0.97:
        payload["events"] = events
    return _json(chance, payload)


def _organisation(chance: random.Random, numbers: int) -> Row:
    address = {
        "codePostalEtablissement": chance.choice(POSTCODES),
        "libelleCommuneEtablissement": _maybe(chance, "PARIS 1"),
    }
    company = {
        "uniteLegale": chance.choice(
            [{"denominationUniteLegale": _text(chance, "COMMUNE", numbers)}, None, "x"]
        ),
        "adresseEtablissement": address,
    }
    siret = _maybe(chance, f"{chance.randint(1, numbers):014}")
    insee = chance.choice([{"etablissement": company}, {"etablissement": company}, {}, None])
    return {"siret": siret, "insee_payload": insee}


def _habilitation(chance: random.Random, number: str | None, numbers: int) -> Row:
    habilitation = _part(chance, numbers)
    if chance.random() < 0.95:
        habilitation["id"] = _json_id(chance, _habilitation_number(chance, number))
    habilitation["authorization_request_class"] = chance.choice(CLASSES)
    habilitation["state"] = chance.choice(HABILITATION_STATES)
    if chance.random() < 0.7:
        habilitation["revoked"] = chance.choice([False, False, True, "true", None])
    if chance.random() < 0.9:
        habilitation["created_at"] = _date(chance)
    return habilitation


def _habilitation_number(chance: random.Random, number: str | None) -> str | None:
    if chance.random() < 0.05:
        return chance.choice([*STRANGE_IDS, "", None])
    return f"{chance.choice('12345')}0{number if (number or '').isdecimal() else '1'}"


def _events(chance: random.Random) -> list[Any]:
    events: list[Any] = []
    for _ in range(chance.choice([0, 1, 2, 4])):
        event = {"name": chance.choice([*EVENTS, None]), "created_at": _date(chance)}
        if chance.random() < 0.05:
            del event[chance.choice(["name", "created_at"])]
        events.append(event)
        if chance.random() < 0.2:
            events.append(event | {"name": chance.choice(EVENTS)})
    if chance.random() < 0.1:
        events.append(chance.choice([None, "submit", 1, []]))
    return events


def _events_payload(chance: random.Random) -> str | None:
    kind = chance.random()
    if kind < 0.15:
        return chance.choice(UNREADABLE_EVENTS)
    if kind < 0.25:
        return chance.choice(NO_EVENTS)
    events = _events(chance)
    if kind < 0.8:
        name = chance.choice("cancel_next_stage cancel_reopening refuse submit bulk_update".split())
        last = {"name": name, "created_at": "2024-12-01T12:00:00+01:00"}
        events.insert(chance.randint(0, len(events)), last)
        if chance.random() < 0.3:
            tie = {"name": chance.choice(EVENTS), "created_at": "2024-12-01T11:00:00Z"}
            events.insert(chance.randint(0, len(events)), tie)
    return _json(chance, events)


def _file_row(chance: random.Random, numbers: int) -> Row:
    row: Row = {}
    for name in SUIVI[1:]:
        if chance.random() < 0.6:
            row[name] = _maybe(chance, _text(chance, name, numbers), 0.8)
    row["n_datapass_v1"] = _maybe(
        chance, chance.choice([str(chance.randint(1, numbers)), "007", "v1", "\uff17"]), 0.2
    )
    number = _number(chance, numbers)
    if chance.random() < 0.06:
        number = chance.choice([*PLACEHOLDERS, "", None])
    row["n_demande_v2"] = number
    row["n_habilitation_v2"] = chance.choice(
        ["", None, *[_habilitation_number(chance, number) for _ in range(4)]]
    )
    row["type"] = chance.choice(["Initial", "Initial", "Avenant", "Avenant", "initial", None])
    row["statut"] = chance.choice(STATUTS)
    row["api"] = chance.choice(["Ficoba", "API inconnue", "Imprimfip", "", None])
    row["code_postal"] = chance.choice(POSTCODES)
    for name in ("departement", "region"):
        row[name] = chance.choice([*PLACEHOLDERS, "", None, "À la main", "non renseigne"])
    row["motif_refus"] = chance.choice(["Motif à la main", "", None])
    row["erreurs"] = _erreurs(chance)
    row["autres_colonnes"] = chance.choice(
        [None, "", '{"Remarque": "à revoir\\n"}', '{"Colonne 28": "x, \\"y\\""}']
    )
    if chance.random() < 0.03:
        return {}
    if chance.random() < 0.3:
        row = {name: value for name, value in row.items() if value not in ("", None)}
    return row


def _erreurs(chance: random.Random) -> str | None:
    kind = chance.random()
    if kind < 0.5:
        return chance.choice(["", None])
    if kind < 0.6:
        return chance.choice([" ", "\n", " \r\n\t", "\u00a0"])
    parts = chance.sample([*MESSAGES, "note à la main", 'note, "citée" ', "n° demande v2 vide"], 2)
    return chance.choice(["\n", "\r\n", " ; "]).join(parts[: chance.randint(1, 2)])
