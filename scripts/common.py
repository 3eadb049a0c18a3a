"""What every product's generator shares: command line, seeded draws and table files.

A generator is a pure function from its settings to chunks of Arrow tables. This module gives it

* ``command_line``: an argument parser with the options that all generators have, and ``add_day``
  and ``add_bad_rows``: those that several have,
* ``run``: a ``main`` that turns a bad setting into one sentence and exit code 2, and
  ``write_tables``: that of a generator,
* ``random_generator``: a NumPy generator that belongs to one purpose, so that a new table
  does not change what the others draw,
* ``TableFolder``: CSV or Parquet files written chunk by chunk, so that memory depends on the size
  of a chunk and not on the number of rows, and put in place together once all are complete.

CSV files are UTF-8 with LF line ends, a header row, commas and minimal quoting; NULL is the empty
field, dates are ``YYYY-MM-DD`` and timestamps ``YYYY-MM-DD HH:MM:SS``.
"""

import argparse
import contextlib
import os
import re
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, NoReturn, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from tqdm import tqdm

FORMATS = ("csv", "parquet")
DEFAULT_SEED = 20250707

# Text with few distinct values: written as plain text, held in memory as numbers.
CODE = pa.dictionary(pa.int32(), pa.string())
TEXT = pa.string()
DAY = pa.date32()
TIMESTAMP = pa.timestamp("us")

# Rows turned into text at a time: small enough to stay in the processor's cache.
_CSV_SLICE = 32_768
# Several groups for each million rows, so that a reader can work on them in parallel.
_PARQUET_GROUP = 125_000
# No progress bar for what is over before anybody wonders.
_PROGRESS_AFTER_SECONDS = 1.0

# What a generator is asked for, and what it says it wrote.
_Settings = TypeVar("_Settings")
_Written = TypeVar("_Written")

_NEEDS_QUOTES = '[,"\r\n]'


class SettingError(ValueError):
    """A setting that the user has to change; its text is one sentence for the user."""


# --- command line --------------------------------------------------------------------------------


class Parser(argparse.ArgumentParser):
    """An argument parser that answers a bad option with one sentence, without the usage text."""

    def error(self, message: str) -> NoReturn:
        """Raise the message as one sentence."""
        raise SettingError(f"{message.removeprefix('argument ').rstrip('.')}.")


def command_line(program: str, description: str, out: str) -> argparse.ArgumentParser:
    """Make a parser with the options that every generator has.

    Args:
        program: the name in messages, such as ``scripts.tiltak``.
        description: one sentence for ``--help``.
        out: default folder, relative to the project root.

    Returns:
        A parser that has ``--seed``, ``--out``, ``--format`` and ``--quiet``; its ``parse_args``
        raises ``SettingError`` for options that it cannot use.
    """
    parser = Parser(
        prog=program,
        description=description,
        allow_abbrev=False,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument(
        "--seed",
        type=whole_number(0, 2**63 - 1),
        default=DEFAULT_SEED,
        metavar="N",
        help="the same seed gives the same bytes",
    )
    parser.add_argument("--out", type=Path, default=Path(out), metavar="FOLDER", help="where to")
    parser.add_argument("--format", choices=FORMATS, default="csv", help="kind of file")
    parser.add_argument("--quiet", action="store_true", help="no progress bar and no summary")
    return parser


def add_day(add: Callable[..., Any], option: str, name: str, default: object, what: str) -> None:
    """Add an option that takes a day.

    Args:
        add: ``add_argument`` of the parser or of a group of its options.
        option: such as ``--from``.
        name: what the parsed options call it.
        default: the day, or what stands for it.
        what: for ``--help``.
    """
    add(option, dest=name, type=day, default=default, metavar="DATE", help=what)


def add_bad_rows(
    add: Callable[..., Any],
    highest: float,
    default: float,
    what: str = "share of rows with each defect, at least one row",
) -> None:
    """Add the option ``--bad-rows``.

    Args:
        add: ``add_argument`` of the parser.
        highest: the largest share it takes.
        default: the share if it is not given.
        what: for ``--help``.
    """
    add("--bad-rows", type=share(highest), default=default, metavar="SHARE", help=what)


def whole_number(lowest: int, highest: int) -> Callable[[str], int]:
    """Make a converter for a whole number from ``lowest`` to ``highest``, both included."""

    def convert(text: str) -> int:
        # int() also takes '1_000' and ' 7 ', which are more likely slips than wishes.
        number = int(text) if re.fullmatch("-?[0-9]{1,20}", text) else None
        if number is None or not lowest <= number <= highest:
            raise argparse.ArgumentTypeError(
                f"{text!r} is not a whole number from {lowest} to {highest}"
            )
        return number

    return convert


def share(highest: float) -> Callable[[str], float]:
    """Make a converter for a share from 0 to ``highest``, both included."""

    def convert(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = -1.0
        if not 0.0 <= number <= highest:  # also false for nan
            raise argparse.ArgumentTypeError(f"{text!r} is not a share from 0 to {highest}")
        return number

    return convert


def day(text: str) -> date:
    """Convert ``YYYY-MM-DD``, between 1900 and 2200, to a date."""
    try:
        value = date.fromisoformat(text)
    except ValueError:
        value = None
    # fromisoformat also takes 20250707 and 2025-W28-1.
    if value is None or value.isoformat() != text or not 1900 <= value.year <= 2200:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a date written as YYYY-MM-DD between 1900 and 2200"
        )
    return value


def check_period(first_day: date, last_day: date) -> None:
    """Refuse a period that ends before it begins.

    Raises:
        SettingError: it does.
    """
    if first_day > last_day:
        raise SettingError(f"--from {first_day} is later than --to {last_day}.")


def run(program: str, work: Callable[[], None], interrupted: str = "nothing was written") -> int:
    """Do the work of a command and turn what the user can mend into one sentence on stderr.

    Args:
        program: its name, in front of the sentence.
        work: what to do.
        interrupted: what holds of the outputs when the user interrupts.

    Returns:
        The exit code: 0 done, 1 the files could not be written, 2 a bad setting,
        130 interrupted. Any other exception is a defect of the program and is raised.
    """
    try:
        work()
    except SettingError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        print(
            f"{program}: the files could not be written: {error.strerror or error}{where}.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print(f"{program}: interrupted, {interrupted}.", file=sys.stderr)
        return 130
    return 0


def write_tables(
    parser: argparse.ArgumentParser,
    arguments: Sequence[str] | None,
    settings_from: Callable[..., _Settings],
    generate: Callable[[_Settings, "TableFolder"], _Written],
    summary: Callable[[_Settings, _Written], str],
) -> int:
    """Do the work of a generator's command.

    Args:
        parser: from ``command_line``, with the generator's own options.
        arguments: the command line without the program's name; that of the process if None.
        settings_from: makes the settings from the generator's own options and ``seed``; nothing
            is written, not even the folder made, where it raises a ``SettingError``.
        generate: writes the tables of the settings to an entered ``TableFolder``.
        summary: what was written, from the settings and what ``generate`` returned, for people.

    Returns:
        The exit code, see ``run``.
    """

    def work() -> None:
        options: dict[str, Any] = vars(parser.parse_args(arguments))
        out: Path = options.pop("out")
        file_format: str = options.pop("format")
        quiet: bool = options.pop("quiet")
        settings = settings_from(**options)
        with TableFolder(out, file_format, quiet) as folder:
            written = generate(settings, folder)
        if not quiet:
            print(f"{out}: {summary(settings, written)}")

    return run(parser.prog, work)


# --- seeded draws --------------------------------------------------------------------------------


def random_generator(seed: int, *purpose: str | int) -> np.random.Generator:
    """Make the random generator of one purpose, independent of those of all other purposes.

    Args:
        seed: the user's seed, 0 or more.
        purpose: words and numbers that name the purpose, such as ``"tiltak", "deltakere", 3``
            (the last one the number of the chunk). Numbers are below 2**32.

    Returns:
        A generator that gives the same draws for the same arguments, whatever else is drawn.
    """
    key = [zlib.crc32(part.encode()) if isinstance(part, str) else part for part in purpose]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))


def fixed_width_text(characters: np.ndarray) -> pa.StringArray:
    """Make text from a matrix of ASCII codes without a loop over the rows.

    Args:
        characters: uint8, shape (rows, width).

    Returns:
        An array of ``rows`` texts with ``width`` characters each.
    """
    rows, width = characters.shape
    offsets = np.arange(rows + 1, dtype=np.int32) * np.int32(width)
    data = np.ascontiguousarray(characters, dtype=np.uint8)
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(data))


def numbered(prefix: str, numbers: np.ndarray, digits: int) -> pa.StringArray:
    """Write numbers as ids such as ``P00000042``.

    Args:
        prefix: ASCII text in front of every number.
        numbers: non-negative integers, shape (rows,), each of at most ``digits`` digits.
        digits: width of the number, padded with zeros.

    Returns:
        An array of ``rows`` texts.

    Raises:
        ValueError: a number is negative or has more digits than that.
    """
    if len(numbers) and not 0 <= int(numbers.min()) <= int(numbers.max()) < 10**digits:
        raise ValueError(f"numbers must be from 0 and have at most {digits} digits")
    start = len(prefix)
    characters = np.empty((len(numbers), start + digits), dtype=np.uint8)
    characters[:, :start] = np.frombuffer(prefix.encode("ascii"), dtype=np.uint8)
    # Division by a constant of 32 bits is about twice as fast as one of 64.
    rest = numbers.astype(np.uint32 if digits < 10 else np.uint64)
    for column in range(start + digits - 1, start - 1, -1):
        rest, digit = np.divmod(rest, rest.dtype.type(10))
        characters[:, column] = digit + ord("0")
    return fixed_width_text(characters)


def random_uuids(random: np.random.Generator, rows: int) -> pa.StringArray:
    """Draw ``rows`` random UUIDs (version 4) as text in lower case."""
    octets = random.integers(0, 256, size=(rows, 16), dtype=np.uint8)
    octets[:, 6] = (octets[:, 6] & 0x0F) | 0x40  # version 4
    octets[:, 8] = (octets[:, 8] & 0x3F) | 0x80  # variant of RFC 9562
    hexadecimal = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
    digits = np.empty((rows, 32), dtype=np.uint8)
    digits[:, 0::2] = hexadecimal[octets >> 4]
    digits[:, 1::2] = hexadecimal[octets & 0x0F]
    characters = np.full((rows, 36), ord("-"), dtype=np.uint8)
    start = 0
    for group, width in enumerate((8, 4, 4, 4, 12)):
        characters[:, start + group : start + group + width] = digits[:, start : start + width]
        start += width
    return fixed_width_text(characters)


# --- tables --------------------------------------------------------------------------------------


def as_text(column: pa.Array) -> pa.Array:
    """Write a column's values as a CSV field has them, before quoting; NULL stays NULL.

    Args:
        column: text, codes (``CODE``), whole numbers, booleans, dates or timestamps without a
            zone. Whole seconds are written without a fraction, others with six digits.

    Returns:
        Text of the same length; codes stay dictionary-encoded.
    """
    if pa.types.is_string(column.type) or pa.types.is_dictionary(column.type):
        return column
    text = column.cast(TEXT)
    if pa.types.is_timestamp(column.type):
        text = pc.replace_substring_regex(text, r"\.0+$", "")
    return text


def _csv_field(column: pa.Array) -> pa.Array:
    """Write a column's values as CSV fields, quoted where needed; NULL stays NULL."""
    if pa.types.is_dictionary(column.type):
        return pc.take(_csv_field(column.dictionary), column.indices)
    text = as_text(column)
    if not pa.types.is_string(column.type):
        return text
    if pc.any(pc.equal(pc.binary_length(text), 0)).as_py():
        # An empty field is NULL, so CSV and Parquet would not hold the same rows.
        raise ValueError("an empty text cannot be told from NULL in a CSV file")
    special = pc.match_substring_regex(text, _NEEDS_QUOTES)
    if not pc.any(special).as_py():
        return text
    quoted = pc.binary_join_element_wise('"', pc.replace_substring(text, '"', '""'), '"', "")
    return pc.if_else(special, quoted, text)


def csv_lines(batch: pa.RecordBatch) -> pa.Buffer:
    """Write rows as CSV lines, each closed by a line feed, without a header.

    Args:
        batch: any number of rows, of the types that ``as_text`` takes.

    Returns:
        UTF-8 bytes.

    Raises:
        ValueError: a text is empty; say NULL instead.
    """
    # pyarrow.csv either quotes every text or refuses those that need it, hence by hand.
    parts: list[pa.Array | str] = []
    for column in batch.columns:
        parts += [_csv_field(column), ","]
    parts[-1] = "\n"
    lines = pc.binary_join_element_wise(*parts, "", null_handling="replace", null_replacement="")
    # All lines lie one after another in the array's data buffer: that is the file.
    _, offsets, data = lines.buffers()
    size = np.frombuffer(offsets, dtype=np.int32)[len(lines)]
    return data.slice(0, int(size)) if data is not None else pa.py_buffer(b"")


def progress_bar(name: str, total: int, unit: str, quiet: bool = False) -> tqdm:
    """Make a progress bar that shows itself after a second, and on a terminal only.

    Args:
        name: what stands in front.
        total: the number that means done.
        unit: of the total, such as ``" rows"``.
        quiet: no progress bar at all.
    """
    return tqdm(
        total=total,
        desc=name,
        unit=unit,
        unit_scale=True,
        delay=_PROGRESS_AFTER_SECONDS,
        leave=False,
        disable=True if quiet else None,  # None: only on a terminal
        file=sys.stderr,
    )


class _CsvFile:
    """A CSV file that grows by chunks."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._file: BinaryIO = path.open("wb")
        names = schema.names
        self._file.write(csv_lines(pa.RecordBatch.from_pydict({name: [name] for name in names})))

    def write(self, chunk: pa.Table) -> None:
        for batch in chunk.to_batches(max_chunksize=_CSV_SLICE):
            self._file.write(csv_lines(batch))

    def close(self) -> None:
        self._file.close()


class _ParquetFile:
    """A Parquet file that grows by chunks."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        # Without the Arrow schema in the footer codes are read as what they are: text.
        self._file = pq.ParquetWriter(path, schema, compression="zstd", store_schema=False)

    def write(self, chunk: pa.Table) -> None:
        self._file.write_table(chunk, row_group_size=_PARQUET_GROUP)

    def close(self) -> None:
        self._file.close()


class TableFolder(contextlib.AbstractContextManager["TableFolder"]):
    """A folder that tables are written to, all of them or none.

    Tables are written beside their final names and take those names when the ``with`` block ends
    without an exception; after an exception, what was written is removed and older files stay.

    Args:
        folder: made if it does not exist.
        file_format: one of ``FORMATS``.
        quiet: no progress bar (there is none either when stderr is not a terminal).

    Raises:
        SettingError: the folder cannot be made or written to.
    """

    def __init__(self, folder: Path, file_format: str, quiet: bool = False) -> None:
        """Make the folder."""
        self._folder = folder
        self._format = file_format
        self._quiet = quiet
        self._parts: dict[Path, Path] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SettingError(
                f"--out: {str(folder)!r} cannot be used as a folder: {error.strerror}."
            ) from None
        if not os.access(folder, os.W_OK | os.X_OK):
            raise SettingError(f"--out: {str(folder)!r} cannot be written to.")

    def write(self, name: str, schema: pa.Schema, chunks: Iterable[pa.Table], rows: int) -> int:
        """Write one table.

        Args:
            name: file name without its ending.
            schema: columns and types of every chunk; of a table without chunks, too.
            chunks: the rows in order.
            rows: how many rows are expected, for the progress bar only.

        Returns:
            The number of rows written.
        """
        path = self._folder / f"{name}.{self._format}"
        part = path.with_name(f".{path.name}.part")
        self._parts[path] = part
        make = _CsvFile if self._format == "csv" else _ParquetFile
        written = 0
        with (
            contextlib.closing(make(part, schema)) as file,
            progress_bar(name, rows, " rows", self._quiet) as progress,
        ):
            for chunk in chunks:
                file.write(chunk)
                written += chunk.num_rows
                progress.update(chunk.num_rows)
        return written

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the files their names, or remove them after an exception."""
        for path, part in self._parts.items():
            if kind is None:
                part.replace(path)
            else:
                part.unlink(missing_ok=True)


def in_chunks(rows: int, size: int) -> Iterator[tuple[int, int, int]]:
    """Cut ``rows`` rows into chunks.

    Yields:
        (number of the chunk, first row, rows in the chunk); one chunk of 0 rows if there are none.
    """
    for number, first in enumerate(range(0, max(rows, 1), size)):
        yield number, first, min(size, rows - first)


def table(schema: pa.Schema, columns: Sequence[pa.Array]) -> pa.Table:
    """Make a table of the given schema, its columns in the schema's order."""
    return pa.Table.from_arrays(list(columns), schema=schema)
