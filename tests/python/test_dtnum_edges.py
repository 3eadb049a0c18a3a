"""The edges of dtnum: what goes through lire, telecharger, ecrire and adresses arrives whole.

Everything runs in this process, by the command line; DataPass and the address API are a server on
loopback, and waits are short.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import date, datetime
from email.utils import formatdate
from pathlib import Path
from typing import Any

import duckdb
import pytest
import requests
import tenacity
import xlsxwriter
from fake_datapass import CLIENT_ID, SECRET, FakeDataPass, demande
from odfdo import Cell, Document, Row, Table
from python_calamine import CalamineWorkbook

from scripts import dtnum_classeur, dtnum_datapass, dtnum_fichiers
from scripts.dtnum_lecture import as_text

# Said again here, not imported: this is what the contract promises to other systems.
COLUMNS = (
    "n_datapass_v1 n_demande_v2 n_habilitation_v2 n_datapass_fc_rattache api environnement "
    "criticite type cas_usage nom_projet description_projet destinataires_donnees "
    "date_previsionnelle_ouverture volumetrie quotas date_reception "
    "date_derniere_soumission_ou_instruction statut siret_demandeur raison_sociale_demandeur "
    "code_postal ville departement region motif_refus erreurs"
).split()
HEADERS = (
    "N° DataPass v1; N° Demande v2; N° Habilitation v2; N° DataPass FC rattaché; API; "
    "Environnement; Criticité; Type; Modèle pré-rempli / cas d'usage; Nom projet; "
    "Description projet; Destinataires des données; Date prévisionnelle d'ouverture de service; "
    "Volumétrie; Quotas; Date de réception; Date de dernière soumission ou instruction; Statut; "
    "SIRET demandeur; Raison sociale demandeur; Code postal; Ville; Département; Région; "
    "Motif refus; Erreurs"
).split("; ")
SUIVI = ["ligne_nr", *COLUMNS, "autres_colonnes"]
SHEET = "Demandes_accès"
FORMATS = (".xlsx", ".ods")

Grid = list[list[Any]]
Records = list[dict[str, str]]


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Back off in thousandths of a second."""
    monkeypatch.setattr(dtnum_datapass, "WAIT", tenacity.wait_fixed(0.001))


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeDataPass]:
    """Return a server that the environment points to."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with FakeDataPass(120) as server:
        monkeypatch.setenv("DATAPASS_URL", server.url)
        monkeypatch.setenv("DATAPASS_CLIENT_ID", CLIENT_ID)
        monkeypatch.setenv("DATAPASS_CLIENT_SECRET", SECRET)
        monkeypatch.setenv("ADRESSE_URL", f"{server.url}/geo")
        monkeypatch.setattr(dtnum_datapass, "PAGE_ROWS", 20)
        monkeypatch.setattr(dtnum_datapass, "OVERLAP_ROWS", 3)
        yield server


@pytest.fixture
def sleeps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the seconds that were waited; nobody really waits."""
    waited: list[float] = []
    monkeypatch.setattr(dtnum_datapass.time, "sleep", waited.append)
    return waited


Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command; it returns the exit code and what was said."""

    def command(*arguments: object) -> tuple[int, str]:
        code = dtnum_fichiers.main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        text = said.out + said.err
        assert SECRET not in text and "token-" not in text
        assert "Traceback" not in text and text.count("\n") == 1, "one sentence"
        return code, text

    return command


def write(path: Path, grid: Grid, sheet: str = SHEET, **others: Grid) -> Path:
    """Write a spreadsheet, each value as what it is, with the format by the file's ending."""
    contents = {sheet: grid, **others}
    if path.suffix == ".ods":
        document = Document("spreadsheet")
        document.body.clear()
        for name, rows in contents.items():
            table = Table(name)
            for values in rows:
                row = Row()
                row.extend_cells([Cell(None if value == "" else value) for value in values])
                table.append_row(row)
            document.body.append(table)
        document.save(str(path))
        return path
    with xlsxwriter.Workbook(str(path)) as book:
        formats = {
            date: book.add_format({"num_format": "dd/mm/yyyy"}),
            datetime: book.add_format({"num_format": "dd/mm/yyyy hh:mm"}),
        }
        for name, rows in contents.items():
            page = book.add_worksheet(name)
            for y, values in enumerate(rows):
                for x, value in enumerate(values):
                    if isinstance(value, str):
                        page.write_string(y, x, value)
                    elif isinstance(value, bool):
                        page.write_boolean(y, x, value)
                    elif isinstance(value, date):
                        page.write_datetime(y, x, value, formats[type(value)])
                    elif value is not None:
                        page.write_number(y, x, value)
    return path


def records(path: Path) -> Records:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cells(path: Path, sheet: str = SHEET) -> Grid:
    return CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python(False)


def row_of(**values: Any) -> list[Any]:
    return [values.get(column, "") for column in COLUMNS]


def lived_in() -> Grid:
    """Return a file as people leave it: titles, extra columns, kinds of cells, an empty row."""
    header = [*HEADERS, "Commentaire métier", "", "Suivi par", "Taux"]
    return [
        ["Suivi des demandes d'accès", "", "", ""],
        ["N° Demande v2 : voir la colonne B"],
        [],
        ["", "", "mis à jour le", date(2025, 6, 30)],
        header,
        [
            *row_of(
                n_datapass_v1=1234,
                n_demande_v2=5001.0,
                n_habilitation_v2="7001",
                api="Ficoba",
                nom_projet='=HYPERLINK("http://x";"y")',
                description_projet="deux\nlignes  et   blancs\tfin ",
                date_reception=date(2024, 3, 5),
                date_previsionnelle_ouverture="05/03/2024",
                date_derniere_soumission_ou_instruction="2024-03-05",
                statut="Accepté",
                siret_demandeur=13002526500013,
                code_postal="01000",
            ),
            'à rappeler, "vite"',
            "sans titre",
            "Zoé",
            0.25,
        ],
        [],
        [
            *row_of(
                n_demande_v2="5002",
                date_reception="30/02/2024",
                date_previsionnelle_ouverture="5 mars 2024",
                date_derniere_soumission_ou_instruction=datetime(2024, 3, 5, 10, 30),
                volumetrie=1.5,
                quotas=True,
                erreurs="note à la main",
            ),
            "",
            "",
            date(2024, 1, 2),
            "",
        ],
        [*row_of(api="+1", ville="@cmd", statut="-2"), "", "", "", ""],
    ]


# --- lire ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", FORMATS)
def test_lire_keeps_every_cell(tmp_path: Path, run: Run, ending: str) -> None:
    out = tmp_path / "raw_dtnum__suivi.csv"
    code, said = run("lire", write(tmp_path / f"f{ending}", lived_in()), "--sortie", out)
    assert code == 0
    assert "3 rows" in said and "header in row 5" in said and "1 empty rows" in said
    assert out.read_bytes().split(b"\n")[0].decode() == ",".join(SUIVI)
    first, second, third = records(out)
    assert first["ligne_nr"] == "1" and second["ligne_nr"] == "2"
    assert first["n_datapass_v1"] == "1234" and first["n_demande_v2"] == "5001"
    assert first["siret_demandeur"] == "13002526500013" and first["code_postal"] == "01000"
    assert first["nom_projet"] == '=HYPERLINK("http://x";"y")'
    assert first["description_projet"] == "deux\nlignes  et   blancs\tfin "
    assert first["date_reception"] == "05/03/2024"
    assert first["date_previsionnelle_ouverture"] == "05/03/2024"
    assert first["date_derniere_soumission_ou_instruction"] == "2024-03-05"
    assert json.loads(first["autres_colonnes"]) == {
        "Commentaire métier": 'à rappeler, "vite"',
        "(colonne 28)": "sans titre",
        "Suivi par": "Zoé",
        "Taux": "0.25",
    }
    assert "métier" in first["autres_colonnes"], "not escaped"
    assert second["date_reception"] == "30/02/2024"
    assert second["date_previsionnelle_ouverture"] == "5 mars 2024"
    assert second["date_derniere_soumission_ou_instruction"] == "05/03/2024 10:30:00"
    assert second["volumetrie"] == "1.5" and second["quotas"] == "VRAI"
    assert json.loads(second["autres_colonnes"])["Suivi par"] == "02/01/2024"
    assert third["autres_colonnes"] == "" and third["ville"] == "@cmd"


def test_lire_compares_headers_leniently(tmp_path: Path, run: Run) -> None:
    header = [
        "  n°  demande V2\n",
        "Mode\u0300le pré-rempli / cas d\u2019usage",
        "Nº Habilitation\u00a0v2",
        "STATUT",
    ]
    path = write(tmp_path / "f.xlsx", [header, ["1", "x", "2", "y"]], "demandes_accès")
    out = tmp_path / "s.csv"
    code, said = run("lire", path, "--sortie", out)
    assert code == 0 and "not in the file: N° DataPass v1" in said
    (row,) = records(out)
    assert [row[c] for c in ("n_demande_v2", "cas_usage", "n_habilitation_v2", "statut")] == [
        *("1", "x", "2", "y")
    ]
    assert row["autres_colonnes"] == "" and row["api"] == ""


def test_lire_takes_the_row_with_most_headers(tmp_path: Path, run: Run) -> None:
    grid = [["N° Demande v2", "Statut", "API"], HEADERS, row_of(n_demande_v2="1")]
    out = tmp_path / "s.csv"
    assert run("lire", write(tmp_path / "f.xlsx", grid), "--sortie", out)[0] == 0
    assert [row["n_demande_v2"] for row in records(out)] == ["1"]


def test_lire_takes_a_sheet_by_name_and_one_without_rows(tmp_path: Path, run: Run) -> None:
    out = tmp_path / "s.csv"
    path = write(tmp_path / "f.ods", [HEADERS], "Autre")
    assert run("lire", path, "--feuille", "Autre", "--sortie", out)[0] == 0
    assert out.read_text(encoding="utf-8") == ",".join(SUIVI) + "\n"


def _damaged(path: Path) -> Path:
    write(path, lived_in())
    path.write_bytes(path.read_bytes()[:-200])
    return path


def _text(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


BAD_FILES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "missing": (lambda folder: folder / "rien.ods", "does not exist"),
    "a folder": (lambda folder: folder, "is not a file"),
    "no bytes": (lambda folder: _text(folder / "f.xlsx", b""), "is empty"),
    "text": (lambda folder: _text(folder / "f.ods", b"a;b\n1;2\n"), "not a spreadsheet"),
    "cut off": (lambda folder: _damaged(folder / "f.xlsx"), "not a spreadsheet"),
    "no sheet": (
        lambda folder: write(folder / "f.xlsx", lived_in(), "Feuille1", Notes=[["x"]]),
        "has no sheet 'Demandes_accès'; choose with --feuille among: Feuille1, Notes.",
    ),
    "empty sheet": (lambda folder: write(folder / "f.ods", []), "is empty"),
    "no headers": (lambda folder: write(folder / "f.xlsx", [["a", "b"], ["1"]]), "no header row"),
    "one header": (
        lambda folder: write(folder / "f.xlsx", [["N° Demande v2", "b"]]),
        "no header row",
    ),
    "known header twice": (
        lambda folder: write(folder / "f.xlsx", [[*HEADERS, "statut "]]),
        "'statut' twice (columns R and AA)",
    ),
    "other header twice": (
        lambda folder: write(folder / "f.ods", [[*HEADERS, "Note", "note"]]),
        "'note' twice (columns AA and AB)",
    ),
}


@pytest.mark.parametrize("bad", BAD_FILES)
def test_lire_says_what_is_wrong_and_keeps_the_seed(tmp_path: Path, run: Run, bad: str) -> None:
    make, sentence = BAD_FILES[bad]
    out = tmp_path / "seed.csv"
    out.write_text("what was there", encoding="utf-8")
    code, said = run("lire", make(tmp_path), "--sortie", out)
    assert code == 2 and sentence in said
    assert out.read_text(encoding="utf-8") == "what was there"
    assert not list(tmp_path.glob(".*")), "nothing half-written"


def test_options_are_checked(tmp_path: Path, run: Run) -> None:
    path = write(tmp_path / "f.xlsx", lived_in())
    assert run("lire", path, "--sortie", tmp_path / "seed.txt")[0] == 2
    assert run("lire", path, "--sorti", tmp_path / "seed.csv")[0] == 2
    assert run("telecharger", "--siret", "12")[0] == 2
    assert run("adresses", "--limite", "0")[0] == 2
    assert run("effacer")[0] == 2


def test_numbers_and_times_as_text() -> None:
    from datetime import time, timedelta

    assert as_text(1e15) == "1000000000000000"
    assert as_text(0.1 + 0.2) == "0.3"
    assert as_text(-4.0) == "-4"
    assert as_text(datetime(2024, 3, 5, 23, 59, 59, 999_999)) == "06/03/2024"
    assert as_text(time(9, 5)) == "09:05:00"
    assert as_text(timedelta(hours=30)) == "30:00:00"


# --- telecharger ---------------------------------------------------------------------------------


def ids(folder: Path) -> list[str]:
    return [row["demande_id"] for row in records(folder / "raw_dtnum__demandes.csv")]


def test_telecharger_brings_every_demande_once(
    tmp_path: Path, run: Run, fake: FakeDataPass
) -> None:
    fake.demandes.append({"no": "id"})
    fake.demandes.append({"id": "abc", "é": "\ud800", "n": 12345678901234567890})
    code, said = run("telecharger", "--sortie", tmp_path)
    assert code == 0 and "122 demandes" in said
    rows = records(tmp_path / "raw_dtnum__demandes.csv")
    assert [row["demande_id"] for row in rows] == [str(n) for n in range(120, 0, -1)] + ["", "abc"]
    assert rows[0]["payload"] == json.dumps(demande(120), ensure_ascii=False, separators=(",", ":"))
    assert json.loads(rows[-1]["payload"]) == fake.demandes[-1]
    assert not (tmp_path / "raw_dtnum__evenements.csv").exists()


def test_telecharger_passes_filters_on(tmp_path: Path, run: Run, fake: FakeDataPass) -> None:
    arguments = ("--etat", "validated", "refused", "--siret", "000 000 000 00001")
    assert run("telecharger", "--sortie", tmp_path, *arguments)[0] == 0
    assert ids(tmp_path) == [str(n) for n in range(120, 0, -1) if n % 2 and n % 3 == 1]


def test_the_other_address_for_tokens(tmp_path: Path, run: Run, fake: FakeDataPass) -> None:
    fake.token_path = "/api/v1/oauth/token"
    assert run("telecharger", "--sortie", tmp_path)[0] == 0


def test_an_expired_token_is_renewed(tmp_path: Path, run: Run, fake: FakeDataPass) -> None:
    fake.script[3] = (401, {}, b"")
    assert run("telecharger", "--sortie", tmp_path)[0] == 0
    assert fake.tokens == 2 and len(ids(tmp_path)) == 120


@pytest.mark.parametrize("days", [False, True])
def test_retry_after_is_respected(
    tmp_path: Path, run: Run, fake: FakeDataPass, sleeps: list[float], days: bool
) -> None:
    import time

    after = formatdate(time.time() + 30, usegmt=True) if days else "30"
    fake.script[2] = (429, {"Retry-After": after}, b"")
    fake.script[3] = (429, {"Retry-After": "soon"}, b"")
    fake.script[4] = (500, {}, b"")
    fake.script[5] = (200, {}, b'[{"id": 1')  # cut off
    assert run("telecharger", "--sortie", tmp_path)[0] == 0
    assert 28 <= sleeps[0] <= 30 and len(sleeps) == 4 and max(sleeps[1:]) < 1
    assert len(ids(tmp_path)) == 120


def grow(server: FakeDataPass) -> None:
    server.demandes[:0] = [demande(number) for number in (123, 122, 121)]


def shrink(server: FakeDataPass) -> None:
    del server.demandes[5:12]


def test_demandes_that_come_in_meanwhile(tmp_path: Path, run: Run, fake: FakeDataPass) -> None:
    fake.script[3] = grow
    assert run("telecharger", "--sortie", tmp_path)[0] == 0
    assert ids(tmp_path) == [str(n) for n in range(123, 0, -1)]


def test_demandes_that_go_meanwhile(tmp_path: Path, run: Run, fake: FakeDataPass) -> None:
    fake.script[3] = shrink
    assert run("telecharger", "--sortie", tmp_path)[0] == 0
    assert ids(tmp_path) == [str(row["id"]) for row in fake.demandes]


def test_a_page_that_comes_again_once(tmp_path: Path, run: Run, fake: FakeDataPass) -> None:
    fake.script[2] = (200, {}, json.dumps(fake.demandes[17:37]).encode())
    assert run("telecharger", "--sortie", tmp_path)[0] == 0
    assert len(ids(tmp_path)) == 120


@pytest.mark.parametrize("demandes", [1, 2, 19, 20, 21, 37])
@pytest.mark.parametrize("most_rows", [1, 4, 1000])
def test_pages_of_any_size(
    tmp_path: Path, run: Run, fake: FakeDataPass, demandes: int, most_rows: int
) -> None:
    fake.demandes = fake.demandes[:demandes]
    fake.most_rows = most_rows
    assert run("telecharger", "--sortie", tmp_path)[0] == 0
    assert ids(tmp_path) == [str(row["id"]) for row in fake.demandes]


def _same_page(server: FakeDataPass) -> None:
    server.ignores_offset = True


def _nothing(server: FakeDataPass) -> None:
    server.demandes = []


def _refuse(server: FakeDataPass) -> None:
    server.tokens_refused = True


def _always(status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> Any:
    def change(server: FakeDataPass) -> None:
        server.always = (status, headers or {}, body)

    return change


def _fails_at_page(server: FakeDataPass) -> None:
    server.script = {number: (502, {}, b"") for number in range(3, 20)}


FAILURES: dict[str, tuple[Callable[[FakeDataPass], None], str]] = {
    "a page that fails": (_fails_at_page, "the page of demandes at offset 51 failed"),
    "and its status": (_fails_at_page, "(attempts: 6, the last one: status 502)"),
    "the same page for ever": (_same_page, "never held together"),
    "no demande": (_nothing, "lists no demande at all"),
    "credentials": (_refuse, "refuses the credentials (status 401)"),
    "every token refused": (_always(401), "refuses even a new token"),
    "forbidden": (_always(403), "status 403"),
    "no list": (_always(200, body=b'{"error": "x"}'), "no list"),
    "no JSON": (_always(200, body=b"<html>"), "no JSON"),
    "wait two hours": (_always(429, {"Retry-After": "7200"}), "asks to wait 7200 seconds"),
    "elsewhere": (_always(302, {"Location": "http://127.0.0.1:9/"}), "sends us elsewhere"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failed_download_loses_nothing(
    tmp_path: Path, run: Run, fake: FakeDataPass, failure: str
) -> None:
    change, sentence = FAILURES[failure]
    change(fake)
    seeds = [tmp_path / f"raw_dtnum__{name}.csv" for name in ("demandes", "evenements", "suivi")]
    for seed in seeds:
        seed.write_text("n_demande_v2\n7\n", encoding="utf-8")
    code, said = run("telecharger", "--sortie", tmp_path, "--evenements")
    assert code == 2 and sentence in said and said.endswith("nothing was written.\n")
    assert {seed.read_text(encoding="utf-8") for seed in seeds} == {"n_demande_v2\n7\n"}
    assert len(list(tmp_path.iterdir())) == 3


def test_an_interrupted_download_loses_nothing(
    tmp_path: Path, run: Run, fake: FakeDataPass, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = tmp_path / "raw_dtnum__demandes.csv"
    seed.write_text("old", encoding="utf-8")
    pages = iter(range(3))
    send = dtnum_datapass.send

    def interrupted(*arguments: Any, **named: Any) -> Any:
        if next(pages, None) is None:
            raise KeyboardInterrupt
        return send(*arguments, **named)

    monkeypatch.setattr(dtnum_datapass, "send", interrupted)
    assert run("telecharger", "--sortie", tmp_path)[0] == 130
    assert seed.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [seed]


def test_a_server_that_is_not_there(
    tmp_path: Path, run: Run, fake: FakeDataPass, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATAPASS_URL", "http://127.0.0.1:9")
    code, said = run("telecharger", "--sortie", tmp_path)
    assert code == 2 and "no answer (ConnectionError)" in said


@pytest.mark.parametrize("url", ["http://datapass.example", "ftp://x", "datapass", "https://"])
def test_secrets_go_only_where_they_are_safe(
    tmp_path: Path, run: Run, fake: FakeDataPass, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("DATAPASS_URL", url)
    code, said = run("telecharger", "--sortie", tmp_path)
    assert code == 2 and "https://" in said


def test_missing_credentials_are_named(
    tmp_path: Path, run: Run, fake: FakeDataPass, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATAPASS_CLIENT_ID", "")
    code, said = run("telecharger", "--sortie", tmp_path)
    assert code == 2 and "set DATAPASS_CLIENT_ID in the environment" in said
    assert not fake.requests


def test_a_netrc_does_not_replace_the_token(
    tmp_path: Path, run: Run, fake: FakeDataPass, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    assert requests.utils.get_netrc_auth(fake.url), "requests would use it"
    assert run("telecharger", "--sortie", tmp_path)[0] == 0


def test_the_proxy_of_the_environment_is_used(
    tmp_path: Path, run: Run, fake: FakeDataPass, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("http_proxy", "http://user:pass-word@127.0.0.1:9")
    code, said = run("telecharger", "--sortie", tmp_path)
    assert code == 2 and "ProxyError" in said and "pass-word" not in said


def test_events_of_demandes_that_are_gone(tmp_path: Path, run: Run, fake: FakeDataPass) -> None:
    grid = [HEADERS, *(row_of(n_demande_v2=n) for n in (1, 900, 900, 901, "NON RENSEIGNE", ""))]
    path = write(tmp_path / "f.xlsx", [*grid, row_of(n_demande_v2="902", api="x")])
    out = tmp_path / "seeds"
    assert run("lire", path, "--sortie", out / "raw_dtnum__suivi.csv")[0] == 0
    fake.events = {"900": [{"name": "bulk_update", "note": "é"}], "902": [], "1": [{}]}
    code, said = run("telecharger", "--sortie", out, "--evenements")
    assert code == 0 and "events of 2 out of 3" in said
    assert records(out / "raw_dtnum__evenements.csv") == [
        {"demande_id": "900", "payload": '[{"name":"bulk_update","note":"é"}]'},
        {"demande_id": "902", "payload": "[]"},
    ]


# --- ecrire --------------------------------------------------------------------------------------


def result_folder(folder: Path, seed: Path, origin: str) -> Path:
    """Write the result that a merge with an empty DataPass has (or one that changes nothing)."""
    folder.mkdir()
    rows = records(seed)
    order = [{**row, "ordre": n, "origine": origin} for n, row in enumerate(rows, start=1)]
    rest = []
    if origin == "suivi_sans_correspondance":
        rest = [{"moment": moment, **row} for row in rows for moment in ("avant", "apres")]
    write_result(folder, order, rest, [])
    return folder


def write_result(folder: Path, rows: list[Any], rest: list[Any], datapass: list[Any]) -> None:
    lines_columns = [
        column
        for column in COLUMNS
        if column not in ("n_datapass_v1", "departement", "region", "motif_refus", "erreurs")
    ]
    for name, columns, content in (
        ("suivi_mis_a_jour", [*SUIVI[1:], "ordre", "origine"], rows),
        ("reste_suivi", ["moment", *SUIVI], rest),
        ("reste_datapass", ["motif", "etat", *lines_columns], datapass),
    ):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="", extrasaction="ignore")
            writer.writeheader()
            writer.writerows(content)


@pytest.mark.parametrize("origin", ["fusion", "suivi_sans_correspondance"])
@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("model_ending", FORMATS)
def test_a_round_trip_changes_nothing(
    tmp_path: Path, run: Run, origin: str, ending: str, model_ending: str
) -> None:
    model = write(tmp_path / f"m{model_ending}", lived_in(), Listes=[["a", 1], ["=b"]])
    seed = tmp_path / "raw_dtnum__suivi.csv"
    assert run("lire", model, "--sortie", seed)[0] == 0
    folder = result_folder(tmp_path / "result", seed, origin)
    out = tmp_path / f"out{ending}"
    assert run("ecrire", "--csv", folder, "--modele", model, "--sortie", out)[0] == 0
    again = tmp_path / "again.csv"
    assert run("lire", out, "--sortie", again)[0] == 0
    assert again.read_bytes() == seed.read_bytes()
    # what stands above the headers, the headers, and the kinds of the cells
    before, after = cells(model), cells(out)
    assert [r[:30] for r in after[:5]] == [r[:30] for r in before[:5]]
    place = HEADERS.index("Date de réception")
    assert after[5][place] == date(2024, 3, 5) and after[6][place] == "30/02/2024"
    assert after[5][HEADERS.index("Date prévisionnelle d'ouverture de service")] == date(2024, 3, 5)
    assert after[5][HEADERS.index("SIRET demandeur")] == 13002526500013.0
    assert cells(out, "Listes") == [["a", 1.0], ["=b", ""]]
    summary = dict(r[:2] for r in cells(out, "Synthèse") if len(r) > 1 and r[0])
    assert summary["Cellules modifiées"] == 0 and summary["Total"] == 0
    # and once more, with its own output as the model
    twice = tmp_path / f"twice{ending}"
    assert run("ecrire", "--csv", folder, "--modele", out, "--sortie", twice)[0] == 0
    names = CalamineWorkbook.from_path(twice).sheet_names
    assert names == [SHEET, "Listes", "Synthèse", "reste_suivi", "reste_datapass"]
    assert run("lire", twice, "--sortie", again)[0] == 0
    assert again.read_bytes() == seed.read_bytes()


def merged(tmp_path: Path, run: Run, model: Path) -> Path:
    """Write a result with a changed row, a gained habilitation, a leftover and a new row."""
    seed = tmp_path / "raw_dtnum__suivi.csv"
    assert run("lire", model, "--sortie", seed)[0] == 0
    one, two, three = records(seed)
    rows = [
        {**one, "statut": "Révoqué", "date_reception": "06/04/2024", "ordre": 1},
        {**two, "n_habilitation_v2": "7002", "erreurs": "note à la main\nAPI inconnue : X"},
        {"n_demande_v2": "6000", "date_reception": "01/02/2025", "nom_projet": "=1+1"},
        {**three, "erreurs": "N° Demande v2 vide"},
    ]
    origins = ("fusion", "nouvelle_habilitation", "nouvelle_demande", "suivi_sans_correspondance")
    for number, (row, origin) in enumerate(zip(rows, origins, strict=True), start=1):
        row |= {"ordre": number, "origine": origin}
    rest = [{"moment": "avant", **three}, {"moment": "apres", **three, "erreurs": "x"}]
    left = {"motif": "brouillon", "etat": "demande", "n_demande_v2": "6001"}
    folder = tmp_path / "result"
    folder.mkdir()
    # not in order: ordre says which is first
    write_result(folder, rows[::-1], rest, [left])
    return folder


def test_changed_cells_and_new_rows_are_marked(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = write(tmp_path / "m.ods", lived_in())
    folder = merged(tmp_path, run, model)
    sheets = dtnum_classeur.sheets(dtnum_classeur.from_csv(folder), model, SHEET)
    marked = {
        (y, x): mark
        for y, row in enumerate(sheets[0].rows)
        for x, (_, mark) in enumerate(row)
        if mark and y > 4
    }
    place = {column: COLUMNS.index(column) for column in COLUMNS}
    assert {key for key, mark in marked.items() if mark == "changed"} == {
        (5, place["statut"]),
        (5, place["date_reception"]),
        (6, place["n_habilitation_v2"]),
        (6, place["erreurs"]),
        (8, place["erreurs"]),
    }
    assert {key for key, mark in marked.items() if mark == "new"} == {(7, x) for x in range(30)}
    summary = {row[0][0]: row[1][0] for row in sheets[1].rows if len(row) > 1}
    assert summary["Lignes du suivi fusionnées avec DataPass"] == 1
    assert summary["Nouvelles lignes venues de DataPass"] == 1
    assert summary["Lignes du suivi sans correspondance dans DataPass"] == 1
    assert summary["API inconnue : X"] == 1 and summary["N° Demande v2 vide"] == 1
    assert summary["Autre texte, saisi à la main"] == 1
    assert summary["Brouillon"] == 1 and summary["Cellules modifiées"] == 5


@pytest.mark.parametrize("ending", FORMATS)
def test_the_file_has_colours_dates_and_no_formula(tmp_path: Path, run: Run, ending: str) -> None:
    import zipfile

    model = write(tmp_path / "m.xlsx", lived_in())
    folder = merged(tmp_path, run, model)
    out = tmp_path / f"out{ending}"
    assert run("ecrire", "--csv", folder, "--modele", model, "--sortie", out)[0] == 0
    with zipfile.ZipFile(out) as archive:
        text = "".join(archive.read(name).decode() for name in archive.namelist() if ".xml" in name)
    assert "<f>" not in text and "table:formula" not in text
    assert "FFF2AB" in text.upper() and "D5F0D0" in text.upper()
    after = cells(out)
    place = HEADERS.index("Date de réception")
    assert after[5][place] == date(2024, 4, 6) and after[7][place] == date(2025, 2, 1)
    assert after[7][HEADERS.index("Nom projet")] == "=1+1"
    assert after[5][26:30] == ['à rappeler, "vite"', "sans titre", "Zoé", 0.25]
    rest = cells(out, "reste_suivi")
    assert rest[0][:2] == ["moment", "ligne_nr"] and [r[0] for r in rest[1:]] == ["avant", "apres"]
    assert cells(out, "reste_datapass")[1][:3] == ["brouillon", "demande", "6001"]


def test_a_column_that_the_file_lacks_is_added(tmp_path: Path, run: Run) -> None:
    model = write(tmp_path / "m.xlsx", [["N° Demande v2", "Statut", "Note", "API"], ["1", "a"]])
    folder = tmp_path / "result"
    folder.mkdir()
    row = {"n_demande_v2": "1", "statut": "a", "ville": "Lyon", "ordre": 1, "origine": "fusion"}
    write_result(folder, [row], [], [])
    out = tmp_path / "out.ods"
    assert run("ecrire", "--csv", folder, "--modele", model, "--sortie", out)[0] == 0
    assert cells(out) == [
        ["N° Demande v2", "Statut", "Note", "API", "Ville"],
        ["1", "a", "", "", "Lyon"],
    ]


def test_the_first_row_of_a_key_is_the_merged_one() -> None:
    def row(d: str, h: str | None, origin: str = "", number: int = 0) -> dict[str, Any]:
        keys = {"n_datapass_v1": None, "n_demande_v2": d, "n_habilitation_v2": h}
        return {**keys, "autres_colonnes": None, "origine": origin, "ligne_nr": number}

    file_rows = [row("1", None), row("1", None), row("1", None), row("2", "3"), row("2", "3")]
    rest = [{**row("1", None, number=3), "moment": "avant"}]
    rest.append({**row("2", "3", number=5), "moment": "avant"})
    rows = [
        row("1", "9", "nouvelle_habilitation"),
        row("1", None, "fusion"),
        row("1", None, "suivi_sans_correspondance"),
        row("2", "3", "fusion"),
        row("2", "3", "suivi_sans_correspondance"),
        row("8", "3", "nouvelle_demande"),
    ]
    result = dtnum_classeur.Result(rows, rest, [])
    assert dtnum_classeur.origins(result, file_rows) == [1, 0, 2, 3, 4, None]


def test_ecrire_reads_duckdb(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    model = write(tmp_path / "m.xlsx", lived_in())
    folder = merged(tmp_path, run, model)
    base = tmp_path / "f.duckdb"
    out = tmp_path / "out.xlsx"
    command = ("ecrire", "--base", base, "--modele", model, "--sortie", out)
    code, said = run(*command)
    assert code == 2 and "make build" in said
    monkeypatch.setenv("FLETTE_SCHEMA_PREFIX", "moi_")
    with duckdb.connect(str(base)) as connection:
        connection.execute("create schema moi_dtnum_gold")
        for name in ("suivi_mis_a_jour", "reste_suivi", "reste_datapass"):
            connection.execute(
                f"create table moi_dtnum_gold.{name} as "
                f"from read_csv('{folder}/{name}.csv', all_varchar=true)"
            )
    code, said = run(*command)
    assert code == 0 and "4 rows (1 new)" in said
    assert cells(out)[7][1] == "6000" or cells(out)[7][1] == 6000
    monkeypatch.setenv("FLETTE_SCHEMA_PREFIX", "toi_")
    code, said = run(*command)
    assert code == 2 and "no complete toi_dtnum_gold" in said
    _text(base, b"no database" * 500)
    assert run(*command)[0] == 2


def test_ecrire_refuses_what_does_not_fit(tmp_path: Path, run: Run) -> None:
    model = write(tmp_path / "m.xlsx", lived_in())
    folder = merged(tmp_path, run, model)
    out = tmp_path / "out.xlsx"
    out.write_text("old", encoding="utf-8")

    def refused(sentence: str, **changes: object) -> None:
        options = {"csv": folder, "modele": model, "sortie": out, **changes}
        pairs = [part for name, value in options.items() for part in (f"--{name}", value)]
        code, said = run("ecrire", *pairs)
        assert code == 2 and sentence in said
        assert out.read_text(encoding="utf-8") == "old"

    grid = lived_in()
    refused("not the file", modele=write(tmp_path / "short.xlsx", grid[:-1]))
    grid[5][26] = "edited since"
    refused("not the file", modele=write(tmp_path / "edited.xlsx", grid))
    refused("does not exist", modele=tmp_path / "rien.ods")
    refused("has to end with", sortie=tmp_path / "out.csv")
    refused("does not exist", sortie=tmp_path / "no" / "out.ods")
    refused("does not exist", csv=tmp_path / "no")
    bad = shutil.copytree(folder, tmp_path / "bad")
    (bad / "reste_suivi.csv").write_text("moment\n", encoding="utf-8")
    refused("lacks the column ligne_nr", csv=bad)


def test_texts_that_a_format_cannot_hold(tmp_path: Path, run: Run) -> None:
    grid = [HEADERS, row_of(n_demande_v2="1", description_projet="x" * 40_000, ville="a\x0bb")]
    model = write(tmp_path / "m.ods", [grid[0], [c.replace("\x0b", "") for c in grid[1]]])
    seed = tmp_path / "s.csv"
    assert run("lire", model, "--sortie", seed)[0] == 0
    folder = result_folder(tmp_path / "result", seed, "fusion")
    path = folder / "suivi_mis_a_jour.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",ab,", ",a\x0bb,"), encoding="utf-8")
    code, said = run("ecrire", "--csv", folder, "--modele", model, "--sortie", tmp_path / "o.xlsx")
    assert code == 2 and "write .ods instead" in said and not (tmp_path / "o.xlsx").exists()
    code, said = run("ecrire", "--csv", folder, "--modele", model, "--sortie", tmp_path / "o.ods")
    assert code == 0 and "replaced in 1 cells" in said
    assert cells(tmp_path / "o.ods")[1][COLUMNS.index("ville")] == "a\ufffdb"


# --- adresses ------------------------------------------------------------------------------------


@pytest.fixture
def places(tmp_path: Path) -> Path:
    """Return a folder of seeds with postcodes that the list has and lacks."""
    (tmp_path / "dtnum_codes_postaux.csv").write_text(
        "code_postal,code_departement,departement,region\n01000,01,Ain,Auvergne-Rhône-Alpes\n",
        encoding="utf-8",
    )
    (tmp_path / "raw_dtnum__suivi.csv").write_text(
        "code_postal,ville\n01000,Bourg\n75700,\n75700,Paris\n9740,x\nABCDE,y\n,z\n99999,Nulle\n",
        encoding="utf-8",
    )
    place = {"codePostalEtablissement": "97499", "libelleCommuneEtablissement": "ST DENIS"}
    good = {"organisation": {"insee_payload": {"etablissement": {"adresseEtablissement": place}}}}
    with (tmp_path / "raw_dtnum__demandes.csv").open("w", encoding="utf-8", newline="") as file:
        rows = [["payload"], [json.dumps(good)], ["{"], ["null"], ['{"organisation": null}']]
        csv.writer(file).writerows(rows)
    return tmp_path


FOUND = [
    "code_postal,code_departement,departement,region",
    "75700,75,Paris,Île-de-France",
    "97499,974,La Réunion,La Réunion",
]


def added(folder: Path) -> list[str]:
    path = folder / "dtnum_codes_postaux_ajouts.csv"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def test_adresses_keeps_what_it_finds(places: Path, run: Run, fake: FakeDataPass) -> None:
    fake.contexts = {"75700": "75, Paris, Île-de-France", "97499": "974, La Réunion"}
    official = (places / "dtnum_codes_postaux.csv").read_bytes()
    code, said = run("adresses", "--sortie", places)
    assert code == 0 and "2 of 3 unknown postcodes found" in said
    assert added(places) == FOUND
    assert (places / "dtnum_codes_postaux.csv").read_bytes() == official
    asked = [query for path, query in fake.requests if path == "/geo/search"]
    assert asked[0] == {"q": ["Paris"], "postcode": ["75700"], "limit": ["1"]}
    # what was found is not asked for again
    assert run("adresses", "--sortie", places)[0] == 0
    assert fake.look_ups == 4 and added(places) == FOUND


def test_adresses_never_fails(
    places: Path, run: Run, fake: FakeDataPass, sleeps: list[float]
) -> None:
    fake.contexts = {"75700": "75, Paris, Île-de-France", "97499": "974, La Réunion"}
    fake.address_script = {1: (429, {"Retry-After": "7"}, b""), 2: (200, {}, b"<html>")}
    fake.address_script |= {number: (503, {}, b"") for number in range(3, 30)}
    code, said = run("adresses", "--sortie", places)
    assert code == 0 and "1 of 3" in said and "stopped early" in said
    assert added(places) == FOUND[:2] and sleeps[0] == 7
    # told to wait longer than there is time: stops at once
    fake.address_script = {fake.look_ups: (429, {"Retry-After": "50"}, b"")}
    sleeps.clear()
    code, said = run("adresses", "--sortie", places, "--limite", "20")
    assert code == 0 and not sleeps
    (places / "raw_dtnum__suivi.csv").unlink()
    code, said = run("adresses", "--sortie", places)
    assert code == 0 and "does not exist" in said and added(places) == FOUND[:2]


def test_odd_answers_about_addresses(places: Path, run: Run, fake: FakeDataPass) -> None:
    odd = [b"[]", b'{"features": [{"properties": {"postcode": "1", "context": "1, a, b"}}]}']
    odd.append(b'{"features": [{"properties": {"postcode": "97499", "context": null}}]}')
    fake.address_script = {number: (200, {}, body) for number, body in enumerate(odd)}
    code, said = run("adresses", "--sortie", places)
    assert code == 0 and "0 of 3" in said and added(places) == []
