"""Simulate who watches what when, for all users of a day at once.

What a user watches is one endless stream: the rest of the season that they are in, then a new
season, and so on. A day's sessions lie on that stream one after another, each as long as its
budget. So a day is two ways to cut the same line, at the ends of episodes and at the ends of
sessions, and the events are the pieces between neighbouring cuts: no loop over events is needed,
nobody is stuck at a season's end, and what one session leaves of an episode the next one takes up.

A user's state between two days is a season and the seconds of it that are over.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from scripts import common
from scripts.common import CODE, TEXT
from scripts.tv1_catalogue import PRODUCT, Catalogue, shared_borders
from scripts.tv1_config import Config, UsersConfig

DAY_SECONDS = 24 * 60 * 60
SATURDAY = 5

# Users simulated at a time, and households drawn at a time; the draws depend on both, so changing
# them changes the data.
CHUNK_USERS = 7_500
CHUNK_HOUSEHOLDS = 50_000
# A budget outside its bounds is drawn again so many times; then it is the mean.
REDRAWS = 8

SESSION, EPISODE = range(2)
TYPES = ("Session starts", "Episode starts")

USERS_SCHEMA = pa.schema(
    [
        ("user_id", pa.int64()),
        ("age_group", CODE),
        ("household_size", pa.int64()),
        ("region", CODE),
        ("children_under5", CODE),
        ("segment_id", pa.int64()),
    ]
)
TRACKING_SCHEMA = pa.schema(
    [
        ("tracking_id", pa.int64()),
        ("tracking_time", TEXT),
        ("type", CODE),
        ("session_id", pa.int64()),
        ("target_id", pa.int64()),
        ("platform", CODE),
        ("context", TEXT),
        ("user_id", pa.int64()),
    ]
)


# --- users ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Users:
    """Users 1, 2, ...; an element of each array for each.

    Attributes:
        region: index into the config's regions.
        size: persons in the household.
        age: index into the config's ages.
        segment_id: int64.
    """

    region: np.ndarray
    size: np.ndarray
    age: np.ndarray
    segment_id: np.ndarray

    def __len__(self) -> int:
        """The number of users."""
        return len(self.size)


def draw_users(config: UsersConfig, count: int, seed: int) -> Users:
    """Draw users: households by region, size and child until enough have one, then ages.

    Args:
        config: the shares.
        count: how many, 0 or more. The first ones are the same whatever the number.
        seed: 0 or more.

    Returns:
        ``count`` users.
    """
    parts: list[tuple[np.ndarray, ...]] = []
    found, number = 0, 0
    children = np.array(config.child_under5)
    while found < count:
        random = common.random_generator(seed, PRODUCT, "users", number)
        region = _draw_index(random, list(config.regions.values()), CHUNK_HOUSEHOLDS)
        size = _draw_index(random, config.household_sizes, CHUNK_HOUSEHOLDS)
        accepted = np.flatnonzero(random.random(CHUNK_HOUSEHOLDS) < children[size])
        age = _draw_index(random, list(config.ages.values()), len(accepted))
        parts.append((region[accepted], size[accepted] + 1, age))
        found, number = found + len(accepted), number + 1
    if not parts:
        parts = [(np.zeros(0, dtype=np.int64),) * 3]
    region, size, age = (np.concatenate(columns)[:count] for columns in zip(*parts, strict=True))
    ages = list(config.ages)
    fits = [
        np.isin(age, [ages.index(name) for name in rule.ages])
        & (size >= rule.size_from)
        & (size <= rule.size_to)
        for rule in config.segment_rules
    ]
    segment_id = np.select(fits, [rule.segment for rule in config.segment_rules])
    return Users(region, size, age, segment_id.astype(np.int64))


def users_table(config: UsersConfig, users: Users) -> pa.Table:
    """Write the users as the table ``users``."""
    rows = len(users)

    def code(index: np.ndarray, names: list[str]) -> pa.Array:
        return pa.DictionaryArray.from_arrays(index.astype(np.int32), pa.array(names, TEXT))

    return common.table(
        USERS_SCHEMA,
        [
            pa.array(np.arange(1, rows + 1)),
            code(users.age, list(config.ages)),
            pa.array(users.size.astype(np.int64)),
            code(users.region, list(config.regions)),
            code(np.zeros(rows), ["true"]),
            pa.array(users.segment_id),
        ],
    )


def _draw_index(random: np.random.Generator, shares: Sequence[float], rows: int) -> np.ndarray:
    """Draw ``rows`` indices into a list of shares."""
    return np.searchsorted(shared_borders(shares), random.random(rows), side="right")


# --- behaviour -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Behaviour:
    """The segments on one kind of day; a row of each array for each segment.

    Attributes:
        share: shape (segments, windows), chance of a session; 0 for windows that are not there.
        begin: as share, seconds since midnight.
        length: as share, seconds, at least 1.
        mean: shape (segments,), minutes of a session.
        sd: as mean.
        low: as mean.
        high: as mean.
    """

    share: np.ndarray
    begin: np.ndarray
    length: np.ndarray
    mean: np.ndarray
    sd: np.ndarray
    low: np.ndarray
    high: np.ndarray


def _behaviour(config: Config, weekend: bool) -> _Behaviour:
    """Write the segments' windows and minutes as arrays."""
    segments = config.segments
    shape = (len(segments), max(len(segment.windows(weekend)) for segment in segments))
    share, begin, length = np.zeros(shape), np.zeros(shape, np.int64), np.ones(shape, np.int64)
    for row, segment in enumerate(segments):
        for column, window in enumerate(segment.windows(weekend)):
            share[row, column] = window.share
            begin[row, column] = window.start * 60
            length[row, column] = (window.end - window.start) * 60
    budgets = [segment.budget(weekend) for segment in segments]
    mean, sd, low, high = (
        np.array([getattr(budget, name) for budget in budgets])
        for name in ("mean", "sd", "low", "high")
    )
    return _Behaviour(share, begin, length, mean, sd, low, high)


@dataclass
class State:
    """Where users stand between two days; an element of each array for each user.

    Attributes:
        season: int32, index of the season that the user is in, -1 before the first one.
        over: int32, seconds of it that are over; all of them if it is at its end.
    """

    season: np.ndarray
    over: np.ndarray

    @classmethod
    def fresh(cls, users: int) -> "State":
        """Return the state of users who have not seen anything."""
        return cls(np.full(users, -1, dtype=np.int32), np.zeros(users, dtype=np.int32))


@dataclass(frozen=True)
class Events:
    """Events of some users on one day, by user, session and time; an element for each.

    Attributes:
        kind: ``SESSION`` or ``EPISODE``.
        session: index of the event that starts the event's session.
        user: index of the user.
        platform: index into the config's platforms.
        episode: index into the catalogue's episodes; not used of the start of a session.
        start: int64, seconds since the day's midnight, past 86,400 on the next day.
        end: as start; not used of the start of a session.
        finished: whether the episode was seen to its end.
    """

    kind: np.ndarray
    session: np.ndarray
    user: np.ndarray
    platform: np.ndarray
    episode: np.ndarray
    start: np.ndarray
    end: np.ndarray
    finished: np.ndarray

    def __len__(self) -> int:
        """The number of events."""
        return len(self.kind)


class Simulation:
    """Users who watch day after day.

    Args:
        config: how the segments behave.
        catalogue: what there is to see.
        segment_id: int64, shape (users,); every one is a segment of the config.
        seed: 0 or more.
        state: where the users stand; it is changed. Nobody has seen anything if None.
    """

    def __init__(
        self,
        config: Config,
        catalogue: Catalogue,
        segment_id: np.ndarray,
        seed: int,
        state: State | None = None,
    ) -> None:
        """Write the config as arrays."""
        self._catalogue = catalogue
        self._seed = seed
        self._segment = np.searchsorted(
            [segment.segment_id for segment in config.segments], segment_id
        )
        self._state = State.fresh(len(segment_id)) if state is None else state
        self._days = {weekend: _behaviour(config, weekend) for weekend in (False, True)}
        self._platforms = np.array(
            [
                shared_borders([segment.platforms.get(name, 0.0) for name in config.platforms])
                for segment in config.segments
            ]
        )
        # Seasons for children first. Where all are of one kind, that one is drawn.
        kids, others = np.flatnonzero(catalogue.kids), np.flatnonzero(~catalogue.kids)
        self._seasons = np.concatenate([kids, others])
        self._count_kids = len(kids)
        share = np.array([segment.kids_content_share for segment in config.segments])
        self._kids_share = share if len(kids) and len(others) else np.full(len(share), len(kids))

    def day(self, day: date) -> Iterator[Events]:
        """Simulate one day and move the state on to its end.

        Args:
            day: days have to come in order; each has draws of its own, so that a period that is
                simulated in two parts has the same events as in one.

        Yields:
            The events of at most ``CHUNK_USERS`` users, in the order of the users.
        """
        for number, first, size in common.in_chunks(len(self._segment), CHUNK_USERS):
            random = common.random_generator(
                self._seed, PRODUCT, "tracking", day.toordinal(), number
            )
            yield self._chunk(random, first, size, day.weekday() >= SATURDAY)

    def _chunk(self, random: np.random.Generator, first: int, size: int, weekend: bool) -> Events:
        """Simulate a day of the users ``first`` to ``first + size - 1``."""
        behaviour = self._days[weekend]
        segment = self._segment[first : first + size]
        # Windows are in the order of the day, so that these are sorted by user and start.
        share = behaviour.share[segment]
        user, window = np.nonzero(random.random(share.shape) < share)
        of = segment[user]
        wall = behaviour.begin[of, window] + random.integers(0, behaviour.length[of, window])
        chance = random.random(len(of))
        platform = (chance[:, None] >= self._platforms[of]).sum(axis=1, dtype=np.int32)
        budget = _draw_budgets(random, behaviour, of) * 60
        return self._cut(random, first + user, wall, platform, budget)

    def _cut(
        self,
        random: np.random.Generator,
        user: np.ndarray,
        wall: np.ndarray,
        platform: np.ndarray,
        budget: np.ndarray,
    ) -> Events:
        """Cut the users' streams at the ends of episodes and of sessions.

        All streams of a chunk lie one after another on one line, in seconds.

        Args:
            random: where the draws come from.
            user: index of each session's user, ascending.
            wall: its start, seconds since midnight.
            platform: its platform.
            budget: its length in seconds, 1 or more.
        """
        borders = np.concatenate([[0], np.cumsum(budget)])  # of sessions
        begins, ends = borders[:-1], borders[1:]
        viewers, head = np.unique(user, return_index=True)
        base = borders[head]
        limit = borders[np.append(head[1:], len(user))] if len(user) else base
        viewer, season, over = self._play(random, viewers, limit - base)

        # A play is a season or the rest of one; plays of a viewer follow each other.
        catalogue = self._catalogue
        length = catalogue.season_seconds[season] - over
        before = np.cumsum(length) - length
        heads = np.flatnonzero(np.diff(viewer, prepend=-1))
        play = base[viewer] + before - np.repeat(before[heads], np.diff(heads, append=len(viewer)))
        # The same in seconds of the whole catalogue, whose episodes lie one after another, too.
        position = catalogue.ends[catalogue.first[season]] + over
        stop = position + np.minimum(length, limit[viewer] - play)
        head_episode = np.searchsorted(catalogue.ends, position, side="right") - 1
        count = np.searchsorted(catalogue.ends, stop, side="left") - head_episode

        # The last play of each viewer says where they stand.
        last = np.append(heads[1:], len(viewer)) - 1 if len(viewer) else heads
        self._state.season[viewers] = season[last]
        self._state.over[viewers] = (over + stop - position)[last]

        # Episodes, or the rest of one, that somebody watches. The last ones may end beyond the
        # last session: they stay unfinished.
        of = np.repeat(np.arange(len(count)), count)
        episode = np.arange(len(of)) + np.repeat(head_episode - np.cumsum(count) + count, count)
        shift = (play - position)[of]
        episode_end = catalogue.ends[episode + 1] + shift
        cut_end = np.minimum(episode_end, limit[viewer][of])
        piece = np.searchsorted(cut_end, begins, side="right")
        pieces = np.searchsorted(cut_end, ends, side="left") - piece + 1

        # One row for the session, then one for each of its pieces.
        rows = pieces + 1
        head_row = np.cumsum(rows) - rows
        session = np.repeat(np.arange(len(rows)), rows)
        kind = np.full(len(session), EPISODE, dtype=np.int32)
        kind[head_row] = SESSION
        at = np.arange(len(session)) + np.repeat(piece - head_row - 1, rows)
        at[head_row] += 1  # any piece of the session will do
        episode_end = episode_end[at]
        episode = episode[at]
        until = ends[session]
        to_wall = (wall - begins)[session]
        # The rest of an episode begins where the session does.
        start = np.maximum(episode_end - catalogue.seconds[episode], begins[session])
        return Events(
            kind,
            head_row[session],
            user[session],
            platform[session],
            episode,
            start + to_wall,
            np.minimum(episode_end, until) + to_wall,
            episode_end <= until,
        )

    def _play(
        self, random: np.random.Generator, viewers: np.ndarray, need: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Draw seasons until every viewer has enough for the day.

        Args:
            random: where the draws come from.
            viewers: index of each user with a session, ascending.
            need: seconds that each of them watches.

        Returns:
            (viewer, season, over), an element for each season that is played: index into
            ``viewers``, ascending; index of the season; seconds of it that are over already.
        """
        lengths = self._catalogue.season_seconds
        season, over = self._state.season[viewers], self._state.over[viewers].astype(np.int64)
        rest = np.where(season >= 0, lengths[season] - over, 0)
        going_on = np.flatnonzero(rest)
        plays = [(going_on, season[going_on].astype(np.int64), over[going_on])]
        left = need - rest
        active = np.flatnonzero(left > 0)
        while len(active):  # once for each season of whoever sees the most of them
            drawn = self._draw_seasons(random, self._segment[viewers[active]])
            plays.append((active, drawn, np.zeros(len(active), dtype=np.int64)))
            left[active] -= lengths[drawn]
            active = active[left[active] > 0]
        viewer, season, over = map(np.concatenate, zip(*plays, strict=True))
        order = np.argsort(viewer, kind="stable")
        return viewer[order], season[order], over[order]

    def _draw_seasons(self, random: np.random.Generator, segment: np.ndarray) -> np.ndarray:
        """Draw a season for each element, by its segment's share of those for children."""
        kids = random.random(len(segment)) < self._kids_share[segment]
        chance = random.random(len(segment))
        others = len(self._seasons) - self._count_kids
        index = np.where(kids, chance * self._count_kids, self._count_kids + chance * others)
        return self._seasons[index.astype(np.int64)]


def _draw_budgets(
    random: np.random.Generator, behaviour: _Behaviour, segment: np.ndarray
) -> np.ndarray:
    """Draw the length of each session in whole minutes, int64."""
    mean, sd = behaviour.mean[segment], behaviour.sd[segment]
    low, high = behaviour.low[segment], behaviour.high[segment]
    minutes = random.normal(mean, sd)
    out = np.flatnonzero((minutes < low) | (minutes > high))
    for _ in range(REDRAWS):
        again = random.normal(mean[out], sd[out])
        minutes[out] = again
        out = out[(again < low[out]) | (again > high[out])]
    minutes[out] = mean[out]
    return np.rint(minutes).astype(np.int64)


# --- events as text ------------------------------------------------------------------------------

_BEGIN, _MIDDLE, _END = b'{"start_time":"', b'","end_time":"', b'","finished":'
_OUTCOMES = np.array([b"false}", b"true}"])
_STARTED = b'{"context":"started session"}'
# A context as bytes, so that it is put together without a loop; the unused end is cut off.
_CONTEXT = np.dtype(
    [
        ("begin", f"S{len(_BEGIN)}"),
        ("start_day", "S11"),
        ("start", "S8"),
        ("middle", f"S{len(_MIDDLE)}"),
        ("end_day", "S11"),
        ("end", "S8"),
        ("finished", f"S{len(_END)}"),
        ("outcome", "S6"),
    ]
)
_TIME = np.dtype([("day", "S11"), ("time", "S8")])
# 'HH:MM:SS' of every second of a day.
_CLOCK = np.array(
    [f"{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}".encode() for s in range(DAY_SECONDS)]
)


def tracking_table(config: Config, day: date, events: Events, first_id: int) -> pa.Table:
    """Write events as the table ``tracking``.

    Args:
        config: for the names of the platforms.
        day: the day that the events' seconds count from.
        events: any number.
        first_id: the first event's tracking_id; the others follow.

    Returns:
        One row for each event, in the same order. Times are ``YYYY-MM-DD HH:MM:SS``, in the JSON
        with a T between; target_id is NULL where a session starts.
    """
    ids = np.arange(first_id, first_id + len(events))
    last = int(events.end.max(initial=0)) // DAY_SECONDS
    days = [(day + timedelta(days=number)).isoformat() for number in range(last + 1)]
    start_day, start = np.divmod(events.start, DAY_SECONDS)
    times = np.empty(len(events), dtype=_TIME)
    times["day"] = np.array([f"{text} ".encode() for text in days])[start_day]
    times["time"] = _CLOCK[start]
    is_session = events.kind == SESSION
    return common.table(
        TRACKING_SCHEMA,
        [
            pa.array(ids),
            common.fixed_width_text(times.view(np.uint8).reshape(len(events), _TIME.itemsize)),
            pa.DictionaryArray.from_arrays(events.kind, pa.array(TYPES, TEXT)),
            pa.array(events.session + first_id),
            pa.array(events.episode + 1, mask=is_session),
            pa.DictionaryArray.from_arrays(events.platform, pa.array(config.platforms, TEXT)),
            _contexts(events, days, start_day, times["time"]),
            pa.array(events.user + 1),
        ],
    )


def _contexts(
    events: Events, days: list[str], start_day: np.ndarray, start: np.ndarray
) -> pa.StringArray:
    """Write what each event says besides: JSON text."""
    rows = len(events)
    with_t = np.array([f"{text}T".encode() for text in days])
    end_day, end = np.divmod(events.end, DAY_SECONDS)
    records = np.empty(rows, dtype=_CONTEXT)
    records["begin"], records["middle"], records["finished"] = _BEGIN, _MIDDLE, _END
    records["start_day"], records["start"] = with_t[start_day], start
    records["end_day"], records["end"] = with_t[end_day], _CLOCK[end]
    finished = events.finished.astype(np.int8)
    records["outcome"] = _OUTCOMES[finished]
    characters = records.view(np.uint8).reshape(rows, _CONTEXT.itemsize)
    started = np.flatnonzero(events.kind == SESSION)
    characters[started, : len(_STARTED)] = np.frombuffer(_STARTED, dtype=np.uint8)
    length = _CONTEXT.itemsize - finished  # 'true' is one shorter than 'false'
    length[started] = len(_STARTED)
    data = characters[np.arange(_CONTEXT.itemsize, dtype=np.int8) < length[:, None]]
    offsets = np.zeros(rows + 1, dtype=np.int32)
    np.cumsum(length, out=offsets[1:])
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(data))
