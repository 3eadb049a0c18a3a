"""The oracle of dtnum: each rule by hand, then what must hold in every world."""

from __future__ import annotations

import functools
import json
import random
from collections import Counter, defaultdict
from typing import Any

import pytest
from dtnum_oracle import (
    LIGNE,
    M1,
    M2,
    M3,
    M4,
    M5,
    M6,
    M7,
    M8,
    SUIVI,
    Output,
    instant,
    is_number,
    read_reference,
    shown_date,
    update,
    with_message,
)
from dtnum_world import world

from scripts import ROOT

REFERENCE = read_reference(ROOT / "seeds" / "dtnum")
FICOBA = "AuthorizationRequest::APIFicoba"
WORLDS = range(60)
PLACEHOLDERS = ("NON RENSEIGNE", "CODE POSTAL NON VALIDE", "SIRET NON VALIDE")
TRAITEMENT = "Traitement en cours par la DGFiP"
Row = dict[str, Any]


def demande(number: str = "1", *habilitations: Row, **more: Any) -> Row:
    submit = {"name": "submit", "created_at": "2024-01-01T10:00:00Z"}
    payload = {"id": number, "type": FICOBA, "state": "validated", "events": [submit]}
    payload |= {"habilitations": list(habilitations)} | more
    return {"demande_id": number, "payload": json.dumps(payload)}


def habilitation(number: str | None = "10", **more: Any) -> Row:
    return {"id": number, "authorization_request_class": FICOBA, "state": "active"} | more


def line(
    number: str | None, habilitation_number: str | None = None, nr: int = 1, **more: Any
) -> Row:
    return {
        "ligne_nr": str(nr),
        "n_demande_v2": number,
        "n_habilitation_v2": habilitation_number,
    } | more


def run(demandes: Any = (), suivi: Any = (), evenements: Any = ()) -> Output:
    return update(list(demandes), list(suivi), list(evenements), REFERENCE)


def lines(*demandes: Row) -> list[Row]:
    return [dict(zip(LIGNE, row, strict=True)) for row in run(demandes).lignes_datapass]


def rows(output: Output) -> list[Row]:
    names = [*SUIVI, "ordre", "origine"]
    return [dict(zip(names, row, strict=True)) for row in output.suivi_mis_a_jour]


def seen(output: Output, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in rows(output)]


# Each rule by hand


def test_a_demande_listed_twice_counts_once_but_two_payloads_are_two():
    assert len(lines(demande(), demande())) == 1
    assert len(lines(demande(), demande(siret=1))) == 2


def test_motifs_of_demandes_without_a_line():
    output = run([
        demande("1", state="draft", events=[]),
        demande("2", habilitation(), state="draft", events=[]),
        demande("3", events=[{"name": "approve"}]),
        {"demande_id": "4", "payload": "{'id': 4}"},
        {"demande_id": "", "payload": "[]"},
    ])  # fmt: skip
    assert output.lignes_datapass == []
    assert [(row[0], row[1], row[2]) for row in output.reste_datapass] == [
        ("brouillon", "demande", "1"),
        ("illisible", "demande", "4"),
        ("illisible", "demande", None),
        ("jamais_soumise", "demande", "2"),
        ("jamais_soumise", "demande", "3"),
    ]
    assert all(row[3:] == (None,) * 20 for row in output.reste_datapass if row[0] == "illisible")


@pytest.mark.parametrize(
    "payload",
    ["", "null", "{}", '{"id": true}', '{"id": "false"}', '{"id": ""}', '{"id": {"a": 1}}',
     '{"id": 1,}', '{"id": 1, "a": NaN}', '{"id": 1} 2', '\ufeff{"id": 1}',
     '{"id": 1, "a": "\\u0000"}', '{"id": 1, "\\ud800": 1}'],
)  # fmt: skip
def test_unreadable_payloads(payload: str):
    assert run([{"demande_id": "1", "payload": payload}]).reste_datapass[0][0] == "illisible"


def test_numbers_are_as_written_and_pairs_of_surrogates_are_fine():
    payload = ' {"id": 12, "events": [{"name": "submit"}], "data": {"intitule": "\\ud83c\\udf89",'
    payload += ' "volumetrie_appels_par_minute": 12.50}}\n'
    found = lines({"demande_id": "x", "payload": payload})[0]
    assert [found[c] for c in ("n_demande_v2", "nom_projet", "volumetrie", "quotas")] == [
        "12", "🎉", "12.50", "12.50"]  # fmt: skip


def test_one_line_per_habilitation_and_the_demande_line_while_it_is_open():
    assert [one["etat"] for one in lines(demande("1"))] == ["demande"]
    assert [one["etat"] for one in lines(demande("1", habilitation()))] == ["habilitation"]
    for state in ("submitted", "changes_requested", "refused"):
        found = lines(demande("1", habilitation("10"), habilitation("11"), state=state))
        assert [one["etat"] for one in found] == ["demande", "habilitation", "habilitation"]


def test_type():
    assert lines(demande())[0]["type"] == "Initial"
    assert lines(demande(reopening="true"))[0]["type"] == "Avenant"
    dates = ["2024-04-01T00:00:00+02:00", "2024-03-31T22:00:00Z", "2024-04-01", "2024-02-30", None]
    parts = [habilitation(str(n), created_at=at) for n, at in enumerate(dates)]
    assert [one["type"] for one in lines(demande("1", *parts))] == [
        "Initial", "Initial", "Avenant", "Avenant", "Avenant"]  # fmt: skip
    assert [one["type"] for one in lines(demande("1", *parts[3:]))] == ["Initial", "Initial"]


def test_environnement():
    sandbox = habilitation(authorization_request_class=FICOBA + "Sandbox")
    assert lines(demande("1", sandbox))[0]["environnement"] == "Bac à sable"
    assert lines(demande("1", sandbox, form_uid="x-editeur"))[0]["environnement"] == "Unique"
    assert lines(demande("1", form_uid="x-Editeur"))[0]["environnement"] == "Production"


def test_api():
    connected = {"france_connect_authorization_id": "812"}
    assert lines(demande(data=connected))[0]["api"] == "Ficoba FC"
    assert lines(demande("1", habilitation(), data=connected))[0]["api"] == "Ficoba"
    found = lines(demande("1", habilitation(authorization_request_class="X", data=connected)))[0]
    assert (found["api"], found["n_datapass_fc_rattache"]) == ("API inconnue FC", "812")


def test_statut():
    found = lines(demande("1", habilitation("1", revoked=True), habilitation("2", state="x")))
    assert [one["statut"] for one in found] == ["Révoqué", "Statut inconnu"]
    assert lines(demande(state="obsolete"))[0]["statut"] == "Accepté"


def test_cas_usage_is_the_first_contained():
    form = "x-carte-transport-cantine-scolaire"
    assert lines(demande(form_uid=form))[0]["cas_usage"] == "CITP - cantine scolaire"
    assert lines(demande())[0]["cas_usage"] == "Saisie libre"


def test_dates_of_a_line():
    events = [
        {"name": "submit", "created_at": "2024-04-01T00:30:00+02:00"},
        {"name": "approve", "created_at": "2024-03-31T22:30:00Z"},
        {"name": "refuse", "created_at": "2025-02-30"},
        {"name": "bulk_update", "created_at": "2026-01-01"},
    ]
    found = lines(demande(events=events, reopened_at="", last_submitted_at="2024-02-30 1"))[0]
    assert found["date_derniere_soumission_ou_instruction"] == "01/04/2024"
    assert found["date_reception"] == "30/02/2024"


def test_shown_date_and_instant():
    assert shown_date("2024-03-05T") == "05/03/2024"
    assert shown_date("2024-03-05X") == "2024-03-05X"
    assert shown_date("2024-03-05\n") == "2024-03-05\n"
    assert shown_date("05/03") == "05/03"
    assert instant("2024-03-05 10:00") == instant("2024-03-05T11:00:00.0000009+0100")
    for text in ("2024-02-30", "2024-03-05T24:00", "2024-03-05T10:00:60", "2024-03-05T10:00+15:00"):
        assert instant(text) is None


def test_organisation():
    etablissement = {
        "uniteLegale": {"denominationUniteLegale": "PARIS"},
        "adresseEtablissement": {"codePostalEtablissement": "75001",
                                 "libelleCommuneEtablissement": "PARIS 1"},
    }  # fmt: skip
    organisation = {"siret": 123, "insee_payload": {"etablissement": etablissement}}
    row = rows(run([demande(organisation=organisation)]))[0]
    names = "siret_demandeur raison_sociale_demandeur code_postal ville departement region".split()
    assert [row[name] for name in names] == [
        "123", "PARIS", "75001", "PARIS 1", "Paris (75)", "Île-de-France"]  # fmt: skip


def test_fusion_takes_the_first_row_of_the_file():
    output = run([demande("1")], [line("1", nr=10), line("1", nr=9, type="Autre")])
    assert seen(output, "type", "origine", "erreurs") == [
        ("Autre", "fusion", M3),
        (None, "suivi_sans_correspondance", f"{M2}\n{M3}"),
    ]


def test_numbers_match_as_texts_and_strange_ids_match_nothing():
    output = run([demande("7"), demande("12a")], [line("007"), line("12a")])
    assert sorted(origine for (origine,) in seen(output, "origine")) == [
        "nouvelle_demande", "nouvelle_demande",
        "suivi_sans_correspondance", "suivi_sans_correspondance"]  # fmt: skip


def test_nouvelle_habilitation_after_the_whole_of_step_1():
    parts = [habilitation("10"), habilitation("11")]
    output = run([demande("1", *parts)], [line("1", nr=1), line("1", "11", nr=2)])
    assert seen(output, "n_habilitation_v2", "origine") == [
        ("10", "nouvelle_habilitation"), ("11", "fusion")]  # fmt: skip


def test_several_lines_for_one_row_are_m4_and_new_rows():
    parts = [habilitation("10"), habilitation("11")]
    output = run([demande("1", *parts)], [line("1")])
    assert seen(output, "n_habilitation_v2", "origine", "erreurs") == [
        ("10", "nouvelle_demande", None), ("11", "nouvelle_demande", None),
        (None, "suivi_sans_correspondance", M4)]  # fmt: skip
    output = run([demande("1"), demande("1", a=1)], [line("1", nr=1), line("1", nr=2)])
    assert Counter(seen(output, "origine", "erreurs")) == {
        ("nouvelle_demande", M3): 2, ("suivi_sans_correspondance", f"{M4}\n{M3}"): 2}  # fmt: skip


def test_supprime_is_no_new_row():
    output = run([demande("1", state="archived")])
    assert (len(output.lignes_datapass), output.suivi_mis_a_jour) == (1, [])
    assert output.reste_datapass[0][:3] == ("supprime", "demande", "1")
    assert seen(run([demande("1", state="archived")], [line("1")]), "statut") == [("Supprimé",)]


def test_values_of_both_sides():
    data = {"intitule": "du DataPass", "description": "", "france_connect_authorization_id": "9"}
    ours = line("1", nom_projet="du suivi", description_projet="reste", criticite="Haute")
    ours |= {"n_datapass_fc_rattache": "8", "motif_refus": "m", "erreurs": "e"}
    ours["autres_colonnes"] = "{}"
    row = rows(run([demande("1", data=data)], [ours]))[0]
    assert [row[c] for c in ("nom_projet", "description_projet", "criticite", "cas_usage")] == [
        "du DataPass", "reste", "Haute", "Saisie libre"]  # fmt: skip
    names = ("n_datapass_fc_rattache", "motif_refus", "erreurs", "autres_colonnes", "api")
    assert [row[c] for c in names] == ["8", "m", "e", "{}", "Ficoba FC"]


def test_unknown_labels_do_not_overwrite_and_get_m6_m7():
    unknown = demande("1", type="X", state=None)
    messages = "API inconnue : X\nStatut inconnu : (vide)"
    assert seen(run([unknown], [line("1", api="A")]), "api", "statut", "erreurs") == [
        ("A", "Statut inconnu", messages)]  # fmt: skip
    assert seen(run([unknown]), "api", "erreurs") == [("API inconnue", messages)]
    revoked = habilitation(state="x", revoked="true")
    assert seen(run([demande("1", revoked)]), "statut", "erreurs") == [("Révoqué", None)]


def test_m1_and_no_events_rule():
    for number in ("", *PLACEHOLDERS):
        row = line(number, statut=TRAITEMENT, type="Initial", erreurs=" \n")
        events = [{"demande_id": number, "payload": '[{"name": "cancel_reopening"}]'}]
        assert seen(run([], [row], events), "statut", "erreurs") == [(TRAITEMENT, M1)]


@pytest.mark.parametrize(
    ("kind", "name", "statut", "motif"),
    [
        ("Initial", "cancel_next_stage", "Supprimé", "m"),
        ("Initial", "cancel_reopening", "Supprimé", "m"),
        ("Initial", "refuse", TRAITEMENT, "m"),
        ("Avenant", "refuse", "Refusé", "Refus de réouverture"),
        ("Avenant", "cancel_reopening", "Supprimé", "m"),
        ("Avenant", "cancel_next_stage", TRAITEMENT, "m"),
        ("initial", "cancel_reopening", TRAITEMENT, "m"),
    ],
)
def test_events_rule(kind: str, name: str, statut: str, motif: str):
    row = line("1", statut=TRAITEMENT, type=kind, motif_refus="m")
    events = [{"demande_id": "1", "payload": json.dumps([{"name": name}])}]
    assert seen(run([], [row], events), "statut", "motif_refus", "erreurs") == [(statut, motif, M2)]


def test_the_latest_event_and_ties():
    row = line("1", "99", statut="Modifications demandées au partenaire", type="Initial")
    cancel = {"name": "cancel_next_stage", "created_at": "2024-01-02T00:00:00+01:00"}
    tie = {"name": "bulk_update", "created_at": "2024-01-01T23:00:00Z"}
    for listed, expected in (([cancel, tie], "Supprimé"), ([tie, cancel], row["statut"])):
        events = [{"demande_id": "1", "payload": json.dumps(listed)}]
        assert seen(run([], [row], events), "statut") == [(expected,)]
    events = [{"demande_id": "1", "payload": json.dumps([tie])}]
    own = demande("1", events=[{"name": "submit"}, cancel], state="archived")
    assert seen(run([own], [row]), "statut") == [("Supprimé",)]
    assert seen(run([own], [row], events), "statut") == [(row["statut"],)]


def test_m8_only_where_the_events_rule_applies():
    for payload, expected in (("{}", f"{M2}\n{M8}"), ("[", f"{M2}\n{M8}"), (" null ", M2),
                              ("", M2), ("[]", M2)):  # fmt: skip
        events = [{"demande_id": "1", "payload": payload}]
        assert seen(run([], [line("1", statut=TRAITEMENT)], events), "erreurs") == [(expected,)]
        assert seen(run([], [line("1", statut="Accepté")], events), "erreurs") == [(M2,)]


def test_m5_replaces_m2_and_m4_wins():
    bad = {"demande_id": "1", "payload": "?"}
    assert seen(run([bad], [line("1")]), "erreurs") == [(M5,)]
    output = run([bad, demande("1"), demande("1", a=1)], [line("1")])
    assert f"{M4}\n{M3}" in [erreurs for (erreurs,) in seen(output, "erreurs")]
    assert seen(run([bad | {"demande_id": "1a"}], [line("1a")]), "erreurs") == [(M2,)]


def test_with_message():
    assert with_message(" \t\r\n", M2) == M2
    assert with_message("\u00a0", M2) == f"\u00a0\n{M2}"
    assert with_message(f"a {M2} b", M2) == f"a {M2} b"
    assert with_message(M6 + "XY", M6 + "X") == M6 + "XY"


def test_regions_fill_placeholders_only():
    given = line(None, code_postal="75001", departement="SIRET NON VALIDE", region="À la main")
    assert seen(run([], [given]), "departement", "region") == [("Paris (75)", "À la main")]
    given["code_postal"] = "99999"
    assert seen(run([], [given]), "departement", "region") == [("SIRET NON VALIDE", "À la main")]


def test_m3_without_numbers():
    output = run([], [{}, line(None, nr=2), line(None, "1", nr=3)])
    assert Counter(seen(output, "erreurs")) == {(f"{M1}\n{M3}",): 2, (M1,): 1}


def test_ordre():
    given = [line("10", nr=1), line("9", nr=2), line("x", nr=3), line(None, nr=4),
             line("5", nr=5, n_datapass_v1="3"), line("09", nr=6)]  # fmt: skip
    output = run([demande("11")], given)
    assert seen(output, "n_demande_v2", "ordre") == [
        ("5", 1), ("9", 2), ("09", 3), ("10", 4), ("11", 5), ("x", 6), (None, 7)]  # fmt: skip

    output = run([demande("7")], [line("7", nr=2), line("07", nr=1)])
    assert seen(output, "n_demande_v2", "origine") == [
        ("7", "fusion"), ("07", "suivi_sans_correspondance")]  # fmt: skip


def test_ties_between_payloads_are_in_the_order_of_their_hashes():
    row = line("1", "99", statut=TRAITEMENT, type="Initial")
    own = {"id": "1", "events": [{"name": "cancel_reopening"}, {"name": "submit"}]}
    other = own | {"events": [{"name": "submit"}]}
    for first_one, second_one, expected in ((own, other, "Supprimé"), (other, own, TRAITEMENT)):
        given = [
            {"demande_id": "b", "payload": json.dumps({"a": 1} | first_one)},
            {"demande_id": "a", "payload": json.dumps({"a": 2} | second_one)},
        ]
        assert ("99", expected) in seen(run(given, [row]), "n_habilitation_v2", "statut")


def test_reste_suivi():
    given = line("1", code_postal="75001", statut=TRAITEMENT, type="Avenant")
    events = [{"demande_id": "1", "payload": '[{"name": "refuse"}]'}]
    after, before = run([], [given, given], events).reste_suivi[1:3]
    expected = dict.fromkeys(SUIVI) | {c: v for c, v in given.items() if c in SUIVI}
    assert before == ("avant", "1", *expected.values())
    expected |= {"statut": "Refusé", "motif_refus": "Refus de réouverture", "erreurs": M2}
    assert after == ("apres", "1", *expected.values())


# What holds in every world


@functools.cache
def inputs(seed: int) -> tuple[list[Row], list[Row], list[Row]]:
    """A world whose lines and file rows can be told apart, by nom_projet and n_datapass_v1."""
    demandes, suivi, evenements = world(random.Random(seed), 20, 30)
    pairs = {(d.get("demande_id") or None, d.get("payload") or None): d for d in demandes}
    for place, given in enumerate(pairs.values()):
        text = given["payload"] or ""
        try:
            payload = json.loads(text)
        except ValueError:
            continue
        if not isinstance(payload, dict) or "NaN" in text or "id" not in payload:
            continue
        found = payload.get("habilitations")
        for number, part in enumerate([payload, *(found if isinstance(found, list) else [])]):
            if isinstance(part, dict):
                data = part.get("data")
                part["data"] = data if isinstance(data, dict) else {}
                part["data"]["intitule"] = f"{place}.{number}"
        given["payload"] = json.dumps(payload)
    for place, row in enumerate(suivi, start=1):
        row["n_datapass_v1"] = str(place)
    return list(pairs.values()), suivi, evenements


@functools.cache
def first(seed: int) -> Output:
    return run(*inputs(seed))


@pytest.mark.parametrize("seed", WORLDS)
def test_every_row_and_every_line_is_in_one_place(seed: int):
    output = first(seed)
    new = rows(output)
    marks = sorted(row["n_datapass_v1"] for row in new if row["n_datapass_v1"])
    assert marks == sorted(row["n_datapass_v1"] for row in inputs(seed)[1])
    assert [row["ordre"] for row in new] == list(range(1, len(new) + 1))
    with_line = [row for row in new if row["origine"] != "suivi_sans_correspondance"]
    places = [row["nom_projet"] for row in with_line]
    name = LIGNE.index("nom_projet")
    places += [row[name + 1] for row in output.reste_datapass if row[0] == "supprime"]
    assert sorted(places) == sorted(row[name] for row in output.lignes_datapass)
    assert len(set(places)) == len(places)
    assert len(output.reste_suivi) == 2 * (len(new) - len(with_line))


@pytest.mark.parametrize("seed", WORLDS)
def test_no_cell_changes_but_by_its_rule(seed: int):
    given = {row["n_datapass_v1"]: row for row in inputs(seed)[1]}
    for row in rows(first(seed)):
        if row["n_datapass_v1"] is None:
            assert row["origine"] == "nouvelle_demande"
            assert row["motif_refus"] is None and row["autres_colonnes"] is None
            continue
        source, alone = given[row["n_datapass_v1"]], row["origine"] == "suivi_sans_correspondance"
        for column in SUIVI:
            before, now = source.get(column) or None, row[column]
            if before == now:
                continue
            assert now is not None, column
            if column == "erreurs":
                assert now.startswith(before or "") or not before.strip(" \t\r\n")
            elif column in ("departement", "region"):
                assert before is None or before in PLACEHOLDERS
            elif alone:
                assert column in ("statut", "motif_refus")
                assert source["statut"].startswith(("Traitement en cours", "Modifications"))
            else:
                assert before is None or column in REFERENCE.datapass_first
                assert column != "motif_refus"
                assert now not in ("API inconnue", "API inconnue FC") or before is None


@pytest.mark.parametrize("seed", WORLDS)
def test_the_order_of_the_inputs_is_nothing(seed: int):
    given = world(random.Random(seed), 20, 30)
    expected = run(*given)
    chance = random.Random(seed)
    assert run(*(chance.sample(table, k=len(table)) for table in given)) == expected


# The merge of its own output


def again(output: Output, demandes: list[Row], evenements: list[Row]) -> Output:
    """Merge the output once more, with the same DataPass."""
    suivi = [row | {"ligne_nr": str(row["ordre"])} for row in rows(output)]
    return run(demandes, suivi, evenements)


def corners(output: Output) -> dict[str, set[str | None]]:
    """Find the demandes for which a second merge is not the first's output.

    Args:
        output: The first merge.

    Returns:
        The numbers of the demandes, per corner:
        - numero: a row has got a line whose number is none; it cannot be found again, and its line
          is added anew.
        - lignes: several lines with one key that some row has: its rows are M4, its lines are
          added anew.
        - habilitations: M4 without habilitation, whose lines have their own rows by now: it gets
          M2 or M5, or takes the line of statut Supprimé that stays.
        - doublon: of the rows with one key another than the first has got the line.
    """
    found: dict[str, set[str | None]] = defaultdict(set)
    number_of = Counter((row[1], row[2]) for row in output.lignes_datapass)
    by_key: dict[tuple[Any, Any], list[str]] = defaultdict(list)
    for row in rows(output):
        by_key[row["n_demande_v2"], row["n_habilitation_v2"]].append(row["origine"])
    alone = "suivi_sans_correspondance"
    for (demande_nr, habilitation_nr), origines in by_key.items():
        numbers = is_number(demande_nr) and is_number(habilitation_nr or "0")
        if not numbers:
            if set(origines) != {alone}:
                found["numero"].add(demande_nr)
        elif number_of[demande_nr, habilitation_nr] > 1:
            found["lignes"].add(demande_nr)
        elif origines[0] == alone and set(origines) != {alone}:
            found["doublon"].add(demande_nr)
        waits = alone in by_key.get((demande_nr, None), [])
        if waits and "nouvelle_demande" in origines and habilitation_nr is not None:
            found["habilitations"].add(demande_nr)
    return found


def without_origine(output: Output) -> list[tuple[Any, ...]]:
    return [row[:-1] for row in output.suivi_mis_a_jour]


@pytest.mark.parametrize("size", [2, 20, 100])
def test_merging_twice_changes_nothing_but_in_the_corners(size: int):
    quiet = 0
    met: Counter[str] = Counter()
    for seed in WORLDS:
        demandes, suivi, evenements = world(random.Random(seed), size, size + size // 2)
        output = run(demandes, suivi, evenements)
        second = again(output, demandes, evenements)
        found = corners(output)
        met.update(found.keys())
        if not found:
            quiet += 1
            assert without_origine(second) == without_origine(output)
        skipped = set().union(*found.values())
        kept = [
            [row[:-2] for row in one.suivi_mis_a_jour if row[1] not in skipped]
            for one in (output, second)
        ]
        assert kept[0] == kept[1]
    assert quiet > 10 or size > 2
    assert len(met) == 4 or size < 20


def second_of(demandes: list[Row], suivi: list[Row]) -> tuple[set[str], Output, Output]:
    output = run(demandes, suivi)
    return set(corners(output)), output, again(output, demandes, [])


def test_corner_numero():
    found, output, second = second_of([demande("12a")], [])
    assert (found, len(output.suivi_mis_a_jour)) == ({"numero"}, 1)
    assert Counter(seen(second, "origine", "erreurs")) == {
        ("nouvelle_demande", M3): 1, ("suivi_sans_correspondance", f"{M2}\n{M3}"): 1}  # fmt: skip
    found, output, second = second_of([demande("1", habilitation("x"))], [line("1")])
    assert (found, seen(output, "origine")) == ({"numero"}, [("nouvelle_habilitation",)])
    assert len(second.suivi_mis_a_jour) == 2


def test_corner_lignes():
    found, output, second = second_of([demande("1"), demande("1", a=1)], [])
    assert (found, len(output.suivi_mis_a_jour)) == ({"lignes"}, 2)
    assert Counter(seen(second, "origine", "erreurs")) == {
        ("nouvelle_demande", M3): 2, ("suivi_sans_correspondance", f"{M3}\n{M4}"): 2}  # fmt: skip


def test_corner_habilitations():
    parts = [habilitation("10"), habilitation("11")]
    found, _, second = second_of([demande("1", *parts)], [line("1")])
    assert found == {"habilitations"}
    assert seen(second, "n_habilitation_v2", "origine", "erreurs") == [
        ("10", "fusion", None), ("11", "fusion", None),
        (None, "suivi_sans_correspondance", f"{M4}\n{M2}")]  # fmt: skip
    parts[1]["state"] = "archived"
    found, _, second = second_of([demande("1", *parts)], [line("1")])
    assert found == {"habilitations"}
    assert seen(second, "n_habilitation_v2", "origine", "statut", "erreurs") == [
        ("10", "fusion", "Accepté", None),
        ("11", "nouvelle_habilitation", "Supprimé", M4),
    ]


def test_corner_doublon():
    given = [line("1", nr=1, n_datapass_v1="2"), line("1", nr=2, n_datapass_v1="1")]
    found, output, second = second_of([demande("1")], given)
    assert found == {"doublon"}
    names = ("n_datapass_v1", "api", "erreurs")
    assert seen(output, *names) == [("1", None, f"{M2}\n{M3}"), ("2", "Ficoba", M3)]
    assert seen(second, *names) == [("1", "Ficoba", f"{M2}\n{M3}"), ("2", "Ficoba", f"{M3}\n{M2}")]


def test_no_corner_where_events_set_the_statut_or_an_api_is_unknown():
    demandes = [demande("1", type="X", state="x")]
    suivi = [line("1"), line("2", statut=TRAITEMENT, type="Initial", nr=2)]
    events = [{"demande_id": "2", "payload": '[{"name": "cancel_reopening"}]'},
              {"demande_id": "2", "payload": "{}"}]  # fmt: skip
    output = run(demandes, suivi, events)
    assert not corners(output)
    assert seen(output, "statut") == [("Statut inconnu",), ("Supprimé",)]
    assert without_origine(again(output, demandes, events)) == without_origine(output)


def test_the_random_world_meets_every_branch():
    met: Counter[str] = Counter()
    for seed in WORLDS:
        output = first(seed)
        given = {row["n_datapass_v1"]: row for row in inputs(seed)[1]}
        met.update(row[0] for row in output.reste_datapass)
        for row in rows(output):
            source = given.get(row["n_datapass_v1"], {})
            met[row["origine"]] += 1
            for message in (M1, M2, M3, M4, M5, M6, M7, M8):
                before, now = source.get("erreurs") or "", row["erreurs"] or ""
                met[message] += message in now and message not in before
            alone = row["origine"] == "suivi_sans_correspondance"
            if alone and row["statut"] != source.get("statut") and row["statut"]:
                met[f"{source['type']} {row['statut']}"] += 1
            elif alone and (row["statut"] or "").startswith(("Traitement", "Modifications")):
                met["events change nothing"] += 1
    expected = ["brouillon", "jamais_soumise", "illisible", "supprime"]
    expected += ["fusion", "nouvelle_habilitation", "nouvelle_demande", "suivi_sans_correspondance"]
    expected += [M1, M2, M3, M4, M5, M6, M7, M8, "Initial Supprimé", "Avenant Supprimé"]
    expected += ["Avenant Refusé", "events change nothing"]
    assert {name: met[name] for name in expected if met[name] == 0} == {}
    assert set(met) == set(expected)
