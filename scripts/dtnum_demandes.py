"""The demandes of DataPass that ``scripts.dtnum`` makes up: their lives, and the API's JSON.

A demande is drawn as a life, a list of events in the order of their time. What DataPass says of it
after the first ``n`` events is ``state_after(life, n)``: with all of them that is what the API
gives today, with fewer it is what an earlier run wrote into the tracking file.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple, TypeVar

import numpy as np

T = TypeVar("T")
Json = dict[str, Any]

FIRST_DAY = date(2023, 10, 2)
# Nothing happens later; the tracking file is updated some days after.
LAST_DAY = date(2026, 1, 16)
SPAN = (LAST_DAY - FIRST_DAY).days

FIRST_ID = 10_000
# Ids between those of two demandes; the last of them belongs to one that DataPass forgot.
ID_STEP = 4
HABILITATIONS_AT_MOST = 6
EVENTS_AT_MOST = 40


class Draw:
    """Draws one after the other, taken from a random generator many at a time.

    Args:
        random: the generator of one purpose.
    """

    def __init__(self, random: np.random.Generator) -> None:
        """Start with the generator's first draw."""
        self._random = random
        self._units: list[float] = []

    def unit(self) -> float:
        """Draw a number from 0 to below 1."""
        if not self._units:
            self._units = self._random.random(4096).tolist()
        return self._units.pop()

    def below(self, limit: int) -> int:
        """Draw a whole number from 0 to below ``limit``."""
        return int(self.unit() * limit)

    def pick(self, options: Sequence[T]) -> T:
        """Draw one of the options, all equally likely."""
        return options[int(self.unit() * len(options))]

    def chance(self, share: float) -> bool:
        """Say yes with the given probability."""
        return self.unit() < share


# --- who asks, and for what ----------------------------------------------------------------------


class Demandeur(NamedTuple):
    """An organisation that asks, with what the tracking file says of its place."""

    name: str
    siret: str
    code_postal: str
    ville: str
    departement: str
    region: str


def siret(siren: str) -> str:
    """Make the SIRET of a company's first establishment.

    Args:
        siren: nine digits.

    Returns:
        14 digits that pass the check of Luhn.
    """
    digits = f"{siren}0001"
    # From the right, every second digit is doubled, beginning beside the one that is asked for.
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(digits))]
    total = sum(number - 9 if number > 9 else number for number in doubled)
    return f"{digits}{-total % 10}"


_COMMUNES = (
    ("Paris", "217500016", "75001", "Paris (75)", "Île-de-France"),
    ("Lyon", "216901231", "69001", "Rhône (69)", "Auvergne-Rhône-Alpes"),
    ("Marseille", "211300553", "13001", "Bouches-du-Rhône (13)", "Provence-Alpes-Côte d'Azur"),
    ("Toulouse", "213105554", "31000", "Haute-Garonne (31)", "Occitanie"),
    ("Bordeaux", "213300635", "33000", "Gironde (33)", "Nouvelle-Aquitaine"),
    ("Nantes", "214401093", "44000", "Loire-Atlantique (44)", "Pays de la Loire"),
    ("Lille", "215903501", "59000", "Nord (59)", "Hauts-de-France"),
    ("Strasbourg", "216704825", "67000", "Bas-Rhin (67)", "Grand Est"),
    ("Rennes", "213502388", "35000", "Ille-et-Vilaine (35)", "Bretagne"),
    ("Montpellier", "213401722", "34000", "Hérault (34)", "Occitanie"),
    ("Nice", "210600888", "06000", "Alpes-Maritimes (06)", "Provence-Alpes-Côte d'Azur"),
    ("Dijon", "212102313", "21000", "Côte-d'Or (21)", "Bourgogne-Franche-Comté"),
    ("Rouen", "217605401", "76000", "Seine-Maritime (76)", "Normandie"),
    ("Tours", "213702616", "37000", "Indre-et-Loire (37)", "Centre-Val de Loire"),
    ("Gap", "210500617", "05000", "Hautes-Alpes (05)", "Provence-Alpes-Côte d'Azur"),
    ("La Rochelle", "211703004", "17000", "Charente-Maritime (17)", "Nouvelle-Aquitaine"),
    ("Ajaccio", "212000046", "20000", "Corse-du-Sud (2A)", "Corse"),
    ("Bastia", "212000335", "20200", "Haute-Corse (2B)", "Corse"),
    ("Fort-de-France", "219722097", "97200", "Martinique (972)", "Martinique"),
    ("Saint-Denis", "219740115", "97400", "La Réunion (974)", "La Réunion"),
    # Postcodes that span two départements.
    ("Saint-Dizier", "215203233", "52100", "Haute-Marne (52)", "Grand Est"),
    ("Sainte-Foy-la-Grande", "213304025", "33220", "Gironde (33)", "Nouvelle-Aquitaine"),
)
# Made-up operators: name, SIREN, index of the commune where they sit.
_OPERATORS = (
    ("Région numérique services", "813200417", 0),
    ("Bailleur social du Ponant", "385102298", 5),
    ("Crédit mutualiste d'Armor & Bretagne", "502871635", 8),
    ("Caisse de retraite des marins pêcheurs", "775600216", 15),
    ("Logiciels Territoires & Cie", "841930571", 1),
    ("Office HLM « Les Tilleuls »", "279400188", 6),
    ("SAS Périscol'Net", "890214760", 3),
    ("Centre hospitalier des Alpes du Sud", "260500913", 14),
)
DEMANDEURS = tuple(
    Demandeur(f"COMMUNE DE {name.upper()}", siret(siren), postcode, name.upper(), place, region)
    for name, siren, postcode, place, region in _COMMUNES
) + tuple(
    Demandeur(name, siret(siren), *(postcode, commune.upper(), place, region))
    for name, siren, index in _OPERATORS
    for commune, _, postcode, place, region in [_COMMUNES[index]]
)


class Api(NamedTuple):
    """An API of the DGFiP.

    Attributes:
        classe: what follows ``AuthorizationRequest::`` in production.
        label: its name in the tracking file.
        forms: beginnings of ``form_uid``; the frequent ones more than once.
        share: of the demandes, in parts of their sum.
    """

    classe: str
    label: str
    forms: tuple[str, ...]
    share: int


APIS = (
    Api(
        "APIImpotParticulier",
        "Impôt particulier",
        (
            "api-impot-particulier",
            "api-impot-particulier",
            "api-impot-particulier-activites-periscolaires",
            "api-impot-particulier-aides-sociales-facultatives",
            "api-impot-particulier-cantine-scolaire",
            "api-impot-particulier-carte-transport",
            "api-impot-particulier-place-creche",
            "api-impot-particulier-stationnement-residentiel",
        ),
        30,
    ),
    Api("APIR2P", "R2P", ("api-r2p", "api-r2p-appel-spi", "api-r2p-ordonnateur"), 14),
    Api(
        "APIINFINOE",
        "Infinoe",
        ("api-infinoe", "api-infinoe-envoi-automatise-ecritures"),
        12,
    ),
    Api("APISFiP", "SFiP", ("api-sfip",), 8),
    Api("APIFicoba", "Ficoba", ("api-ficoba",), 5),
    Api("APIHermes", "Hermès", ("api-hermes",), 4),
    Api("APICprProAdelie", "CPR PRO", ("api-cpr-pro-adelie",), 3),
    Api("APIEContacts", "E-Contacts", ("api-e-contacts",), 3),
    Api("APIENSUDocuments", "Ensu documents", ("api-ensu-documents",), 3),
    Api("APIEPro", "E-PRO", ("api-e-pro",), 3),
    Api("APIMire", "Mire", ("api-mire",), 3),
    Api("APIOcfi", "OCFI", ("api-ocfi",), 3),
    Api("APIOpale", "Opale", ("api-opale",), 3),
    Api("APIRial", "RIAL", ("api-rial",), 3),
    Api("APIRobf", "ROBF", ("api-robf",), 2),
    Api("APISatelit", "Satelit", ("api-satelit",), 2),
)
_API_DECK = tuple(api for api in APIS for _ in range(api.share))
# These are also called on behalf of people who log in with FranceConnect.
WITH_FRANCECONNECT = {"APIImpotParticulier", "APISFiP"}
SHARE_WITH_FRANCECONNECT = 0.3

# The prefilled forms, by a part of form_uid.
CAS_USAGE = (
    ("activites-periscolaires", "CITP - activités périscolaires"),
    ("aides-sociales-facultatives", "CITP - aides sociales facultatives"),
    ("cantine-scolaire", "CITP - cantine scolaire"),
    ("carte-transport", "CITP - carte de transport"),
    ("place-creche", "CITP - place en crèche"),
    ("stationnement-residentiel", "CITP - stationnement résidentiel"),
    ("api-r2p-appel-spi", "Récupération de données fiscales"),
    ("api-r2p-ordonnateur", "Ordonnateur - fiabilisation des bases tiers (collectivités)"),
    ("api-infinoe-envoi-automatise-ecritures", "Envoi automatisé des écritures"),
)
STATUTS = {
    "draft": "Brouillon",
    "submitted": "Traitement en cours par la DGFiP",
    "changes_requested": "Modifications demandées au partenaire",
    "validated": "Accepté",
    "active": "Accepté",
    "obsolete": "Accepté",
    "refused": "Refusé",
    "archived": "Supprimé",
    "revoked": "Révoqué",
}

_PROJECTS = (
    "Tarification de la cantine & du périscolaire",
    "Portail famille",
    "Calcul du quotient familial",
    "Stationnement résidentiel",
    "Aides facultatives du CCAS",
    "Carte de transport solidaire",
    "Attribution des places en crèche",
    "Fiabilisation des tiers",
    "Guichet unique « habitat »",
    "Suivi des titres de recettes",
)
_DESCRIPTIONS = (
    "Le service récupère le revenu fiscal de référence pour calculer le tarif.",
    'Les agents saisissent le numéro fiscal ; la réponse ("RFR", parts) n\'est pas conservée.',
    "Simplifier les démarches :\n- pas d'avis d'imposition à fournir ;\n- réponse en < 24 h.",
    "Envoi automatique des écritures comptables, retour si montant > 0.",
    "Vérifier l'adresse et l'état civil avant l'émission des titres.\r\nVolume faible.",
)
_DESTINATAIRES = (
    "Agents du service scolaire",
    "Agents instructeurs habilités du CCAS & régisseurs",
    "Service facturation, DSI",
    "Ordonnateurs et comptables publics",
)
_VOLUMES = ("10", "20", "50", "50", "100", "200", "1000")
_PEOPLE = (
    ("Camille", "Martin"),
    ("Dominique", "Bernard"),
    ("Maxime", "Lefèvre"),
    ("Inès", "Nguyen"),
    ("Zoé", "Dupré"),
    ("Jean-Noël", "Le Goff"),
)


# --- lives ---------------------------------------------------------------------------------------


class Event(NamedTuple):
    """An event, its time in seconds after midnight of ``FIRST_DAY``, on the clock of Paris."""

    name: str
    seconds: int


@dataclass(frozen=True)
class Life:
    """A demande with all that happened to it.

    Attributes:
        number: the demande's id.
        first_habilitation: the id of its first habilitation; the others follow.
        api: what it asks for.
        form: ``form_uid`` without what it ends with.
        staged: whether it begins in the sandbox and goes on to production; else an editor's form.
        demandeur: who asks.
        known_to_insee: whether DataPass got the organisation's data from the INSEE.
        france_connect: the number of the FranceConnect habilitation that it is tied to, if any.
        project, description, destinataires, volume: indices into the words above.
        opening: days from the beginning to the service's planned opening.
        person: index of the applicant.
        milliseconds: of all its times.
        events: by time; the first one is create.
    """

    number: int
    first_habilitation: int
    api: Api
    form: str
    staged: bool
    demandeur: Demandeur
    known_to_insee: bool
    france_connect: str | None
    project: int
    description: int
    destinataires: int
    volume: int
    opening: int
    person: int
    milliseconds: int
    events: tuple[Event, ...]


@dataclass
class Habilitation:
    """A permit; ``seconds`` is when it was given, ``version`` which data it holds."""

    number: int
    sandbox: bool
    seconds: int
    version: int
    state: str = "active"
    revoked: bool = False


@dataclass
class State:
    """What DataPass says of a demande at some time; times in seconds as in ``Event``."""

    state: str = "draft"
    sandbox: bool = False
    reopening: bool = False
    reopened_at: int | None = None
    last_submitted_at: int | None = None
    last_validated_at: int | None = None
    version: int = 0
    habilitations: list[Habilitation] = field(default_factory=list)


# What happens to a demande after it was created, and how often. S: submit, A: approve,
# C: request_changes, F: refuse, R: reopen, X: cancel_reopening, N: start_next_stage (only where
# there is one), Y: cancel_next_stage, V: revoke, D: archive.
_COURSES = (
    ("", 4),
    ("D", 2),
    ("S", 6),
    ("SC", 4),
    ("SCS", 3),
    ("SF", 5),
    ("SD", 2),
    ("SCD", 2),
    ("SA", 14),
    ("SCSA", 8),
    ("SAN", 3),
    ("SANS", 5),
    ("SANSC", 2),
    ("SANSF", 2),
    ("SANSY", 5),
    ("SANSA", 12),
    ("SANSARSA", 4),
    ("SARSA", 6),
    ("SARS", 4),
    ("SARSC", 2),
    ("SARSF", 5),
    ("SARSX", 5),
    ("SAR", 2),
    ("SAV", 2),
    ("SARSAV", 2),
    ("SAD", 1),
)
_COURSE_DECK = tuple(course for course, share in _COURSES for _ in range(share))
_STEPS = {
    # name, most days since what came before
    "S": ("submit", 21),
    "A": ("approve", 35),
    "C": ("request_changes", 28),
    "F": ("refuse", 40),
    "R": ("reopen", 240),
    "X": ("cancel_reopening", 30),
    "N": ("start_next_stage", 60),
    "Y": ("cancel_next_stage", 45),
    "V": ("revoke", 200),
    "D": ("archive", 120),
}


def draw_life(draw: Draw, index: int, of: int) -> Life:
    """Draw a demande.

    Args:
        draw: where the draws come from.
        index: the demande's place among all, by age, from 0.
        of: how many there are.

    Returns:
        Its life; of the younger ones less has happened yet.
    """
    api = draw.pick(_API_DECK)
    staged = draw.chance(0.75)
    course = draw.pick(_COURSE_DECK)
    day = index * (SPAN - 10) // max(of, 1) + draw.below(7)
    at = day * 86_400 + 28_800 + draw.below(36_000)
    events = [Event("create", at)]
    latest = SPAN * 86_400 + 86_399
    for letter in course:
        if letter in "NY" and not staged:
            # A form with one stage goes the way of those that stay where they are.
            break
        name, days = _STEPS[letter]
        if name == "submit" and draw.chance(0.3):
            at += 600 + draw.below(5_000)
            events.append(Event("update", at))
        if name in ("approve", "refuse") and draw.chance(0.15):
            at += 86_400
            events.append(Event("instructor_message", at))
        # Between 8:00 and 20:00, so that no time is skipped or comes twice when clocks change.
        day = at // 86_400 + draw.below(days) + (name != "submit")
        at = max(day * 86_400 + 28_800 + draw.below(36_000), at + 60)
        if at > latest:
            break
        events.append(Event(name, at))
    events = [event for event in events if event.seconds <= latest]
    with_france_connect = api.classe in WITH_FRANCECONNECT and draw.chance(SHARE_WITH_FRANCECONNECT)
    return Life(
        number=FIRST_ID + ID_STEP * index + draw.below(ID_STEP - 1),
        first_habilitation=FIRST_ID // 2 + HABILITATIONS_AT_MOST * index,
        api=api,
        form=draw.pick(api.forms),
        staged=staged,
        demandeur=draw.pick(DEMANDEURS),
        known_to_insee=not draw.chance(0.04),
        france_connect=str(3_000 + draw.below(4_000)) if with_france_connect else None,
        project=draw.below(len(_PROJECTS)),
        description=draw.below(len(_DESCRIPTIONS)),
        destinataires=draw.below(len(_DESTINATAIRES)),
        volume=draw.below(len(_VOLUMES)),
        opening=30 + draw.below(300),
        person=draw.below(len(_PEOPLE)),
        milliseconds=draw.below(1_000),
        events=tuple(events),
    )


def state_after(life: Life, events: int) -> State:
    """Say what DataPass said after the first events of a demande.

    Args:
        life: the demande.
        events: how many of its events had happened, 1 or more.

    Returns:
        The state then.
    """
    now = State(sandbox=life.staged)
    for name, seconds in life.events[:events]:
        if name == "submit":
            now.state, now.last_submitted_at = "submitted", seconds
        elif name == "request_changes":
            now.state = "changes_requested"
        elif name == "approve":
            now.state, now.last_validated_at, now.reopening = "validated", seconds, False
            for former in now.habilitations:
                if former.sandbox == now.sandbox:
                    former.state = "obsolete"
            number = life.first_habilitation + len(now.habilitations)
            now.habilitations.append(Habilitation(number, now.sandbox, seconds, now.version))
        elif name == "refuse":
            # The refusal of a reopening leaves what was granted before.
            now.state, now.reopening = ("validated" if now.reopening else "refused"), False
        elif name == "reopen":
            now.state, now.reopening, now.reopened_at = "draft", True, seconds
            now.version += 1
        elif name == "cancel_reopening":
            now.state, now.reopening, now.reopened_at = "validated", False, None
        elif name == "start_next_stage":
            now.state, now.sandbox = "draft", False
        elif name == "cancel_next_stage":
            now.state, now.sandbox = "validated", True
        elif name == "revoke":
            now.state = "revoked"
            for place, permit in enumerate(now.habilitations):
                # DataPass keeps obsolete where it stands; the flag is what counts.
                now.habilitations[place] = replace(
                    permit,
                    revoked=True,
                    state="revoked" if permit.state == "active" else permit.state,
                )
        elif name == "archive":
            now.state = "archived"
    return now


# --- the API's JSON ------------------------------------------------------------------------------


@cache
def _paris(day: int) -> tuple[str, str]:
    """Write a day, counted from ``FIRST_DAY``, and the offset of Paris on it."""
    this = FIRST_DAY + timedelta(days=day)

    def last_sunday(month: int) -> date:
        last = date(this.year, month, 31)
        return last - timedelta(days=(last.weekday() + 1) % 7)

    summer = last_sunday(3) <= this < last_sunday(10)
    return this.isoformat(), "+02:00" if summer else "+01:00"


def instant(seconds: int | None, milliseconds: int) -> str | None:
    """Write a time as the API does, such as ``2024-05-14T10:23:45.123+02:00``."""
    if seconds is None:
        return None
    day, rest = divmod(seconds, 86_400)
    text, offset = _paris(day)
    minutes, second = divmod(rest, 60)
    hour, minute = divmod(minutes, 60)
    return f"{text}T{hour:02}:{minute:02}:{second:02}.{milliseconds:03}{offset}"


def day_of(seconds: int) -> str:
    """Write the day of a time, ``YYYY-MM-DD``."""
    return _paris(seconds // 86_400)[0]


def french(day: str) -> str:
    """Write a day ``YYYY-MM-DD`` as the tracking file does, dd/mm/yyyy."""
    return f"{day[8:]}/{day[5:7]}/{day[:4]}"


def form_uid(life: Life, now: State) -> str:
    """Say which form a demande used last."""
    ending = "editeur" if not life.staged else "sandbox" if now.sandbox else "production"
    return f"{life.form}-{ending}"


def classe(life: Life, sandbox: bool) -> str:
    """Say which class of authorization request it is."""
    return f"AuthorizationRequest::{life.api.classe}{'Sandbox' if sandbox else ''}"


def data(life: Life, version: int) -> dict[str, str | None]:
    """Say what the applicant filled in: an hstore, whose values are texts.

    Args:
        life: the demande.
        version: how often it had been reopened by then.

    Returns:
        The values by name.
    """
    project = _PROJECTS[life.project]
    volume = _VOLUMES[min(life.volume + version, len(_VOLUMES) - 1)]
    opening = day_of(life.events[0].seconds + (life.opening + 90 * version) * 86_400)
    values = {
        "intitule": f"{project} (évolution {version})" if version else project,
        "description": _DESCRIPTIONS[life.description],
        "destinataire_donnees_caractere_personnel": _DESTINATAIRES[life.destinataires],
        "duree_conservation_donnees_caractere_personnel": "36",
        # Some do not know yet.
        "date_prevue_mise_en_production": opening if life.opening % 8 else None,
        "volumetrie_appels_par_minute": volume if life.opening % 11 else "",
        "scopes": '["dgfip_rfr","dgfip_nbpart"]',
    }
    if life.france_connect:
        values["france_connect_authorization_id"] = life.france_connect
    return values


def organisation(demandeur: Demandeur, number: int, known: bool) -> Json:
    """Write who asks.

    Args:
        demandeur: the organisation.
        number: its id in DataPass.
        known: whether the INSEE gave its data.

    Returns:
        The API's object.
    """
    etablissement = {
        "siret": demandeur.siret,
        "uniteLegale": {"denominationUniteLegale": demandeur.name},
        "adresseEtablissement": {
            "codePostalEtablissement": demandeur.code_postal,
            "libelleCommuneEtablissement": demandeur.ville,
        },
    }
    return {
        "id": number,
        "siret": demandeur.siret,
        "name": demandeur.name,
        "insee_payload": {"etablissement": etablissement} if known else {},
    }


def events(life: Life, first_id: int) -> list[Json]:
    """Write the events of a demande as the API does, newest first."""
    return [
        {"id": first_id + place, "name": name, "created_at": instant(at, life.milliseconds)}
        for place, (name, at) in reversed(list(enumerate(life.events)))
    ]


def demande(life: Life) -> Json:
    """Write a demande as the API gives it today."""
    now = state_after(life, len(life.events))
    milliseconds = life.milliseconds
    given, family = _PEOPLE[life.person]
    type_ = classe(life, now.sandbox)
    return {
        "id": life.number,
        "public_id": f"{life.number * 2_654_435_761 % 2**32:08x}",
        "type": type_,
        "state": now.state,
        "form_uid": form_uid(life, now),
        "data": data(life, now.version),
        "created_at": instant(life.events[0].seconds, milliseconds),
        "last_submitted_at": instant(now.last_submitted_at, milliseconds),
        "last_validated_at": instant(now.last_validated_at, milliseconds),
        "reopening": now.reopening,
        "reopened_at": instant(now.reopened_at, milliseconds),
        "organisation": organisation(
            life.demandeur, 100 + DEMANDEURS.index(life.demandeur), life.known_to_insee
        ),
        "applicant": {
            "id": 500 + life.person,
            "email": f"applicant{life.person + 1}@example.org",
            "given_name": given,
            "family_name": family,
        },
        "habilitations": [
            {
                "id": permit.number,
                "slug": f"habilitation-{permit.number}",
                "revoked": permit.revoked,
                "state": permit.state,
                "created_at": instant(permit.seconds, milliseconds),
                "authorization_request_class": classe(life, permit.sandbox),
                "data": data(life, permit.version),
            }
            for permit in now.habilitations
        ],
        "events": events(life, life.number * EVENTS_AT_MOST),
    }


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def rails_json(value: Any) -> str:
    """Write JSON as Rails does: compact, with escapes for & < >."""
    text = _ENCODER.encode(value)
    # They stand inside texts only.
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
