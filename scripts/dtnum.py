"""Generate the raw inputs of the product dtnum.

Run from the project root::

    python -m scripts.dtnum                                      # the committed seeds
    python -m scripts.dtnum --lignes 100000 --out <folder>

Three tables are written, ``raw_dtnum__<table>.csv`` or ``.parquet``: demandes (what DataPass says),
suivi (the tracking file), evenements (the events of demandes that DataPass no longer lists).

The file has lived: most of its rows are demandes as they stood at an earlier run, with what people
and earlier runs wrote into them; the youngest demandes are not in it yet, some rows are about
demandes that are gone, some are from before DataPass v2. Bad rows come on top of the good ones.

Demandes are drawn ``CHUNK`` at a time and drawn again for the file, so that memory does not grow
with their number.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from scripts import common
from scripts.common import TEXT, TableFolder
from scripts.dtnum_bad import Round
from scripts.dtnum_demandes import FIRST_ID, ID_STEP, Draw, Life, demande, draw_life, rails_json
from scripts.dtnum_suivi import COLUMNS, Row, draw_unnumbered, draw_vanished, tracked

PROGRAM = "scripts.dtnum"
PRODUCT = "dtnum"

# Demandes drawn at a time; the draws depend on it, so changing it changes the data.
CHUNK = 5_000
MOST_BAD_ROWS = 0.5
SHARE_VANISHED = 0.06
SHARE_UNNUMBERED = 0.02

_PAYLOADS = pa.schema([("demande_id", TEXT), ("payload", TEXT)])
SCHEMAS: dict[str, pa.Schema] = {
    "demandes": _PAYLOADS,
    "suivi": pa.schema([(name, TEXT) for name in COLUMNS]),
    "evenements": _PAYLOADS,
}

Pair = tuple[str | None, str | None]


@dataclass(frozen=True)
class Settings:
    """What to generate.

    Attributes:
        lignes: good rows of the file.
        demandes: good demandes of DataPass; a third more than rows of the file if None.
        bad_rows: bad rows of the file, as a share of the good ones; if not 0, every defect comes at
            least once.
        seed: the same seed gives the same bytes.
    """

    lignes: int = 300
    demandes: int | None = None
    bad_rows: float = 0.0
    seed: int = common.DEFAULT_SEED


class Tables:
    """The tables, each a method that yields its chunks.

    Args:
        settings: what to generate.
    """

    def __init__(self, settings: Settings) -> None:
        """Share the rows of the file out."""
        self._settings = settings
        self._lignes = settings.lignes
        self._demandes = (
            settings.lignes * 4 // 3 if settings.demandes is None else settings.demandes
        )
        self._unnumbered = round(self._lignes * SHARE_UNNUMBERED)

    def _draw(self, *purpose: str | int) -> Draw:
        """Start the draws of one purpose."""
        return Draw(common.random_generator(self._settings.seed, PRODUCT, *purpose))

    def _lives(self) -> Iterator[tuple[int, list[Life]]]:
        """Draw the demandes; yields the number of the chunk and its demandes, oldest first."""
        for number, first, size in common.in_chunks(self._demandes, CHUNK):
            draw = self._draw("demandes", number)
            yield (
                number,
                [draw_life(draw, first + place, self._demandes) for place in range(size)],
            )

    def _tracked(self) -> Iterator[list[Row]]:
        """Draw the rows of the file that are about demandes of DataPass, at most as many as fit."""
        left = self._lignes - self._unnumbered - round(self._lignes * SHARE_VANISHED)
        for number, lives in self._lives():
            if left <= 0:
                return
            draw = self._draw("suivi", number)
            rows = [row for life in lives for row in tracked(draw, life)][:left]
            left -= len(rows)
            yield rows

    @cached_property
    def _vanished(self) -> int:
        """How many rows are about demandes that are gone: what demandes leave room for."""
        return self._lignes - self._unnumbered - sum(map(len, self._tracked()))

    @cached_property
    def _rounds(self) -> int:
        """How many rounds of bad rows there are."""
        share = self._settings.bad_rows
        if not share:
            return 0
        size = len(Round(0, 0, self._draw("bad", 0)).suivi)
        return max(1, round(self._lignes * share / size))

    def _bad(self) -> Iterator[Round]:
        """Make the bad rows."""
        first = FIRST_ID + ID_STEP * (self._demandes + self._lignes + 1)
        for number in range(self._rounds):
            yield Round(number, first, self._draw("bad", number))

    def demandes(self) -> Iterator[pa.Table]:
        """Yield what DataPass says."""
        for _, lives in self._lives():
            yield _pairs([(str(life.number), rails_json(demande(life))) for life in lives])
        for bad in self._bad():
            yield _pairs(bad.demandes)

    def suivi(self) -> Iterator[pa.Table]:
        """Yield the file: numbered as people see it, in the order in which somebody exported it."""
        position = 0
        for number, rows in enumerate(self._suivi()):
            numbered: list[Row] = []
            for row in rows:
                position += 1
                numbered.append({"ligne_nr": str(position), **row})
            order = common.random_generator(self._settings.seed, PRODUCT, "order", number)
            shuffled = [numbered[place] for place in order.permutation(len(numbered)).tolist()]
            yield pa.table(
                [pa.array([row.get(name) for row in shuffled], TEXT) for name in COLUMNS],
                schema=SCHEMAS["suivi"],
            )

    def _suivi(self) -> Iterator[list[Row]]:
        """Draw the rows of the file in the order of the file."""
        yield from self._tracked()
        for number, first, size in common.in_chunks(self._vanished, CHUNK):
            draw = self._draw("vanished", number)
            yield [draw_vanished(draw, first + place, self._vanished).row for place in range(size)]
        for number, first, size in common.in_chunks(self._unnumbered, CHUNK):
            draw = self._draw("unnumbered", number)
            yield [draw_unnumbered(draw, first + place, self._unnumbered) for place in range(size)]
        for bad in self._bad():
            yield bad.suivi

    def evenements(self) -> Iterator[pa.Table]:
        """Yield the events of demandes that are gone."""
        for number, first, size in common.in_chunks(self._vanished, CHUNK):
            draw = self._draw("vanished", number)
            gone = [draw_vanished(draw, first + place, self._vanished) for place in range(size)]
            yield _pairs(
                [
                    (found.number, rails_json(found.events))
                    for found in gone
                    if found.events is not None
                ]
            )
        for bad in self._bad():
            yield _pairs(bad.evenements)


def _pairs(rows: Sequence[Pair]) -> pa.Table:
    """Make a table of demande_id and payload."""
    columns = [pa.array([row[place] for row in rows], TEXT) for place in range(2)]
    return common.table(_PAYLOADS, columns)


def generate(settings: Settings, folder: TableFolder) -> dict[str, int]:
    """Write the three tables.

    Args:
        settings: what to generate.
        folder: an entered ``TableFolder``.

    Returns:
        By table, the number of rows.
    """
    tables = Tables(settings)
    return {
        name: folder.write(
            f"raw_{PRODUCT}__{name}", schema, getattr(tables, name)(), settings.lignes
        )
        for name, schema in SCHEMAS.items()
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: the command line without the program's name; that of the process if None.

    Returns:
        The exit code, see ``scripts.common.run``.
    """
    default = Settings()
    parser = common.command_line(
        PROGRAM, "Generate the raw inputs of the product dtnum.", f"seeds/{PRODUCT}"
    )
    add = parser.add_argument
    add(
        "--lignes",
        type=common.whole_number(0, 10**7),
        default=default.lignes,
        metavar="N",
        help="good rows of the tracking file",
    )
    add(
        "--demandes",
        type=common.whole_number(0, 10**7),
        metavar="N",
        help="good demandes of DataPass; a third more than rows of the file if not given",
    )
    common.add_bad_rows(
        add,
        MOST_BAD_ROWS,
        default.bad_rows,
        "bad rows on top, as a share of the rows of the file; every defect at least once",
    )

    def summary(_: Settings, rows: dict[str, int]) -> str:
        return (
            f"{rows['suivi']} rows of the file, {rows['demandes']} demandes, "
            f"{rows['evenements']} lists of events"
        )

    return common.write_tables(parser, arguments, Settings, generate, summary)


if __name__ == "__main__":
    sys.exit(main())
