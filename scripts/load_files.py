"""The files that ``scripts.load`` loads: which they are, and what is wrong with one.

A CSV file is what RFC 4180 describes, in UTF-8: the same number of fields on every line, a quote
only around a whole field or twice inside one, one kind of line end. Engines forgive what differs
from that, each something else, so every file is checked here while the engine reads it
(``CsvCheck``, whole blocks at a time). Where the fault is, is only looked for when there is one
(``csv_fault``, ``parquet_fault``), so that it is told in the same words on every engine.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from scripts.common import FORMATS, SettingError

BLOCK = 1 << 18  # bytes that are checked at a time: what stays in the processor's cache
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_QUOTE, _COMMA, _LINE_FEED, _RETURN = b'",\n\r'

# What may stand before a quote that opens, and after one that closes; a quote is half of a double.
_BEFORE = np.isin(np.arange(256), [_COMMA, _LINE_FEED, _QUOTE])
_AFTER = np.isin(np.arange(256), [_COMMA, _LINE_FEED, _RETURN, _QUOTE])

# Possessive (++), or a quote that is never closed would be looked for from every place.
_FIELD = re.compile(rb'"((?:[^"]++|"")*+)"|([^",\r\n]*+)')


@dataclass(frozen=True)
class RawTable:
    """An input table of a product, as the contract names it.

    Attributes:
        product: such as ``tiltak``.
        name: such as ``tiltakstyper``.
        types: by column, in the contract's order, the type that the seed's properties give it.
        source: dbt's unique id of the table.
    """

    product: str
    name: str
    types: Mapping[str, str] = field(hash=False)
    source: str

    def __str__(self) -> str:
        """Return how the table is named in messages."""
        return f"{self.product}.{self.name}"

    @property
    def names(self) -> tuple[str, str]:
        """Return what its files may be called: as the generators do, or as the contract does."""
        return f"raw_{self.product}__{self.name}", self.name


# --- which they are ------------------------------------------------------------------------------


def find_files(
    folder: Path, tables: Sequence[RawTable], others: Collection[str]
) -> dict[RawTable, list[Path]]:
    """Find the files of tables, in the folder or in a folder of the product below it.

    A table is a file, or several: ``<table>-<part>.csv``, or all files of a folder ``<table>``.

    Args:
        folder: where to look.
        tables: those of all products.
        others: names of files that are no raw tables and may lie there: the project's own lists.

    Returns:
        The files by table, in the order of their names; tables without a file are left out.

    Raises:
        SettingError: there is no such folder, a file belongs to no table, or two places hold one.
    """
    if not folder.is_dir():
        raise SettingError(f"--from: {str(folder)!r} is no folder.")
    places: dict[RawTable, dict[str, list[Path]]] = {}
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        hidden = any(part.startswith((".", "_")) for part in inside.parts)
        if hidden or not path.is_file() or path.stem in others:
            continue
        file_format = path.suffix[1:].lower()
        # x.old.csv is not x.csv, but x.csv.gz may be meant to be
        stem = path.stem if file_format in FORMATS else path.name.partition(".")[0]
        table, place = _table_of(inside.parts[:-1], stem, tables)
        if table is None:
            if file_format in FORMATS:
                raise SettingError(
                    f"{path} belongs to no table; name it <product>/<table>.{file_format} or "
                    f"raw_<product>__<table>.{file_format}, with the table as the contract names "
                    "it."
                )
            continue
        if file_format not in FORMATS:
            raise SettingError(
                f"{path} is neither .csv nor .parquet; write {table} as one of them."
            )
        places.setdefault(table, {}).setdefault(f"{place}{path.suffix}", []).append(path)
    for table, found in places.items():
        if len(found) > 1:
            both = " and ".join(str(paths[0]) for paths in list(found.values())[:2])
            raise SettingError(f"{both} both hold {table}; keep one of them.")
    return {table: paths for table, found in places.items() for paths in found.values()}


def _table_of(
    folders: Sequence[str], stem: str, tables: Sequence[RawTable]
) -> tuple[RawTable | None, str]:
    """Return the table that a file belongs to by its path, and the place that its parts share."""
    for table in tables:
        of_product = tuple(folders[:1]) == (table.product,)
        below = tuple(folders[1:] if of_product else folders)
        # without the product's folder, only the name that says the product will do
        for known in table.names if of_product else table.names[:1]:
            if below == (known,):
                return table, "/".join((*folders, ""))
            if not below and stem == known:
                return table, "/".join((*folders, known))
            if not below and stem.startswith(f"{known}-"):
                return table, "/".join((*folders, f"{known}-"))
    return None, ""


# --- columns -------------------------------------------------------------------------------------


def csv_header(path: Path) -> list[str]:
    """Read the names of a CSV file's columns.

    Raises:
        SettingError: the file cannot be read or has no readable first line.
    """
    try:
        with path.open("rb") as file:
            if not file.read(1):
                raise SettingError(f"{path} is empty; it must begin with the names of its columns.")
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
                return [name.decode("utf-8") for name in next(_records(text))[1]]
    except _Fault as fault:
        raise SettingError(f"{path}, {fault}.") from None
    except OSError as error:
        raise SettingError(f"{path} cannot be read: {error.strerror}.") from None


def parquet_kinds(path: Path) -> dict[str, str]:
    """Say of each column of a Parquet file how it becomes the text that a CSV file would hold.

    Returns:
        ``text``, ``timestamp`` or ``plain`` by column, in the file's order; names that occur twice
        are followed by further ones as they are, so that whoever compares them with the contract
        finds them.

    Raises:
        SettingError: the file is no Parquet, or a column has a type that has no such text.
    """
    try:
        schema = pq.read_schema(path)
    except OSError as error:
        raise SettingError(f"{path} cannot be read: {error.strerror or error}.") from None
    except pa.ArrowException as error:
        raise SettingError(f"{path} cannot be read as Parquet: {_first_line(error)}.") from None
    kinds = {}
    for number, column in enumerate(schema, start=1):
        kind = _kind(column.type)
        if kind is None:
            raise SettingError(
                f"{path}, column {number} ({column.name}): the type {column.type} has no text "
                "that a CSV file would hold; write text, whole numbers, booleans, dates, or times "
                "without a zone in microseconds."
            )
        # a name that comes twice is told from the first by a character that no column has
        kinds[column.name if column.name not in kinds else f"{column.name}\0"] = kind
    return kinds


def _kind(of: pa.DataType) -> str | None:
    """Return how a type becomes text; None if it does not."""
    types = pa.types
    if isinstance(of, pa.BaseExtensionType):
        return _kind(of.storage_type)
    if types.is_dictionary(of):
        return _kind(of.value_type)
    if types.is_string(of) or types.is_large_string(of) or types.is_string_view(of):
        return "text"
    if types.is_timestamp(of):
        return "timestamp" if of.tz is None and of.unit != "ns" else None
    if types.is_integer(of) or types.is_boolean(of) or types.is_date32(of) or types.is_null(of):
        return "plain"
    return None


# --- what is wrong with one ----------------------------------------------------------------------


class CsvCheck:
    """Looks at the bytes of a CSV file as they pass, and knows at the end whether all was right.

    It counts what separates fields and lines, and looks at each quote's neighbours: a fault shows
    in one of these, or else every engine refuses it by itself (text that is no UTF-8).
    """

    def __init__(self) -> None:
        """Begin a file."""
        # the byte before those that are looked at, and one whose neighbour is still to come
        self._tail = b"\n"
        self._first = True
        self._sound = True
        self._inside = 0  # 1 inside of quotes
        self._commas = self._line_feeds = self._returns = 0

    def look(self, data: bytes) -> None:
        """Look at the file's next bytes."""
        if self._first:
            data = data.removeprefix(_BYTE_ORDER_MARK)
            self._first = False
        text = self._tail + data
        if len(text) > 2:
            self._look(text)
        self._tail = text[-2:]

    def finish(self, rows: int, columns: int) -> bool:
        """Say whether the file is what it should be.

        Args:
            rows: how many an engine has read.
            columns: how many each line should have.
        """
        last = self._tail[-1]
        if len(self._tail) > 1:
            self._look(self._tail + b"\n")
        lines = self._line_feeds + (last != _LINE_FEED)
        return (
            self._sound
            and not self._inside
            and last != _RETURN
            and self._returns in (0, self._line_feeds)
            and lines == rows + 1
            and self._commas == lines * (columns - 1)
        )

    def _look(self, text: bytes) -> None:
        """Look at all bytes but the first and the last, which are there as neighbours."""
        self._sound &= b"\0" not in text
        around = np.frombuffer(text, dtype=np.uint8)
        body = around[1:-1]
        if not self._inside and b'"' not in text and b"\r" not in text:
            self._commas += np.count_nonzero(body == _COMMA)
            self._line_feeds += np.count_nonzero(body == _LINE_FEED)
            return
        quotes = np.flatnonzero(body == _QUOTE)
        opening, closing = quotes[self._inside :: 2], quotes[1 - self._inside :: 2]
        self._sound &= bool(_BEFORE[around[opening]].all() and _AFTER[around[closing + 2]].all())
        separates = (body == _COMMA) | (body == _LINE_FEED) | (body == _RETURN)
        places = np.flatnonzero(separates)
        outside = places[(np.searchsorted(quotes, places) + self._inside) % 2 == 0]
        separators = body[outside]
        returns = outside[separators == _RETURN]
        self._sound &= bool((around[returns + 2] == _LINE_FEED).all())
        self._returns += len(returns)
        self._commas += np.count_nonzero(separators == _COMMA)
        self._line_feeds += np.count_nonzero(separators == _LINE_FEED)
        self._inside = (self._inside + len(quotes)) % 2


def check_csv(path: Path, passed: Callable[[int], object]) -> CsvCheck:
    """Look at a whole CSV file.

    Args:
        path: the file.
        passed: is told how many bytes have been looked at since it was told last.

    Returns:
        What was seen.
    """
    check = CsvCheck()
    with path.open("rb") as file:
        while data := file.read(BLOCK):
            check.look(data)
            passed(len(data))
    return check


class _Fault(ValueError):
    """What is wrong with a file, and where."""


def csv_fault(path: Path, columns: Sequence[str]) -> str | None:
    """Find the first fault of a CSV file, field by field.

    Args:
        path: the file.
        columns: the names in its header.

    Returns:
        One sentence with line and column, or None if there is no fault.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        try:
            for line, fields, ended in _records(text, columns):
                if len(fields) == 1 and not fields[0]:
                    raise _Fault(f"line {line}: it is empty, and no row")
                if len(fields) < len(columns):
                    missing = len(fields)
                    raise _Fault(
                        f"line {ended}, column {missing + 1} ({columns[missing]}): the line ends "
                        f"after {missing} of {len(columns)} fields"
                    )
        except _Fault as fault:
            return f"{path}, {fault}."
    return None


def _records(
    text: mmap.mmap, columns: Sequence[str] = ()
) -> Iterator[tuple[int, list[bytes], int]]:
    """Read CSV line by line.

    Args:
        text: the file.
        columns: the names in its header; none when that is what is read.

    Yields:
        The number of the line that a record begins on, its fields, the line that it ends on.

    Raises:
        _Fault: at the first place that is no CSV, or has more fields than there are columns.
    """
    place = len(_BYTE_ORDER_MARK) if text[:3] == _BYTE_ORDER_MARK else 0
    line, fields, began, line_end = 1, [], 1, b""
    while place < len(text) or fields:
        number = len(fields)
        name = f" ({columns[number]})" if number < len(columns) else ""
        where = f"column {number + 1}{name}"
        if columns and number == len(columns):
            raise _Fault(f"line {line}: it has more than the {number} fields of the header")
        found = _FIELD.match(text, place)
        assert found is not None, "the pattern matches an empty field, too"
        quoted, plain = found.groups()
        value = plain if quoted is None else quoted
        begins = line
        line += value.count(b"\n")
        after = text[found.end() : found.end() + 2]
        if after[:1] == b'"' and not value and quoted is None:
            raise _Fault(f"line {begins}, {where}: a quote opens here and none closes it")
        if after[:1] == b'"':
            raise _Fault(
                f"line {begins}, {where}: a quote stands in a field that is not quoted; quote the "
                "field and double the quotes inside it"
            )
        _require_text(value, begins, where)
        fields.append(value if quoted is None else value.replace(b'""', b'"'))
        place = found.end()
        if after[:1] == b",":
            place += 1
            continue
        end = after if after == b"\r\n" else after[:1]
        if end not in (b"\n", b"\r\n", b""):
            kind = "a carriage return" if end == b"\r" else "text"
            rule = "stands outside of quotes" if end == b"\r" else "follows the closing quote"
            raise _Fault(f"line {line}, {where}: {kind} {rule}")
        if end and line_end and end != line_end:
            raise _Fault(
                f"line {line}, {where}: the line ends in {_words(end)}, those before it in "
                f"{_words(line_end)}"
            )
        line_end = end
        place += len(end)
        yield began, fields, line
        line += 1
        began, fields = line, []


def _words(line_end: bytes) -> str:
    """Name a line end."""
    return "CR and LF" if line_end == b"\r\n" else "LF"


def _require_text(value: bytes, line: int, where: str) -> None:
    """Raise a fault if a field is not UTF-8 or holds the character 0."""
    if b"\0" in value:
        line += value[: value.index(b"\0")].count(b"\n")
        raise _Fault(f"line {line}, {where}: it holds the character 0, which is no text")
    if value.isascii():
        return
    try:
        value.decode("utf-8")
    except UnicodeDecodeError as error:
        line += value[: error.start].count(b"\n")
        raise _Fault(
            f"line {line}, {where}: it is not UTF-8 text; save the file as UTF-8"
        ) from None


def parquet_fault(path: Path) -> str | None:
    """Find the first fault of a Parquet file, column by column of each group of rows.

    Returns:
        One sentence with row and column, or None if there is no fault.
    """
    try:
        file = pq.ParquetFile(path)
        first = 1
        for group in range(file.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            for number, name in enumerate(file.schema_arrow.names, start=1):
                where = f"{path}, rows {first} to {first + rows - 1}, column {number} ({name})"
                try:
                    (column,) = file.read_row_group(group, columns=[name]).columns
                except (OSError, pa.ArrowException) as error:
                    return f"{where}: it cannot be read: {_first_line(error)}."
                fault = _text_fault(column)
                if fault is not None:
                    row, what = fault
                    return f"{path}, row {first + row}, column {number} ({name}): it {what}."
            first += rows
    except (OSError, pa.ArrowException) as error:
        return f"{path} cannot be read as Parquet: {_first_line(error)}."
    return None


def _text_fault(column: pa.ChunkedArray) -> tuple[int, str] | None:
    """Find the first value of a column that is no text: its place from 0, and what is wrong."""
    if _kind(column.type) != "text":
        return None
    if isinstance(column.type, pa.BaseExtensionType):
        column = pa.chunked_array([chunk.storage for chunk in column.chunks])
    values = column.cast(pa.large_string()).cast(pa.large_binary())
    sound = pc.invert(pc.match_substring(values, b"\0"))
    if pc.all(sound).as_py() in (True, None):
        with_row = enumerate(values)
        for row, value in with_row:
            text = value.as_py()
            if text is not None and not text.isascii():
                try:
                    text.decode("utf-8")
                except UnicodeDecodeError:
                    return row, "is not UTF-8 text"
        return None
    return sound.index(False).as_py(), "holds the character 0, which is no text"


def _first_line(error: Exception) -> str:
    """Return the first line of an error's text, as the end of a sentence."""
    return (str(error).splitlines() or ["unreadable"])[0].rstrip(". ")
