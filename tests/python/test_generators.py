"""All generators keep the same promises: the same bytes, plain CSV, Parquet, one sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from generators import FLAGS, GENERATORS, TIMES, Defaults, digests

from scripts import ROOT, common


def kind_in_tiltak(column: str) -> pa.DataType:
    """Dates are DATE, timestamps TIMESTAMP without a zone, and all else text."""
    if column.endswith("_dato"):
        return pa.date32()
    return pa.timestamp("us") if column.endswith("_tidspunkt") else pa.string()


def kind_in_saksstatistikk(column: str) -> pa.DataType:
    """Times are TIMESTAMP without a zone, flags BOOLEAN, and all else text."""
    if TIMES.match(column):
        return pa.timestamp("us")
    return pa.bool_() if column in FLAGS else pa.string()


def text(_: str) -> pa.DataType:
    """All is text."""
    return pa.string()


@dataclass(frozen=True)
class Promise:
    """What differs between the generators.

    Attributes:
        seeds: The committed seeds have fewer bytes.
        golden: Likewise the inputs in tests/golden.
        few: What to ask for when the bytes of two runs are compared.
        both: What to ask for when CSV and Parquet are compared, each in turn.
        kind: The type that a column has in Parquet unless there are bad rows, if that is promised.
        same_for_all_seeds: Tables that no seed changes.
        returns: Whether a text may hold CR LF.
    """

    seeds: int
    golden: int
    few: str
    both: tuple[str, ...] = ("", "--bad-rows 0.01")
    kind: Callable[[str], pa.DataType] | None = text
    same_for_all_seeds: frozenset[str] = frozenset()
    returns: bool = False


PROMISES = {
    "tiltak": Promise(
        seeds=2_000_000,
        golden=100_000,
        few="--deltakere 2000 --bad-rows 0.01",
        both=(
            "--deltakere 3000 --offices 0219,0335",
            "--deltakere 3000 --offices 0219,0335 --bad-rows 0.01",
        ),
        kind=kind_in_tiltak,
        same_for_all_seeds=frozenset({"tiltakstyper"}),
    ),
    "saksstatistikk": Promise(
        seeds=2_000_000,
        golden=150_000,
        few="--behandlinger 200 --bad-rows 0.01",
        kind=kind_in_saksstatistikk,
    ),
    "dtnum": Promise(
        seeds=1_500_000,
        golden=250_000,
        few="--lignes 100 --bad-rows 0.01",
        returns=True,
    ),
    "tv1": Promise(
        seeds=5_000_000,
        golden=500_000,
        few="--users 60 --days 2 --bad-rows 0.01",
        both=("--users 60 --days 2 --bad-rows 0", "--users 60 --days 2 --bad-rows 0.01"),
        kind=None,
        same_for_all_seeds=frozenset({"segmentation"}),
    ),
    "arena": Promise(
        seeds=600_000,
        golden=600_000,
        few="",
        both=("", "--bad-rows 0", "--pass 2"),
    ),
}


# --- the same bytes ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PROMISES)
def test_committed_seeds_are_what_the_generator_writes(name: str, defaults: Defaults) -> None:
    """Nobody has edited the seeds, and nobody has changed the generator without them."""
    committed = ROOT / "seeds" / name
    written = digests(defaults(GENERATORS[name]))
    assert written.keys() == {GENERATORS[name].file(table) for table in GENERATORS[name].contract}
    assert digests(committed, "raw_*") == written
    assert sum((committed / file).stat().st_size for file in written) < PROMISES[name].seeds


@pytest.mark.parametrize("name", PROMISES)
def test_golden_inputs_are_what_the_generator_writes(name: str, tmp_path: Path) -> None:
    """With bad rows, few of each kind, and small."""
    committed = ROOT / "tests" / "golden" / name / "input"
    written = digests(GENERATORS[name].generate(tmp_path, *GENERATORS[name].golden.split()))
    assert written
    assert written == digests(committed)
    assert sum(path.stat().st_size for path in committed.iterdir()) < PROMISES[name].golden


@pytest.mark.parametrize("file_format", common.FORMATS)
@pytest.mark.parametrize("name", PROMISES)
def test_same_seed_same_bytes_other_seed_other_bytes(
    name: str, file_format: str, tmp_path: Path
) -> None:
    """The seed, and nothing else, decides the bytes."""
    generator = GENERATORS[name]
    options = ["--format", file_format, *PROMISES[name].few.split()]
    one = digests(generator.generate(tmp_path / "one", *options, "--seed", "1"))
    again = digests(generator.generate(tmp_path / "again", *options, "--seed", "1"))
    two = digests(generator.generate(tmp_path / "two", *options, "--seed", "2"))
    assert one.keys() == {generator.file(table, file_format) for table in generator.contract}
    assert one == again
    same = {generator.file(table, file_format) for table in PROMISES[name].same_for_all_seeds}
    assert {file for file in one if one[file] == two[file]} == same


@pytest.mark.parametrize(
    ("name", "options"),
    [(name, options) for name, promise in PROMISES.items() for options in promise.both],
)
def test_csv_and_parquet_hold_the_same_rows(name: str, options: str, tmp_path: Path) -> None:
    """Value for value, in the same order; of the types that are promised, text with bad rows."""
    generator, kind = GENERATORS[name], PROMISES[name].kind
    if kind is not None and "--bad-rows" in options:
        kind = text
    as_csv = generator.read_csv(generator.generate(tmp_path, *options.split()))
    generator.generate(tmp_path, *options.split(), "--format", "parquet")
    for table, columns in generator.contract.items():
        parquet = pq.read_table(tmp_path / generator.file(table, "parquet"))
        assert parquet.column_names == columns.split()
        assert parquet.num_rows == len(as_csv[table]) > 0
        for field in parquet.schema:
            if kind is not None:
                assert field.type == kind(field.name), (table, field.name)
            values = [in_csv(value) for value in parquet[field.name].to_pylist()]
            assert values == [row[field.name] for row in as_csv[table]], (table, field.name)


def in_csv(value: object) -> str | None:
    """Return a value as a CSV file has it."""
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


# --- the contract --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PROMISES)
def test_csv_is_written_as_agreed(name: str, defaults: Defaults) -> None:
    """UTF-8 with LF and a plain header as in the contract."""
    generator = GENERATORS[name]
    for table, columns in generator.contract.items():
        content = (defaults(generator) / generator.file(table)).read_bytes()
        assert content.split(b"\n")[0].decode() == ",".join(columns.split())
        assert content.decode("utf-8")
        assert content.endswith(b"\n")
        assert not content.startswith(b"\xef\xbb\xbf")
        ours = b'"'.join(content.split(b'"')[::2]) if PROMISES[name].returns else content
        assert b"\r" not in ours


# --- bad settings --------------------------------------------------------------------------------

BAD_SETTINGS = {
    "tiltak": {
        "--deltakere -1": "--deltakere: '-1' is not a whole number from 0 to 1000000000.",
        "--deltakere 1e6": "--deltakere: '1e6' is not a whole number from 0 to 1000000000.",
        "--gjennomforinger 0": "--gjennomforinger: '0' is not a whole number from 1 to 100000.",
        "--seed -3": "--seed: '-3' is not a whole number from 0 to 9223372036854775807.",
        "--format xlsx": "--format: invalid choice: 'xlsx'",
        "--offices 0219,219": "--offices: '219' is not one of the offices 0219, 0220,",
        "--offices ,": "--offices: '' is not one of the offices 0219, 0220,",
        "--from 2024-02-30": "--from: '2024-02-30' is not a date written as YYYY-MM-DD",
        "--to 20250101": "--to: '20250101' is not a date written as YYYY-MM-DD",
        "--updated-by yesterday": "--updated-by: 'yesterday' is not a date written as YYYY-MM-DD",
        "--from 2025-01-02 --to 2025-01-01": "--from 2025-01-02 is later than --to 2025-01-01.",
        "--to 2021-12-31": "--to 2021-12-31 leaves no gjennomforing to draw deltakere from,",
        "--bad-rows 0.06": "--bad-rows: '0.06' is not a share from 0 to 0.05.",
        "--bad-rows nan": "--bad-rows: 'nan' is not a share from 0 to 0.05.",
        "--bad-rows 0.01 --deltakere 19": "--bad-rows needs --deltakere 20 or more",
        "--bad-rows 0.01 --gjennomforinger 19": "--bad-rows needs --gjennomforinger 20 or more",
        "--deltaker 5": "unrecognized arguments: --deltaker 5.",
        "--seed": "--seed: expected one argument.",
    },
    "saksstatistikk": {
        "--behandlinger -1": "--behandlinger: '-1' is not a whole number from 0 to 100000000.",
        "--hendelser 0": "--hendelser: '0' is not a whole number from 1 to 100.",
        "--stoppet 1.1": "--stoppet: '1.1' is not a share from 0 to 1.0.",
        "--jobber x": "--jobber: 'x' is not a share from 0 to 1.0.",
        "--format xlsx": "--format: invalid choice: 'xlsx'",
        "--from 2024-02-30": "--from: '2024-02-30' is not a date written as YYYY-MM-DD",
        "--from 2025-01-02 --to 2025-01-01": "--from 2025-01-02 is later than --to 2025-01-01.",
        "--bad-rows 0.06": "--bad-rows: '0.06' is not a share from 0 to 0.05.",
        "--bad-rows 0.01 --behandlinger 39": "--bad-rows needs --behandlinger 40 or more",
        "--bad-rows 0.01 --hendelser 3": "--bad-rows needs --hendelser 4 or more",
        "--bad-rows 0.01 --stoppet 0.03": "--bad-rows needs 10 or more rows of stoppet_behandling",
        "--bad-rows 0.01 --jobber 0": "--bad-rows needs --jobber above 0",
        "--behandling 5": "unrecognized arguments: --behandling 5.",
    },
    "dtnum": {
        "--lignes -1": "--lignes: '-1' is not a whole number from 0 to 10000000.",
        "--lignes 1e3": "--lignes: '1e3' is not a whole number from 0 to 10000000.",
        "--demandes x": "--demandes: 'x' is not a whole number from 0 to 10000000.",
        "--bad-rows 0.6": "--bad-rows: '0.6' is not a share from 0 to 0.5.",
        "--bad-rows nan": "--bad-rows: 'nan' is not a share from 0 to 0.5.",
        "--seed -1": "--seed: '-1' is not a whole number from 0 to",
        "--format xlsx": "--format: invalid choice: 'xlsx'",
        "--ligne 5": "unrecognized arguments: --ligne 5.",
    },
    "tv1": {
        "--users 0": "--users: '0' is not a whole number from 1 to 10000000.",
        "--users 1e6": "--users: '1e6' is not a whole number from 1 to 10000000.",
        "--days 0": "--days: '0' is not a whole number from 1 to 3660.",
        "--days 3 --to 2025-01-03": "--to: not allowed with argument --days.",
        "--from 2025-02-30": "--from: '2025-02-30' is not a date written as YYYY-MM-DD",
        "--from 2025-01-02 --to 2025-01-01": "--from 2025-01-02 is later than --to 2025-01-01.",
        "--to 2199-01-01": "--to 2199-01-01 makes more than 3660 days.",
        "--seed -3": "--seed: '-3' is not a whole number from 0 to 9223372036854775807.",
        "--format xlsx": "--format: invalid choice: 'xlsx'",
        "--bad-rows 0.02": "--bad-rows: '0.02' is not a share from 0 to 0.01.",
        "--bad-rows 0.01 --users 99 --days 1": "--bad-rows needs 100 days of users or more",
        "--config none.toml": "--config: 'none.toml' cannot be read: No such file or directory.",
        "--user 5": "unrecognized arguments: --user 5.",
        "--users": "--users: expected one argument.",
    },
    "arena": {
        "--meldinger 299": "--meldinger: '299' is not a whole number from 300 to 10000000.",
        "--meldinger x": "--meldinger: 'x' is not a whole number from 300 to 10000000.",
        "--pass 0": "--pass: '0' is not a whole number from 1 to 100.",
        "--new 0.2": "--new: '0.2' is not a share from 0 to 0.1.",
        "--format xlsx": "--format: invalid choice: 'xlsx'",
        "--from 2024-02-30": "--from: '2024-02-30' is not a date written as YYYY-MM-DD",
        "--from 2025-01-02 --to 2025-01-01": "--from 2025-01-02 is later than --to 2025-01-01.",
        "--bad-rows 0.02": "--bad-rows: '0.02' is not a share from 0 to 0.01.",
        "--melding 500": "unrecognized arguments: --melding 500.",
    },
}


@pytest.mark.parametrize(
    ("name", "options"),
    [(name, options) for name, settings in BAD_SETTINGS.items() for options in settings],
)
def test_a_bad_setting_gives_one_sentence(
    name: str, options: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, one line on stderr that names the setting, and no file."""
    assert GENERATORS[name].main(["--out", str(tmp_path), *options.split()]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"scripts.{name}: {BAD_SETTINGS[name][options]}")
    assert captured.err.endswith(".\n")
    assert captured.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
