"""The list of postcodes is the official one: known places, and inhabitants where two claim one."""

import csv
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from scripts import ROOT, dtnum_codes_postaux
from scripts.dtnum_codes_postaux import Row, codes_postaux
from scripts.dtnum_demandes import DEMANDEURS

SEED = ROOT / "seeds" / "dtnum" / "dtnum_codes_postaux.csv"
HEADER = "code_postal,code_departement,departement,region"

DEPARTEMENTS = [
    {"code": "75", "region": "11", "nom": "Paris"},
    {"code": "03", "region": "84", "nom": "Allier"},
    {"code": "42", "region": "84", "nom": "Loire"},
    {"code": "2A", "region": "94", "nom": "Corse-du-Sud"},
    {"code": "977", "region": "977", "nom": "Saint-Barthélemy"},
]
REGIONS = [
    {"code": "11", "nom": "Île-de-France"},
    {"code": "84", "nom": "Auvergne-Rhône-Alpes"},
    {"code": "94", "nom": "Corse"},
    {"code": "977", "nom": "Saint-Barthélemy"},
]


def commune(
    departement: str, people: int | None, *postcodes: str, kind: str = ""
) -> dict[str, Any]:
    """Make a commune; without postcodes or people it has no such key, as in the package."""
    made: dict[str, Any] = {"type": kind or "commune-actuelle", "departement": departement}
    if postcodes:
        made["codesPostaux"] = list(postcodes)
    if people is not None:
        made["population"] = people
    return made


COMMUNES = [
    commune("75", 2_000_000, "75002", "75001"),
    commune("75", 16_000, "75001", kind="arrondissement-municipal"),
    commune("42", 500, "42620"),
    # Two small ones have more people than one of middle size.
    commune("03", 400, "42620"),
    commune("03", 200, "42620"),
    commune("42", 9_999, "42620", kind="commune-deleguee"),
    commune("2A", 70_000, "20000"),
    commune("977", None, "97133"),
    commune("977", None),
]
EXPECTED = [
    Row("20000", "2A", "Corse-du-Sud", "Corse"),
    Row("42620", "03", "Allier", "Auvergne-Rhône-Alpes"),
    Row("75001", "75", "Paris", "Île-de-France"),
    Row("75002", "75", "Paris", "Île-de-France"),
    Row("97133", "977", "Saint-Barthélemy", "Saint-Barthélemy"),
]


def package(folder: Path, communes: Sequence[Any] = COMMUNES, version: str = "6.0.0") -> Path:
    """Write an unpacked package."""
    (folder / "data").mkdir(parents=True)
    contents = {
        "package": {"name": "@etalab/decoupage-administratif", "version": version},
        "data/communes": communes,
        "data/departements": DEPARTEMENTS,
        "data/regions": REGIONS,
    }
    for name, content in contents.items():
        path = folder / f"{name}.json"
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def committed() -> dict[str, Row]:
    """Hold the committed list by postcode."""
    with SEED.open(encoding="utf-8", newline="") as file:
        return {line["code_postal"]: Row(**line) for line in csv.DictReader(file)}


# --- a small package -----------------------------------------------------------------------------


def test_most_inhabitants_decide_where_two_departements_share_a_postcode() -> None:
    """Summed over today's communes; what is no commune of today does not count."""
    found = codes_postaux(COMMUNES, DEPARTEMENTS, REGIONS)
    assert found.rows == EXPECTED
    assert found.spanning == ["42620"]


@pytest.mark.parametrize("order", [1, -1])
def test_the_lower_code_decides_where_as_many_live(order: int) -> None:
    tied = [commune("42", 5, "42000"), commune("03", 5, "42000")]
    found = codes_postaux(tied[::order], DEPARTEMENTS, REGIONS)
    assert [row.code_departement for row in found.rows] == ["03"]


def test_the_command_writes_the_list_and_says_how_many_span(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "list.csv"
    folder = package(tmp_path / "package")
    assert dtnum_codes_postaux.main(["--paquet", str(folder), "--out", str(out)]) == 0
    assert out.read_bytes().decode() == "\n".join([HEADER, *map(",".join, EXPECTED), ""])
    assert "5 postcodes; 1 span several départements" in capsys.readouterr().out


def test_without_a_folder_npm_is_asked_and_a_failure_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert dtnum_codes_postaux.main(["--out", str(tmp_path / "list.csv")]) == 2
    said = capsys.readouterr().err
    assert said.startswith("scripts.dtnum_codes_postaux: npm could not fetch @etalab/")
    assert said.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_fetched_package_is_read_like_an_unpacked_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in for npm makes the archive that npm would fetch."""
    folder = package(tmp_path / "package")
    npm = tmp_path / "npm"
    npm.write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/asked\ntar czf x.tgz -C {tmp_path} package\n'
    )
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    out = tmp_path / "list.csv"
    assert dtnum_codes_postaux.main(["--out", str(out)]) == 0
    assert len(out.read_text(encoding="utf-8").splitlines()) == 6
    assert folder.is_dir()
    asked = (tmp_path / "asked").read_text()
    assert asked.startswith("pack @etalab/decoupage-administratif@6.0.0 ")
    assert "://" not in asked


@pytest.mark.parametrize("defect", ["another version", "no file", "no JSON"])
def test_another_package_is_refused(
    defect: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    version = "5.3.0" if defect == "another version" else "6.0.0"
    folder = package(tmp_path / "package", version=version)
    if defect == "no file":
        (folder / "data" / "regions.json").unlink()
    elif defect == "no JSON":
        (folder / "data" / "communes.json").write_text("[")
    out = tmp_path / "list.csv"
    assert dtnum_codes_postaux.main(["--paquet", str(folder), "--out", str(out)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not out.exists()


# --- the committed list --------------------------------------------------------------------------


def test_committed_list_is_written_as_agreed(committed: dict[str, Row]) -> None:
    content = SEED.read_bytes()
    assert content.startswith(HEADER.encode() + b"\n")
    assert b"\r" not in content
    codes = list(committed)
    assert codes == sorted(codes)
    assert len(codes) == content.count(b"\n") - 1 == 6_310
    assert all(re.fullmatch("[0-9]{5}", code) for code in codes)
    assert all(all(row) for row in committed.values())


@pytest.mark.parametrize(
    "row",
    [
        "75001 75 Paris|Île-de-France",
        "75116 75 Paris|Île-de-France",
        "69009 69 Rhône|Auvergne-Rhône-Alpes",
        "13016 13 Bouches-du-Rhône|Provence-Alpes-Côte d'Azur",
        "01000 01 Ain|Auvergne-Rhône-Alpes",
        "20000 2A Corse-du-Sud|Corse",
        "20200 2B Haute-Corse|Corse",
        "97110 971 Guadeloupe|Guadeloupe",
        "97400 974 La Réunion|La Réunion",
        "97600 976 Mayotte|Mayotte",
        "97500 975 Saint-Pierre-et-Miquelon|Saint-Pierre-et-Miquelon",
        "97133 977 Saint-Barthélemy|Saint-Barthélemy",
        "97150 978 Saint-Martin|Saint-Martin",
        "98600 986 Wallis et Futuna|Wallis et Futuna",
        "98714 987 Polynésie française|Polynésie française",
        "98800 988 Nouvelle-Calédonie|Nouvelle-Calédonie",
    ],
)
def test_known_places(row: str, committed: dict[str, Row]) -> None:
    code, departement, names = row.split(" ", 2)
    assert committed[code] == (code, departement, *names.split("|"))


def test_sixteen_postcodes_span_two_departements(committed: dict[str, Row]) -> None:
    """Who has most inhabitants, as the package of 2026 counts them."""
    decided = {
        **dict.fromkeys(("01200", "01410", "01590"), "01"),
        **dict.fromkeys(("05110", "05130", "05160", "05700"), "05"),
        **{"06260": "06", "13780": "13", "21340": "21", "33220": "33", "37160": "37"},
        **{"42620": "42", "43450": "43", "48250": "48", "52100": "52"},
    }
    assert len(decided) == 16
    assert {code: committed[code].code_departement for code in decided} == decided


def test_a_departement_has_one_name_and_one_region(committed: dict[str, Row]) -> None:
    """101 départements and seven places overseas; 13 regions in Europe."""
    names = {row[1:] for row in committed.values()}
    assert len(names) == len({code for code, _, _ in names}) == 96 + 5 + 7
    assert len({region for code, _, region in names if len(code) == 2}) == 13
    assert all(name == region for code, name, region in names if len(code) == 3)


def test_the_generator_knows_the_places_of_its_own_list(committed: dict[str, Row]) -> None:
    for who in DEMANDEURS:
        _, code, name, region = committed[who.code_postal]
        assert (who.departement, who.region) == (f"{name} ({code})", region)
