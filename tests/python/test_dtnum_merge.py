"""dtnum's models give, on every engine, what a merge row by row gives; and what crosses runs."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path
from typing import Any

import dtnum_oracle
import pytest
from contract import DTNUM
from dtnum_world import world
from generators import read_rows
from harness import Engine, Table, plain, sort_key
from test_dtnum_edges import HEADERS, write

from scripts import ROOT
from scripts.dtnum_fichiers import main as fichiers

REFERENCE = ROOT / "seeds" / "dtnum"
SUIVI = "dtnum_gold.suivi_mis_a_jour"
# how many demandes and file rows a random world has, and how many worlds each engine sees
DEMANDES, LIGNES = 400, 600
WORLDS = {"duckdb": 4, "postgres": 3, "bigquery_emulator": 2}

Tables = dict[str, Table]


def random_tables(seed: int, demandes: int = DEMANDES, lignes: int = LIGNES) -> Tables:
    """Return random inputs by table."""
    names = ("demandes", "suivi", "evenements")
    return dict(zip(names, world(random.Random(seed), demandes, lignes), strict=True))


def by_hand(tables: Tables, reference: Path = REFERENCE) -> dict[str, list[tuple[Any, ...]]]:
    """Return the outputs of the merge row by row, by relation."""
    output = dtnum_oracle.update(**tables, reference=dtnum_oracle.read_reference(reference))
    rows = (
        output.lignes_datapass,
        output.suivi_mis_a_jour,
        output.reste_datapass,
        output.reste_suivi,
    )
    return {
        relation: sorted((tuple(map(plain, row)) for row in those), key=sort_key)
        for relation, those in zip(DTNUM, rows, strict=True)
    }


def outputs(engine: Engine, tables: Tables | None = None) -> dict[str, list[tuple[Any, ...]]]:
    """Build the product, on other inputs if they are given, and return its outputs."""
    if tables is not None:
        engine.write_seeds(tables, "dtnum")
    engine.load("--select", "dtnum")
    return {relation: engine.rows(relation) for relation in DTNUM}


def assert_same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Compare outputs relation by relation, so that a failure names one."""
    for relation, rows in expected.items():
        assert found[relation] == rows, relation


def as_file(rows: list[tuple[Any, ...]]) -> Table:
    """Return the new tracking file as the input of a next run."""
    columns = DTNUM[SUIVI]
    records = [dict(zip(columns, row, strict=True)) for row in rows]
    return [
        {"ligne_nr": str(record["ordre"])}
        | {name: record[name] for name in columns if name not in ("ordre", "origine")}
        for record in records
    ]


def test_random_inputs_give_what_a_person_would_write(engine: Engine) -> None:
    """Every relation, row for row, on worlds in which every rule is met many times."""
    for seed in range(WORLDS[engine.name]):
        tables = random_tables(seed)
        expected = by_hand(tables)
        assert min(map(len, expected.values())) > 50
        assert_same(outputs(engine, tables), expected)


def test_the_order_of_the_input_rows_does_not_matter(engine: Engine) -> None:
    """The file's order is its ligne_nr; DataPass has none."""
    tables = random_tables(100)
    expected = outputs(engine, tables)
    shuffle = random.Random(1).sample
    assert_same(
        outputs(engine, {name: shuffle(rows, len(rows)) for name, rows in tables.items()}),
        expected,
    )


def test_the_output_is_a_file_for_the_next_run(duckdb_engine: Engine) -> None:
    """Runs that each begin with the file of the one before agree with a merge by hand.

    What of it changes nothing, and which rows must change, is said in test_dtnum_oracle.py.
    """
    tables = random_tables(200)
    for _ in range(3):
        expected = by_hand(tables)
        assert_same(outputs(duckdb_engine, tables), expected)
        tables["suivi"] = as_file(expected[SUIVI])


def test_merging_the_output_again_changes_nothing(engine: Engine) -> None:
    """The default data: a second run on its own output finds every line where it is."""
    first = outputs(engine)
    file = as_file(first[SUIVI])
    again = as_file(outputs(engine, {"suivi": file})[SUIVI])
    known = {row["ligne_nr"]: row for row in file}
    changed = [row for row in again if known[row["ligne_nr"]] != row]
    # rows that the first run could not place say so again, some for another reason
    assert len(again) == len(file)
    assert len(changed) == 0


def test_labels_and_priorities_are_lines_of_seeds(duckdb_engine: Engine) -> None:
    """A label, a new API, a use case, a state and a column's priority change without any code."""
    folder = duckdb_engine.project / "seeds" / "dtnum"

    def change(name: str, old: str, new: str) -> None:
        path = folder / f"dtnum_{name}.csv"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    change("apis", "APIFicoba,Ficoba", "APIFicoba,Comptes bancaires")
    change("apis", "classe,libelle\n", "classe,libelle\nAuthorizationRequest::APIImprimfip,IMPR\n")
    change("statuts", "Accepté", "Validé")
    change("cas_usage", "CITP - cantine scolaire", "Cantines")
    change("colonnes", "Nom projet,oui", "Nom projet,non")
    change("colonnes", "Type,non", "Type,oui")
    tables = random_tables(300)
    expected = by_hand(tables, folder)
    assert expected != by_hand(tables)
    assert_same(outputs(duckdb_engine, tables), expected)


def test_empty_inputs_give_empty_outputs(engine: Engine) -> None:
    """Nothing asked for, nothing tracked."""
    assert_same(
        outputs(engine, {"demandes": [], "suivi": [], "evenements": []}),
        {relation: [] for relation in DTNUM},
    )


@pytest.mark.parametrize("ending", ["xlsx", "ods"])
def test_from_spreadsheet_to_spreadsheet(
    duckdb_engine: Engine, tmp_path: Path, ending: str
) -> None:
    """`lire`, a build and `ecrire` on the default data; the new file is read as what was built."""
    original, updated = tmp_path / f"suivi.{ending}", tmp_path / f"nouveau.{ending}"
    seed = duckdb_engine.seed("suivi", "dtnum")
    write(original, grid(seed))
    assert fichiers(["lire", str(original), "--sortie", str(seed)]) == 0
    built = outputs(duckdb_engine)
    command = ["ecrire", "--base", str(duckdb_engine.path), "--modele", str(original)]
    assert fichiers([*command, "--sortie", str(updated)]) == 0
    again = tmp_path / "again.csv"
    assert fichiers(["lire", str(updated), "--sortie", str(again)]) == 0
    assert_lines_are_kept(as_file(built[SUIVI]), read_rows(again))


def grid(seed: Path) -> list[list[str]]:
    """Return a seed as the spreadsheet that it comes from, other columns by their headers."""
    with seed.open(newline="", encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: int(row["ligne_nr"]))
    known = [name for name in rows[0] if name not in ("ligne_nr", "autres_colonnes")]
    others = [json.loads(row["autres_colonnes"] or "{}") for row in rows]
    headers = list(dict.fromkeys(name for other in others for name in other))
    return [
        [*HEADERS, *headers],
        *(
            [row[name] for name in known] + [other.get(name) or "" for name in headers]
            for row, other in zip(rows, others, strict=True)
        ),
    ]


def assert_lines_are_kept(expected: Table, found: Table) -> None:
    """Compare two files row by row, in the order of the numbers."""
    by_number = sorted(expected, key=lambda row: int(str(row["ligne_nr"])))
    assert len(found) == len(by_number)
    for one, other in zip(by_number, found, strict=True):
        assert other == one
