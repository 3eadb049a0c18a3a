"""The tracking file that ``scripts.dtnum`` makes up: what earlier runs and people wrote into it.

A row of the file is a row of DataPass as it stood at an earlier run, by the rules of the product,
with what people and earlier runs changed in it since.
"""

import json
from typing import NamedTuple

from scripts.dtnum_demandes import (
    CAS_USAGE,
    FIRST_ID,
    ID_STEP,
    STATUTS,
    Draw,
    Event,
    Json,
    Life,
    State,
    data,
    day_of,
    draw_life,
    form_uid,
    french,
    instant,
    state_after,
)

COLUMNS = (
    "ligne_nr",
    "n_datapass_v1",
    "n_demande_v2",
    "n_habilitation_v2",
    "n_datapass_fc_rattache",
    "api",
    "environnement",
    "criticite",
    "type",
    "cas_usage",
    "nom_projet",
    "description_projet",
    "destinataires_donnees",
    "date_previsionnelle_ouverture",
    "volumetrie",
    "quotas",
    "date_reception",
    "date_derniere_soumission_ou_instruction",
    "statut",
    "siret_demandeur",
    "raison_sociale_demandeur",
    "code_postal",
    "ville",
    "departement",
    "region",
    "motif_refus",
    "erreurs",
    "autres_colonnes",
)
Row = dict[str, str | None]

# What earlier runs wrote where they found nothing.
NOT_GIVEN = "NON RENSEIGNE"
BAD_POSTCODE = "CODE POSTAL NON VALIDE"
BAD_SIRET = "SIRET NON VALIDE"
PLACEHOLDERS = (NOT_GIVEN, BAD_POSTCODE, BAD_SIRET)

WAITING = ("Traitement en cours par la DGFiP", "Modifications demandées au partenaire")
UNIQUE, SANDBOX, PRODUCTION = "Unique", "Bac à sable", "Production"

# They take back what was asked for last: a row that waited finds nothing in DataPass.
_ENDS_WITHOUT_TRACE = ("refuse", "cancel_reopening", "cancel_next_stage")
_DEALT_WITH = ("approve", "refuse", "request_changes", "submit", "reopen")
_ERRORS = (
    "N° Demande ou N° Habilitation non trouvé",
    "DOUBLON sur N° Demande / N° Habilitation",
    "DOUBLON sur N° Demande / N° Habilitation\nN° Demande ou N° Habilitation non trouvé",
    "Plusieurs lignes DataPass pour ce N° Demande / N° Habilitation",
    "API inconnue : AuthorizationRequest::APIImprimfip",
    "Vu avec le demandeur, à corriger",
)
_NOTES = (
    "Relancé par téléphone",
    "Attente de l'avis du bureau métier ; voir courriel du 12/03",
    'Convention signée, dossier "prioritaire"',
    "Ancien dossier repris de DataPass v1\nNe pas supprimer",
)
_REFUSALS = (
    "Le cadre juridique ne permet pas l'accès aux données",
    "Doublon d'une autre demande",
    "Dossier incomplet malgré deux relances",
)


def environment(form: str, sandbox: bool) -> str:
    """Say in which environment a line is, by its form and class."""
    return UNIQUE if form.endswith("-editeur") else SANDBOX if sandbox else PRODUCTION


def lines(life: Life, events: int) -> list[Row]:
    """Say which rows of DataPass a demande had after its first events.

    Args:
        life: the demande.
        events: how many of its events had happened, 1 or more.

    Returns:
        Rows of the file without what only people and the list of postcodes give; none if the
        demande had not been submitted.
    """
    happened = life.events[:events]
    if all(event.name != "submit" for event in happened):
        return []
    now = state_after(life, events)
    form = form_uid(life, now)
    received = now.reopened_at or now.last_submitted_at
    insee = life.demandeur if life.known_to_insee else None
    both: Row = {
        "n_demande_v2": str(life.number),
        "n_datapass_fc_rattache": life.france_connect,
        "api": f"{life.api.label} FC" if life.france_connect else life.api.label,
        "criticite": "Normale",
        "cas_usage": next((label for part, label in CAS_USAGE if part in form), "Saisie libre"),
        "date_reception": french(day_of(received)) if received else None,
        "siret_demandeur": life.demandeur.siret,
        "raison_sociale_demandeur": insee and insee.name,
        "code_postal": insee and insee.code_postal,
        "ville": insee and insee.ville,
    }
    found = [
        {
            **both,
            **_filled_in(life, permit.version),
            "n_habilitation_v2": str(permit.number),
            "environnement": environment(form, permit.sandbox),
            "type": "Avenant" if place else "Initial",
            "date_derniere_soumission_ou_instruction": french(day_of(permit.seconds)),
            "statut": STATUTS["revoked" if permit.revoked else permit.state],
        }
        for place, permit in enumerate(now.habilitations)
    ]
    if not found or now.state in ("submitted", "changes_requested", "refused"):
        last = max(event.seconds for event in happened if event.name in _DEALT_WITH)
        found.append(
            {
                **both,
                **_filled_in(life, now.version),
                "environnement": environment(form, now.sandbox),
                "type": "Avenant" if now.reopening else "Initial",
                "date_derniere_soumission_ou_instruction": french(day_of(last)),
                "statut": STATUTS[now.state],
            }
        )
    return found


def _filled_in(life: Life, version: int) -> Row:
    """Write what the applicant filled in as the file has it."""
    values = data(life, version)
    opening = values["date_prevue_mise_en_production"]
    volume = values["volumetrie_appels_par_minute"] or None
    return {
        "nom_projet": values["intitule"],
        "description_projet": values["description"],
        "destinataires_donnees": values["destinataire_donnees_caractere_personnel"],
        "date_previsionnelle_ouverture": french(opening) if opening else None,
        "volumetrie": volume,
        "quotas": volume,
    }


def tracked(draw: Draw, life: Life) -> list[Row]:
    """Say which rows of the file are about a demande.

    Args:
        draw: where the draws come from.
        life: the demande.

    Returns:
        Its rows as they stood at an earlier run, and as people left them; none if the demande was
        not there yet, or was overlooked.
    """
    everything = len(life.events)
    archived = life.events[-1].name == "archive"
    if draw.chance(0.5 if archived else 0.04):
        return []
    cut = everything if draw.chance(0.45) else 2 + draw.below(max(everything - 1, 1))
    if life.events[-1].name in _ENDS_WITHOUT_TRACE and draw.chance(0.6):
        cut = everything - 1
    cut = min(cut, everything)
    # A row that waited for two habilitations would have several candidates: a defect, not drawn.
    while sum(event.name == "approve" for event in life.events[cut:]) > 1:
        cut += 1
    rows = [_lived(draw, life, row) for row in lines(life, cut)]
    if rows and draw.chance(0.03):
        rows.append({**rows[0], "autres_colonnes": _notes(draw, certain=True)})
    return rows


def _lived(draw: Draw, life: Life, row: Row) -> Row:
    """Change a row as people and earlier runs did."""
    unit = draw.unit()
    row = {**row, "departement": life.demandeur.departement, "region": life.demandeur.region}
    if not life.known_to_insee:
        row["departement"] = row["region"] = BAD_POSTCODE
        if unit < 0.5:
            row["siret_demandeur"] = row["departement"] = row["region"] = BAD_SIRET
    elif unit < 0.06:
        row["departement"] = row["region"] = None
    elif unit < 0.09:
        row["departement"] = row["region"] = NOT_GIVEN
    elif unit < 0.12:
        row["region"] = None
    if life.events[0].seconds < 200 * 86_400 and draw.chance(0.3):
        row["n_datapass_v1"] = str(life.number // 3)
    if row["statut"] == STATUTS["refused"]:
        row["motif_refus"] = draw.pick(_REFUSALS)
    row["autres_colonnes"] = _notes(draw, certain=False)
    unit = draw.unit()
    if unit < 0.04:
        row["erreurs"] = draw.pick(_ERRORS)
    elif unit < 0.10:
        row["criticite"] = draw.pick(("Haute", "Très haute", "Basse"))
    elif unit < 0.13:
        row["nom_projet"] = f"{row['nom_projet']} (à renommer)"
    elif unit < 0.15:
        row["date_previsionnelle_ouverture"] = draw.pick(("fin 2025", "T1 2026", "à préciser"))
    elif unit < 0.17:
        row["volumetrie"] = f"{row['volumetrie'] or '50'} appels/min"
        row["quotas"] = None
    elif unit < 0.19:
        row["raison_sociale_demandeur"] = "Mairie - service\ndes affaires scolaires"
    elif unit < 0.21:
        row["cas_usage"] = "Saisie libre\n(voir convention)"
    elif unit < 0.23:
        row["n_datapass_fc_rattache"] = str(900 + draw.below(90))
    elif unit < 0.25:
        row["date_reception"] = None
    elif unit < 0.27:
        row["api"] = f"{row['api']} (à vérifier)"
    elif unit < 0.29:
        row["type"] = None
    return row


def _notes(draw: Draw, certain: bool) -> str | None:
    """Write the file's other columns as a JSON object; most are empty."""
    unit = draw.unit()
    if not certain and unit > 0.25:
        return None if unit > 0.35 else "{}"
    notes = {"Commentaire interne": draw.pick(_NOTES)}
    if draw.chance(0.5):
        notes["Relance"] = f"{1 + draw.below(28):02}/{1 + draw.below(12):02}/2025"
    return json.dumps(notes, ensure_ascii=False)


# --- rows that DataPass does not know ------------------------------------------------------------


class Vanished(NamedTuple):
    """A row of the file whose demande DataPass no longer lists, with its events if asked for."""

    row: Row
    number: str
    events: list[Json] | None


# type and statut in the file; the last event, or None where the events were not asked for.
_ENDS = (
    ("Initial", WAITING[0], "cancel_next_stage"),
    ("Initial", WAITING[1], "cancel_reopening"),
    ("Avenant", WAITING[0], "refuse"),
    ("Avenant", WAITING[1], "refuse"),
    ("Avenant", WAITING[0], "cancel_reopening"),
    ("Initial", WAITING[0], "archive"),
    ("Avenant", WAITING[1], "bulk_update"),
    ("Initial", STATUTS["validated"], None),
    ("Initial", STATUTS["refused"], None),
)


def draw_vanished(draw: Draw, index: int, of: int) -> Vanished:
    """Draw a row about a demande that is gone.

    Args:
        draw: where the draws come from.
        index: its place among them, from 0; every way in which they end comes in turn.
        of: how many there are; they are spread over the older half of the period.

    Returns:
        The row, and the events where the file's statut makes one ask for them.
    """
    kind, statut, last = _ENDS[index % len(_ENDS)]
    life = draw_life(draw, index, 2 * of)
    number = str(FIRST_ID + ID_STEP * index + ID_STEP - 1)
    start = life.events[0].seconds
    happened = [Event("create", start), Event("submit", start + 90_000)]
    submitted = french(day_of(start + 90_000))
    row: Row = {
        **_filled_in(life, 0),
        "n_demande_v2": number,
        "api": life.api.label,
        "environnement": environment(form_uid(life, State()), sandbox=False),
        "criticite": "Normale",
        "type": kind,
        "cas_usage": "Saisie libre",
        "date_reception": submitted,
        "date_derniere_soumission_ou_instruction": submitted,
        "statut": statut,
        "siret_demandeur": life.demandeur.siret,
        "raison_sociale_demandeur": life.demandeur.name,
        "code_postal": life.demandeur.code_postal,
        "ville": life.demandeur.ville,
    }
    row = _lived(draw, life, row) | {"type": kind}
    if last is None:
        return Vanished(row, number, None)
    if kind == "Avenant":
        happened += [
            Event(name, start + day * 86_400)
            for day, name in ((9, "approve"), (40, "reopen"), (41, "submit"))
        ]
    elif last == "cancel_next_stage":
        happened += [
            Event("approve", start + 8 * 86_400),
            Event("start_next_stage", start + 12 * 86_400),
        ]
    happened.append(Event(last, start + 58 * 86_400))
    events = [
        {
            "id": int(number) * 10 + place,
            "name": name,
            "created_at": instant(seconds, life.milliseconds),
        }
        for place, (name, seconds) in reversed(list(enumerate(happened)))
    ]
    return Vanished(row, number, events)


def draw_unnumbered(draw: Draw, index: int, of: int) -> Row:
    """Draw a row from before DataPass v2, which knows an old number only.

    Args:
        draw: where the draws come from.
        index: its place among them, from 0.
        of: how many there are.

    Returns:
        The row.
    """
    life = draw_life(draw, index, 10 * of)
    row: Row = {
        **_filled_in(life, 0),
        "api": life.api.label,
        "environnement": PRODUCTION,
        "criticite": "Normale",
        "type": "Initial",
        "statut": STATUTS["validated"],
        "siret_demandeur": life.demandeur.siret,
        "raison_sociale_demandeur": life.demandeur.name,
        "code_postal": life.demandeur.code_postal,
        "ville": life.demandeur.ville,
    }
    numbers = {
        "n_datapass_v1": str(1_000 + index),
        "n_demande_v2": None if index % 2 else NOT_GIVEN,
    }
    return _lived(draw, life, row) | numbers
