"""Writes the result of the merge as a spreadsheet that looks like the one that came in.

Headers, their order, the rows above them and the columns of other people are taken from the
original file (the model), as are its other sheets. A cell that the merge left alone is written with
the value that it had there, so a number stays a number. xlsxwriter writes .xlsx, odfdo .ods; what
is here decides what stands in which cell.

The result does not say which row of the file a row comes from. It follows from the rules of the
merge, and is found again here to mark what has changed; if the two do not fit together, the model
is not the file that was read, and nothing is written.
"""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import CalamineError
from tqdm import tqdm

from scripts.common import SettingError
from scripts.dtnum_lecture import (
    DATE_COLUMNS,
    SHEET,
    Row,
    Suivi,
    Value,
    all_rows,
    as_text,
    known_headers,
    open_workbook,
    read_csv,
    read_suivi,
    suivi_columns,
    suivi_rows,
)

ENDINGS = (".xlsx", ".ods")
SUMMARY = "Synthèse"
REST_SUIVI = "reste_suivi"
REST_DATAPASS = "reste_datapass"
OURS = (SUMMARY, REST_SUIVI, REST_DATAPASS)

# How a cell is marked, and its colour.
CHANGED, NEW, HEADER = "changed", "new", "header"
COLOURS = {CHANGED: "#FFF2AB", NEW: "#D5F0D0", HEADER: "#DDE3EE"}

ORIGINS = {
    "fusion": "Lignes du suivi fusionnées avec DataPass",
    "nouvelle_habilitation": "Lignes du suivi ayant reçu leur habilitation",
    "nouvelle_demande": "Nouvelles lignes venues de DataPass",
    "suivi_sans_correspondance": "Lignes du suivi sans correspondance dans DataPass",
}
MOTIFS = {
    "brouillon": "Brouillon",
    "jamais_soumise": "Jamais soumise",
    "supprime": "Supprimé dans DataPass",
    "illisible": "Données illisibles",
}
# What the merge writes into erreurs; whatever else stands there was written by hand.
MESSAGES = (
    "N° Demande v2 vide",
    "N° Demande ou N° Habilitation non trouvé",
    "DOUBLON sur N° Demande / N° Habilitation",
    "Plusieurs lignes DataPass pour ce N° Demande / N° Habilitation",
    "Données DataPass illisibles pour ce N° Demande",
    "API inconnue : ",
    "Statut inconnu : ",
    "Événements DataPass illisibles",
)

# Excel's own limits; it has a 29 February 1900, so dates before March of that year are text.
_FIRST_DAY = date(1900, 3, 1)
_LONGEST_TEXT = 32_767
_MOST_ROWS = 1_048_576
_LONGEST_NAME = 31
# What XML cannot hold, and so .ods cannot either.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

Record = dict[str, Any]
Cell = tuple[Value, str | None]


@dataclass
class Sheet:
    """A sheet to write.

    Args:
        name: Its name.
        rows: Values, each with its mark (None: none).
        header: The index of the header row, None without one.
        widths: The width of the columns in characters, as far as it is set.
    """

    name: str
    rows: list[list[Cell]]
    header: int | None = None
    widths: list[int] = field(default_factory=list)


@dataclass
class Result:
    """The outputs of the merge, as records by column name.

    Args:
        rows: `suivi_mis_a_jour` in its order.
        rest_suivi: `reste_suivi`.
        rest_datapass: `reste_datapass`.
    """

    rows: list[Record]
    rest_suivi: list[Record]
    rest_datapass: list[Record]


# --- the result of the merge ---------------------------------------------------------------------


def _relations() -> dict[str, list[str]]:
    """Return the columns that are read of each relation."""
    suivi = suivi_columns()
    left_out = {
        *("ligne_nr", "n_datapass_v1", "departement", "region"),
        *("motif_refus", "erreurs", "autres_colonnes"),
    }
    return {
        "suivi_mis_a_jour": ["ordre", "origine", *suivi[1:]],
        "reste_suivi": ["moment", *suivi],
        "reste_datapass": ["motif", "etat", *(name for name in suivi if name not in left_out)],
    }


def from_csv(folder: Path) -> Result:
    """Read the result from CSV files named after the relations.

    Raises:
        SettingError: One is missing, or a column of it.
    """
    read = {
        name: [
            {column: row[column] or None for column in columns}
            for row in read_csv(folder / f"{name}.csv", columns)
        ]
        for name, columns in _relations().items()
    }
    return _result(read, str(folder))


def from_duckdb(path: Path) -> Result:
    """Read the result from a DuckDB file.

    Raises:
        SettingError: It is missing, being written to, or has no result.
    """
    import duckdb  # imported here: the other commands do not need it

    if not path.is_file():
        raise SettingError(f"{path} does not exist; run `make build` first.")
    schema = f"{os.environ.get('FLETTE_SCHEMA_PREFIX', '')}dtnum_gold"
    read = {}
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            for name, columns in _relations().items():
                names = ", ".join(f'"{column}"' for column in columns)
                cursor = connection.execute(f'select {names} from "{schema}"."{name}"')
                read[name] = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    except duckdb.CatalogException:
        raise SettingError(f"{path} has no complete {schema}; run `make build` first.") from None
    except duckdb.BinderException:
        raise SettingError(f"{path} has another {schema}; run `make build` again.") from None
    except duckdb.IOException:
        raise SettingError(
            f"{path} cannot be opened; wait until no other program writes to it."
        ) from None
    return _result(read, str(path))


def _result(read: dict[str, list[Record]], where: str) -> Result:
    """Put the relations into their order."""
    try:
        for row in read["suivi_mis_a_jour"]:
            row["ordre"] = int(row["ordre"])
        for row in read["reste_suivi"]:
            row["ligne_nr"] = int(row["ligne_nr"])
    except (TypeError, ValueError):
        raise SettingError(
            f"{where}: ordre and ligne_nr have to be numbers; run `lire` and `make build` again."
        ) from None
    datapass = sorted(
        read["reste_datapass"],
        key=lambda row: [(row[column] is None, row[column] or "") for column in row],
    )
    return Result(
        sorted(read["suivi_mis_a_jour"], key=lambda row: row["ordre"]),
        sorted(read["reste_suivi"], key=lambda row: (row["ligne_nr"], row["moment"] != "avant")),
        datapass,
    )


# --- which row of the file a row comes from ------------------------------------------------------


def origins(result: Result, file_rows: list[dict[str, str | None]]) -> list[int | None]:
    """Find the row of the file that each row of the result comes from.

    A row without a match is told by its numbers and its place: the merge orders equal numbers by
    place in the file. Of the others, a merged row has its own numbers; one that got a habilitation
    had none, and its demande has only one such row, since the first takes it.

    Args:
        result: The result of the merge.
        file_rows: The rows of the file, as the seed has them.

    Returns:
        For each row of `result.rows` the index in `file_rows`, None for a new one.

    Raises:
        SettingError: The two do not fit together.
    """
    keys = ("n_demande_v2", "n_habilitation_v2")
    before = [row for row in result.rest_suivi if row["moment"] == "avant"]
    rest: defaultdict[tuple[str | None, ...], deque[int]] = defaultdict(deque)
    for row in before:
        rest[tuple(row[key] for key in ("n_datapass_v1", *keys))].append(row["ligne_nr"] - 1)
    leftover = {row["ligne_nr"] - 1 for row in before}
    merged: defaultdict[tuple[str | None, ...], deque[int]] = defaultdict(deque)
    for index, row in enumerate(file_rows):
        if index not in leftover:
            merged[tuple(row[key] for key in keys)].append(index)

    found: list[int | None] = [None] * len(result.rows)
    try:
        # A merged row takes the first of its key, also where another one got a habilitation.
        for origin in ("fusion", "nouvelle_habilitation", "suivi_sans_correspondance"):
            for place, row in enumerate(result.rows):
                if row["origine"] != origin:
                    continue
                if origin == "fusion":
                    index = merged[row["n_demande_v2"], row["n_habilitation_v2"]].popleft()
                elif origin == "nouvelle_habilitation":
                    index = merged[row["n_demande_v2"], None].popleft()
                else:
                    key = tuple(row[name] for name in ("n_datapass_v1", *keys))
                    index = rest[key].popleft()
                if file_rows[index]["autres_colonnes"] != row["autres_colonnes"]:
                    raise LookupError
                found[place] = index
    except LookupError:
        found = []
    if len({index for index in found if index is not None}) != len(file_rows):
        raise SettingError(
            "the model is not the file that the result was made from; name with --modele the file "
            "that `lire` read, or run `lire` and `make build` again."
        )
    return found


# --- what stands in which cell -------------------------------------------------------------------


def _as_date(text: str) -> date | None:
    """Return a date that is written as dd/mm/yyyy, exists, and that every program can show."""
    if not re.fullmatch("[0-9]{2}/[0-9]{2}/[0-9]{4}", text):
        return None
    try:
        value = date(int(text[6:]), int(text[3:5]), int(text[:2]))
    except ValueError:
        return None
    return value if value >= _FIRST_DAY else None


def _value(text: str | None, name: str, numeric: bool = False) -> Value:
    """Return what is written for a text of the result.

    Args:
        text: The text.
        name: The column of suivi.
        numeric: Whether the column has numbers in the model, and is to stay sortable.
    """
    if text is None:
        return ""
    if name in DATE_COLUMNS:
        return _as_date(text) or text
    if numeric and re.fullmatch("0|[1-9][0-9]{0,14}", text):
        return int(text)
    return text


def _is_numeric(suivi: Suivi, position: int) -> bool:
    """Whether most cells of a column are numbers."""
    cells = [row[position] for row in suivi.rows if row[position] != ""]
    numbers = sum(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in cells)
    return numbers * 2 > len(cells)


def main_sheet(result: Result, suivi: Suivi) -> Sheet:
    """Lay the result out as the model is.

    Args:
        result: The result of the merge.
        suivi: The model.

    Raises:
        SettingError: They do not fit together.
    """
    come_from = origins(result, list(suivi_rows(suivi)))
    header: list[Value] = list(suivi.headers)
    places = {column.name: column.position for column in suivi.columns if column.name is not None}
    numeric = {name: _is_numeric(suivi, position) for name, position in places.items()}
    for name, text in known_headers().items():
        # A column that the file lacks is added when there is something to put there.
        if name not in places and any(row[name] is not None for row in result.rows):
            places[name] = len(header)
            header.append(text)
            numeric[name] = False

    width = len(header)
    rows: list[list[Cell]] = [[(cell, None) for cell in row] for row in suivi.above]
    rows.append([(cell, HEADER if cell != "" else None) for cell in header])
    for row, index in zip(result.rows, come_from, strict=True):
        mark = NEW if index is None else None
        original: Row = [""] * width if index is None else list(suivi.rows[index])
        original += [""] * (width - len(original))
        cells: list[Cell] = [(cell, mark) for cell in original]
        for name, position in places.items():
            old = as_text(original[position])
            if (row[name] or "") != old:
                cells[position] = (_value(row[name], name, numeric[name]), mark or CHANGED)
            elif isinstance(original[position], str):
                # a date that was typed as text becomes one that can be sorted
                cells[position] = (_value(old or None, name), mark)
        rows.append(cells)
    return Sheet(suivi.sheet, rows, len(suivi.above), [_width(cell) for cell in header])


def _width(header: Value) -> int:
    """Return the width of a column in characters."""
    return min(max(12, len(as_text(header)) + 2), 40)


def rest_sheet(name: str, records: list[Record]) -> Sheet:
    """Lay out one of the relations of what is left over."""
    known = known_headers()
    columns = _relations()[name]
    header = [known.get(column, column) for column in columns]
    rows: list[list[Cell]] = [[(text, HEADER) for text in header]]
    for record in records:
        rows.append(
            [(record[c] if c == "ligne_nr" else _value(record[c], c), None) for c in columns]
        )
    return Sheet(name, rows, 0, [_width(text) for text in header])


def summary_sheet(result: Result, changed: int) -> Sheet:
    """Count what happened.

    Args:
        result: The result of the merge.
        changed: How many cells of the file are different now.
    """
    by_origin = Counter(row["origine"] for row in result.rows)
    by_motif = Counter(row["motif"] for row in result.rest_datapass)
    errors: Counter[str] = Counter()
    for row in result.rows:
        lines = {line.strip() for line in (row["erreurs"] or "").split("\n")} - {""}
        errors.update(
            {
                line if line.startswith(MESSAGES) else "Autre texte, saisi à la main"
                for line in lines
            }
        )
    rows: list[list[Cell]] = []

    def section(title: str, lines: list[tuple[str, int]]) -> None:
        if rows:
            rows.append([])
        rows.append([(title, HEADER), ("Nombre", HEADER)])
        rows.extend([(label, None), (number, None)] for label, number in lines)

    section(
        "Lignes du nouveau suivi",
        [("Total", len(result.rows))]
        + [(label, by_origin[origin]) for origin, label in ORIGINS.items()]
        + [("Cellules modifiées", changed)],
    )
    section(
        "Lignes avec ce message dans Erreurs",
        sorted(errors.items(), key=lambda item: (-item[1], item[0])) or [("(aucun)", 0)],
    )
    section(
        "Lignes de DataPass absentes du nouveau suivi (feuille reste_datapass)",
        [("Total", len(result.rest_datapass))]
        + [(label, by_motif[motif]) for motif, label in MOTIFS.items()],
    )
    rows += [
        [],
        [("Légende", HEADER)],
        [("Cellule modifiée par la fusion", CHANGED)],
        [("Ligne nouvelle, venue de DataPass", NEW)],
        [("reste_suivi : lignes sans correspondance, avant et après la mise à jour", None)],
    ]
    return Sheet(SUMMARY, rows, None, [70, 12])


def sheets(result: Result, model: Path, name: str) -> list[Sheet]:
    """Lay out the whole workbook: the model's sheets in their order, then ours.

    Args:
        result: The result of the merge.
        model: The file that the result was made from.
        name: The sheet of the model that was read.

    Raises:
        SettingError: The model cannot be read, or is not that file.
    """
    suivi = read_suivi(model, name)
    main = main_sheet(result, suivi)
    changed = sum(mark == CHANGED for row in main.rows for _, mark in row)
    all_sheets = []
    workbook = open_workbook(model)
    for other in workbook.sheet_names:
        if other == suivi.sheet:
            all_sheets.append(main)
        elif other not in OURS:  # those of last month are made anew
            try:
                rows = all_rows(workbook.get_sheet_by_name(other))
            except (CalamineError, ValueError):
                raise SettingError(
                    f"the sheet {other!r} of {model} cannot be read; mend it or remove it."
                ) from None
            all_sheets.append(Sheet(other, [[(cell, None) for cell in row] for row in rows]))
    return [
        *all_sheets,
        summary_sheet(result, changed),
        rest_sheet(REST_SUIVI, result.rest_suivi),
        rest_sheet(REST_DATAPASS, result.rest_datapass),
    ]


# --- files ---------------------------------------------------------------------------------------


def _rows(sheet: Sheet) -> Iterator[tuple[int, list[Cell]]]:
    """Yield the rows with their index, with a progress bar on a terminal."""
    return enumerate(
        tqdm(sheet.rows, desc=sheet.name, unit=" rows", delay=1, leave=False, disable=None)
    )


def _plain(value: Value) -> Value:
    """Return a value that both libraries can write: times of day and durations as text."""
    if isinstance(value, time | timedelta):
        return as_text(value)
    if isinstance(value, date):  # datetime included
        day = value.date() if isinstance(value, datetime) else value
        return value if day >= _FIRST_DAY else as_text(value)
    return value


def write_xlsx(path: Path, all_sheets: list[Sheet]) -> None:
    """Write an .xlsx file.

    Raises:
        SettingError: A text is longer, or a sheet larger, than such a file can hold.
    """
    import xlsxwriter

    with xlsxwriter.Workbook(str(path)) as workbook:
        formats = {}
        for mark in (None, *COLOURS):
            for number_format in (None, "dd/mm/yyyy", "dd/mm/yyyy hh:mm:ss"):
                properties: dict[str, Any] = {}
                if mark:
                    properties["bg_color"] = COLOURS[mark]
                if mark == HEADER:
                    properties |= {"bold": True, "text_wrap": True, "valign": "top"}
                if number_format:
                    properties["num_format"] = number_format
                if properties:
                    formats[mark, number_format] = workbook.add_format(properties)
        taken: set[str] = set()
        for sheet in all_sheets:
            if len(sheet.rows) > _MOST_ROWS:
                raise SettingError(
                    f"{sheet.name!r} has more rows than .xlsx can hold; write .ods instead."
                )
            page = workbook.add_worksheet(_sheet_name(sheet.name, taken))
            for position, width in enumerate(sheet.widths):
                page.set_column(position, position, width)
            if sheet.header is not None:
                page.freeze_panes(sheet.header + 1, 0)
                last = len(sheet.rows[sheet.header]) - 1
                page.autofilter(sheet.header, 0, max(len(sheet.rows) - 1, sheet.header), last)
                page.ignore_errors({"number_stored_as_text": f"A1:XFD{len(sheet.rows)}"})
            for y, row in _rows(sheet):
                for x, (value, mark) in enumerate(row):
                    _write_xlsx_cell(page, y, x, _plain(value), mark, formats)


def _write_xlsx_cell(
    page: Any, y: int, x: int, value: Value, mark: str | None, formats: dict[Any, Any]
) -> None:
    """Write one cell, each kind of value by its own method: none is taken for a formula."""
    plain = formats.get((mark, None))
    match value:
        case "":
            if plain is not None:
                page.write_blank(y, x, None, plain)
        case str():
            if len(value.encode("utf-16-le")) // 2 > _LONGEST_TEXT:
                raise SettingError(
                    f"a text in row {y + 1} of {page.get_name()!r} is longer than .xlsx can hold "
                    f"({_LONGEST_TEXT} characters); write .ods instead."
                )
            page.write_string(y, x, value, plain)
        case bool():
            page.write_boolean(y, x, value, plain)
        case datetime():
            page.write_datetime(y, x, value, formats[mark, "dd/mm/yyyy hh:mm:ss"])
        case date():
            page.write_datetime(y, x, value, formats[mark, "dd/mm/yyyy"])
        case _:
            page.write_number(y, x, value, plain)


def _sheet_name(name: str, taken: set[str]) -> str:
    """Return a name that .xlsx allows and that is not taken yet (.ods allows more)."""
    allowed = re.sub(r"[\[\]:*?/\\]", "_", name).strip("'") or "_"
    short, number = allowed[:_LONGEST_NAME], 1
    while short.casefold() in taken:
        number += 1
        short = f"{allowed[: _LONGEST_NAME - len(str(number)) - 1]}_{number}"
    taken.add(short.casefold())
    return short


def write_ods(path: Path, all_sheets: list[Sheet]) -> int:
    """Write an .ods file.

    Returns:
        In how many cells a control character was replaced, which such a file cannot hold.
    """
    from odfdo import Cell as OdsCell
    from odfdo import Document, Element, Style, Table
    from odfdo import Row as OdsRow

    document = Document("spreadsheet")
    document.body.clear()
    slash = "<number:text>/</number:text>"
    day = f'<number:day number:style="long"/>{slash}<number:month number:style="long"/>{slash}'
    day += '<number:year number:style="long"/>'
    clock = '<number:text> </number:text><number:hours number:style="long"/>'
    clock += '<number:text>:</number:text><number:minutes number:style="long"/>'
    clock += '<number:text>:</number:text><number:seconds number:style="long"/>'
    for name, content in (("day", day), ("moment", day + clock)):
        element = f'<number:date-style style:name="{name}">{content}</number:date-style>'
        document.insert_style(Element.from_tag(element), automatic=True)
    for mark in (None, *COLOURS):
        for kind in (None, "day", "moment"):
            style = Style("table-cell", name=f"{mark}-{kind}", background_color=COLOURS.get(mark))
            if kind:
                style.set_attribute("style:data-style-name", kind)
            document.insert_style(style, automatic=True)

    replaced = 0
    for sheet in all_sheets:
        # In the document first, then all rows at once: the other way round, and row by row, both
        # take time by the square of the rows.
        table = Table(sheet.name)
        document.body.append(table)
        lines = []
        for _, row in _rows(sheet):
            cells = []
            # Neighbours without content and with one mark are one element: most cells are empty.
            x = 0
            while x < len(row):
                value, mark = _plain(row[x][0]), row[x][1]
                style = f"{mark}-None" if mark else None
                if value == "":
                    start = x
                    while x < len(row) and row[x] == ("", mark):
                        x += 1
                    cells.append(OdsCell(repeated=x - start, style=style))
                    continue
                text = None
                if isinstance(value, str):
                    clean = _CONTROLS.sub("\ufffd", value)
                    replaced += clean != value
                    value = clean
                elif isinstance(value, date):
                    style = f"{mark}-{'moment' if isinstance(value, datetime) else 'day'}"
                    text = as_text(value)
                cells.append(OdsCell(value, text=text, style=style))
                x += 1
            line = OdsRow()
            line.extend_cells(cells)
            lines.append(line)
        table.extend_rows(lines)
    document.save(str(path))
    return replaced


def ecrire(result: Result, model: Path, out: Path, sheet: str = SHEET) -> str:
    """Write the spreadsheet.

    Args:
        result: The result of the merge.
        model: The file that the result was made from.
        out: What to write; its ending says which kind.
        sheet: The sheet of the model that was read.

    Returns:
        One sentence that says what was written.

    Raises:
        SettingError: Something that the user has to mend; nothing was written.
    """
    ending = out.suffix.lower()
    if ending not in ENDINGS:
        raise SettingError(f"--sortie: {str(out)!r} has to end with .xlsx or .ods.")
    if not out.parent.is_dir():
        raise SettingError(f"--sortie: the folder {str(out.parent)!r} does not exist.")
    if not os.access(out.parent, os.W_OK | os.X_OK):
        raise SettingError(f"--sortie: the folder {str(out.parent)!r} cannot be written to.")
    all_sheets = sheets(result, model, sheet)
    part = out.with_name(f".{out.stem}.part{ending}")
    replaced = 0
    try:
        if ending == ".xlsx":
            write_xlsx(part, all_sheets)
        else:
            replaced = write_ods(part, all_sheets)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    new = sum(row["origine"] == "nouvelle_demande" for row in result.rows)
    said = f"{len(result.rows)} rows ({new} new) written to {out}"
    if replaced:
        said += f"; control characters, which .ods cannot hold, were replaced in {replaced} cells"
    return f"{said}."
