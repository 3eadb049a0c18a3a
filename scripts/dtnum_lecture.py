"""Reads the tracking file of dtnum: a spreadsheet becomes the seed `raw_dtnum__suivi`.

The file is kept by hand, so little is taken for granted: the header row is looked for, headers are
compared leniently, and every column that nobody told us of is kept in `autres_colonnes`. The
library python-calamine does the reading; what is here decides what the cells mean.
"""

from __future__ import annotations

import csv
import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from scripts import ROOT
from scripts.common import TEXT, SettingError, TableFolder, in_chunks

SEEDS = ROOT / "seeds" / "dtnum"
SHEET = "Demandes_accès"
# The column that a header row must have, and how many known ones it must have in all: the title of
# a file may well contain the name of one column.
KEY_COLUMN = "n_demande_v2"
FEWEST_HEADERS = 3

# The columns of suivi that hold dates.
DATE_COLUMNS = (
    "date_previsionnelle_ouverture",
    "date_reception",
    "date_derniere_soumission_ou_instruction",
)

# Rows turned into Arrow at a time.
_CHUNK = 10_000

Value = str | int | float | bool | date | datetime | time | timedelta
Row = list[Value]


@dataclass(frozen=True)
class Column:
    """One column of the sheet that has a header or content.

    Args:
        position: Where it stands, from 0.
        name: The column of suivi, None for one that is kept in `autres_colonnes`.
        header: What it is called there: its header, or a made-up name when it has none.
    """

    position: int
    name: str | None
    header: str


@dataclass(frozen=True)
class Suivi:
    """The tracking file as it was read.

    Args:
        sheet: The name of the sheet.
        above: The rows above the header row, as they are.
        headers: The header row, as it is.
        columns: The columns in their order.
        rows: The rows that are not empty, in their order; each as wide as the sheet.
        empty_rows: How many empty rows were left out.
    """

    sheet: str
    above: list[Row]
    headers: Row
    columns: list[Column]
    rows: list[Row]
    empty_rows: int


# --- columns and cells ---------------------------------------------------------------------------


@lru_cache(maxsize=1)
def known_headers() -> dict[str, str]:
    """Return the header of each column of suivi that the file has, in their order.

    Raises:
        SettingError: The list of columns is missing.
    """
    rows = read_csv(SEEDS / "dtnum_colonnes.csv", ["ordre", "colonne", "entete"])
    return {row["colonne"]: row["entete"] for row in sorted(rows, key=lambda r: int(r["ordre"]))}


@lru_cache(maxsize=10_000)
def same_header(text: str) -> str:
    """Return what two headers have in common that a reader takes for the same one.

    White space, capitals, the kind of apostrophe and of degree sign do not count, and neither does
    how an accented letter is put together.
    """
    text = re.sub("[\u2018\u2019\u02bc\u0060\u00b4]", "'", text).replace("\u00ba", "\u00b0")
    return " ".join(unicodedata.normalize("NFKC", text).split()).casefold()


def as_text(value: Value) -> str:
    """Write a cell as suivi has it.

    Args:
        value: What the spreadsheet library gave; an empty cell is an empty text.

    Returns:
        Text as it is, dates as dd/mm/yyyy (with hh:mm:ss if it is not midnight), whole numbers
        without a fraction, others with the 15 digits that a spreadsheet shows, VRAI or FAUX.
    """
    match value:
        case str():
            return value
        case bool():
            return "VRAI" if value else "FAUX"
        case float():
            return str(int(value)) if value.is_integer() else format(value, ".15g")
        case datetime():
            # A spreadsheet counts in fractions of a day: a second is rarely exact.
            value = (value + timedelta(microseconds=500_000)).replace(microsecond=0)
            text = as_text(value.date())
            return text if value.time() == time() else f"{text} {value:%H:%M:%S}"
        case date():
            return f"{value:%d/%m/}{value.year:04}"
        case time():
            return value.isoformat("seconds")
        case timedelta():
            minutes, seconds = divmod(round(value.total_seconds()), 60)
            return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
    return str(value)


def letters(position: int) -> str:
    """Return what a spreadsheet calls the column at a position from 0: A, B ... Z, AA."""
    name = ""
    position += 1
    while position:
        position, letter = divmod(position - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


# --- reading -------------------------------------------------------------------------------------


def open_workbook(path: Path) -> CalamineWorkbook:
    """Open a spreadsheet.

    Raises:
        SettingError: It is not there or not a spreadsheet; the sentence says what to do.
    """
    if not path.exists():
        raise SettingError(f"{path} does not exist; name the tracking file (.ods or .xlsx).")
    if not path.is_file():
        raise SettingError(f"{path} is not a file; name the tracking file (.ods or .xlsx).")
    if path.stat().st_size == 0:
        raise SettingError(f"{path} is empty; save the tracking file again as .ods or .xlsx.")
    try:
        return CalamineWorkbook.from_path(path)
    except PasswordError:
        raise SettingError(f"{path} has a password; save a copy without one.") from None
    except PermissionError:
        raise SettingError(f"{path} may not be read; ask for the right to read it.") from None
    except (CalamineError, OSError, ValueError):
        raise SettingError(
            f"{path} is not a spreadsheet that can be read; save it as .ods or .xlsx."
        ) from None


def all_rows(sheet: CalamineSheet) -> list[Row]:
    """Return all rows of a sheet from A1, equally wide, without empty ones at the end."""
    rows = sheet.to_python(skip_empty_area=False)
    while rows and not any(cell != "" for cell in rows[-1]):
        rows.pop()
    width = max(map(len, rows), default=0)
    return [row + [""] * (width - len(row)) for row in rows]


def read_suivi(path: Path, sheet: str = SHEET) -> Suivi:
    """Read the tracking file.

    Args:
        path: An .ods or .xlsx file.
        sheet: The name of the sheet, compared as leniently as headers are.

    Raises:
        SettingError: No such file or sheet, no header row, or the same header twice.
    """
    workbook = open_workbook(path)
    name = next((n for n in workbook.sheet_names if same_header(n) == same_header(sheet)), None)
    if name is None:
        names = ", ".join(workbook.sheet_names)
        raise SettingError(f"{path} has no sheet {sheet!r}; choose with --feuille among: {names}.")
    try:
        rows = all_rows(workbook.get_sheet_by_name(name))
    except (CalamineError, ValueError) as error:
        raise SettingError(
            f"the sheet {name!r} of {path} cannot be read ({type(error).__name__}); open the file, "
            "mend it and save it again."
        ) from None
    if not rows:
        raise SettingError(f"the sheet {name!r} of {path} is empty; name the right file or sheet.")

    known = {same_header(header): column for column, header in known_headers().items()}
    place = _header_row(rows, known, f"the sheet {name!r} of {path}")
    data = [row for row in rows[place + 1 :] if any(cell != "" for cell in row)]
    columns = _columns(rows[place], data, known, f"row {place + 1} of the sheet {name!r}")
    empty = len(rows) - place - 1 - len(data)
    return Suivi(name, rows[:place], rows[place], columns, data, empty)


def _header_row(rows: list[Row], known: dict[str, str], where: str) -> int:
    """Return the index of the row that has most known headers, the first of them."""
    best, most = -1, 0
    for index, row in enumerate(rows):
        found = {known.get(same_header(cell)) for cell in row if isinstance(cell, str) and cell}
        found.discard(None)
        if KEY_COLUMN in found and len(found) > most:
            best, most = index, len(found)
    if most < FEWEST_HEADERS:
        raise SettingError(
            f"{where} has no header row: no row has 'N° Demande v2' and at least "
            f"{FEWEST_HEADERS - 1} more of the headers in seeds/dtnum/dtnum_colonnes.csv; mend the "
            "headers or name another sheet with --feuille."
        )
    return best


def _columns(headers: Row, data: list[Row], known: dict[str, str], where: str) -> list[Column]:
    """Name the columns that have a header or content."""
    columns: list[Column] = []
    first: dict[str, int] = {}
    for position, cell in enumerate(headers):
        header = as_text(cell)
        if not header.strip():
            if not any(row[position] != "" for row in data):
                continue
            header = f"(colonne {position + 1})"
        key = same_header(header)
        if key in first:
            raise SettingError(
                f"{where} has the header {' '.join(header.split())!r} twice (columns "
                f"{letters(first[key])} and {letters(position)}); rename or remove one of them."
            )
        first[key] = position
        columns.append(Column(position, known.get(key), header))
    return columns


def suivi_rows(suivi: Suivi) -> Iterator[dict[str, str | None]]:
    """Yield the rows of the seed: the columns of suivi by name, None where there is nothing."""
    names = suivi_columns()
    extra = [column for column in suivi.columns if column.name is None]
    for number, row in enumerate(suivi.rows, start=1):
        record: dict[str, str | None] = dict.fromkeys(names)
        record["ligne_nr"] = str(number)
        for column in suivi.columns:
            if column.name is not None:
                record[column.name] = as_text(row[column.position]) or None
        others = {column.header: as_text(row[column.position]) or None for column in extra}
        if any(others.values()):
            record["autres_colonnes"] = json.dumps(others, ensure_ascii=False)
        yield record


def suivi_columns() -> list[str]:
    """Return the columns of the seed, in the order of the contract."""
    return ["ligne_nr", *known_headers(), "autres_colonnes"]


# --- seeds ---------------------------------------------------------------------------------------


def read_csv(path: Path, columns: Iterable[str] = ()) -> list[dict[str, str]]:
    """Read a CSV file with a header row; empty fields are empty texts.

    Args:
        path: The file.
        columns: Columns that it must have.

    Raises:
        SettingError: It is not there, not UTF-8 text, or lacks a column.
    """
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))  # descriptions and payloads can be long
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, restval="")
            rows = list(reader)
    except FileNotFoundError:
        raise SettingError(f"{path} does not exist.") from None
    except UnicodeDecodeError:
        raise SettingError(f"{path} is not UTF-8 text; save it as UTF-8.") from None
    missing = [column for column in columns if column not in (reader.fieldnames or [])]
    if missing:
        raise SettingError(f"{path} lacks the column {missing[0]}.")
    return rows


def write_seeds(
    folder: Path, seeds: dict[str, tuple[Sequence[str], Sequence[dict[str, str | None]]]]
) -> None:
    """Write seeds, all of them or none, in the way of the other seeds.

    Args:
        folder: Where they go.
        seeds: By file name without ending: the columns, and the rows.

    Raises:
        SettingError: The folder cannot be written to.
    """
    try:
        files = TableFolder(folder, "csv", quiet=True)
    except SettingError as error:
        raise SettingError(str(error).replace("--out", "--sortie", 1)) from None
    with files:
        for name, (columns, rows) in seeds.items():
            schema = pa.schema([(column, TEXT) for column in columns])
            chunks = (
                pa.Table.from_pylist(
                    [{c: row[c] or None for c in columns} for row in rows[first : first + count]],
                    schema=schema,
                )
                for _, first, count in in_chunks(len(rows), _CHUNK)
            )
            files.write(name, schema, chunks, len(rows))


def lire(path: Path, sheet: str, out: Path) -> str:
    """Turn the tracking file into the seed.

    Args:
        path: The spreadsheet.
        sheet: The name of its sheet.
        out: The CSV file.

    Returns:
        One sentence that says what was read.

    Raises:
        SettingError: Something that the user has to mend.
    """
    if out.suffix != ".csv":
        raise SettingError(f"--sortie: {str(out)!r} is not the name of a .csv file.")
    suivi = read_suivi(path, sheet)
    rows = list(suivi_rows(suivi))
    write_seeds(out.parent, {out.stem: (suivi_columns(), rows)})
    known = {column.name for column in suivi.columns}
    lacking = [header for name, header in known_headers().items() if name not in known]
    extra = sum(column.name is None for column in suivi.columns)
    return (
        f"{len(rows)} rows read from {suivi.sheet!r} (header in row {len(suivi.above) + 1}, "
        f"{suivi.empty_rows} empty rows left out, {extra} other columns kept"
        + (f", not in the file: {', '.join(lacking)}" if lacking else "")
        + f") into {out}."
    )
