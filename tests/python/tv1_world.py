"""Made-up inputs of tv1: small, odd worlds that meet every rule, and the loads that follow them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from tv1_oracle import EPISODE, INPUTS, SESSION, to_id, to_time

Row = dict[str, str | None]
Tables = dict[str, list[Row]]

FIRST_DAY = datetime(2024, 12, 28)
NO_IDS = ["", None, "x", "12x", "1.0", " 7", "+7", "1e3", "1" * 19, "-", "\uff17", "ø"]
NO_TIMES = [
    "",
    None,
    "2025-02-30 10:00:00",
    "2025-13-01 10:00:00",
    "2025-01-05 24:00:00",
    "2025-01-05 10:60:00",
    "2025-01-05 10:00:60",
    "2025-01-05 10:00",
    "2025-1-5 10:00:00",
    "2025-01-05  10:00:00",
    "2025-01-05 10:00:00Z",
    "2025-01-05T10:00:00+01:00",
    "2025-01-05 10:00:00.1234567",
    "2025-01-05 10:00:00.",
    " 2025-01-05 10:00:00",
    "2025-01-05 ",
    "05/01/2025 10:00",
    "20250105",
    "infinity",
    "i går",
]
# Contexts that are no JSON object, and None.
NO_OBJECTS = [
    '{"start_time": "2025-01-05 10:00:00", "end_time": "2025-01-05 10:05:00",}',
    '{"start_time": "2025-01-05 10:00:00", "finished": [1,]}',
    '{"finished": NaN}',
    '{"finished": -Infinity, "end_time": "2025-01-05 10:05:00"}',
    '[{"start_time": "2025-01-05 10:00:00"}]',
    "[]",
    "null",
    " null ",
    "true",
    "7",
    '"started session"',
    '{"end_time": "2025-01-05 10:05:00", "x": "\\u0000"}',
    '{"end_time": "2025-01-05 10:05:00", "x": "\\ud800"}',
    '{"\\udc00x": 1}',
    "{'finished': true}",
    '{"finished": true',
    '{"finished": true} {}',
    '{"finished": True}',
    '{"finished": 01}',
    '\ufeff{"finished": true}',
    '{"x": "ligne\nbrute"}',
    "started session",
    " ",
    "",
    None,
]
# Parts of objects that look like something else.
FINE = [
    '"note": "a,]"',
    '"note": ": NaN, ,}"',
    '"note": "\\\\u0000"',
    '"note": "\\ud83c\\udf89 \\"x\\""',
    '"nested": {"end_time": "2030-01-01 00:00:00", "finished": true}',
    '"liste": [1, {"finished": false}, null]',
    '"finished ": true, "Finished": true',
]
FINISHED = [True, True, True, False, False, "true", "T", "FALSE", "f", "t", 0, 1, "0", "1"]
NO_FINISHED = ["", None, "yes", " true", 2, 10, "01", [], [True], {"finished": True}]
PLATFORMS = ["TV", "TV", "Mobile", "Tablet", "tv", "Fjernsyn på stuen", "", None]
TYPES = ["Session ends", "episode starts", "Session starts ", "SESSION STARTS", "", None]
REGIONS = ["Hovedstaden", "Sjælland", "Syddanmark", "Midtjylland", "Nordjylland", "", None]
TEXTS = ["Æblegrød på ø", "café, \"citat\" og 'apostrof'", "to\nlinjer", " ", "null", "0", "", None]
DETAILS = [
    "Sæson 1 | 8m",
    "Sæson 1 | 12m",
    "Sæson 1 | 1t 5m",
    "Sæson 1|1h 23m",
    "x| 1h23m",
    "|2T",
    "x|90 S",
    "Sæson 2 | 1m 30s",
    "Sæson 2 | 5m 1t",
    "| 1 time 2 min 3 sek",
    "a | 10m | 20m",
    "x | 45",
    "x | m",
    "x | 0m",
    "x | 5m 7m",
    "x | 1,5 t",
    "x | 007m",
    "x | 999999999s",
    "x | 1234567890s",
    "x | 12345678901m 5s",
    "12m",
    "Sæson 1 |",
    "|",
    "Sæson 1 | snart på vej",
    "",
    None,
]
TITLES = [
    "1. Pilot",
    "2. Blåbær på øen",
    " 12",
    "  3. Tre",
    "7",
    "7 x",
    "7 ",
    "Pilot",
    "007. x",
    "10.000 meter",
    ".5",
    "-1. x",
    "1" * 18,
    "1" * 19 + ".",
    "1:2. x",
    "\u0665. fem",
    " ",
    "",
    None,
]
# Seconds that were watched; some are ties when rounded to .01 minutes (.6 seconds).
SECONDS = [
    0, 0.1, 0.3, 0.299999, 0.300001, 0.9, 1.5, 2.1, 30.3, 30.9, 59.7, 60, 61.5, 90, 300.3, 432,
    600, 754.9, 1800.3, -0.3, -0.299999, -0.9, -0.1, -60, -3600.3,
]  # fmt: skip
# Borders of the bins, in minutes, and how many seconds a session misses them by.
BORDERS = [1, 2, 3, 5, 10, 15, 20, 30, 40, 50, 60, 75, 90, 120, 150, 180, 210, 240]
BESIDE = [0, 0.299999, 0.3, -0.3, 0.9]


def world(rng: random.Random, sessions: int) -> Tables:
    """Make up the raw tables.

    Args:
        rng: Where chance is from.
        sessions: How many sessions to make up; some rows are then listed again.

    Returns:
        The six tables, each in no order.
    """
    tables: Tables = {name: [] for name in INPUTS}
    for number in range(1, 6):
        tables["segmentation"].append(_segment(rng, number))
    for number in range(1, 5):
        tables["programs"].append(_program(rng, number))
    for number in range(1, 8):
        tables["seasons"].append(_season(rng, number))
    for number in range(1, 41):
        tables["episodes"].append(_episode(rng, number))
    for number in range(1, max(4, sessions // 4) + 1):
        tables["users"].append(_user(rng, number))
    for name in ("segmentation", "programs", "seasons", "episodes", "users"):
        _repeat(rng, tables[name], name, 0.08)
        _spoil(rng, tables[name], INPUTS[name][0], NO_IDS, 0.04)
        tables[name].append(dict(rng.choice(tables[name])) | {INPUTS[name][0]: rng.choice(NO_IDS)})
    _sessions(rng, tables, sessions, FIRST_DAY, days=12)
    _odd_tracking(rng, tables)
    _shuffle(rng, tables)
    return tables


def next_load(rng: random.Random, tables: Tables) -> Tables:
    """Make up what a later load finds: the same tables, changed in some of the ways that happen.

    Args:
        rng: Where chance is from.
        tables: The tables of the load before; they stay as they are.

    Returns:
        The six tables. At times nothing changed but the order of the rows.
    """
    after: Tables = {name: [dict(row) for row in rows] for name, rows in tables.items()}
    if rng.random() < 0.1:
        _shuffle(rng, after)
        return after
    changes: list[tuple[Callable[[random.Random, Tables], None], float]] = [
        (_new_day, 0.5),
        (_late_episodes, 0.5),
        (_late_starts, 0.25),
        (_corrections, 0.5),
        (_withdrawn_rows, 0.4),
        (_withdrawn_sessions, 0.3),
        (_withdrawn_range, 0.25),
        (_odd_tracking, 0.2),
        (_moved_users, 0.4),
        (_other_dims, 0.4),
    ]
    for change, often in changes:
        if rng.random() < often:
            change(rng, after)
    _shuffle(rng, after)
    return after


def _shuffle(rng: random.Random, tables: Tables) -> None:
    for rows in tables.values():
        rng.shuffle(rows)


def _some(rng: random.Random, rows: list[Row], most: int) -> list[Row]:
    return rng.sample(rows, min(len(rows), rng.randint(1, most)))


def _repeat(rng: random.Random, rows: list[Row], table: str, often: float) -> None:
    """List some rows again, as they are or with one other column."""
    for row in list(rows):
        if rng.random() < often:
            copy = dict(row)
            if rng.random() < 0.6:
                column = rng.choice(INPUTS[table][1:])
                copy[column] = rng.choice([copy[rng.choice(INPUTS[table][1:])], "", None, "Å", "z"])
                if rng.random() < 0.3:
                    # another way to write the same number
                    copy[INPUTS[table][0]] = "0" + (copy[INPUTS[table][0]] or "")
            rows.append(copy)


def _spoil(rng: random.Random, rows: list[Row], column: str, bad: list[Any], often: float) -> None:
    for row in rows:
        if rng.random() < often:
            row[column] = rng.choice(bad)


# Users, segments and the catalogue


def _id(rng: random.Random, most: int) -> str | None:
    """An id up to a number; now and then one that is not there, negative or unreadable."""
    kind = rng.random()
    if kind < 0.04:
        return rng.choice(NO_IDS)
    if kind < 0.08:
        return rng.choice(["-3", "-0", "999", "0", "9" * 18, "-" + "9" * 18])
    return rng.choice(["", "", "", "", "0"]) + str(rng.randint(1, most))


def _segment(rng: random.Random, number: int) -> Row:
    row: Row = {column: rng.choice(TEXTS) for column in INPUTS["segmentation"]}
    return row | {
        "segment_id": str(number),
        "segment_key": f"segment_{number}",
        "name": rng.choice(["Børnefamilier", "Ældre", None]),
        "preferred_platform_weights": '{"TV": 0.5, "Mobile": 0.5}',
    }


def _user(rng: random.Random, number: int) -> Row:
    return {
        "user_id": str(number),
        "age_group": rng.choice(["18-25", "26-40", "41-60", "60+", "", None]),
        "household_size": rng.choice(["2", "3", "6", "mange", None]),
        "region": rng.choice(REGIONS),
        "children_under5": rng.choice(["true", "True", "1", "", None]),
        "segment_id": _id(rng, 5),
    }


def _program(rng: random.Random, number: int) -> Row:
    return {
        "program_id": str(number),
        "title": rng.choice(["Rosa fra Rouladegade", "Bamses Billedbog", "Ærø", "", None]),
        "category": rng.choice(["Børn", "", None]),
        "seasons": rng.choice(["[1, 2]", "2", '["Sæson 1"]', "", None]),
        "url": f"https://example.org/{number}",
        "image": rng.choice(TEXTS),
    }


def _season(rng: random.Random, number: int) -> Row:
    return {
        "season_id": str(number),
        "program_id": _id(rng, 4),
        "season": rng.choice(["1", "Sæson 1", "", None]),
        "url": rng.choice(TEXTS),
    }


def _episode(rng: random.Random, number: int) -> Row:
    return {
        "episode_id": str(number),
        "program_id": _id(rng, 4),
        "season_id": _id(rng, 7),
        "title": rng.choice(TITLES),
        "details": rng.choice(DETAILS),
        "url": rng.choice(TEXTS),
        "description": rng.choice(TEXTS),
        "image": rng.choice(TEXTS),
    }


# Tracking


def _numbers(rng: random.Random, tables: Tables) -> Iterator[int]:
    """New tracking ids, above all that are there (the few huge ones left out), with gaps."""
    known = (to_id(row["tracking_id"]) or 0 for row in tables["tracking"])
    number = max((one for one in known if one < 10**6), default=0)
    while True:
        number += rng.choice([1, 1, 1, 1, 2, 3, 17, 40])
        yield number


def _last_day(tables: Tables) -> datetime:
    times = (to_time(row["tracking_time"]) for row in tables["tracking"])
    last = max((time for time in times if time is not None), default=FIRST_DAY)
    return last.replace(hour=0, minute=0, second=0, microsecond=0)


def _time_text(rng: random.Random, time: datetime) -> str:
    """A time in one of the forms; without a fraction that is zero, or with one."""
    text = time.isoformat(sep=rng.choice("  T"), timespec="seconds")
    fraction = f"{time.microsecond:06}"
    if time.microsecond:
        return f"{text}.{fraction.rstrip('0') if rng.random() < 0.5 else fraction}"
    if (time.hour, time.minute, time.second) == (0, 0, 0) and rng.random() < 0.7:
        return text[:10]
    return text + rng.choice(["", "", "", "", ".0", ".000000"])


def _object(rng: random.Random, pairs: list[tuple[str, Any]]) -> str:
    """The text of a JSON object, written in different ways."""
    ascii_only = rng.random() < 0.5
    colon, comma = rng.choice([(":", ","), (": ", ", "), ("\t:\n", " , ")])
    parts = [
        json.dumps(name) + colon + json.dumps(value, ensure_ascii=ascii_only)
        for name, value in pairs
    ]
    if rng.random() < 0.2:
        parts.append(rng.choice(FINE))
    rng.shuffle(parts)
    before, behind = rng.choice([("", ""), ("", ""), (" ", "\n"), ("\r\n\t", " ")])
    return before + "{" + comma.join(parts) + "}" + behind


def _start_context(rng: random.Random) -> str | None:
    if rng.random() < 0.15:
        return rng.choice(NO_OBJECTS)
    return _object(rng, [("context", rng.choice(["started session", "startet på ny", None]))])


def _episode_context(rng: random.Random, start: datetime, end: datetime) -> str | None:
    if rng.random() < 0.08:
        return rng.choice(NO_OBJECTS)
    pairs: list[tuple[str, Any]] = []
    for name, time in (("start_time", start), ("end_time", end)):
        kind = rng.random()
        if kind < 0.05:
            pairs.append((name, rng.choice([*NO_TIMES, 20250105, True, [], {"time": "x"}])))
        elif kind < 0.97:
            pairs.append((name, _time_text(rng, time)))
    kind = rng.random()
    if kind < 0.95:
        pairs.append(("finished", rng.choice(FINISHED if kind < 0.88 else NO_FINISHED)))
    return _object(rng, pairs)


def _sessions(
    rng: random.Random, tables: Tables, count: int, first_day: datetime, days: int
) -> None:
    """Add sessions with their episodes: several platforms and users, some at the same time."""
    numbers = _numbers(rng, tables)
    users = max(4, len(tables["users"]))
    for _ in range(count):
        own = next(numbers)
        number = str(own)
        start = first_day + timedelta(
            days=rng.randrange(days),
            hours=rng.choice([0, 7, 16, 18, 20, 20, 23, 23]),
            minutes=rng.choice([0, 0, 15, 30, 57, 59]),
            seconds=rng.choice([0, 0, 0.5, 13, 59, 59.7]),
        )
        session_id = _session_id(rng, number, own)
        row = _start(rng, number, session_id, start, _id(rng, users))
        tables["tracking"].append(row)
        _episodes(rng, tables, numbers, row, start, rng.choice([0, 1, 1, 2, 3, 6]))
        if rng.random() < 0.08:
            # the same user, at the same time, elsewhere
            twin = _start(rng, str(next(numbers)), None, start, row["user_id"])
            twin["session_id"] = rng.choice([twin["tracking_id"], row["session_id"]])
            tables["tracking"].append(twin)
            _episodes(rng, tables, numbers, twin, start + timedelta(minutes=1), rng.choice([0, 2]))


def _session_id(rng: random.Random, number: str, most: int) -> str | None:
    kind = rng.random()
    if kind < 0.03:
        return rng.choice(NO_IDS)
    if kind < 0.08:
        return str(rng.randint(1, most))
    if kind < 0.12:
        return rng.choice(["-" + number, "1", "0", "9" * 18])
    return rng.choice(["", "", "", "", "", "0"]) + number


def _start(
    rng: random.Random,
    number: str,
    session_id: str | None,
    start: datetime,
    user_id: str | None,
) -> Row:
    time = rng.choice(NO_TIMES) if rng.random() < 0.05 else _time_text(rng, start)
    return {
        "tracking_id": number,
        "tracking_time": time,
        "type": rng.choice(TYPES) if rng.random() < 0.03 else SESSION,
        "session_id": session_id,
        "target_id": rng.choice([None, None, "", "5", "x"]),
        "platform": rng.choice(PLATFORMS),
        "context": _start_context(rng),
        "user_id": user_id,
    }


def _episodes(
    rng: random.Random,
    tables: Tables,
    numbers: Iterator[int],
    session: Row,
    start: datetime,
    count: int,
) -> None:
    """Add episodes to a session, back to back; the last one may end at a bin's border."""
    begins = start
    for place in range(1, count + 1):
        ends = begins + timedelta(seconds=rng.choice(SECONDS))
        if place == count and rng.random() < 0.4:
            ends = start + timedelta(minutes=rng.choice(BORDERS), seconds=rng.choice(BESIDE))
        same = rng.random()
        tables["tracking"].append(
            {
                "tracking_id": str(next(numbers)),
                "tracking_time": rng.choice(NO_TIMES) if same < 0.03 else _time_text(rng, begins),
                "type": rng.choice(TYPES) if rng.random() < 0.03 else EPISODE,
                "session_id": session["session_id"] if same < 0.95 else _id(rng, 50),
                "target_id": _id(rng, 40),
                "platform": session["platform"] if same < 0.9 else rng.choice(PLATFORMS),
                "context": _episode_context(rng, begins, ends),
                "user_id": session["user_id"] if same < 0.92 else _id(rng, 10),
            }
        )
        begins = ends


def _odd_tracking(rng: random.Random, tables: Tables) -> None:
    """List rows again, equal or different; spoil ids; add rows that have next to nothing."""
    rows = tables["tracking"]
    _repeat(rng, rows, "tracking", 0.05)
    for row in _some(rng, rows, 3):
        copy = dict(row)
        copy["tracking_time"] = _time_text(
            rng, (to_time(row["tracking_time"]) or FIRST_DAY) + timedelta(hours=rng.choice([-1, 1]))
        )
        copy["type"] = rng.choice([row["type"], SESSION, EPISODE])
        rows.append(copy)
    for row in _some(rng, rows, 3):
        row["tracking_id"] = rng.choice(NO_IDS)
    for row in _some(rng, rows, 2):
        row["tracking_id"] = "-" + (row["tracking_id"] or "1").lstrip("-")
    if rng.random() < 0.5:
        huge: Row = dict.fromkeys(INPUTS["tracking"])
        rows.append(huge | {"tracking_id": "9" * 18, "type": rng.choice([SESSION, EPISODE])})
    if rng.random() < 0.3:
        rows.append(dict.fromkeys(INPUTS["tracking"], rng.choice(["", None])))


# What a later load brings


def _new_day(rng: random.Random, tables: Tables) -> None:
    count = max(1, sum(row["type"] == SESSION for row in tables["tracking"]) // 8)
    _sessions(rng, tables, count, _last_day(tables) + timedelta(days=1), days=1)


def _of_type(tables: Tables, type_: str) -> list[Row]:
    return [row for row in tables["tracking"] if row["type"] == type_]


def _late_episodes(rng: random.Random, tables: Tables) -> None:
    numbers = _numbers(rng, tables)
    for session in _some(rng, _of_type(tables, SESSION), 4):
        begins = (to_time(session["tracking_time"]) or FIRST_DAY) + timedelta(minutes=12)
        _episodes(rng, tables, numbers, session, begins, rng.choice([1, 2]))


def _late_starts(rng: random.Random, tables: Tables) -> None:
    """Session starts that come after their episodes: orphans find a home."""
    numbers = _numbers(rng, tables)
    starts = {to_id(row["session_id"]) for row in _of_type(tables, SESSION)}
    orphans = [
        row for row in _of_type(tables, EPISODE) if to_id(row["session_id"]) not in {None, *starts}
    ]
    for row in _some(rng, orphans, 3):
        time = to_time(row["tracking_time"]) or FIRST_DAY
        number = str(next(numbers))
        tables["tracking"].append(_start(rng, number, row["session_id"], time, row["user_id"]))


def _corrections(rng: random.Random, tables: Tables) -> None:
    """The same tracking_id, other content: in place, so that the old content is gone."""
    sessions = [row["session_id"] for row in _of_type(tables, SESSION)] or ["1"]
    for row in _some(rng, tables["tracking"], 6):
        column = rng.choice([c for c in INPUTS["tracking"] if c != "tracking_id"])
        time = to_time(row["tracking_time"]) or FIRST_DAY
        later = time + timedelta(days=rng.choice([-1, 0, 0, 1]), seconds=rng.choice(SECONDS))
        if column == "context" and row["type"] == SESSION:
            row["context"] = _start_context(rng)
        elif column == "context":
            row["context"] = _episode_context(rng, time, later)
        elif column == "session_id":
            row["session_id"] = rng.choice([*sessions, _id(rng, 50)])
        else:
            row[column] = {
                "tracking_time": rng.choice([_time_text(rng, later), rng.choice(NO_TIMES)]),
                "type": rng.choice([SESSION, EPISODE, *TYPES[:2]]),
                "target_id": _id(rng, 40),
                "platform": rng.choice(PLATFORMS),
                "user_id": _id(rng, 10),
            }[column]


def _without(rows: list[Row], gone: list[Row]) -> list[Row]:
    identities = set(map(id, gone))
    return [row for row in rows if id(row) not in identities]


def _withdrawn_rows(rng: random.Random, tables: Tables) -> None:
    """Single rows: mostly episodes, of duplicates perhaps the one that was used."""
    kind = rng.choice([_of_type(tables, EPISODE), tables["tracking"]])
    tables["tracking"] = _without(tables["tracking"], _some(rng, kind, 5))


def _withdrawn_sessions(rng: random.Random, tables: Tables) -> None:
    """Session starts, with or without their episodes."""
    gone = _some(rng, _of_type(tables, SESSION), 3)
    if rng.random() < 0.5:
        ids = {to_id(row["session_id"]) for row in gone} - {None}
        gone += [row for row in tables["tracking"] if to_id(row["session_id"]) in ids]
    tables["tracking"] = _without(tables["tracking"], gone)


def _withdrawn_range(rng: random.Random, tables: Tables) -> None:
    """A whole range of ids, so that blocks are gone, at times the last ones."""
    numbers = sorted(to_id(row["tracking_id"]) or 0 for row in tables["tracking"])
    if not numbers:
        return
    low = rng.choice(numbers)
    high = low + rng.choice([16, 64, 200])
    gone = [row for row in tables["tracking"] if low <= (to_id(row["tracking_id"]) or 0) <= high]
    tables["tracking"] = _without(tables["tracking"], gone)


def _moved_users(rng: random.Random, tables: Tables) -> None:
    for row in _some(rng, tables["users"], 4):
        row["segment_id"] = _id(rng, 5)


def _other_dims(rng: random.Random, tables: Tables) -> None:
    """Users, episodes and their like come, go and change."""
    make: dict[str, Callable[[random.Random, int], Row]] = {
        "users": _user,
        "episodes": _episode,
        "seasons": _season,
        "programs": _program,
        "segmentation": _segment,
    }
    for name, one in make.items():
        if rng.random() < 0.4:
            tables[name] = _without(tables[name], _some(rng, tables[name], 2))
        if rng.random() < 0.4:
            tables[name].append(one(rng, len(tables[name]) + rng.randint(-1, 2)))
        if rng.random() < 0.3:
            _repeat(rng, tables[name], name, 0.05)
        if rng.random() < 0.3:
            _spoil(rng, tables[name], INPUTS[name][-1], ["x", "", None], 0.05)
