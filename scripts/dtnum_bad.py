"""The bad rows of ``scripts.dtnum``: every defect that the product dtnum has to survive.

A round has every defect at least once, on demandes and rows of its own, so that the good rows stay
good. Each defect is a method that says what is wrong; nothing else uses the numbers of a round.
"""

from collections.abc import Callable
from typing import Any

from scripts.dtnum_demandes import DEMANDEURS, STATUTS, Draw, Json, organisation, rails_json
from scripts.dtnum_suivi import NOT_GIVEN, PLACEHOLDERS, WAITING, Row

# More than a round needs, so that rounds do not share numbers.
NUMBERS_A_ROUND = 1_000

UNKNOWN_CLASSES = ("AuthorizationRequest::APIImprimfip", "AuthorizationRequest::APISFiPR2P")
_FICOBA = "AuthorizationRequest::APIFicoba"
_KNOWN = STATUTS["validated"]
_M1 = "N° Demande v2 vide"
_M2 = "N° Demande ou N° Habilitation non trouvé"
# As words, as a spreadsheet has them, with blanks, in digits that are not ASCII.
_NO_NUMBERS = ("D-4711", "4711.0", "4711 ", "-4711", "n° 4711", "\uff14\uff17")

Pair = tuple[str | None, str | None]


class Round:
    """One round of bad rows.

    Args:
        number: the round, from 0.
        first: a number from which on none is used.
        draw: where the draws come from.

    Attributes:
        demandes, evenements: demande_id and payload of their rows.
        suivi: the rows of the file; ``ligne_nr`` only where it is wrong.
    """

    def __init__(self, number: int, first: int, draw: Draw) -> None:
        """Make the rows."""
        self.demandes: list[Pair] = []
        self.evenements: list[Pair] = []
        self.suivi: list[Row] = []
        self._round = number
        self._next = first + number * NUMBERS_A_ROUND
        self._demandeur = draw.pick(DEMANDEURS)
        self._hour = draw.below(10)
        for defect in DEFECTS:
            defect(self)

    # --- parts -----------------------------------------------------------------------------------

    def _number(self) -> int:
        """Take a number that nobody has."""
        self._next += 1
        return self._next

    def _at(self, day: str, offset: str = "+01:00") -> str:
        """Write a time on a day as the API does."""
        return f"{day}T{9 + self._hour:02}:15:00.000{offset}"

    def _events(self, *names: str) -> list[Json]:
        """Write events a month apart, the first named the oldest; listed newest first."""
        found = [
            {"id": place, "name": name, "created_at": self._at(f"2025-{place:02}-05")}
            for place, name in enumerate(names, 1)
        ]
        return found[::-1]

    def _permit(self, number: int | str, **changes: Any) -> Json:
        """Write an active habilitation."""
        return {
            "id": number,
            "revoked": False,
            "state": "active",
            "created_at": self._at("2025-03-05"),
            "authorization_request_class": _FICOBA,
            "data": {"intitule": "Titre de l'habilitation", "volumetrie_appels_par_minute": "50"},
        } | changes

    def _demande(self, number: Any, *permits: Json, **changes: Any) -> Json:
        """Write a demande that was submitted, and approved if it has habilitations."""
        return {
            "id": number,
            "type": _FICOBA,
            "state": "validated" if permits else "submitted",
            "form_uid": "api-ficoba-production",
            "data": {"intitule": "Titre de la demande", "description": "Délai < 24 h & suivi"},
            "created_at": self._at("2025-01-05"),
            "last_submitted_at": self._at("2025-02-05"),
            "reopening": False,
            "reopened_at": None,
            "organisation": organisation(self._demandeur, 9, known=True),
            "habilitations": list(permits),
            "events": self._events("create", "submit", *(["approve"] if permits else [])),
        } | changes

    def _row(self, number: object, permit: object = None, **changes: str | None) -> Row:
        """Write a row of the file."""
        return {
            "n_demande_v2": None if number is None else str(number),
            "n_habilitation_v2": None if permit is None else str(permit),
            "api": "Ficoba",
            "environnement": "Production",
            "type": "Initial",
            "nom_projet": "Titre du suivi",
            "date_reception": "05/02/2025",
            "statut": WAITING[0],
        } | changes

    def _ask(self, demande: Json, payload: str | None = None) -> None:
        """Add a demande, by its id."""
        text = rails_json(demande) if payload is None else payload
        self.demandes.append((str(demande["id"]), text))

    def _gone(self, payload: str | None, **changes: str | None) -> None:
        """Add a row of the file that DataPass forgot, and what it said of its events."""
        number = self._number()
        self.suivi.append(self._row(number, **changes))
        self.evenements.append((str(number), payload))

    # --- defects ---------------------------------------------------------------------------------

    def unreadable_demandes(self) -> None:
        """Not JSON in the ways in which it is not, a list, other values, and none at all."""
        whole = rails_json(self._demande(self._number()))
        for payload in (
            "502 Bad Gateway",
            whole[: len(whole) // 2],
            f"{whole[:-1]},}}",
            f"{whole} {whole}",
            "{'id': 1}",
            '{"id":1,"data":{"volumetrie":NaN}}',
            '{"id":1,"data":{"intitule":"\\u0000"}}',
            f"[{whole}]",
            '"texte"',
            "42",
            "null",
            None,
        ):
            number = self._number()
            self.demandes.append((str(number), payload))
            self.suivi.append(self._row(number))
        # Nobody waits for this one; the row has the message already.
        self.demandes.append((str(self._number()), "{"))
        self.suivi[-1]["erreurs"] = "Données DataPass illisibles pour ce N° Demande"

    def demandes_without_id(self) -> None:
        """No id, or one that is neither a text nor a number."""
        for id_ in (None, "", True, {"valeur": 1}, [1]):
            number = self._number()
            self.demandes.append((str(number), rails_json(self._demande(id_))))
            self.suivi.append(self._row(number))
        number = self._number()
        demande = self._demande(number)
        del demande["id"]
        self.demandes.append((str(number), rails_json(demande)))
        self.suivi.append(self._row(number))
        # The number that counts is the one in the payload.
        self.demandes.append((None, rails_json(self._demande(self._number()))))

    def ids_that_are_no_numbers(self) -> None:
        """In the file and in DataPass; as texts they match nothing, not even each other."""
        for text in _NO_NUMBERS:
            self.suivi.append(self._row(text))
        number, permit = self._number(), self._number()
        self._ask(self._demande(number, self._permit(permit)))
        self.suivi.append(self._row(number, f"H-{permit}"))
        self.suivi.append(self._row(f"0{number}", permit))
        word = f"DEM-{self._number()}"
        self._ask(self._demande(word, self._permit(f"HAB-{self._number()}")))
        self.suivi.append(self._row(word))
        # Digits in quotes are a number like any other; so are many digits.
        quoted = self._number()
        self._ask(self._demande(str(quoted)))
        self.suivi.append(self._row(quoted))
        endless = f"12345678901234567890{self._number()}"
        self._ask(self._demande(endless))
        self.suivi.append(self._row(endless))
        # A habilitation whose id is no number can still be the new one of a row.
        number = self._number()
        self._ask(self._demande(number, self._permit("H-1"), state="validated"))
        self.suivi.append(self._row(number))

    def unknown_apis(self) -> None:
        """Classes that the list does not have, with a label in the file, without, and new."""
        for classe in (*UNKNOWN_CLASSES, None):
            number = self._number()
            self._ask(self._demande(number, type=classe))
            self.suivi.append(self._row(number, api="Imprimfip"))
        number, permit = self._number(), self._number()
        classe, connected = UNKNOWN_CLASSES[1], {"france_connect_authorization_id": "4321"}
        self._ask(
            self._demande(
                number,
                self._permit(permit, authorization_request_class=classe, data=connected),
            )
        )
        self.suivi.append(self._row(number, permit, api=None, statut=_KNOWN))
        self._ask(self._demande(self._number(), type="APIFicoba"))
        self._ask(self._demande(self._number(), type=f"{_FICOBA.lower()}"))

    def unknown_states(self) -> None:
        """Of demandes and of habilitations; revoked is revoked whatever the state is."""
        number = self._number()
        self._ask(self._demande(number, state="suspended"))
        self.suivi.append(self._row(number))
        # The message is there already.
        number = self._number()
        self._ask(self._demande(number, state="suspended"))
        self.suivi.append(self._row(number, erreurs="Statut inconnu : suspended"))
        number = self._number()
        self._ask(self._demande(number, state=None, type=UNKNOWN_CLASSES[0]))
        self.suivi.append(self._row(number, statut=None))
        permits = [self._number() for _ in range(4)]
        number = self._number()
        self._ask(
            self._demande(
                number,
                self._permit(permits[0], state="expired"),
                self._permit(permits[1], state="expired", revoked=True),
                self._permit(permits[2], state="obsolete", revoked="true"),
                self._permit(permits[3], state=None),
            )
        )
        for permit in permits[:3]:
            self.suivi.append(self._row(number, permit, statut=_KNOWN))
        self._ask(self._demande(self._number(), state="SUBMITTED", reopening="true"))

    def repeated_demandes(self) -> None:
        """The same text twice counts once; another text counts again."""
        number = self._number()
        same = self._demande(number, self._permit(self._number()))
        self._ask(same)
        self._ask(same)
        self.suivi.append(self._row(number))
        number, permit = self._number(), self._number()
        self._ask(self._demande(number, self._permit(permit)))
        self._ask(self._demande(number, self._permit(permit, state="obsolete")))
        # Several lines of DataPass have the key of these rows, two of them without habilitation.
        self.suivi.append(self._row(number, permit, erreurs=_M2))
        self.suivi.append(self._row(number))
        number = self._number()
        self._ask(self._demande(number))
        self._ask(self._demande(number, state="changes_requested"))
        self.suivi.append(self._row(number))
        self.suivi.append(self._row(number, statut=WAITING[1]))

    def several_candidates(self) -> None:
        """One row that two habilitations could be, and two rows that one could be."""
        number = self._number()
        self._ask(self._demande(number, *(self._permit(self._number()) for _ in range(2))))
        self.suivi.append(self._row(number))
        number = self._number()
        self._ask(self._demande(number, self._permit(self._number())))
        self.suivi.append(self._row(number, nom_projet="Première ligne"))
        self.suivi.append(self._row(number, nom_projet="Deuxième ligne"))
        # The same number twice; the first row takes the line of DataPass.
        number, permit = self._number(), self._number()
        self._ask(self._demande(number, self._permit(permit)))
        self.suivi.append(self._row(number, permit, nom_projet="Première ligne", statut=_KNOWN))
        self.suivi.append(self._row(number, permit, nom_projet="Deuxième ligne", statut=_KNOWN))

    def dates_in_three_formats(self) -> None:
        """Of the API, French, American, none at all; 30 February."""
        days = (
            self._at("2025-03-05"),
            "2025-03-05 10:20:30",
            "2025-03-05",
            "05/03/2025",
            "03-05-2025",
            "20250305",
            "hier",
            self._at("2025-02-30"),
            "2025-02-30",
        )
        for day in days:
            number, permit = self._number(), self._number()
            events = [{"id": 2, "name": "submit", "created_at": day}]
            filled_in = {"date_prevue_mise_en_production": day}
            self._ask(
                self._demande(
                    number,
                    self._permit(permit, created_at=day, data=filled_in),
                    self._permit(self._number()),
                    last_submitted_at=day,
                    reopened_at=day if day.endswith("5") else None,
                    state="changes_requested",
                    events=events,
                    data=filled_in,
                )
            )
            self.suivi.append(
                self._row(number, permit, date_reception=None, date_previsionnelle_ouverture=day)
            )
        self.suivi.append(self._row(self._number(), date_reception="30/02/2025", statut=_KNOWN))

    def instants_that_compare(self) -> None:
        """The same instant in two zones, and an earlier one that reads as later."""
        zones = ("2025-03-05T10:00:00+01:00", "2025-03-05T09:00:00Z", "2025-03-05T09:30:00+02:00")
        number = self._number()
        permits = (self._permit(self._number(), created_at=zone) for zone in zones)
        self._ask(self._demande(number, *permits))
        number = self._number()
        same = (self._permit(self._number(), created_at=zone) for zone in zones[:2])
        self._ask(self._demande(number, *same))
        # The latest event decides, of two at the same instant the one that is listed first.
        number = self._number()
        names = ("refuse", "cancel_reopening", "submit")
        events = [
            {"id": place, "name": name, "created_at": zone}
            for place, (name, zone) in enumerate(zip(names, zones, strict=True))
        ]
        self._ask(self._demande(number, self._permit(self._number()), events=events))
        self.suivi.append(self._row(number, self._number(), type="Avenant"))

    def parts_of_another_kind(self) -> None:
        """Null, a text or a list where an object or a list should be."""
        for changes in (
            {"data": None, "organisation": None, "habilitations": None},
            {"data": "texte", "organisation": [], "form_uid": None},
            {"organisation": {"siret": None, "insee_payload": "texte"}, "habilitations": {}},
            {"organisation": {"siret": "", "insee_payload": {"etablissement": None}}},
            {"data": {"intitule": {"fr": "Titre"}, "description": ["a"]}, "form_uid": ""},
            {"data": {"volumetrie_appels_par_minute": 50, "intitule": True, "description": 2.5}},
        ):
            number = self._number()
            self._ask(self._demande(number, **changes))
            self.suivi.append(self._row(number))
        for events in (None, {}, "submit", [None, "submit", 7, []], [{"name": None}]):
            self._ask(self._demande(self._number(), events=events))
        number = self._number()
        demande = self._demande(number, self._permit(self._number()))
        demande["habilitations"] += [None, "texte", 12, ["texte"]]
        demande["events"] += [None, "submit", {"name": "refuse"}, {}]
        self._ask(demande, f" \n{rails_json(demande)}\r\n\t")
        self.suivi.append(self._row(number))
        self._ask({"id": self._number()})
        self._ask(self._demande(self._number(), self._permit(self._number()), events=[]))

    def events_of_forgotten_demandes(self) -> None:
        """Unreadable, [] and null, and several texts for one demande."""
        end = rails_json(self._events("submit", "cancel_reopening"))
        for payload in (
            "502 Bad Gateway",
            end[:-1],
            "{}",
            '{"error":"not found"}',
            '"texte"',
            "7",
            "[]",
            " [ ] ",
            "null",
            None,
            '[null,7,"submit"]',
            end,
        ):
            self._gone(payload)
        self._gone("{", erreurs="Événements DataPass illisibles", statut=WAITING[1])
        # Nobody asks for the events of a row that waits for nothing.
        self._gone("{", statut=_KNOWN)
        self._gone(rails_json(self._events("submit", "refuse")), type="Avenant", motif_refus="Non")
        self._gone(rails_json(self._events("submit", "refuse")), type="Initial")
        self._gone(rails_json(self._events("submit", "cancel_next_stage")), type="Avenant")
        self._gone(rails_json([{"name": "cancel_reopening", "created_at": "hier"}]))
        self._gone(rails_json([{"name": "cancel_reopening"}, *self._events("submit")]))
        self._gone("[")
        self.evenements.append((self.evenements[-1][0], end))
        self.evenements.append((None, end))
        self.evenements.append(("D-4711", end))
        self.evenements.append(("D-4711", "{"))

    def rows_without_number(self) -> None:
        """No number, the words of earlier runs, and a row in which nothing stands."""
        for text in (None, *PLACEHOLDERS):
            self.suivi.append(self._row(text, n_datapass_v1="1234"))
        self.suivi.append(self._row(None, self._number(), erreurs=_M1))
        self.suivi.append(self._row("non renseigne", departement="non renseigne"))
        self.suivi.append({})
        self.suivi.append({})

    def row_numbers(self) -> None:
        """The same twice, none, and words; rows that are equal in every cell."""
        number = self._number()
        for ligne_nr in ("2", "2", "douze", "12.5", "-1"):
            self.suivi.append(self._row(number, ligne_nr=ligne_nr, nom_projet=f"n° {ligne_nr}"))
        self.suivi.append(self._row(number, ligne_nr=None))
        twin = self._row(number, self._number(), ligne_nr="3")
        self.suivi += [twin, dict(twin)]
        for old in ("7", "007", "10", "9a", "Z1"):
            self.suivi.append(self._row(number, self._number(), n_datapass_v1=old, statut=_KNOWN))

    def cells(self) -> None:
        """Line feeds, quotes, blanks, words for nothing, JSON that is none."""
        texts: tuple[Row, ...] = (
            {"nom_projet": 'Portail "famille", volet 2', "description_projet": "a\r\nb\n\nc"},
            {"erreurs": " \n\t ", "autres_colonnes": "{"},
            {"erreurs": f"{_M2}\nÀ revoir", "autres_colonnes": "[]"},
            {"erreurs": "À revoir ", "autres_colonnes": '{"Relance":"05/03/2025\\nréponse"}'},
            {"nom_projet": " ", "raison_sociale_demandeur": "null", "region": "NULL"},
            {"nom_projet": "Crèche 👶 et forêt\u00a0: e\u0301tape", "ville": "L'Haÿ-les-Roses"},
            {"description_projet": "x" * 3_000},
        )
        for changes in texts:
            self.suivi.append(self._row(self._number(), **changes))
        number = self._number()
        self._ask(self._demande(number, data={"intitule": 'a\r\nb \\ "c"', "description": " "}))
        self.suivi.append(self._row(number, erreurs=f"{_M2}\r\n", description_projet="Reste"))

    def places(self) -> None:
        """Postcodes that no list has, of two départements, overseas; words in their cells."""
        for code_postal, departement, region in (
            ("99999", NOT_GIVEN, None),
            ("1000", None, None),
            ("01000", PLACEHOLDERS[1], PLACEHOLDERS[2]),
            ("42620", None, NOT_GIVEN),
            ("20200", "Corse (20)", None),
            ("97110", None, "Outre-mer"),
            ("98800", None, None),
            (NOT_GIVEN, NOT_GIVEN, NOT_GIVEN),
            (None, None, None),
        ):
            number = self._number()
            unknown = {"siret": None, "insee_payload": {}}
            self._ask(self._demande(number, organisation=unknown))
            self.suivi.append(
                self._row(number, code_postal=code_postal, departement=departement, region=region)
            )

    def forms(self) -> None:
        """Endings that look like an editor's, parts of two prefilled forms."""
        for form in (
            "api-ficoba-editeur",
            "api-ficoba-Editeur",
            "api-ficoba-editeur-production",
            "cantine-scolaire-carte-transport",
            "api-R2P-appel-spi",
        ):
            self._ask(self._demande(self._number(), form_uid=form, type=f"{_FICOBA}Sandbox"))

    def drafts_and_archives(self) -> None:
        """Demandes that give no row, drafts or never submitted, with rows in the file."""
        create = self._events("create")
        for state, permits, events in (
            ("draft", (), create),
            ("draft", (), self._events("create", "submit")),
            ("archived", (), create),
            ("validated", (self._permit(self._number()),), create),
            ("draft", (self._permit(self._number()),), create),
        ):
            number = self._number()
            self._ask(self._demande(number, *permits, state=state, events=events))
            self.suivi.append(self._row(number))
        self._ask(self._demande(self._number(), state="archived"))


DEFECTS: tuple[Callable[[Round], None], ...] = (
    Round.unreadable_demandes,
    Round.demandes_without_id,
    Round.ids_that_are_no_numbers,
    Round.unknown_apis,
    Round.unknown_states,
    Round.repeated_demandes,
    Round.several_candidates,
    Round.dates_in_three_formats,
    Round.instants_that_compare,
    Round.parts_of_another_kind,
    Round.events_of_forgotten_demandes,
    Round.rows_without_number,
    Round.row_numbers,
    Round.cells,
    Round.places,
    Round.forms,
    Round.drafts_and_archives,
)
