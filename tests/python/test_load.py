"""`make load`: what the engines take in is what the file says, and a table is loaded or left."""

from __future__ import annotations

import csv
import gc
import itertools
import os
import pickle
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from contract import TILTAK
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from harness import DuckDB, Engine, Row, changed_environment
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts import ROOT, load, load_files, tiltak
from scripts.common import SettingError

NAA = "2025-07-07 12:00:00"
AVDELINGER = "tiltak_raw.gjennomforing_avdelinger"
FILE = "raw_tiltak__gjennomforing_avdelinger.csv"
COLUMNS = ("gjennomforing_id", "avdeling")
ONE_ROW = "gjennomforing_id,avdeling\nG1,Nord\n"

ODD = [
    *("007", "null", "NULL", "  ", " x ", "NA", "1.0", "true", "\\N", "\\.", "#", "'", "\\"),
    *('Sør "indre", øst', "to\nlinjer", "to\r\nlinjer", '"', ",", "\t", "\x1a", "😀"),
]


@contextmanager
def database(engine: Engine) -> Iterator[load.Database]:
    """Return an engine as `scripts.load` sees it."""
    with changed_environment(engine.environment):
        target = load.connect(engine.target, engine.options(), engine.parsed())
        try:
            yield target
        finally:
            target.adapter.cleanup_connections()
            DuckDBConnectionManager.close_all_connections()
            gc.collect()  # the traceback of a refusal would keep the file open


def load_folder(engine: Engine, folder: Path, *select: str) -> dict[str, int]:
    """Load a folder; returns the rows by table."""
    with database(engine) as target:
        loaded = load.load(folder, target, select, quiet=True)
    return {str(table): rows for table, rows in loaded.items()}


def write(folder: Path, text: str | bytes, name: str = FILE) -> Path:
    """Write a file."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def by_name(engine: Engine, relation: str, columns: Sequence[str]) -> list[Row]:
    """Return a relation's rows, the columns in a given order."""
    _, rows = engine.query(f"select {', '.join(columns)} from {relation}")
    return sorted(rows, key=str)


def parquet_of(path: Path, folder: Path) -> None:
    """Write a CSV file as Parquet of text, in which an empty field is NULL or an empty text."""
    with path.open(newline="", encoding="utf-8") as file:
        names, *rows = csv.reader(file)
    nothing = itertools.cycle([None, ""])
    values = [[value or next(nothing) for value in row] for row in rows]
    arrays = [pa.array([row[n] for row in values], pa.string()) for n in range(len(names))]
    folder.mkdir(exist_ok=True)
    pq.write_table(pa.table(arrays, names), folder / f"{path.stem}.parquet", row_group_size=50)


# --- what arrives --------------------------------------------------------------------------------


def test_csv_parquet_and_seeds_are_the_same_rows(engine: Engine, tmp_path: Path) -> None:
    """Two products, and every odd text that a field may hold."""
    odd: list[dict[str, str | None]] = [
        {"gjennomforing_id": f"G{n}", "avdeling": text} for n, text in enumerate(ODD)
    ]
    odd.append({"gjennomforing_id": "G-tom", "avdeling": None})
    engine.write_seeds({"gjennomforing_avdelinger": odd})
    with engine.seed("gjennomforing_avdelinger").open("a", encoding="utf-8", newline="") as file:
        file.write('"G-quoted","""ja"""\nG-retur,"en\rretur"\nG-tom2,""')
    products = ("tiltak", "dtnum")
    engine.build("--select", *(f"raw_{product}__*" for product in products))
    with database(engine) as target:
        tables = [table for table in load.raw_tables(target.manifest) if table.product in products]
    seeds = {}
    for table in tables:
        relation = f"{table.product}_raw.raw_{table.product}__{table.name}"
        seeds[table] = by_name(engine, relation, list(table.types))
        parquet_of(engine.seed(table.name, table.product), tmp_path / table.product)
    texts = dict(engine.rows("tiltak_raw.raw_tiltak__gjennomforing_avdelinger"))
    assert [texts[f"G{n}"] for n in range(len(ODD))] == ODD
    assert (texts["G-quoted"], texts["G-retur"]) == ('"ja"', "en\rretur")
    assert (texts["G-tom"], texts["G-tom2"]) == (None, None)

    for folder in (engine.project / "seeds", tmp_path):
        assert load_folder(engine, folder, *products) == {
            str(table): len(rows) for table, rows in seeds.items()
        }
        for table, expected in seeds.items():
            relation = f"{table.product}_raw.{table.name}"
            assert by_name(engine, relation, list(table.types)) == expected


def test_typed_parquet_of_the_generator_is_its_csv(engine: Engine, tmp_path: Path) -> None:
    """Dates, timestamps with and without fractions and codes become the text of the CSV file."""
    for kind in ("csv", "parquet"):
        size = ["--deltakere", "500", "--gjennomforinger", "20"]
        tiltak.main([*size, "--format", kind, "--out", str(tmp_path / kind), "--quiet"])
    loaded = []
    for kind in ("csv", "parquet"):
        load_folder(engine, tmp_path / kind)
        loaded.append(
            {
                name: engine.rows(f"tiltak_raw.{name}")
                for name in ("gjennomforinger", "tiltakstyper")
            }
            | {"deltaker": engine.rows("tiltak_raw.deltaker_siste_status")}
        )
    assert loaded[0] == loaded[1]


def test_every_type_of_parquet_that_has_a_text(engine: Engine, tmp_path: Path) -> None:
    """Numbers, truth, days, times of every unit, codes, and a column without a value."""
    second = 1_700_000_000
    for array, expected in (
        (pa.array([1, -5, None], pa.int64()), ["1", "-5", None]),
        (pa.array([2**64 - 1, 0, None], pa.uint64()), ["18446744073709551615", "0", None]),
        (pa.array([True, False, None]), ["true", "false", None]),
        (pa.array([0, 19_000, None], pa.date32()), ["1970-01-01", "2022-01-08", None]),
        (
            pa.array([second * 1_000_000, second * 1_000_000 + 500_000, None], pa.timestamp("us")),
            ["2023-11-14 22:13:20", "2023-11-14 22:13:20.500000", None],
        ),
        (
            pa.array([second * 1000, second * 1000 + 1, None], pa.timestamp("ms")),
            ["2023-11-14 22:13:20", "2023-11-14 22:13:20.001000", None],
        ),
        (pa.array(["a", "", None], pa.large_string()), ["a", None, None]),
        (pa.array(["a", "", None]).dictionary_encode(), ["a", None, None]),
        (pa.array([None, None, None]), [None, None, None]),
    ):
        table = pa.table({"avdeling": array, "gjennomforing_id": ["0", "1", "2"]})
        pq.write_table(table, tmp_path / "raw_tiltak__gjennomforing_avdelinger.parquet")
        load_folder(engine, tmp_path)
        rows = by_name(engine, AVDELINGER, COLUMNS)
        assert rows == [(str(n), text) for n, text in enumerate(expected)], array.type


def test_the_header_decides_and_a_file_may_come_in_parts(engine: Engine, tmp_path: Path) -> None:
    """Parts with columns in different order, CRLF, a byte order mark, no last line end."""
    parts = tmp_path / "tiltak" / "gjennomforing_avdelinger"
    write(parts, "\ufeffavdeling,gjennomforing_id\r\nNord,G1\r\n", "1.csv")
    write(parts, '"gjennomforing_id",avdeling\nG2,"S,ør"', "2.csv")
    write(parts, "gjennomforing_id,avdeling\n", "3.csv")
    assert load_folder(engine, tmp_path) == {"tiltak.gjennomforing_avdelinger": 2}
    assert by_name(engine, AVDELINGER, COLUMNS) == [("G1", "Nord"), ("G2", "S,ør")]
    shutil.rmtree(parts)
    write(tmp_path, "gjennomforing_id,avdeling\n")
    assert load_folder(engine, tmp_path) == {"tiltak.gjennomforing_avdelinger": 0}
    assert engine.count(AVDELINGER) == 0


def test_a_field_may_be_long(engine: Engine, tmp_path: Path) -> None:
    """Three megabytes of one text; DuckDB's own limit is two."""
    write(tmp_path, f"gjennomforing_id,avdeling\nG1,{'ø' * 1_500_000}\n")
    load_folder(engine, tmp_path)
    (((_, text),),) = (engine.rows(AVDELINGER),)
    assert text == "ø" * 1_500_000


def test_loading_again_replaces_and_views_go_on(engine: Engine, tmp_path: Path) -> None:
    """What reads the table sees its new rows."""
    write(tmp_path, ONE_ROW)
    load_folder(engine, tmp_path)
    with database(engine) as target, target.adapter.connection_named("view"):
        target.adapter.execute(
            f"create view tiltak_raw.leser as select avdeling from {AVDELINGER}",
            auto_begin=True,
        )
        if engine.name != "bigquery_emulator":
            target.adapter.connections.commit_if_has_connection()
    assert engine.rows("tiltak_raw.leser") == [("Nord",)]
    write(tmp_path, "avdeling,gjennomforing_id\nSør,G2\nØst,G3\n")
    load_folder(engine, tmp_path)
    assert engine.rows("tiltak_raw.leser") == [("Sør",), ("Øst",)]


@pytest.mark.parametrize("name", ["duckdb", "postgres"])
def test_a_build_from_loaded_files_is_a_build_from_seeds(
    name: str, request: pytest.FixtureRequest
) -> None:
    """`kilder: ekte` gives the gold of the seeds."""
    engine = request.getfixturevalue(f"{name}_session")
    engine.drop_everything()
    engine.use_default_seeds()
    engine.load("--select", "tiltak", naa=NAA)
    from_seeds = {relation: engine.rows(relation) for relation in TILTAK}
    assert all(from_seeds[relation] for relation in TILTAK if "avvik" not in relation)
    engine.drop_everything()
    load_folder(engine, ROOT / "seeds", "tiltak")
    models = ("build", "--select", "tiltak", "--exclude-resource-types", "test", "unit_test")
    run = engine.dbt(*models, parse=True, naa=NAA, kilder="ekte")
    assert run.success, run.messages
    assert {relation: engine.rows(relation) for relation in TILTAK} == from_seeds


# --- what is refused -----------------------------------------------------------------------------

HEADER = b"gjennomforing_id,avdeling\n"
FAULTS: dict[str, tuple[bytes, str]] = {
    "a field too few": (
        HEADER + b"G1,Nord\nG2\n",
        "line 3, column 2 (avdeling): the line ends after 1 of 2 fields",
    ),
    "a field too many": (
        HEADER + b"G1,Nord\nG2,Nord,x\n",
        "line 3: it has more than the 2 fields of the header",
    ),
    "a comma at the end": (
        HEADER + b"G1,Nord,\n",
        "line 2: it has more than the 2 fields of the header",
    ),
    "an empty line": (HEADER + b"G1,Nord\n\nG2,Nord\n", "line 3: it is empty, and no row"),
    "an empty line at the end": (HEADER + b"G1,Nord\n\n", "line 3: it is empty, and no row"),
    "what makes up for an empty line": (
        HEADER + b"G1,Nord,\n\n",
        "line 2: it has more than the 2 fields of the header",
    ),
    "an open quote": (
        HEADER + b'G1,"a\nb"\nG2,"Nord\nG3,Nord\n',
        "line 4, column 2 (avdeling): a quote opens here and none closes it",
    ),
    "a quote inside": (
        HEADER + b'G1,No"r"d\n',
        "line 2, column 2 (avdeling): a quote stands in a field that is not quoted; quote the "
        "field and double the quotes inside it",
    ),
    "a blank before a quote": (
        HEADER + b'G1, "Nord"\n',
        "line 2, column 2 (avdeling): a quote stands in a field that is not quoted; quote the "
        "field and double the quotes inside it",
    ),
    "text behind a quote": (
        HEADER + b'G1,"Nor"d\n',
        "line 2, column 2 (avdeling): text follows the closing quote",
    ),
    "a blank behind a quote": (
        HEADER + b'"G1" ,Nord\n',
        "line 2, column 1 (gjennomforing_id): text follows the closing quote",
    ),
    "Latin 1": (
        HEADER + "G1,Nord\nG2,Sør\n".encode("latin-1"),
        "line 3, column 2 (avdeling): it is not UTF-8 text; save the file as UTF-8",
    ),
    "Latin 1 in a quoted field": (
        HEADER + 'G1,"Nord\nSør"\n'.encode("latin-1"),
        "line 3, column 2 (avdeling): it is not UTF-8 text; save the file as UTF-8",
    ),
    "a character 0": (
        HEADER + b"G1,No\0rd\n",
        "line 2, column 2 (avdeling): it holds the character 0, which is no text",
    ),
    "two kinds of line ends": (
        HEADER + b"G1,Nord\r\nG2,Nord\n",
        "line 2, column 2 (avdeling): the line ends in CR and LF, those before it in LF",
    ),
    "a carriage return": (
        HEADER + b"G1,No\rrd\n",
        "line 2, column 2 (avdeling): a carriage return stands outside of quotes",
    ),
    "an end of data": (
        HEADER + b"G1,Nord\n\\.\nG2,Nord\n",
        "line 3, column 2 (avdeling): the line ends after 1 of 2 fields",
    ),
}


def refusal(engine: Engine, folder: Path) -> str:
    """Load a folder and return the sentence that refuses it."""
    with pytest.raises(SettingError) as caught:
        load_folder(engine, folder)
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence


def test_a_faulty_csv_file_is_one_sentence_and_leaves_the_table(
    engine: Engine, tmp_path: Path
) -> None:
    """The sentence is the same on every engine, also for what an engine would forgive."""
    write(tmp_path, ONE_ROW)
    load_folder(engine, tmp_path)
    for fault, (text, where) in FAULTS.items():
        path = write(tmp_path, text)
        expected = f"{path}, {where}; tiltak.gjennomforing_avdelinger is as it was."
        assert refusal(engine, tmp_path) == expected, fault
        assert engine.rows(AVDELINGER) == [("G1", "Nord")], fault


def test_a_faulty_parquet_file_is_one_sentence_and_leaves_the_table(
    engine: Engine, tmp_path: Path
) -> None:
    """A value that is no text, a damaged page, a type without a text."""
    write(tmp_path, ONE_ROW)
    load_folder(engine, tmp_path)
    (tmp_path / FILE).unlink()
    path = tmp_path / "raw_tiltak__gjennomforing_avdelinger.parquet"
    ids = [f"G{n}" for n in range(1000)]

    def with_departments(array: pa.Array) -> None:
        table = pa.table({"gjennomforing_id": ids, "avdeling": array})
        pq.write_table(table, path, row_group_size=400, compression="none", use_dictionary=False)

    latin = pa.array(["Nord"] * 800 + ["Sør".encode("latin-1")] + ["Nord"] * 199, pa.binary())
    damaged = "tiltak.gjennomforing_avdelinger is as it was."
    with_departments(pa.StringArray.from_buffers(1000, *latin.buffers()[1:]))
    assert refusal(engine, tmp_path) == (
        f"{path}, row 801, column 2 (avdeling): it is not UTF-8 text; {damaged}"
    )
    with_departments(pa.array(["Nord"] * 500 + ["No\0rd"] + ["Nord"] * 499))
    assert refusal(engine, tmp_path) == (
        f"{path}, row 501, column 2 (avdeling): it holds the character 0, which is no text; "
        f"{damaged}"
    )
    with_departments(pa.array([0.5] * 1000))
    assert "column 2 (avdeling): the type double has no text" in refusal(engine, tmp_path)
    with_departments(pa.array(["Nord"] * 1000))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    assert f"{path} cannot be read as Parquet" in refusal(engine, tmp_path)
    assert engine.rows(AVDELINGER) == [("G1", "Nord")]


def test_a_table_of_another_make_is_not_replaced(engine: Engine, tmp_path: Path) -> None:
    """Somebody else's table or view stays, and the sentence says what to do."""
    write(tmp_path, ONE_ROW)
    load_folder(engine, tmp_path)
    with database(engine) as target, target.adapter.connection_named("other"):
        for statement in (
            f"drop table {AVDELINGER}",
            f"create table {AVDELINGER} as select 1 as gjennomforing_id",
        ):
            target.adapter.execute(statement, auto_begin=True)
        if engine.name != "bigquery_emulator":
            target.adapter.connections.commit_if_has_connection()
    said = refusal(engine, tmp_path)
    assert "is there with other columns than the contract's (gjennomforing_id text, avd" in said
    assert engine.rows(AVDELINGER) == [(1,)]


BAD_FOLDERS: dict[str, tuple[dict[str, str], str]] = {
    "a column too few": (
        {FILE: "gjennomforing_id\nG1\n"},
        f"/{FILE} lacks the column avdeling; its header must name {', '.join(COLUMNS)}.",
    ),
    "a column too many": (
        {FILE: "gjennomforing_id,avdeling,x\nG1,Nord,1\n"},
        f"/{FILE} has an unknown column x; its header must name {', '.join(COLUMNS)}.",
    ),
    "a column twice": (
        {FILE: "gjennomforing_id,avdeling,avdeling\nG1,Nord,1\n"},
        f"/{FILE} has the column avdeling more than once; its header must name",
    ),
    "no character": (
        {FILE: ""},
        f"/{FILE} is empty; it must begin with the names of its columns.",
    ),
    "no file": ({}, "holds no file of a table of arena or dtnum or saksstatistikk or tiltak or"),
    "an unknown file": ({"kontorer.csv": "a,b\n"}, "/kontorer.csv belongs to no table; name it"),
    "a copy": ({f"{FILE[:-4]}.old.csv": ONE_ROW}, "avdelinger.old.csv belongs to no table; name"),
    "a table of no product": ({"tiltak/kontorer.csv": "a\n"}, "/tiltak/kontorer.csv belongs to no"),
    "another format": (
        {f"{FILE}.gz": "x"},
        f"/{FILE}.gz is neither .csv nor .parquet; write tiltak.gjennomforing_avdelinger as "
        "one of them.",
    ),
    "both formats": (
        {FILE: ONE_ROW, FILE.replace("csv", "parquet"): "x"},
        "both hold tiltak.gjennomforing_avdelinger; keep one of them.",
    ),
    "two places": (
        {FILE: ONE_ROW, "tiltak/gjennomforing_avdelinger.csv": ONE_ROW},
        "both hold tiltak.gjennomforing_avdelinger; keep one of them.",
    ),
    "a file and parts": (
        {FILE: ONE_ROW, f"{FILE[:-4]}-1.csv": ONE_ROW},
        "both hold tiltak.gjennomforing_avdelinger; keep one of them.",
    ),
    "no Parquet": (
        {FILE.replace("csv", "parquet"): "x"},
        "raw_tiltak__gjennomforing_avdelinger.parquet cannot be read as Parquet: ",
    ),
}


@pytest.mark.parametrize(("files", "said"), BAD_FOLDERS.values(), ids=BAD_FOLDERS.keys())
def test_a_folder_that_cannot_be_loaded_is_one_sentence(
    duckdb_session: DuckDB, tmp_path: Path, files: dict[str, str], said: str
) -> None:
    """Nothing is loaded, not even what comes before it."""
    duckdb_session.drop_everything()
    for name, text in files.items():
        write(tmp_path, text, name)
    assert said in refusal(duckdb_session, tmp_path)
    if files:
        write(tmp_path, "bruker_id,innsatsgruppekode\n", "raw_tiltak__vent_person_periode.csv")
        write(tmp_path, "id\n", "raw_tiltak__tiltakstyper.csv")
        refusal(duckdb_session, tmp_path)
    with duckdb.connect(str(duckdb_session.path)) as connection:
        assert connection.sql("select 1 from duckdb_tables()").fetchall() == []


PIECES = st.lists(st.sampled_from([b"a", b'"', b",", b"\n", b"\r\n", b"\r", b"\0", b" "]))


def test_what_duckdb_takes_in_and_the_check_lets_pass_is_csv(
    duckdb_session: DuckDB, tmp_path: Path
) -> None:
    """Whatever the bytes: what passes is CSV, what does not has a place, the rows are Python's."""
    path = tmp_path / "any.csv"
    with database(duckdb_session) as target:
        relation = target.adapter.Relation.create(identifier="loaded")
        copy = target.say("copy_from_csv", relation=relation, columns="a, b", file=str(path))

    @settings(max_examples=400, deadline=None)
    @given(PIECES)
    def holds(pieces: list[bytes]) -> None:
        path.write_bytes(b"a,b\n" + b"".join(pieces))
        fault = load_files.csv_fault(path, ["a", "b"])
        check = load_files.check_csv(path, lambda passed: None)
        with duckdb.connect() as connection:
            connection.execute("create table loaded (a varchar, b varchar)")
            try:
                ((rows,),) = connection.execute(copy).fetchall()
            except duckdb.Error:
                assert fault is not None
                return
            assert check.finish(rows, 2) == (fault is None), fault
            loaded = connection.table("loaded").fetchall()
        if fault is None:
            with path.open(newline="", encoding="utf-8") as file:
                _, *expected = (tuple(text or None for text in row) for row in csv.reader(file))
            assert sorted(loaded, key=str) == sorted(expected, key=str)

    holds()


def test_the_check_sees_the_same_wherever_a_block_ends() -> None:
    """Quotes, doubled quotes and line ends on both sides of a border."""
    text = b'\xef\xbb\xbfa,b\r\n"x""\r\n,""",y\r\n,"z"\r\n'
    for size in range(3, len(text) + 1):
        check = load_files.CsvCheck()
        for first in range(0, len(text), size):
            check.look(text[first : first + size])
        assert check.finish(2, 2), size
        assert not check.finish(3, 2)
        assert not check.finish(2, 3)


# --- the command ---------------------------------------------------------------------------------


def run(engine: Engine, code: str) -> subprocess.CompletedProcess[str]:
    """Run Python code in a process of its own, from the project's folder."""
    variables = {**os.environ, **engine.environment, "DBT_TARGET_PATH": str(engine.folder / "t")}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )


def command(engine: Engine, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command line."""
    given = [*map(str, arguments), "--target", engine.target]
    return run(engine, f"from scripts import load\nexit(load.main({given!r}))")


# where the process dies: what it was about to do
DEATHS = {
    "while the file is read": "load_files.CsvCheck.look",
    "before the transaction ends": "load._require_sound",
}


@pytest.mark.parametrize("death", DEATHS)
@pytest.mark.parametrize("name", ["duckdb", "postgres"])
def test_a_killed_load_leaves_the_table(
    name: str, death: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """SIGKILL with the table emptied and rows on their way: the old ones are there."""
    engine = request.getfixturevalue(f"{name}_session")
    engine.drop_everything()
    write(tmp_path, ONE_ROW)
    load_folder(engine, tmp_path)
    write(tmp_path, HEADER + b"".join(b"G%d,Sor\n" % n for n in range(100_000)))
    parsed = tmp_path.with_suffix(".pickle")
    parsed.write_bytes(pickle.dumps(engine.parsed()))
    died = run(
        engine,
        f"""
import os, pathlib, pickle, signal
from scripts import load, load_files
{DEATHS[death]} = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
manifest = pickle.loads(pathlib.Path({str(parsed)!r}).read_bytes())
database = load.connect({engine.target!r}, {engine.options()!r}, manifest)
load.load(pathlib.Path({str(tmp_path)!r}), database)
""",
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert engine.rows(AVDELINGER) == [("G1", "Nord")]
    assert load_folder(engine, tmp_path) == {"tiltak.gjennomforing_avdelinger": 100_000}
    assert engine.count(AVDELINGER) == 100_000


def test_the_command_says_what_it_did_and_shows_no_bar(
    duckdb_session: DuckDB, tmp_path: Path
) -> None:
    """Rows by table, and which tables had no file; a wrong option or folder is one sentence."""
    duckdb_session.drop_everything()
    write(tmp_path, ONE_ROW)
    write(tmp_path, "id,navn,tiltakskode,arena_tiltakskode\n", "tiltak/tiltakstyper.csv")
    load_folder(duckdb_session, tmp_path)
    (tmp_path / "tiltak" / "tiltakstyper.csv").unlink()
    done = command(duckdb_session, "--from", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    loaded, without = done.stdout.splitlines()
    assert loaded.startswith("tiltak.gjennomforing_avdelinger: 1 rows in ")
    assert without == (
        "tiltak: no file for tiltakstyper, left as it was; no file for deltaker_siste_status, "
        "gjennomforing_nav_enheter, gjennomforinger, vent_person_periode, which a build with "
        "`kilder: ekte` needs and the database lacks"
    )
    for arguments, said in (
        (("--from", tmp_path / "x"), f"--from: '{tmp_path}/x' is no folder.\n"),
        (("--from", tmp_path, "--select", "tv2"), "--select: invalid choice: 'tv2' (choose from "),
        ((), "the following arguments are required: --from.\n"),
    ):
        refused = command(duckdb_session, *arguments)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert refused.stderr.startswith(f"scripts.load: {said}")


def test_a_database_that_is_in_use_is_one_sentence(duckdb_session: DuckDB, tmp_path: Path) -> None:
    """DuckDB allows one process at a time."""
    write(tmp_path, ONE_ROW)
    with duckdb.connect(str(duckdb_session.path)):
        refused = command(duckdb_session, "--from", tmp_path)
    assert refused.returncode == 2
    assert "is in use by another process, and DuckDB allows one at a time" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
