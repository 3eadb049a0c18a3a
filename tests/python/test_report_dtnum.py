"""What the report says of dtnum is what the new file has, and every figure draws."""

from __future__ import annotations

import random
import re
from collections import Counter
from datetime import date, datetime
from typing import Any

import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dtnum_world import world
from harness import Engine, changed_environment

from scripts.report import dtnum
from scripts.report.data import Rows, Warehouse
from scripts.report.figures import Figure, Section, compiled, picture

NAA = "2025-02-03 06:00:00"
NO_ANSWERS: dict[str, Rows] = {
    "suivi": [],
    "periode": [{"premier": None, "dernier": None}],
    "erreurs": [],
    "reste_suivi": [],
    "reste_datapass": [],
}


def asked(engine: Engine) -> dict[str, Rows]:
    """Build a made-up world and ask the analyses."""
    demandes, lignes, evenements = world(random.Random(12), 80, 60)
    engine.write_seeds({"demandes": demandes, "suivi": lignes, "evenements": evenements}, "dtnum")
    engine.load("--select", "dtnum", naa=NAA)
    changes = engine.environment | {"DBT_TARGET_PATH": str(engine.folder / "target")}
    with changed_environment(changes):
        try:
            return Warehouse(engine.target, None).analyses("dtnum")
        finally:
            DuckDBConnectionManager.close_all_connections()


def figure(section: Section, name: str) -> Figure:
    """Return a figure by its name."""
    return next(one for one in section.figures if one.name == f"dtnum-{name}")


def assert_draws(section: Section) -> None:
    """Draw every figure on a desk and on a phone."""
    for one in section.figures:
        if not one.rows:
            assert one.empty is not None
            continue
        vega = compiled(one, section.choices)
        for width in (900, 340):
            svg = picture(vega, one.rows, section.language, width)
            assert re.search(r'class="mark-rect[^"]*role-mark', svg), one.name
            assert not re.search("undefined|null|NaN", svg), one.name


@pytest.mark.parametrize("engine", ["duckdb", "postgres"], indirect=True)
def test_everything_is_counted_as_by_hand(engine: Engine) -> None:
    """In an odd world, on two engines; the order is the same on both, that of bytes."""
    found = asked(engine)

    def gold(relation: str) -> list[dict[str, Any]]:
        columns, rows = engine.query(f"select * from dtnum_gold.{relation}")
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def counted(rows: list[dict[str, Any]], *names: str) -> Counter[Any]:
        return Counter(tuple(row[name] for name in names) for row in rows)

    def answered(name: str, *names: str) -> Counter[Any]:
        rows = found[name]
        keys = [[row[one] for one in names] for row in rows]
        assert keys == sorted(
            keys, key=lambda key: [(one is None, (one or "").encode()) for one in key]
        ), f"{name} is not in order"
        return Counter({tuple(row[one] for one in names): row["nombre"] for row in rows})

    file = gold("suivi_mis_a_jour")
    names = ["origine", "api", "environnement", "statut", "region"]
    assert answered("suivi", *names) == counted(file, *names)
    names = ["moment", "statut", "environnement", "region"]
    assert answered("reste_suivi", *names) == counted(gold("reste_suivi"), *names)

    codes = engine.query("select code_postal, region from dtnum_silver.silver_dtnum__codes_postaux")
    region = dict(codes[1])
    left_over = [row | {"region": region.get(row["code_postal"])} for row in gold("reste_datapass")]
    names = ["motif", "etat", "environnement", "region"]
    assert answered("reste_datapass", *names) == counted(left_over, *names)

    remarked = sorted(
        (row for row in file if row["erreurs"] is not None), key=lambda row: row["ordre"]
    )
    assert [(row["ordre"], row["erreurs"]) for row in found["erreurs"]] == [
        (row["ordre"], row["erreurs"]) for row in remarked
    ]
    assert min(len(file), len(left_over), len(remarked)) > 5

    columns = ("date_reception", "date_derniere_soumission_ou_instruction")
    days = [day for row in file for name in columns if (day := a_day(row[name])) is not None]
    assert found["periode"] == [
        {"premier": min(days).isoformat(), "dernier": max(days).isoformat()}
    ]

    section = dtnum.section(found)
    everything = section.cards.rows[0]
    assert everything["lignes"] == len(file)
    assert everything["absentes"] == len(left_over)
    assert everything["a_corriger"] == sum(bool(row["erreurs"].strip()) for row in remarked)
    assert_draws(section)


def a_day(text: str | None) -> date | None:
    """Read a date as the file writes it; None for what is none."""
    try:
        return datetime.strptime(text or "", "%d/%m/%Y").date()
    except ValueError:
        return None


# --- the section ---------------------------------------------------------------------------------


def row(nombre: int = 1, **different: Any) -> dict[str, Any]:
    """Make one row of the answer `suivi`."""
    made = {"origine": "fusion", "api": "R2P", "environnement": "Production"}
    return made | {"statut": "Accepté", "region": "Corse", "nombre": nombre} | different


def error(ordre: int, erreurs: str, **different: Any) -> dict[str, Any]:
    """Make one row of the answer `erreurs`."""
    made = {name: value for name, value in row().items() if name != "nombre"}
    made |= {"n_demande_v2": None, "n_habilitation_v2": None}
    made |= {"raison_sociale_demandeur": None, "nom_projet": None}
    return {"ordre": ordre} | made | {"erreurs": erreurs} | different


def test_draws_nothing_of_nothing() -> None:
    section = dtnum.section(NO_ANSWERS)
    assert section.headline.own == "Le nouveau suivi est vide."
    assert all(not one.rows and one.empty for one in section.figures)
    for one in section.figures:
        compiled(one, section.choices)
    (card,) = section.cards.rows
    assert card["lignes"] == 0


def test_what_is_missing_has_a_name() -> None:
    nothing = dict.fromkeys(("api", "environnement", "statut", "region"))
    left = {"motif": "illisible", "etat": "demande", "environnement": None, "region": None}
    section = dtnum.section(
        {
            "periode": NO_ANSWERS["periode"],
            "suivi": [row(**nothing)],
            "erreurs": [error(1, "N° Demande v2 vide", **nothing)],
            "reste_suivi": [
                {"moment": moment, "statut": None, "environnement": None, "region": None}
                | {"nombre": 1}
                for moment in ("avant", "apres")
            ],
            "reste_datapass": [left | {"nombre": 1}],
        }
    )
    assert [option.value for option in section.choices[1].options] == ["*", dtnum.NONE]
    assert figure(section, "a-corriger").rows[0]["n_demande_v2"] == ""
    assert_draws(section)


def test_remarks_are_taken_apart() -> None:
    twice = "N° Demande v2 vide\nAPI inconnue : X\r\n\nN° Demande v2 vide\n à la main "
    remarks = [error(7, twice), error(8, " \n"), error(9, "API inconnue : Y")]
    section = dtnum.section(NO_ANSWERS | {"suivi": [row(3)], "erreurs": remarks})
    rows = figure(section, "a-corriger").rows
    assert [(one["ordre"], one["regle"], one["message"]) for one in rows] == [
        (7, "API inconnue", "API inconnue : X"),
        (7, "Autre texte, saisi à la main", "à la main"),
        (7, "N° Demande v2 vide", "N° Demande v2 vide"),
        (9, "API inconnue", "API inconnue : Y"),
    ]
    assert section.cards.rows[0]["a_corriger"] == 2
    rules = {one["regle"]: one["nombre"] for one in figure(section, "erreurs").rows}
    assert rules == {
        "API inconnue": 2,
        "Autre texte, saisi à la main": 1,
        "N° Demande v2 vide": 1,
    }
    assert_draws(section)


def test_a_long_list_is_cut_and_says_so() -> None:
    remarks = [error(number, "N° Demande v2 vide") for number in range(1, 602)]
    section = dtnum.section(NO_ANSWERS | {"suivi": [row(601)], "erreurs": remarks})
    listed = figure(section, "a-corriger")
    assert [one["ordre"] for one in listed.rows] == list(range(1, 501))
    assert "500 premières entrées sur 601" in listed.note.own
    assert sum(one["nombre"] for one in figure(section, "erreurs").rows) == 601


def test_rare_values_count_together() -> None:
    rows = [row(100 - number, api=f"API {number:02}") for number in range(30)]
    section = dtnum.section(NO_ANSWERS | {"suivi": rows})
    counts: Counter[str] = Counter()
    for one in figure(section, "statuts").rows:
        counts[one["api"]] += one["nombre"]
    assert len(counts) == 26
    assert counts["API 24"] == 76
    assert counts["Autres"] == 75 + 74 + 73 + 72 + 71
    assert_draws(section)


def test_statuses_stand_in_the_order_of_a_request() -> None:
    rows = [
        row(statut=statut) for statut in (None, "Zut", "Accepté", "Refusé", "Brouillon", "À voir")
    ]
    section = dtnum.section(NO_ANSWERS | {"suivi": rows})
    scale = figure(section, "statuts").chart.to_dict()["encoding"]["color"]["scale"]
    assert scale["domain"] == ["Brouillon", "Accepté", "Refusé", "Zut", "À voir", dtnum.NONE]
    assert len(set(scale["range"])) == 6
