"""Spoil the output of the tv1 simulation: rows with every defect that ``tv1_silver.avvik`` tells.

The tables of what there is get bad rows on top, so that the good ones stay. Events are spoiled in
place, each by one defect at most; those that come twice are added at the end of their chunk. What
is not spoiled is the same as without bad rows.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa

from scripts.common import TEXT, as_text
from scripts.tv1_simulation import SESSION, TYPES

MOST_BAD_ROWS = 0.01

# Ids that nobody has: above those of any output.
NEW_ID = 10**9
UNREADABLE_IDS = ("abc", "12a", "1.5", "1 2", "1234567890123456789")
IMPOSSIBLE_TIMES = ("2025-02-30 12:00:00", "2025-01-01 24:00:00", "01.01.2025 12:00", "i går")
UNKNOWN_TYPES = ("Episode ends", "session starts", "Ad starts")
NO_OBJECTS = ('{"start_time":', "[1,2]", '"text"', "null", "started", "{'finished':true}")
UNREADABLE_FLAGS = ('"maybe"', "null", "2", "[]")
# Lengths and numbers that can be read, or cannot, without being a defect: each comes once.
ODD_EPISODES = (
    ("1. Længe", "Sæson 1 | 1t 5m"),
    ("2. Længere", "Sæson 1 | 1h 23m"),
    ("3. Kort", "Sæson 1 | 1M 30S"),
    ("4.Uden mellemrum", "Sæson 1|2t"),
    ("5", "Sæson 1 | 12 m | HD"),
    (" 6. Indrykket", "Sæson 1 | m"),
    ("7 uden punktum", "Sæson 1 | snart"),
    ("Uden nummer", "Sæson 1"),
    (None, None),
)

Row = dict[str, str | None]


def all_text(table: pa.Table) -> pa.Table:
    """Write every column as text, as a CSV file has it."""
    columns = [as_text(column.combine_chunks()).cast(TEXT) for column in table.columns]
    return pa.Table.from_arrays(columns, names=table.column_names)


# --- what there is -------------------------------------------------------------------------------


def bad_rows_of(name: str, good: pa.Table, share: float) -> pa.Table:
    """Make bad rows of a table other than tracking.

    Args:
        name: of the table, such as ``users``.
        good: its good rows, every column text; the first one is the key. At least one row.
        share: of rows with each defect.

    Returns:
        Rounds of one row for each defect, at least one round.
    """
    rows: list[Row] = []
    for turn in range(max(1, round(share * good.num_rows))):
        model: Row = good.slice(turn % good.num_rows, 1).to_pylist()[0]
        rows += _bad_round(name, model, turn)
    if name == "episodes":
        model = good.slice(0, 1).to_pylist()[0]
        rows += [
            {**model, "episode_id": str(2 * NEW_ID + turn), "title": title, "details": details}
            for turn, (title, details) in enumerate(ODD_EPISODES)
        ]
    return pa.Table.from_pylist(rows, good.schema)


# The columns by which a table names rows of others, and the one that a correction changes.
_REFERENCES = {
    "users": ("segment_id",),
    "seasons": ("program_id",),
    "episodes": ("program_id", "season_id"),
}
_CORRECTED = {
    "users": "region",
    "segmentation": "description",
    "programs": "title",
    "seasons": "url",
    "episodes": "description",
}


def _bad_round(name: str, model: Row, turn: int) -> list[Row]:
    """Make one row for each defect, like a good one but for the defect."""
    key = next(iter(model))
    corrected = _CORRECTED[name]
    rows: list[Row] = [
        {**model, key: None},
        {**model, key: UNREADABLE_IDS[turn % len(UNREADABLE_IDS)]},
        dict(model),  # the same row twice
        {**model, corrected: f"{model[corrected]} (rettet)"},
    ]
    for reference in _REFERENCES.get(name, ()):
        values = (None, UNREADABLE_IDS[turn % len(UNREADABLE_IDS)], str(NEW_ID + turn))
        for value in values:
            new = str(NEW_ID + 10 * turn + len(rows))
            rows.append({**model, key: new, reference: value})
    return rows


# --- events --------------------------------------------------------------------------------------

# What a defect makes of an event: it gets the row, how often the defect came before, and the
# session_id of another session.
Defect = Callable[[Row, int, str], Row]


def _put(column: str, *values: str | None) -> Defect:
    """Put one value after another into a column."""
    return lambda row, turn, other: {**row, column: values[turn % len(values)]}


def _put_new(column: str) -> Defect:
    """Put an id that nobody has into a column."""
    return lambda row, turn, other: {**row, column: str(NEW_ID + turn)}


def _in_context(pattern: str, *values: str) -> Defect:
    """Replace a part of the JSON by one value after another."""
    return lambda row, turn, other: {
        **row,
        "context": re.sub(pattern, values[turn % len(values)], row["context"] or ""),
    }


def _later(row: Row, seconds: int) -> str:
    """Return an event's time so many seconds later."""
    time = datetime.fromisoformat(row["tracking_time"] or "") + timedelta(seconds=seconds)
    return time.isoformat(sep=" ")


def _end_before_start(row: Row, turn: int, other: str) -> Row:
    """Let an episode end before it starts: by a minute, by two, ..."""
    end = _later(row, -60 * (turn % 10 + 1)).replace(" ", "T")
    changed = re.sub('"end_time":"[^"]*"', f'"end_time":"{end}"', row["context"] or "")
    return {**row, "context": changed}


def _share_session(row: Row, turn: int, other: str) -> Row:
    """Give a session the id of another one."""
    return {**row, "session_id": other}


_START, _END, _FINISHED = '"start_time":"[^"]*",', '"end_time":"[^"]*",', ',"finished":[a-z]+'

# By name.
BAD_SESSIONS: dict[str, Defect] = {
    "shared_session_id": _share_session,
    "broken_json": _put("context", *NO_OBJECTS),
    "no_tracking_id": _put("tracking_id", None, *UNREADABLE_IDS),
    "unknown_type": _put("type", *UNKNOWN_TYPES, None),
    "no_time": _put("tracking_time", None, *IMPOSSIBLE_TIMES),
    "no_session_id": _put("session_id", None, *UNREADABLE_IDS),
    "no_user_id": _put("user_id", None, *UNREADABLE_IDS),
    "unknown_user": _put_new("user_id"),
}
BAD_EPISODES: dict[str, Defect] = {
    "no_tracking_id": _put("tracking_id", None),
    "unreadable_tracking_id": _put("tracking_id", *UNREADABLE_IDS),
    "unknown_type": _put("type", *UNKNOWN_TYPES),
    "no_type": _put("type", None),
    "no_time": _put("tracking_time", None),
    "impossible_time": _put("tracking_time", *IMPOSSIBLE_TIMES),
    "no_session_id": _put("session_id", None, *UNREADABLE_IDS),
    "unknown_session": _put_new("session_id"),
    "no_user_id": _put("user_id", None, *UNREADABLE_IDS),
    "unknown_user": _put_new("user_id"),
    "broken_json": _put("context", *NO_OBJECTS),
    "no_json": _put("context", None),
    "no_episode_id": _put("target_id", None, *UNREADABLE_IDS),
    "unknown_episode": _put_new("target_id"),
    "no_start_time": _in_context(_START, ""),
    "impossible_start_time": _in_context(
        _START, *(f'"start_time":"{text}",' for text in IMPOSSIBLE_TIMES)
    ),
    "no_end_time": _in_context(_END, ""),
    "impossible_end_time": _in_context(
        _END, *(f'"end_time":"{text}",' for text in IMPOSSIBLE_TIMES)
    ),
    "no_finished": _in_context(_FINISHED, ""),
    "unreadable_finished": _in_context(
        _FINISHED, *(f',"finished":{text}' for text in UNREADABLE_FLAGS)
    ),
    "end_before_start": _end_before_start,
}
# These leave the event alone and add a second row with its id: the same one, and a later one.
ADDED = ("repeated", "corrected")


class BadTracking:
    """Spoils chunks of tracking, one after another.

    Args:
        share: of rows with each defect.
        users: number of users.
        days: number of days.
    """

    def __init__(self, share: float, users: int, days: int) -> None:
        """Say after how many events a defect comes again, so that each comes at least once."""
        # Sessions are one for each user and day, and episodes several in each of them.
        rows = users * days // 2
        self._kinds = [{**kinds, **dict.fromkeys(ADDED)} for kinds in (BAD_SESSIONS, BAD_EPISODES)]
        self._periods = [
            max(2 * len(kinds), int(min(1 / share, rows))) if share else 0 for kinds in self._kinds
        ]
        self._counts = [0, 0]

    def spoil(self, chunk: pa.Table) -> pa.Table:
        """Spoil some events of a chunk.

        Args:
            chunk: clean events, every column text.

        Returns:
            As many rows, spoiled or not, and after them those that were added.
        """
        types = chunk["type"].combine_chunks()
        is_session = np.array(types.to_pylist(), dtype=object) == TYPES[SESSION]
        sessions = np.flatnonzero(is_session)
        edited: dict[int, Row] = {}
        added: list[Row] = []
        for which, rows in enumerate((sessions, np.flatnonzero(~is_session))):
            number = self._counts[which] + np.arange(len(rows))
            self._counts[which] += len(rows)
            defects = list(self._kinds[which].items())
            # Apart from each other, so that a session's neighbours are as they came.
            step = self._periods[which] // len(defects)
            turn, kind = np.divmod(number // step, len(defects))
            for place in np.flatnonzero(number % step == 0).tolist():
                row: Row = chunk.slice(int(rows[place]), 1).to_pylist()[0]
                name, defect = defects[int(kind[place])]
                if defect is None:
                    added.append(_again(name, row))
                    continue
                # The session before; after, where there is none before.
                neighbour = place - 1 if place else min(1, len(rows) - 1)
                other = chunk["tracking_id"][int(rows[neighbour])].as_py()
                edited[int(rows[place])] = defect(row, int(turn[place]), other)
        return _edited(chunk, edited, added)


def _again(name: str, row: Row) -> Row:
    """Make a second row of the same event: the same one, or a later one from another platform."""
    if name == "repeated":
        return row
    return {**row, "tracking_time": _later(row, 1), "platform": "Web"}


def _edited(chunk: pa.Table, edited: dict[int, Row], added: list[Row]) -> pa.Table:
    """Return the chunk with some rows replaced and others added."""
    new = pa.Table.from_pylist([*edited.values(), *added], chunk.schema)
    index = np.arange(chunk.num_rows + len(added))
    index[chunk.num_rows :] += len(edited)
    index[list(edited)] = chunk.num_rows + np.arange(len(edited))
    return pa.concat_tables([chunk, new]).take(pa.array(index))
