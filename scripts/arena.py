"""Generate the raw inputs of the product arena.

Run from the project root::

    python -m scripts.arena                                      # the committed seeds
    python -m scripts.arena --meldinger 1000000 --format parquet --out <folder>
    python -m scripts.arena --pass 2 --out <folder>              # the same and about 1 % new ones

Four tables are written, ``raw_arena__<table>.csv`` or ``.parquet``: meldinger,
mulighetsrommet_gjennomforinger, personidenter, amt_deltakere. Every column is text.

Messages tell stories (``scripts.arena_stories``): a deltaker is registered, changed, historised,
deleted, rejected, and so on. All are drawn as numbers (``scripts.arena_drawing``); the texts
(``scripts.arena_json``) are made ``CHUNK`` at a time, so that memory holds numbers and not texts:
about 1 GB for a million messages. Some rows have a defect (``scripts.arena_bad``).

With ``--pass`` the tables are those that a later pass finds: the messages of the earlier passes,
unchanged, then what was received since. The second pass also gets what stories are waiting for.
"""

import sys
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scripts import common
from scripts.arena_bad import DEFECTS, REPEATS, Row, bad_references
from scripts.arena_drawing import (
    ENKELTPLASSER,
    FEWEST_MESSAGES,
    FIRST_DELTAKER,
    FIRST_GJENNOMFORING,
    FIRST_PERSON,
    KODER,
    MOST_BAD_ROWS,
    MR_STATUSES,
    OPPSTARTER,
    PRODUCT,
    Messages,
    Settings,
    World,
    draw,
    share_of,
)
from scripts.arena_json import NAVN, deltaker_rows, gjennomforing_rows, rows_of_messages, uuids
from scripts.arena_stories import (
    AMT_FEILREGISTRERT,
    AMT_MISSING,
    DELT,
    GJ,
    HIST,
    MEASURES,
    OPERATIONS,
    STORIES,
    TABLES,
)
from scripts.common import CODE, TEXT, TableFolder

PROGRAM = "scripts.arena"

# Messages whose texts are made at a time.
CHUNK = 40_000

SCHEMAS: dict[str, pa.Schema] = {
    "meldinger": pa.schema(
        [
            ("mottatt_nr", TEXT),
            ("arena_table_name", CODE),
            ("op_type", CODE),
            ("op_ts", TEXT),
            ("pos", TEXT),
            ("before", TEXT),
            ("after", TEXT),
        ]
    ),
    "mulighetsrommet_gjennomforinger": pa.schema(
        [
            (name, TEXT)
            for name in (
                *("arena_id", "id", "arena_kode", "navn", "start_dato", "slutt_dato"),
                *("status", "oppstart", "virksomhetsnummer"),
            )
        ]
    ),
    "personidenter": pa.schema([("person_id", TEXT), ("personident", TEXT)]),
    "amt_deltakere": pa.schema([("id", TEXT), ("status", CODE)]),
}

AMT_STATUSES = ("DELTAR", "HAR_SLUTTET", "IKKE_AKTUELL", "FULLFORT", "VENTER_PA_OPPSTART")
FEILREGISTRERT = "FEILREGISTRERT"


def _codes(index: np.ndarray, words: Sequence[str]) -> pa.DictionaryArray:
    """Make a column of few distinct texts from positions in ``words``."""
    return pa.DictionaryArray.from_arrays(pa.array(index.astype(np.int32)), pa.array(words, TEXT))


# --- messages ------------------------------------------------------------------------------------


def meldinger(world: World) -> Iterator[pa.Table]:
    """Make the chunks of meldinger, in the order in which they were received."""
    for _, first, rows in common.in_chunks(len(world.messages), CHUNK):
        messages = world.messages.at(slice(first, first + rows))
        columns = [
            pa.array(np.arange(first + 1, first + rows + 1)).cast(TEXT),
            _codes(messages.table, TABLES),
            _codes(messages.operation, OPERATIONS),
            pa.array(messages.time, common.TIMESTAMP).cast(TEXT),
            common.numbered("", messages.pos, 20),
            _rows(world, messages, messages.before),
            _rows(world, messages, messages.after),
        ]
        yield _with_defects(common.table(SCHEMAS["meldinger"], columns), messages)


def _rows(world: World, messages: Messages, version: np.ndarray) -> pa.Array:
    """Write what is in ``before`` or ``after``: the row in this version, NULL for none."""

    def of(table: int) -> np.ndarray:
        return np.flatnonzero((messages.table == table) & (version >= 0))

    def measures(at: np.ndarray) -> pa.Array:
        return gjennomforing_rows(world.measures, messages.who[at], version[at])

    def deltakere(at: np.ndarray) -> pa.Array:
        return deltaker_rows(world.deltakere, messages.who[at], version[at], is_hist=False)

    def hist(at: np.ndarray) -> pa.Array:
        return deltaker_rows(world.deltakere, messages.who[at], version[at], is_hist=True)

    return rows_of_messages(
        len(messages), [(of(GJ), measures), (of(DELT), deltakere), (of(HIST), hist)]
    )


def _with_defects(table: pa.Table, messages: Messages) -> pa.Table:
    """Spoil the messages that have a defect."""
    at = np.flatnonzero(messages.defect)
    if not len(at):
        return table
    defects = list(DEFECTS.values())
    rows: list[Row] = table.take(pa.array(at)).to_pylist()
    spoiled = [
        # What is used twice is a number that came before, of this chunk or the one before.
        defects[kind - 1](row, turn, str(max(int(row["mottatt_nr"] or 1) - 3, 1)))
        for row, kind, turn in zip(
            rows, messages.defect[at].tolist(), messages.turn[at].tolist(), strict=True
        )
    ]
    mask = pa.array(messages.defect > 0)
    columns = [
        pc.replace_with_mask(
            column.combine_chunks().cast(TEXT), mask, pa.array([row[name] for row in spoiled], TEXT)
        ).cast(column.type)
        for name, column in zip(table.column_names, table.columns, strict=True)
    ]
    return common.table(table.schema, columns)


# --- what others know ----------------------------------------------------------------------------


def _with_bad(name: str, good: pa.Table, settings: Settings) -> pa.Table:
    """Put bad rows after the good ones of a table."""
    if not settings.bad_rows:
        return good
    models = good.slice(0, share_of(settings.bad_rows, good.num_rows)).to_pylist()
    return pa.concat_tables(
        [good, pa.Table.from_pylist(bad_references(name, models), good.schema)]
    ).combine_chunks()


def mulighetsrommet_gjennomforinger(settings: Settings, world: World) -> pa.Table:
    """Make the measures that Mulighetsrommet knows by this pass."""
    measures = world.measures
    in_mr = np.array([measure.in_mr for measure in MEASURES.values()])[measures.story]
    at = np.flatnonzero((in_mr > 0) & (in_mr <= settings.passes))
    number = FIRST_GJENNOMFORING + at
    kode = measures.kode[at, 1]
    single = np.isin(kode, [KODER.index(code) for code in ENKELTPLASSER])
    columns = [
        pa.array(number).cast(TEXT),
        pa.array(uuids("mulighetsrommet", number), TEXT),
        _codes(kode, KODER).cast(TEXT),
        _codes(at % len(NAVN), NAVN).cast(TEXT),
        pa.array(measures.start[at].astype("datetime64[D]")).cast(TEXT),
        pa.array(measures.slutt[at].astype("datetime64[D]"), mask=measures.endless[at]).cast(TEXT),
        _codes(measures.status[at], MR_STATUSES).cast(TEXT),
        _codes(np.where(measures.felles[at] & ~single, 0, 1), OPPSTARTER).cast(TEXT),
        common.numbered("9", 10_000_000 + at % 997, 8),
    ]
    name = "mulighetsrommet_gjennomforinger"
    return _with_bad(name, common.table(SCHEMAS[name], columns), settings)


def personidenter(settings: Settings, world: World) -> pa.Table:
    """Make the idents of the persons: none is that of anybody, for no month has a day 99."""
    has_ident = np.array([story.ident for story in STORIES.values()])[world.deltakere.story]
    person = np.unique(world.deltakere.person[has_ident])
    columns = [
        pa.array(FIRST_PERSON + person).cast(TEXT),
        common.numbered("99", person * 7 + 1_000_003, 9),
    ]
    table = common.table(SCHEMAS["personidenter"], columns)
    return _with_bad("personidenter", table, settings)


def amt_deltakere(settings: Settings, world: World) -> pa.Table:
    """Make what AMT says of the deltakere of the first pass."""
    story = world.deltakere.story[: world.first_pass]
    amt = np.array([story.amt for story in STORIES.values()])[story]
    at = np.flatnonzero(amt != AMT_MISSING)
    status = np.where(amt[at] == AMT_FEILREGISTRERT, len(AMT_STATUSES), at % len(AMT_STATUSES))
    columns = [
        pa.array(uuids(TABLES[DELT], FIRST_DELTAKER + at), TEXT),
        _codes(status, [*AMT_STATUSES, FEILREGISTRERT]),
    ]
    table = common.table(SCHEMAS["amt_deltakere"], columns)
    return _with_bad("amt_deltakere", table, settings)


# --- the command ---------------------------------------------------------------------------------


def generate(settings: Settings, folder: TableFolder) -> dict[str, int]:
    """Write the four tables.

    Args:
        settings: what to generate.
        folder: an entered ``TableFolder``.

    Returns:
        By table, the number of rows; ``deltakere`` and ``gjennomforinger`` are counted as well.
    """
    world = draw(settings, len(DEFECTS), REPEATS)
    rows = {"deltakere": len(world.deltakere), "gjennomforinger": len(world.measures)}

    def write(name: str, chunks: Iterator[pa.Table], expected: int) -> None:
        rows[name] = folder.write(f"raw_{PRODUCT}__{name}", SCHEMAS[name], chunks, expected)

    write("meldinger", meldinger(world), len(world.messages))
    for make in (mulighetsrommet_gjennomforinger, personidenter, amt_deltakere):
        table = make(settings, world)
        write(make.__name__, iter([table]), table.num_rows)
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: the command line without the program's name; that of the process if None.

    Returns:
        The exit code, see ``scripts.common.run``.
    """
    default = Settings()
    parser = common.command_line(
        PROGRAM, "Generate the raw inputs of the product arena.", f"seeds/{PRODUCT}"
    )
    add = parser.add_argument
    add(
        "--meldinger",
        type=common.whole_number(FEWEST_MESSAGES, 10**7),
        default=default.meldinger,
        metavar="N",
        help="messages of the first pass, about",
    )
    add(
        "--pass",
        dest="passes",
        type=common.whole_number(1, 100),
        default=default.passes,
        metavar="N",
        help="what has been received by this pass; earlier messages stay as they are",
    )
    add(
        "--new",
        type=common.share(0.1),
        default=default.new,
        metavar="SHARE",
        help="messages that each later pass adds, as a share of --meldinger, about; the second "
        "one adds all that stories wait for, too",
    )
    common.add_day(add, "--from", "first_day", default.first_day, "first day of the messages")
    common.add_day(
        add,
        "--to",
        "last_day",
        default.last_day,
        "last day of the messages of the first pass; each later one is a day",
    )
    common.add_bad_rows(add, MOST_BAD_ROWS, default.bad_rows)

    def summary(_: Settings, rows: dict[str, int]) -> str:
        return (
            f"{rows['meldinger']} messages about {rows['deltakere']} deltakere "
            f"in {rows['gjennomforinger']} gjennomforinger"
        )

    return common.write_tables(parser, arguments, Settings, generate, summary)


if __name__ == "__main__":
    sys.exit(main())
