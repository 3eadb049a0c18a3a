"""The generator of the product dtnum keeps its promises: the same bytes, a file that has lived."""

import csv
import json
import re
from collections import Counter, defaultdict
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from generators import DTNUM, Defaults, Tables

from scripts import ROOT, dtnum
from scripts.dtnum_demandes import APIS, CAS_USAGE, DEMANDEURS, STATUTS

generate, read_csv = DTNUM.generate, DTNUM.read_csv


STATES = set("draft submitted changes_requested validated refused archived revoked".split())
PLACEHOLDERS = {"NON RENSEIGNE", "CODE POSTAL NON VALIDE", "SIRET NON VALIDE"}
WAITING = {"Traitement en cours par la DGFiP", "Modifications demandées au partenaire"}
INSTANT = re.compile(r"20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-9:]{8}\.[0-9]{3}\+0[12]:00")
FRENCH = re.compile("[0-3][0-9]/[01][0-9]/20[0-9]{2}")

Json = dict[str, Any]


def loaded(text: str | None) -> Any:
    """Read JSON strictly; Ellipsis if it is none."""

    def refuse(word: str) -> None:
        raise ValueError(word)

    try:
        return json.loads(text or "", parse_constant=refuse)
    except ValueError:
        return ...


def is_number(text: str | None) -> bool:
    """Say whether a text is a number by the rules of the product."""
    return re.fullmatch("[0-9]+", text or "") is not None


def passes_luhn(digits: str) -> bool:
    """Say whether the last digit is the check digit of the others."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def key(row: dict[str, str | None]) -> tuple[str | None, str | None]:
    """Return the numbers of a row of the file."""
    return row["n_demande_v2"], row["n_habilitation_v2"]


@pytest.fixture(scope="module")
def tables(defaults: Defaults) -> Tables:
    """Hold the default tables."""
    return read_csv(defaults(DTNUM))


@pytest.fixture(scope="module")
def demandes(tables: Tables) -> dict[str, Json]:
    """Hold the default demandes by id."""
    return {row["demande_id"] or "": loaded(row["payload"]) for row in tables["demandes"]}


# --- the contract and sizes ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "lignes", "demandes"),
    [
        ("", 300, 400),
        ("--lignes 1000", 1000, 1333),
        ("--lignes 1", 1, 1),
        ("--lignes 7 --demandes 0", 7, 0),
        ("--lignes 0 --demandes 5", 0, 5),
        ("--lignes 0", 0, 0),
        ("--lignes 50 --demandes 10", 50, 10),
    ],
)
def test_sizes_are_those_asked_for(
    options: str, lignes: int, demandes: int, tmp_path: Path
) -> None:
    """Whatever the demandes leave open is rows about demandes that are gone."""
    found = read_csv(generate(tmp_path, *options.split()))
    assert (len(found["suivi"]), len(found["demandes"])) == (lignes, demandes)
    numbers = [int(row["ligne_nr"] or 0) for row in found["suivi"]]
    assert sorted(numbers) == list(range(1, lignes + 1))
    ids = [row["demande_id"] for row in found["demandes"]]
    assert len(set(ids)) == len(ids)


def test_bad_rows_come_on_top_of_the_good_ones(tmp_path: Path) -> None:
    """The good rows stay what they are; twice the share is about twice as many bad rows."""
    good = read_csv(generate(tmp_path / "good", "--lignes", "1000"))
    few = read_csv(generate(tmp_path / "few", "--lignes", "1000", "--bad-rows", "0.2"))
    many = read_csv(generate(tmp_path / "many", "--lignes", "1000", "--bad-rows", "0.4"))
    for name, rows in good.items():
        assert few[name][: len(rows)] == many[name][: len(rows)] == rows
    bad = [len(found["suivi"]) - 1000 for found in (few, many)]
    assert 100 < bad[0] < 300
    assert 250 < bad[1] < 550


def test_a_chunk_more_does_not_restart_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dtnum, "CHUNK", 70)
    found = read_csv(generate(tmp_path))
    assert (len(found["suivi"]), len(found["demandes"])) == (300, 400)
    assert sorted(int(row["ligne_nr"] or 0) for row in found["suivi"]) == list(range(1, 301))
    ids = [int(row["demande_id"] or 0) for row in found["demandes"]]
    assert ids == sorted(set(ids))
    permits = [
        p["id"] for row in found["demandes"] for p in loaded(row["payload"])["habilitations"]
    ]
    assert len(permits) == len(set(permits))


# --- what DataPass says --------------------------------------------------------------------------


def test_payloads_are_written_as_the_api_does(tables: Tables, demandes: dict[str, Json]) -> None:
    """Compact, & < > as Rails escapes them, nobody's real address."""
    text = "".join(row["payload"] or "" for row in tables["demandes"])
    assert not set("&<>") & set(text)
    assert all(escape in text for escape in ("\\u0026", "\\u003c", "\\u003e"))
    assert "://" not in text
    assert set(re.findall('@([^"]*)', text)) == {"example.org"}
    for number, demande in demandes.items():
        again = json.dumps(demande, ensure_ascii=False, separators=(",", ":"))
        written = next(row["payload"] for row in tables["demandes"] if row["demande_id"] == number)
        for letter, escape in (("&", "\\u0026"), ("<", "\\u003c"), (">", "\\u003e")):
            again = again.replace(letter, escape)
        assert again == written
        assert str(demande["id"]) == number
        assert INSTANT.fullmatch(demande["created_at"])
        # An hstore: texts or nothing.
        assert {type(value) for value in demande["data"].values()} <= {str, type(None)}
        summer = demande["created_at"][5:7] in ("05", "06", "07", "08", "09")
        winter = demande["created_at"][5:7] in ("12", "01", "02")
        assert not (summer and demande["created_at"].endswith("+01:00"))
        assert not (winter and demande["created_at"].endswith("+02:00"))


def test_events_tell_how_the_state_came_about(demandes: dict[str, Json]) -> None:
    """Newest first; as many habilitations as approvals; the last step fits the state."""
    courses: Counter[tuple[str, ...]] = Counter()
    for demande in demandes.values():
        times = [datetime.fromisoformat(event["created_at"]) for event in demande["events"]]
        assert times == sorted(times, reverse=True)
        assert len(times) == len(set(times))
        assert times[-1] == datetime.fromisoformat(demande["created_at"])
        names = [event["name"] for event in reversed(demande["events"])]
        steps = [name for name in names if name not in ("update", "instructor_message")]
        assert steps[0] == "create"
        assert names.count("approve") == len(demande["habilitations"])
        given = [event["created_at"] for event in demande["events"] if event["name"] == "approve"]
        assert [p["created_at"] for p in demande["habilitations"]] == given[::-1]
        last = {
            "submit": {"submitted"},
            "request_changes": {"changes_requested"},
            "approve": {"validated"},
            "refuse": {"refused", "validated"},
            "archive": {"archived"},
            "revoke": {"revoked"},
            "cancel_reopening": {"validated"},
            "cancel_next_stage": {"validated"},
        }.get(steps[-1], {"draft"})
        assert demande["state"] in last
        assert demande["reopening"] == (
            "reopen" in steps
            and not {"approve", "refuse", "cancel_reopening"}
            & set(steps[len(steps) - steps[::-1].index("reopen") :])
        )
        assert (demande["last_submitted_at"] is None) == ("submit" not in steps)
        courses[tuple(steps[-2:])] += 1
    assert {demande["state"] for demande in demandes.values()} == STATES
    for course in (
        ("submit", "request_changes"),
        ("submit", "refuse"),
        ("approve", "reopen"),
        ("approve", "start_next_stage"),
        ("submit", "cancel_reopening"),
        ("submit", "cancel_next_stage"),
        ("create", "archive"),
        ("submit", "archive"),
        ("approve", "revoke"),
    ):
        assert courses[course], course


def test_demandes_are_of_all_kinds(demandes: dict[str, Json]) -> None:
    """Every API in both environments, every form, states of habilitations, nothing where it may."""
    classes = {
        demande["type"].removeprefix("AuthorizationRequest::") for demande in demandes.values()
    }
    assert {name.removesuffix("Sandbox") for name in classes} == {api.classe for api in APIS}
    assert sum(name.endswith("Sandbox") for name in classes) > 8
    forms = {demande["form_uid"] for demande in demandes.values()}
    assert {form.rsplit("-", 1)[1] for form in forms} == {"sandbox", "production", "editeur"}
    assert all(any(part in form for form in forms) for part, _ in CAS_USAGE)
    permits = [permit for demande in demandes.values() for permit in demande["habilitations"]]
    assert {(permit["state"], permit["revoked"]) for permit in permits} == {
        ("active", False),
        ("obsolete", False),
        ("revoked", True),
        ("obsolete", True),
    }
    for demande in demandes.values():
        assert demande["type"].endswith("Sandbox") == demande["form_uid"].endswith("-sandbox")
    assert any("france_connect_authorization_id" in d["data"] for d in demandes.values())
    assert any(demande["organisation"]["insee_payload"] == {} for demande in demandes.values())
    assert any(
        demande["habilitations"] and demande["state"] == "draft" for demande in demandes.values()
    )


def test_demandeurs_are_plausible() -> None:
    for who in DEMANDEURS:
        assert re.fullmatch("[0-9]{14}", who.siret)
        assert passes_luhn(who.siret), who
        assert passes_luhn(who.siret[:9]), who
    assert len({who.siret for who in DEMANDEURS}) == len(DEMANDEURS)
    # The check itself knows a real one from a mistyped one.
    assert passes_luhn("13002526500013")
    assert not passes_luhn("13002526500031")


def test_words_are_those_of_the_reference_lists() -> None:
    def seed(name: str) -> list[list[str]]:
        path = ROOT / "seeds" / "dtnum" / f"dtnum_{name}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))[1:]

    by_class = {
        f"AuthorizationRequest::{api.classe}{stage}": api.label
        for api in APIS
        for stage in ("", "Sandbox")
    }
    assert dict(map(tuple, seed("apis"))) == by_class
    assert dict(map(tuple, seed("statuts"))) == STATUTS
    assert [tuple(row[1:]) for row in seed("cas_usage")] == list(CAS_USAGE)
    columns = seed("colonnes")
    assert [row[1] for row in columns] == DTNUM.contract["suivi"].split()[1:-1]
    assert [row[0] for row in columns] == [str(number) for number in range(1, 27)]
    assert {row[1] for row in columns if row[3] == "oui"} == set(
        "api environnement date_derniere_soumission_ou_instruction statut nom_projet "
        "description_projet destinataires_donnees date_previsionnelle_ouverture volumetrie "
        "quotas".split()
    )


# --- the file ------------------------------------------------------------------------------------


def test_most_rows_are_demandes_as_they_stood(tables: Tables, demandes: dict[str, Json]) -> None:
    """Of an earlier day; some are over since, some got a habilitation that is not noted yet."""
    kinds: Counter[str] = Counter()
    noted = {key(row) for row in tables["suivi"]}
    for row in tables["suivi"]:
        demande = demandes.get(row["n_demande_v2"] or "")
        if demande is None:
            kinds["gone" if is_number(row["n_demande_v2"]) else "no number"] += 1
            continue
        kinds["known"] += 1
        permits = {str(permit["id"]): permit for permit in demande["habilitations"]}
        if row["n_habilitation_v2"]:
            permit = permits[row["n_habilitation_v2"]]
            kinds["old statut"] += permit["revoked"] and row["statut"] == "Accepté"
            continue
        free = [p for p in permits if (row["n_demande_v2"], p) not in noted]
        # Several candidates are a defect, kept out of good rows.
        assert len(free) <= 1
        kinds["not noted"] += len(free)
        now = STATUTS[demande["state"]]
        kinds["over"] += not free and row["statut"] in WAITING and now not in WAITING
        kinds["old statut"] += row["statut"] != now
    assert kinds["known"] > 260
    assert all(kinds[kind] > 5 for kind in ("gone", "not noted", "old statut", "over")), kinds
    assert kinds["no number"] == 6
    young = {number for number in demandes if number not in {n for n, _ in noted}}
    assert len(young) > 60


def test_the_file_has_lived(tables: Tables) -> None:
    """Notes, messages, old numbers, words for nothing, line feeds, dates by hand, doubles."""
    rows = tables["suivi"]

    def values(column: str) -> set[str | None]:
        return {row[column] for row in rows}

    notes = [json.loads(row["autres_colonnes"]) for row in rows if row["autres_colonnes"]]
    assert {name for note in notes for name in note} == {"Commentaire interne", "Relance"}
    assert {} in notes
    assert None in values("autres_colonnes")
    assert any("\n" in (text or "") for text in values("erreurs"))
    assert any("\n" in (text or "") for text in values("description_projet"))
    assert any("\r\n" in (text or "") for text in values("description_projet"))
    assert any(is_number(text) for text in values("n_datapass_v1"))
    assert values("departement") > PLACEHOLDERS
    assert {None, "NON RENSEIGNE"} < values("n_demande_v2")
    assert any(
        text and not FRENCH.fullmatch(text) for text in values("date_previsionnelle_ouverture")
    )
    assert all(text is None or FRENCH.fullmatch(text) for text in values("date_reception"))
    assert len(values("criticite")) > 2
    assert values("environnement") == {"Bac à sable", "Production", "Unique"}
    assert values("type") == {"Initial", "Avenant", None}
    assert any((text or "").endswith(" FC") for text in values("api"))
    assert values("statut") == set(STATUTS.values()) - {"Brouillon"}
    assert {bool(row["motif_refus"]) for row in rows if row["statut"] == "Refusé"} == {True}
    assert max(Counter(key(row) for row in rows if is_number(row["n_demande_v2"])).values()) == 2
    # The export is not in the order of the file.
    numbers = [int(row["ligne_nr"] or 0) for row in rows]
    assert numbers != sorted(numbers)


def test_events_explain_the_rows_that_datapass_forgot(
    tables: Tables, demandes: dict[str, Json]
) -> None:
    """Asked for where the row waits; every way in which it can end."""
    rows = {row["n_demande_v2"]: row for row in tables["suivi"]}
    ends = set()
    for asked in tables["evenements"]:
        number = asked["demande_id"]
        assert number not in demandes
        assert rows[number]["statut"] in WAITING
        events = loaded(asked["payload"])
        times = [event["created_at"] for event in events]
        assert times == sorted(times, reverse=True)
        ends.add((rows[number]["type"], events[0]["name"]))
    assert {
        ("Initial", "cancel_next_stage"),
        ("Initial", "cancel_reopening"),
        ("Avenant", "refuse"),
        ("Avenant", "cancel_reopening"),
        ("Initial", "archive"),
        ("Avenant", "bulk_update"),
    } == ends


# --- bad rows ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options", [DTNUM.golden.split(), ["--bad-rows", "0.000001"], ["--bad-rows", "0.5"]]
)
def test_bad_rows_have_every_defect(tmp_path: Path, options: list[str]) -> None:
    found = read_csv(generate(tmp_path, *options))
    rows = found["suivi"]
    payloads = [
        (row["demande_id"], row["payload"], loaded(row["payload"])) for row in found["demandes"]
    ]
    good = [
        value for _, _, value in payloads if isinstance(value, dict) and "habilitations" in value
    ]

    # unreadable payloads
    unreadable = {number for number, _, value in payloads if value is ...}
    assert None in {text for number, text, _ in payloads if number in unreadable}
    assert any("\\u0000" in (text or "") for _, text, _ in payloads)
    kinds = {type(value) for _, _, value in payloads if value is not ...}
    assert {list, str, int, type(None), dict} <= kinds
    ids = [value.get("id", ...) for value in good]
    assert {type(id_) for id_ in ids} >= {type(...), type(None), str, int, bool, dict, list}
    assert "" in ids
    assert unreadable & {row["n_demande_v2"] for row in rows}

    # ids that are no numbers
    for column in ("n_demande_v2", "n_habilitation_v2"):
        assert any(row[column] and not is_number(row[column]) for row in rows), column
    assert any(isinstance(id_, str) and id_ and not is_number(id_) for id_ in ids)
    assert PLACEHOLDERS | {None} <= {row["n_demande_v2"] for row in rows}

    # unknown states and APIs
    known = {f"AuthorizationRequest::{a.classe}{s}" for a in APIS for s in ("", "Sandbox")}
    permits = [p for value in good for p in value["habilitations"] or [] if isinstance(p, dict)]
    assert {"AuthorizationRequest::APIImprimfip", None} <= {v.get("type") for v in good} - known
    assert {p["authorization_request_class"] for p in permits} - known
    assert {"suspended", None} <= {value.get("state") for value in good} - STATES
    assert {p["state"] for p in permits if not p["revoked"]} - set(STATUTS)
    assert {p["state"] for p in permits if p["revoked"]} - set(STATUTS)

    # the same demande twice, with the same text and with another
    texts = defaultdict(list)
    for number, text, value in payloads:
        if isinstance(value, dict):
            texts[number].append(text)
    twice = [group for group in texts.values() if len(group) > 1]
    assert {len(set(group)) for group in twice} == {1, 2}

    # several candidates for a row
    noted = {key(row) for row in rows}
    by_id = {str(value.get("id")): value for value in good}
    free = {
        number: len([p for p in value["habilitations"] if (number, str(p["id"])) not in noted])
        for number, value in by_id.items()
        if isinstance(value["habilitations"], list)
        and all(isinstance(p, dict) for p in value["habilitations"])
    }
    assert any(
        free.get(row["n_demande_v2"] or "", 0) > 1 for row in rows if not row["n_habilitation_v2"]
    )
    doubles = Counter(key(row) for row in rows)
    assert any(count > 1 and n in by_id and h for (n, h), count in doubles.items())

    # dates in three formats, 30 February
    days = {str(p["created_at"]) for p in permits}
    for pattern in (
        "[0-9]{2}/[0-9]{2}/20[0-9]{2}",
        "20[0-9]{6}",
        "20[0-9]{2}-[0-9]{2}-[0-9]{2}( .*)?",
    ):
        assert any(re.fullmatch(pattern, day) for day in days), pattern
    assert any(day.startswith("2025-02-30") for day in days)
    assert "30/02/2025" in {row["date_reception"] for row in rows}
    assert any(
        one != other and datetime.fromisoformat(one) == datetime.fromisoformat(other)
        for one, other in pairwise(["2025-03-05T10:00:00+01:00", "2025-03-05T09:00:00Z"])
        if {one, other} <= days
    )

    # events: unreadable, [] and null
    events = [loaded(row["payload"]) for row in found["evenements"]]
    assert {type(value) for value in events} >= {type(...), type(None), dict, str, int, list}
    assert [] in events
    assert None in {row["payload"] for row in found["evenements"]}
    assert max(Counter(row["demande_id"] for row in found["evenements"]).values()) > 1

    # cells and row numbers
    numbers = Counter(row["ligne_nr"] for row in rows)
    assert {None, "douze"} <= set(numbers)
    assert numbers["2"] > 1
    assert any(not any(value for name, value in row.items() if name != "ligne_nr") for row in rows)
    assert any(row["erreurs"] and not row["erreurs"].strip() for row in rows)
    assert any(loaded(row["autres_colonnes"]) is ... for row in rows if row["autres_colonnes"])
    assert any("\r\n" in (row["description_projet"] or "") for row in rows)
    assert {"99999", "42620", "97110"} <= {row["code_postal"] for row in rows}
    assert None in [row["demande_id"] for row in found["demandes"] + found["evenements"]]
