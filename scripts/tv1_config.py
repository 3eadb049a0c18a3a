"""Read the runtime definitions of the tv1 simulation, ``tv1_simulation.toml``.

Every key is checked; what is wrong with one is said in one sentence that names it, such as
``tv1_simulation.toml: segments[2].platforms adds up to 0.9 and not to 1.``
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from scripts.common import SettingError

DEFAULT_PATH = Path(__file__).with_name("tv1_simulation.toml")

DAY_MINUTES = 24 * 60
WEEKDAYS, WEEKEND_DAYS = 5, 2
# Shares are written with a few decimals: they add up to 1 to within this.
SHARES_TOLERANCE = 1e-6
MOST_USERS = 10**7
MOST_DAYS = 3660


@dataclass(frozen=True)
class Run:
    """How much is simulated; options of the command line come first.

    Attributes:
        users: number of users, 1 or more.
        first_day: the first day with sessions.
        days: number of days, 1 or more.
        seed: 0 or more.
    """

    users: int
    first_day: date
    days: int
    seed: int


@dataclass(frozen=True)
class CatalogueConfig:
    """What the catalogue is like.

    Attributes:
        programs: number of programmes.
        seasons: number of seasons, at least one for each programme.
        episodes: number of episodes, at least one for each season.
        without_category: number of programmes without a category.
        shortest: minutes of the shortest episode.
        longest: minutes of the longest episode.
        mean: minutes of the mean episode.
        trailer_seconds: length of the one episode whose length is given in seconds.
        kids: categories of programmes for children.
        categories: chance of each category.
    """

    programs: int
    seasons: int
    episodes: int
    without_category: int
    shortest: int
    longest: int
    mean: float
    trailer_seconds: int
    kids: tuple[str, ...]
    categories: Mapping[str, float]


@dataclass(frozen=True)
class Rule:
    """Who belongs to a segment, unless an earlier rule fits.

    Attributes:
        segment: segment_id.
        ages: age groups that it fits.
        size_from: smallest household that it fits.
        size_to: largest household that it fits.
    """

    segment: int
    ages: tuple[str, ...]
    size_from: int
    size_to: int


@dataclass(frozen=True)
class UsersConfig:
    """Whom the users are drawn from.

    Attributes:
        regions: share of each region.
        ages: share of each age group.
        household_sizes: share of the households of 1, 2, ... persons.
        child_under5: chance of a child under five in the households of 1, 2, ... persons.
        segment_rules: in order; the last one fits everybody.
    """

    regions: Mapping[str, float]
    ages: Mapping[str, float]
    household_sizes: tuple[float, ...]
    child_under5: tuple[float, ...]
    segment_rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Window:
    """Hours in which a session starts.

    Attributes:
        start: minutes since midnight.
        end: minutes since midnight, more than start; above 1440 on the next day.
        share: the chance of a session on a day.
        text: the hours as the config writes them.
    """

    start: int
    end: int
    share: float
    text: tuple[str, str]


@dataclass(frozen=True)
class Minutes:
    """Length of a session in minutes: normal within bounds.

    Attributes:
        mean: of the normal distribution.
        sd: its standard deviation.
        low: no session is shorter.
        high: no session is longer.
    """

    mean: float
    sd: float
    low: float
    high: float


@dataclass(frozen=True)
class Segment:
    """How the users of a segment behave.

    Attributes:
        segment_id: 1 or more.
        texts: segment_key, name, description, activity_level and child_focus.
        platforms: chance of each platform.
        weekday_windows: in the order of the day, without overlap.
        weekend_windows: as weekday_windows, for Saturday and Sunday.
        weekday_minutes: shape of a session's length; see ``budget`` for its level.
        weekend_minutes: as weekday_minutes, for Saturday and Sunday.
        avg_session_minutes: mean length of a session over a week.
        kids_content_share: chance that a season that is drawn is one for children.
    """

    segment_id: int
    texts: Mapping[str, str]
    platforms: Mapping[str, float]
    weekday_windows: tuple[Window, ...]
    weekend_windows: tuple[Window, ...]
    weekday_minutes: Minutes
    weekend_minutes: Minutes
    avg_session_minutes: float
    kids_content_share: float

    def windows(self, weekend: bool) -> tuple[Window, ...]:
        """Return the windows of a weekday or of the weekend."""
        return self.weekend_windows if weekend else self.weekday_windows

    def budget(self, weekend: bool) -> Minutes:
        """Return the minutes of a session, at the level that avg_session_minutes asks for.

        A weekday counts five times and a weekend's day twice. The bounds are whole minutes.
        """
        weekday, other = self.weekday_minutes, self.weekend_minutes
        days = WEEKDAYS + WEEKEND_DAYS
        of_week = (WEEKDAYS * weekday.mean + WEEKEND_DAYS * other.mean) / days
        level = self.avg_session_minutes / of_week
        shape = other if weekend else weekday
        return Minutes(
            shape.mean * level,
            shape.sd * level,
            max(1, round(shape.low * level)),
            max(1, round(shape.high * level)),
        )


@dataclass(frozen=True)
class Config:
    """All runtime definitions.

    Attributes:
        run: how much.
        catalogue: what there is to see.
        users: who sees it.
        segments: how they do, in the order of segment_id.
    """

    run: Run
    catalogue: CatalogueConfig
    users: UsersConfig
    segments: tuple[Segment, ...]

    @property
    def platforms(self) -> tuple[str, ...]:
        """Every platform, in the order in which the segments name them."""
        return tuple(dict.fromkeys(name for part in self.segments for name in part.platforms))


class _Table:
    """A table of the file, which knows where it stands and which of its keys were asked for."""

    def __init__(self, file: str, where: str, values: Any) -> None:
        self.file, self.where = file, where
        if not isinstance(values, dict):
            raise self.wrong("", "is no table")
        self._values: dict[str, Any] = values
        self._left = dict.fromkeys(values)

    def wrong(self, key: str, what: str) -> SettingError:
        """Say what is wrong with a key."""
        name = f"{self.where}.{key}".strip(".") if key else self.where
        return SettingError(f"{self.file}: {name} {what}.")

    def take(self, key: str, default: Any = None) -> Any:
        """Return a key's value; a key without a default has to be there."""
        self._left.pop(key, None)
        if key in self._values:
            return self._values[key]
        if default is None:
            raise self.wrong(key, "is missing")
        return default

    def own_names(self) -> Iterable[str]:
        """Return the keys of the table."""
        return tuple(self._values)

    def whole(self, key: str, lowest: int, highest: int, default: int | None = None) -> int:
        """Return a whole number from lowest to highest."""
        value = self.take(key, default)
        # True is an int in Python, not in TOML.
        if type(value) is not int or not lowest <= value <= highest:
            raise self.wrong(key, f"is {value!r}, no whole number from {lowest} to {highest}")
        return value

    def number(self, key: str, lowest: float, highest: float) -> float:
        """Return a number from lowest to highest."""
        value = self.take(key)
        # The comparison is also false for nan.
        if type(value) not in (int, float) or not lowest <= value <= highest:
            raise self.wrong(key, f"is {value!r}, no number from {lowest} to {highest}")
        return float(value)

    def text(self, key: str) -> str:
        """Return a text that is not empty."""
        value = self.take(key)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, f"is {value!r}, no text")
        return value

    def day(self, key: str) -> date:
        """Return a day."""
        value = self.take(key)
        try:
            found = date.fromisoformat(value)
        except (TypeError, ValueError):
            found = None
        if found is None or found.isoformat() != value or not 1900 <= found.year <= 2200:
            raise self.wrong(key, f"is {value!r}, no day written as YYYY-MM-DD from 1900 to 2200")
        return found

    def table(self, key: str) -> "_Table":
        """Return a table within this one."""
        return _Table(self.file, f"{self.where}.{key}".strip("."), self.take(key))

    def tables(self, key: str) -> list["_Table"]:
        """Return a list of tables, at least one."""
        values = self.take(key)
        if not isinstance(values, list) or not values:
            raise self.wrong(key, "is no list of tables")
        where = f"{self.where}.{key}".strip(".")
        return [
            _Table(self.file, f"{where}[{place}]", value) for place, value in enumerate(values, 1)
        ]

    def names(self, key: str, known: Iterable[str], default: Any = None) -> tuple[str, ...]:
        """Return a list of names, all of them known."""
        values = self.take(key, default)
        if not isinstance(values, list):
            raise self.wrong(key, "is no list of names")
        for value in values:
            if value not in known:
                raise self.wrong(key, f"names {value!r}, which is none of {', '.join(known)}")
        return tuple(values)

    def chances(self, key: str) -> tuple[float, ...]:
        """Return a list of chances, at least one."""
        values = self.take(key)
        if not isinstance(values, list) or not values:
            raise self.wrong(key, "is no list of shares")
        for place, value in enumerate(values, 1):
            if type(value) not in (int, float) or not 0 <= value <= 1:
                raise self.wrong(f"{key}[{place}]", f"is {value!r}, no share from 0 to 1")
        return tuple(map(float, values))

    def whole_of(self, key: str, parts: Iterable[float]) -> None:
        """Refuse parts that do not add up to 1."""
        total = sum(parts)
        if abs(total - 1) > SHARES_TOLERANCE:
            raise self.wrong(key, f"adds up to {total:.6g} and not to 1")

    def shares(self, key: str) -> dict[str, float]:
        """Return shares by name that add up to 1."""
        table = self.table(key)
        found = {name: table.number(name, 0.0, 1.0) for name in table.own_names()}
        self.whole_of(key, found.values())
        return found

    def done(self) -> None:
        """Refuse keys that nobody asked for: most likely slips of the pen."""
        for key in self._left:
            raise self.wrong(key, "is not a key that is known here")


def _minute(table: _Table, key: str, text: Any) -> int:
    """Read ``HH:MM``, ``24:00`` included, as minutes since midnight."""
    found = re.fullmatch("([0-9]{2}):([0-5][0-9])", text) if isinstance(text, str) else None
    minute = int(found[1]) * 60 + int(found[2]) if found else DAY_MINUTES + 1
    if minute > DAY_MINUTES:
        raise table.wrong(key, f"has {text!r}, no hour written as HH:MM")
    return minute


def _windows(table: _Table, key: str) -> tuple[Window, ...]:
    """Read the windows of a day: in order, apart, and a session a day in all."""
    values = table.take(key)
    if not isinstance(values, list) or not values:
        raise table.wrong(key, "is no list of windows")
    windows: list[Window] = []
    for place, value in enumerate(values, 1):
        name = f"{key}[{place}]"
        if not isinstance(value, list) or len(value) != 3:
            raise table.wrong(name, "is not a list of start, end and share")
        first, last, share = value
        start, end = _minute(table, name, first), _minute(table, name, last)
        if start in (end, DAY_MINUTES):
            raise table.wrong(name, f"has no time from {first} to {last}")
        if type(share) not in (int, float) or not 0 <= share <= 1:
            raise table.wrong(name, f"has {share!r}, no share from 0 to 1")
        if windows and start < windows[-1].end:
            raise table.wrong(name, "begins before the one ahead of it has ended")
        end = end if end > start else end + DAY_MINUTES
        windows.append(Window(start, end, float(share), (first, last)))
    if windows[-1].end > windows[0].start + DAY_MINUTES:
        raise table.wrong(key, "ends after the next day's first window begins")
    table.whole_of(key, (window.share for window in windows))
    return tuple(windows)


def _minutes(table: _Table, key: str) -> Minutes:
    """Read the length of a session."""
    part = table.table(key)
    found = Minutes(
        part.number("mean", 1, DAY_MINUTES),
        part.number("sd", 0, DAY_MINUTES),
        part.whole("min", 1, DAY_MINUTES),
        part.whole("max", 1, DAY_MINUTES),
    )
    part.done()
    if not found.low <= found.mean <= found.high:
        raise table.wrong(key, "has a mean that does not lie from min to max")
    return found


def _run(table: _Table) -> Run:
    """Read how much is simulated."""
    found = Run(
        users=table.whole("users", 1, MOST_USERS),
        first_day=table.day("first_day"),
        days=table.whole("days", 1, MOST_DAYS),
        seed=table.whole("seed", 0, 2**63 - 1),
    )
    table.done()
    return found


def _catalogue(table: _Table) -> CatalogueConfig:
    """Read what the catalogue is like."""
    length = table.table("minutes")
    categories = table.shares("categories")
    found = CatalogueConfig(
        programs=table.whole("programs", 1, 100_000),
        seasons=table.whole("seasons", 1, 100_000),
        episodes=table.whole("episodes", 1, 1_000_000),
        without_category=table.whole("without_category", 0, 100_000),
        shortest=length.whole("shortest", 1, 600),
        longest=length.whole("longest", 1, 600),
        mean=length.number("mean", 1, 600),
        trailer_seconds=table.whole("trailer_seconds", 1, 3600),
        kids=table.names("kids", categories),
        categories=categories,
    )
    length.done()
    table.done()
    if not found.programs <= found.seasons <= found.episodes:
        raise table.wrong("seasons", "must lie from the number of programs to that of episodes")
    if not found.shortest <= found.mean <= found.longest:
        raise table.wrong("minutes", "has a mean that does not lie from shortest to longest")
    if found.without_category > found.programs:
        raise table.wrong("without_category", "is more than there are programs")
    return found


def _users(table: _Table, segments: Iterable[int]) -> UsersConfig:
    """Read whom the users are drawn from."""
    sizes = table.chances("household_sizes")
    table.whole_of("household_sizes", sizes)
    children = table.chances("child_under5")
    if len(children) != len(sizes):
        raise table.wrong("child_under5", "is not as long as household_sizes")
    if not any(size * child for size, child in zip(sizes, children, strict=True)):
        raise table.wrong("child_under5", "leaves no household with a child")
    ages = table.shares("ages")
    rules: list[Rule] = []
    for part in table.tables("segment_rules"):
        rule = Rule(
            segment=part.whole("segment", 1, 1_000_000),
            ages=part.names("ages", ages, list(ages)),
            size_from=part.whole("size_from", 1, len(sizes), 1),
            size_to=part.whole("size_to", 1, len(sizes), len(sizes)),
        )
        part.done()
        if rule.segment not in segments:
            raise part.wrong("segment", f"is {rule.segment}, which no segment has as segment_id")
        rules.append(rule)
    last = rules[-1]
    if set(last.ages) != set(ages) or (last.size_from, last.size_to) != (1, len(sizes)):
        raise table.wrong("segment_rules", "does not end with a rule that fits everybody")
    regions = table.shares("regions")
    table.done()
    return UsersConfig(regions, ages, sizes, children, tuple(rules))


def _segment(table: _Table) -> Segment:
    """Read how a segment behaves."""
    texts = ("segment_key", "name", "description", "activity_level", "child_focus")
    found = Segment(
        segment_id=table.whole("segment_id", 1, 1_000_000),
        texts={name: table.text(name) for name in texts},
        platforms=table.shares("platforms"),
        weekday_windows=_windows(table, "weekday_windows"),
        weekend_windows=_windows(table, "weekend_windows"),
        weekday_minutes=_minutes(table, "weekday_minutes"),
        weekend_minutes=_minutes(table, "weekend_minutes"),
        avg_session_minutes=table.number("avg_session_minutes", 1, DAY_MINUTES),
        kids_content_share=table.number("kids_content_share", 0.0, 1.0),
    )
    table.done()
    return found


def read_config(path: Path = DEFAULT_PATH) -> Config:
    """Read and check the runtime definitions.

    Args:
        path: a TOML file.

    Returns:
        What the file says.

    Raises:
        SettingError: the file cannot be read, or a key is missing, unknown or wrong; the sentence
            names the file and the key.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingError(f"--config: {str(path)!r} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SettingError(f"{path.name}: is not UTF-8 text.") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingError(f"{path.name}: is not TOML: {error}.") from None
    whole = _Table(path.name, "", content)
    run = _run(whole.table("run"))
    catalogue = _catalogue(whole.table("catalogue"))
    segments = [_segment(part) for part in whole.tables("segments")]
    ids = [segment.segment_id for segment in segments]
    if ids != sorted(set(ids)):
        raise whole.wrong("segments", "are not in the order of segment_id, each once")
    users = _users(whole.table("users"), ids)
    whole.done()
    return Config(run, catalogue, users, tuple(segments))
