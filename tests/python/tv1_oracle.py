"""tv1's rules once more, row by row in plain Python, to compare the models with.

Written from the specification and what was decided on it, not from the SQL. Inputs are tables of
texts, as the CSV files hold them (None or '' is an empty field; a column that is not there is
empty). Outputs are sorted lists of tuples, so that the order of the inputs never shows.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Any

Raw = Mapping[str, str | None]
Tables = Mapping[str, Sequence[Raw]]
Row = tuple[Any, ...]

INPUTS = {
    "users": "user_id age_group household_size region children_under5 segment_id".split(),
    "segmentation": """
        segment_id segment_key name description activity_level child_focus
        preferred_platform_weights weekday_time_windows weekend_time_windows
        avg_daily_minutes_weekday avg_daily_minutes_weekend avg_session_minutes kids_content_share
    """.split(),
    "programs": "program_id title category seasons url image".split(),
    "seasons": "season_id program_id season url".split(),
    "episodes": "episode_id program_id season_id title details url description image".split(),
    "tracking": """
        tracking_id tracking_time type session_id target_id platform context user_id
    """.split(),
}
DIMS = {
    "users": "user_id age_group region segment_id".split(),
    "segmentation": "segment_id segment_key name description activity_level".split(),
    "programs": INPUTS["programs"],
    "seasons": INPUTS["seasons"],
    "episodes": """
        episode_id program_id season_id duration_seconds title episode_nr details url description
        image
    """.split(),
}
DIM_DATE = """
    date_dim_id date_actual day_name day_of_week day_of_month day_of_quarter day_of_year
    week_of_month week_of_year week_of_year_iso month_actual month_name quarter_actual quarter_name
    year_actual first_day_of_week last_day_of_week first_day_of_month last_day_of_month
    first_day_of_quarter last_day_of_quarter first_day_of_year last_day_of_year mmyyyy yyyymm
    weekend_indr
""".split()
FCT_SESSIONS = """
    session_tracking_id session_id session_start_time session_start_date platform user_id
    last_end_time session_duration_min episodes_in_session
""".split()
FCT_EPISODES = """
    tracking_id session_id user_id event_time episode_id platform episode_start_time
    episode_end_time finished watched_minutes
""".split()
# The columns of every output, in the contract's order.
COLUMNS: dict[str, list[str]] = {
    **{f"tv1_marts.dim_{name}": columns for name, columns in DIMS.items()},
    **{f"tv1_marts.{name}_view": columns for name, columns in DIMS.items()},
    "tv1_marts.dim_date": DIM_DATE,
    "tv1_marts.date_view": [
        *DIM_DATE,
        *"""
            week_of_year_conv is_today is_yesterday is_this_week last_or_thisweek is_this_month
            is_last_month last_or_thismonth is_this_quarter is_this_year is_last_two_year is_past
            is_before_next_month
        """.split(),
    ],
    "tv1_marts.fct_sessions": FCT_SESSIONS,
    "tv1_marts.sessions_view": [
        *FCT_SESSIONS,
        "session_duration_group",
        "session_duration_group_order",
    ],
    "tv1_marts.fct_episodes_streamed": FCT_EPISODES,
    "tv1_marts.episodes_streamed_view": FCT_EPISODES,
    "tv1_marts.kpi_daily": """
        date_actual platform segment_id sessions streaming_sessions active_users episodes_watched
        episodes_watched_to_end minutes_watched
    """.split(),
    "tv1_silver.avvik": "tabell nokkel regel".split(),
}
IDS = {"user_id", "segment_id", "program_id", "season_id", "episode_id"}
# Every rule of tv1_silver.avvik.
RULES: dict[str, list[str]] = {
    "tracking": """
        no_tracking_id duplicate unknown_type no_time no_session_id no_user_id unknown_user
        broken_json no_episode_id unknown_episode no_start_time no_end_time no_finished
        end_before_start unknown_session shared_session_id
    """.split(),
    "users": "no_key duplicate no_segment_id unknown_segment".split(),
    "segmentation": "no_key duplicate".split(),
    "programs": "no_key duplicate".split(),
    "seasons": "no_key duplicate unknown_program".split(),
    "episodes": "no_key duplicate unknown_program unknown_season".split(),
}

SESSION = "Session starts"
EPISODE = "Episode starts"
FIRST_DAY = date(2020, 1, 1)
LAST_DAY = date(2039, 12, 27)
BOUNDS = (0, 1, 2, 3, 5, 10, 15, 20, 30, 40, 50, 60, 75, 90, 120, 150, 180, 210, 240)
QUARTERS = "First Second Third Fourth".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = """
    January February March April May June July August September October November December
""".split()

ID = re.compile(r"-?[0-9]{1,18}")
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?)?")
EPISODE_NR = re.compile(r"\s*([0-9]{1,18})([.]|\Z)", re.ASCII)
UNITS = {"th": 3600, "m": 60, "s": 1}
# The escape of the character zero, behind an even number of backslashes.
ZERO = re.compile(r"(^|[^\\])(\\\\)*\\u0000")
SURROGATE = re.compile("[\ud800-\udfff]")


# Values


def to_id(text: str | None) -> int | None:
    """Return the number that an id is, None when it is none."""
    return int(text) if text and ID.fullmatch(text) else None


def to_time(text: str | None) -> datetime | None:
    """Return the wall-clock time that a text is, None when it is none."""
    if not text or not TIME.fullmatch(text):
        return None
    day, clock, fraction = text[:10], text[11:19] or "00:00:00", text[20:]
    numbers = [int(part) for part in (*day.split("-"), *clock.split(":"))]
    try:
        return datetime(*numbers, int(fraction.ljust(6, "0")))  # type: ignore[arg-type]
    except ValueError:
        return None


def to_bool(text: str | None) -> bool | None:
    """Return whether a text says true; None when it says neither true nor false."""
    word = (text or "").lower()
    return True if word in ("true", "t", "1") else False if word in ("false", "f", "0") else None


def minutes(start: datetime | None, end: datetime | None) -> Decimal | None:
    """Return the minutes between two times with two places, halves away from zero."""
    if start is None or end is None:
        return None
    # in whole numbers, so that no division can blur a tie: 600,000 microseconds are .01 minutes
    micros = (end - start) // timedelta(microseconds=1)
    hundredths = (2 * abs(micros) + 600_000) // 1_200_000
    return Decimal(-hundredths if micros < 0 else hundredths).scaleb(-2)


def duration_seconds(details: str | None) -> int | None:
    """Return the length of an episode: 'Sæson 1 | 1t 5m' are 3,900 seconds."""
    parts = (details or "").split("|")
    if len(parts) < 2:
        return None
    total = None
    for letters, seconds in UNITS.items():
        found = re.search(f"([0-9]+) *[{letters}]", parts[1], re.IGNORECASE | re.ASCII)
        if found is None:
            continue
        if len(found[1]) > 9:
            return None
        total = (total or 0) + int(found[1]) * seconds
    return total


def episode_nr(title: str | None) -> int | None:
    """Return the number that a title begins with, before a dot or alone."""
    found = EPISODE_NR.match(title or "")
    return int(found[1]) if found else None


class _NumberText(str):
    """A JSON number, as it was written."""

    __slots__ = ()


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def json_object(text: str | None) -> dict[str, Any] | None:
    """Return the JSON object that a text is (RFC 8259), None when it is none."""
    if not text or ZERO.search(text):
        return None
    try:
        value = json.loads(
            text, parse_int=_NumberText, parse_float=_NumberText, parse_constant=_no_constant
        )
    except (ValueError, RecursionError):
        return None
    # PostgreSQL refuses half a pair of surrogates
    return value if isinstance(value, dict) and not _has_surrogate(value) else None


def _has_surrogate(value: Any) -> bool:
    if isinstance(value, str):
        return SURROGATE.search(value) is not None
    if isinstance(value, dict):
        return any(_has_surrogate(k) or _has_surrogate(v) for k, v in value.items())
    return isinstance(value, list) and any(map(_has_surrogate, value))


def json_text(values: Mapping[str, Any], name: str) -> str | None:
    """Return a text, a number or a boolean of an object as text; None for all else and ''."""
    value = values.get(name)
    if isinstance(value, bool):
        return "true" if value else "false"
    return (str(value) or None) if isinstance(value, str) else None


# The calendar


@cache
def dim_date() -> tuple[Row, ...]:
    """Return the rows of dim_date."""
    rows = []
    day = FIRST_DAY
    while day <= LAST_DAY:
        rows.append(_calendar_day(day))
        day += timedelta(days=1)
    return tuple(rows)


def _calendar_day(day: date) -> Row:
    year, week, weekday = day.isocalendar()
    quarter = (day.month - 1) // 3 + 1
    monday = day - timedelta(days=weekday - 1)
    quarter_begins = date(day.year, 3 * quarter - 2, 1)
    return (
        int(day.strftime("%Y%m%d")),
        day,
        DAYS[day.weekday()],
        weekday,
        day.day,
        (day - quarter_begins).days + 1,
        (day - date(day.year, 1, 1)).days + 1,
        (day.day - 1) // 7 + 1,
        week,
        f"{year:04}-W{week:02}-{weekday}",
        day.month,
        MONTHS[day.month - 1],
        quarter,
        QUARTERS[quarter - 1],
        day.year,
        monday,
        monday + timedelta(days=6),
        day.replace(day=1),
        _next_month(day) - timedelta(days=1),
        quarter_begins,
        _next_month(date(day.year, 3 * quarter, 1)) - timedelta(days=1),
        date(day.year, 1, 1),
        date(day.year, 12, 31),
        f"{day.month:02}{day.year}",
        day.year * 100 + day.month,
        weekday in (6, 7),
    )


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


@cache
def date_view(idag: date) -> tuple[Row, ...]:
    """Return the rows of date_view, as seen on a day."""
    return tuple(
        (*row, *_seen_from(row[1], idag))
        for row in dim_date()
        if 2024 <= row[1].year <= idag.year + 1
    )


def _seen_from(day: date, idag: date) -> Row:
    this_week = day.isocalendar()[:2] == idag.isocalendar()[:2]
    last_week = day.isocalendar()[:2] == (idag - timedelta(days=7)).isocalendar()[:2]
    this_month = (day.year, day.month) == (idag.year, idag.month)
    before = idag.replace(day=1) - timedelta(days=1)
    last_month = (day.year, day.month) == (before.year, before.month)
    this_year = day.year == idag.year
    return (
        week_of_year_conv(day),
        int(day == idag),
        int(day == idag - timedelta(days=1)),
        int(this_week),
        "this week" if this_week else "last week" if last_week else "",
        int(this_month),
        int(last_month),
        "this month" if this_month else "last month" if last_month else "",
        int(this_year and (day.month - 1) // 3 == (idag.month - 1) // 3),
        int(this_year),
        int(day.year in (idag.year - 1, idag.year)),
        int(day <= idag),
        int(day < _next_month(idag)),
    )


def week_of_year_conv(day: date) -> int:
    """Return a week number by which the days of one calendar year are in order."""
    year, week, _ = day.isocalendar()
    return 0 if year < day.year else 53 if year > day.year else week


# Which row is used


@dataclass
class Findings:
    """What tv1_silver.avvik says, one row for an input row and a rule."""

    rows: list[Row] = field(default_factory=list)

    def say(self, table: str, row: Raw, rule: str) -> None:
        """Note that a rule meets an input row."""
        text = row[INPUTS[table][0]]
        number = to_id(text)
        self.rows.append((table, text if number is None else str(number), rule))


def _texts(table: str, rows: Sequence[Raw]) -> list[dict[str, str | None]]:
    """The rows with every column, and with None for an empty field."""
    return [{column: row.get(column) or None for column in INPUTS[table]} for row in rows]


def _byte_order(texts: Iterable[str | None]) -> list[tuple[bool, bytes]]:
    """A sort key: byte order, NULL last."""
    return [(text is None, (text or "").encode()) for text in texts]


def _used(
    table: str,
    rows: Sequence[Raw],
    findings: Findings,
    no_key: str,
    order: Callable[[Raw], Any],
) -> dict[int, Raw]:
    """Choose one row for each key; the findings get the rest."""
    key = INPUTS[table][0]
    by_key: dict[int, list[Raw]] = defaultdict(list)
    for row in _texts(table, rows):
        number = to_id(row[key])
        if number is None:
            findings.say(table, row, no_key)
        else:
            by_key[number].append(row)
    used = {}
    for number, same in by_key.items():
        # the key's own text last: '7' and '007' are one key, and avvik shows the loser's text
        first, *others = sorted(same, key=lambda row: (order(row), _byte_order([row[key]])))
        used[number] = first
        for row in others:
            findings.say(table, row, "duplicate")
    return used


def _used_dim(table: str, tables: Tables, findings: Findings) -> dict[int, Raw]:
    columns = INPUTS[table][1:]
    return _used(
        table, tables[table], findings, "no_key", lambda row: _byte_order(row[c] for c in columns)
    )


def _used_tracking(tables: Tables, findings: Findings) -> dict[int, Raw]:
    """Choose the latest row of each tracking_id, whatever its type."""

    def order(row: Raw) -> Any:
        time = to_time(row["tracking_time"])
        backwards = datetime.max - time if time is not None else timedelta.max
        return (backwards, _byte_order(row[c] for c in INPUTS["tracking"][1:]))

    return _used("tracking", tables["tracking"], findings, "no_tracking_id", order)


# Events and sessions


@dataclass
class Event:
    """A used row of tracking.

    Attributes:
        row: Its texts.
        number: The tracking_id.
        values: The JSON object of its context, None when that is none.
    """

    row: Raw
    number: int
    values: dict[str, Any] | None

    @property
    def time(self) -> datetime | None:
        """The event's time."""
        return to_time(self.row["tracking_time"])

    @property
    def session_id(self) -> int | None:
        """The session that it belongs to."""
        return to_id(self.row["session_id"])

    @property
    def episode_id(self) -> int | None:
        """The episode that was started."""
        return to_id(self.row["target_id"])

    @property
    def user_id(self) -> int | None:
        """Whose event it is."""
        return to_id(self.row["user_id"])

    @property
    def start(self) -> datetime | None:
        """When the episode started."""
        return to_time(json_text(self.values or {}, "start_time"))

    @property
    def end(self) -> datetime | None:
        """When the episode ended."""
        return to_time(json_text(self.values or {}, "end_time"))

    @property
    def finished(self) -> bool | None:
        """Whether the episode was watched to its end."""
        return to_bool(json_text(self.values or {}, "finished"))

    @property
    def watched(self) -> Decimal | None:
        """The minutes that were watched."""
        return minutes(self.start, self.end)


def _session_row(session: Event, episodes: Sequence[Event]) -> Row:
    start = session.time
    ends = [episode.end for episode in episodes if episode.end is not None]
    return (
        session.number,
        session.session_id,
        start,
        start.date() if start is not None else None,
        session.row["platform"],
        session.user_id,
        max(ends) if ends else start,
        minutes(start, max(ends)) if ends else Decimal("0.00"),
        len(episodes),
    )


def duration_group(duration: Decimal | None) -> tuple[str | None, int | None]:
    """Return the label and the order of a session's (rounded) duration."""
    if duration is None:
        return None, None
    if duration == 0:
        return "0 min", 0
    for low, high in pairwise(BOUNDS):
        if duration <= high:
            return f"{low}\u2013{high} min", high
    return "240+ min", 300


def _episode_row(episode: Event) -> Row:
    return (
        episode.number,
        episode.session_id,
        episode.user_id,
        episode.time,
        episode.episode_id,
        episode.row["platform"],
        episode.start,
        episode.end,
        episode.finished,
        episode.watched,
    )


def _kpi_daily(
    sessions: Sequence[Event],
    episodes_of: Mapping[int | None, Sequence[Event]],
    segments: Mapping[int, int | None],
) -> list[Row]:
    groups: dict[Row, list[Event]] = defaultdict(list)
    for session in sessions:
        day = session.time.date() if session.time is not None else None
        segment = segments.get(session.user_id) if session.user_id is not None else None
        groups[day, session.row["platform"], segment].append(session)
    rows = []
    for group, own in groups.items():
        # a session_id that two of the group's sessions share gives its episodes to both
        episodes = [one for session in own for one in episodes_of.get(session.session_id, ())]
        watched = [one for one in episodes if one.episode_id is not None]
        rows.append(
            (
                *group,
                len(own),
                sum(1 for session in own if episodes_of.get(session.session_id)),
                len({session.user_id for session in own} - {None}),
                len(watched),
                sum(1 for one in watched if one.finished),
                sum((one.watched or Decimal(0) for one in episodes), Decimal("0.00")),
            )
        )
    return rows


def _tracking_findings(
    events: Sequence[Event],
    users: Mapping[int, Raw],
    episodes: Mapping[int, Raw],
    starts: Mapping[int | None, int],
    findings: Findings,
) -> None:
    for event in events:
        is_episode = event.row["type"] == EPISODE
        has_context = event.row["context"] is not None
        read = event.values is not None
        known_session = event.session_id is None or event.session_id in starts
        met = {
            "no_time": event.time is None,
            "no_session_id": event.session_id is None,
            "no_user_id": event.user_id is None,
            "unknown_user": event.user_id is not None and event.user_id not in users,
            "broken_json": not read and (is_episode or has_context),
        }
        if is_episode:
            start, end = event.start, event.end
            met |= {
                "no_episode_id": event.episode_id is None,
                "unknown_episode": event.episode_id is not None
                and event.episode_id not in episodes,
                # of a context that is no object, broken_json says it all
                "no_start_time": read and start is None,
                "no_end_time": read and end is None,
                "no_finished": read and event.finished is None,
                "end_before_start": start is not None and end is not None and end < start,
                "unknown_session": not known_session,
            }
        else:
            met["shared_session_id"] = starts.get(event.session_id, 0) > 1
        for rule, meets in met.items():
            if meets:
                findings.say("tracking", event.row, rule)


# All of it


def compute(tables: Tables, idag: date) -> dict[str, list[Row]]:
    """Compute every output of the product.

    Args:
        tables: The six raw tables, by their names in the contract.
        idag: The day that date_view is seen from.

    Returns:
        Per relation, schema included, its sorted rows in the contract's column order.
    """
    findings = Findings()
    dims = {name: _used_dim(name, tables, findings) for name in DIMS}
    output: dict[str, list[Row]] = {}
    for name, used in dims.items():
        rows = [_dim_row(name, row) for row in used.values()]
        output[f"tv1_marts.dim_{name}"] = output[f"tv1_marts.{name}_view"] = _sorted(rows)
        for row in used.values():
            _dim_findings(name, row, dims, findings)

    used_events = []
    for number, row in _used_tracking(tables, findings).items():
        if row["type"] in (SESSION, EPISODE):
            used_events.append(Event(row, number, json_object(row["context"])))
        else:
            findings.say("tracking", row, "unknown_type")
    sessions = [event for event in used_events if event.row["type"] == SESSION]
    episodes = [event for event in used_events if event.row["type"] == EPISODE]
    episodes_of: dict[int | None, list[Event]] = defaultdict(list)
    for episode in episodes:
        if episode.session_id is not None:
            episodes_of[episode.session_id].append(episode)
    starts: dict[int | None, int] = defaultdict(int)
    for session in sessions:
        if session.session_id is not None:
            starts[session.session_id] += 1
    _tracking_findings(used_events, dims["users"], dims["episodes"], starts, findings)

    facts = [_session_row(one, episodes_of.get(one.session_id, ())) for one in sessions]
    streamed = _sorted(map(_episode_row, episodes))
    segments = {number: to_id(row["segment_id"]) for number, row in dims["users"].items()}
    return output | {
        "tv1_marts.dim_date": list(dim_date()),
        "tv1_marts.date_view": list(date_view(idag)),
        "tv1_marts.fct_sessions": _sorted(facts),
        "tv1_marts.sessions_view": _sorted((*row, *duration_group(row[7])) for row in facts),
        "tv1_marts.fct_episodes_streamed": streamed,
        "tv1_marts.episodes_streamed_view": streamed,
        "tv1_marts.kpi_daily": _sorted(_kpi_daily(sessions, episodes_of, segments)),
        "tv1_silver.avvik": _sorted(findings.rows),
    }


def _dim_row(name: str, row: Raw) -> Row:
    made = {
        "duration_seconds": duration_seconds(row.get("details")),
        "episode_nr": episode_nr(row.get("title")),
    }
    return tuple(
        made[c] if c in made else to_id(row[c]) if c in IDS else row[c] for c in DIMS[name]
    )


def _dim_findings(
    name: str, row: Raw, dims: Mapping[str, Mapping[int, Raw]], findings: Findings
) -> None:
    if name == "users":
        segment = to_id(row["segment_id"])
        if segment is None:
            findings.say(name, row, "no_segment_id")
        elif segment not in dims["segmentation"]:
            findings.say(name, row, "unknown_segment")
    if name in ("seasons", "episodes") and to_id(row["program_id"]) not in dims["programs"]:
        findings.say(name, row, "unknown_program")
    if name == "episodes" and to_id(row["season_id"]) not in dims["seasons"]:
        findings.say(name, row, "unknown_season")


def _sorted(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: [(v is None, 0 if v is None else v) for v in row])
