"""The generator of the product tv1 keeps its promises: the same bytes, the config's behaviour."""

import json
import math
import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from generators import TV1, Defaults, Tables

from scripts import common, tv1, tv1_simulation
from scripts.tv1_bad import BAD_EPISODES, BAD_SESSIONS
from scripts.tv1_catalogue import Catalogue, draw_catalogue
from scripts.tv1_config import DEFAULT_PATH, Config, Minutes, read_config
from scripts.tv1_simulation import DAY_SECONDS, SESSION, Simulation

generate, read_csv = TV1.generate, TV1.read_csv


# The specification's table, again said here: TV/Mobile/Tablet, then windows and minutes by kind of
# day. The config has to say the same.
SPEC = {
    1: (
        (45, 35, 20),
        ("0630-0800 .25, 1630-1900 .45, 2000-2130 .30", 65, 15, 30, 110),
        ("0700-1000 .35, 1600-2000 .45, 2030-2200 .20", 85, 20, 40, 140),
    ),
    2: (
        (55, 25, 20),
        ("0630-0800 .20, 1800-2100 .60, 2100-2230 .20", 75, 20, 35, 130),
        ("0900-1100 .25, 1700-2130 .55, 2130-2300 .20", 95, 25, 45, 160),
    ),
    3: (
        (40, 40, 20),
        ("0700-0830 .15, 1830-2030 .35, 2030-2300 .50", 70, 25, 20, 150),
        ("1000-1200 .20, 1800-2330 .80", 110, 35, 35, 210),
    ),
    4: (
        (75, 15, 10),
        ("0830-1100 .25, 1600-1900 .35, 1900-2200 .40", 95, 25, 45, 170),
        ("0900-1200 .30, 1700-2100 .50, 2100-2230 .20", 110, 30, 50, 190),
    ),
    5: (
        (55, 30, 15),
        ("0700-0830 .15, 1800-2000 .30, 2000-2330 .55", 80, 30, 25, 170),
        ("1100-1400 .25, 1900-2400 .75", 120, 40, 35, 230),
    ),
    6: (
        (35, 50, 15),
        ("1200-1500 .25, 1800-2000 .25, 2000-0100 .50", 95, 35, 30, 210),
        ("1200-1500 .20, 1800-0200 .80", 140, 45, 40, 280),
    ),
    7: (
        (50, 25, 25),
        ("0630-0830 .25, 1700-2000 .55, 2000-2200 .20", 90, 25, 45, 160),
        ("0800-1100 .35, 1500-2000 .50, 2000-2200 .15", 120, 30, 60, 190),
    ),
    8: (
        (40, 40, 20),
        ("0600-0800 .25, 1200-1400 .15, 1900-2200 .60", 70, 20, 30, 120),
        ("0700-1000 .30, 1500-2000 .50, 2000-2230 .20", 95, 25, 40, 150),
    ),
}
# What rejection and rules make of the draws, by the specification.
SEGMENT_SHARES = {
    1: 0.2171,
    2: 0.1900,
    3: 0.0,
    4: 0.1168,
    5: 0.0825,
    6: 0.0779,
    7: 0.2214,
    8: 0.0943,
}
SIZE_SHARES = {2: 0.2357, 3: 0.2571, 4: 0.2857, 5: 0.1548, 6: 0.0667}
REGION_SHARES = {
    "Hovedstaden": 0.31,
    "Sjælland": 0.14,
    "Syddanmark": 0.22,
    "Midtjylland": 0.23,
    "Nordjylland": 0.10,
}
AGE_SHARES = {"18-25": 0.10, "26-40": 0.40, "41-60": 0.35, "60+": 0.15}

# Standard errors that a share or a mean of the simulation may be away from what is drawn: with the
# fixed seed it either is or is not, and of a thousand good seeds hardly one would be further away.
ERRORS = 4.5


def is_share(hits: float, of: float, share: float) -> bool:
    """Say whether so many hits may come from draws with this chance, see ``ERRORS``."""
    return abs(hits - of * share) <= ERRORS * math.sqrt(of * share * (1 - share)) + 1e-9


def is_uniform(counts: np.ndarray) -> bool:
    """Say whether counts may come from a uniform draw, by their chi-square, see ``ERRORS``."""
    expected = counts.mean()
    freedom = len(counts) - 1
    chi_square = ((counts - expected) ** 2 / expected).sum()
    return bool(chi_square <= freedom + ERRORS * math.sqrt(2 * freedom))


@pytest.fixture(scope="module")
def config() -> Config:
    """Hold the runtime definitions."""
    return read_config()


@pytest.fixture(scope="module")
def tables(defaults: Defaults) -> Tables:
    """Hold the default tables."""
    return read_csv(defaults(TV1))


# --- catalogue and segments ----------------------------------------------------------------------


def test_catalogue_is_like_the_real_one(tables: Tables) -> None:
    programs, seasons, episodes = (tables[name] for name in ("programs", "seasons", "episodes"))
    assert (len(programs), len(seasons), len(episodes)) == (61, 85, 462)
    assert sum(row["category"] is None for row in programs) == 18
    assert len({row["title"] for row in programs}) == 61
    lengths = [(row["details"] or "").split("|")[1].strip() for row in episodes]
    minutes = [int(text[:-1]) for text in lengths if re.fullmatch("[0-9]+m", text)]
    assert len(minutes) == 461
    assert sum(bool(re.fullmatch("[0-9]+s", text)) for text in lengths) == 1
    assert (min(minutes), max(minutes)) == (1, 42)
    # Tolerance: a tenth of a minute.
    assert abs(sum(minutes) / 461 - 7.8) < 0.1
    assert all(value for row in episodes for value in row.values())


def test_catalogue_hangs_together(tables: Tables) -> None:
    programs, seasons, episodes = (tables[name] for name in ("programs", "seasons", "episodes"))
    assert [row["program_id"] for row in programs] == [str(n) for n in range(1, 62)]
    assert [row["season_id"] for row in seasons] == [str(n) for n in range(1, 86)]
    assert [row["episode_id"] for row in episodes] == [str(n) for n in range(1, 463)]
    of_season = {row["season_id"]: row for row in seasons}
    counts = Counter(row["program_id"] for row in seasons)
    assert {row["program_id"]: int(row["seasons"] or 0) for row in programs} == counts
    numbers: dict[str | None, list[int]] = {}
    for row in episodes:
        season = of_season[row["season_id"]]
        assert row["program_id"] == season["program_id"]
        assert (row["details"] or "").startswith(f"{season['season']} | ")
        number = re.match(r"([0-9]+)\. [A-ZÆØÅ]", row["title"] or "")
        assert number
        numbers.setdefault(row["season_id"], []).append(int(number[1]))
    assert len(numbers) == 85
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())


def test_config_says_what_the_specification_says(config: Config) -> None:
    def hours(text: str) -> int:
        return int(text[:2]) * 60 + int(text[2:])

    assert [segment.segment_id for segment in config.segments] == list(SPEC)
    for segment in config.segments:
        platforms, *kinds = SPEC[segment.segment_id]
        assert list(segment.platforms) == ["TV", "Mobile", "Tablet"]
        assert [round(100 * share) for share in segment.platforms.values()] == list(platforms)
        for weekend, (windows, mean, sd, low, high) in enumerate(kinds):
            found = [
                (window.start, window.end % (24 * 60), window.share)
                for window in segment.windows(bool(weekend))
            ]
            assert found == [
                (hours(text[:4]), hours(text[5:9]) % (24 * 60), float(text[10:]))
                for text in windows.split(", ")
            ]
            # avg_session_minutes, written with two decimals, changes next to nothing.
            budget = segment.budget(bool(weekend))
            assert (budget.low, budget.high) == (low, high)
            assert (budget.mean, budget.sd) == pytest.approx((mean, sd), rel=2e-4)


def test_segmentation_is_the_config(tables: Tables, config: Config) -> None:
    for row, segment in zip(tables["segmentation"], config.segments, strict=True):
        assert row["segment_id"] == str(segment.segment_id)
        assert json.loads(row["preferred_platform_weights"] or "") == segment.platforms
        windows = json.loads(row["weekend_time_windows"] or "")
        assert [window["weight"] for window in windows] == [
            window.share for window in segment.weekend_windows
        ]
        minutes = json.loads(row["avg_daily_minutes_weekday"] or "")
        assert Minutes(*minutes.values()) == segment.weekday_minutes
        assert float(row["avg_session_minutes"] or "") == segment.avg_session_minutes
        assert float(row["kids_content_share"] or "") == segment.kids_content_share


# --- users ---------------------------------------------------------------------------------------


def test_users_have_the_shares_of_the_specification(config: Config) -> None:
    count = 100_000
    users = tv1_simulation.draw_users(config.users, count, 1)
    rows = tv1_simulation.users_table(config.users, users)
    for column, shares in (
        ("segment_id", SEGMENT_SHARES),
        ("household_size", SIZE_SHARES),
        ("region", REGION_SHARES),
        ("age_group", AGE_SHARES),
    ):
        found = Counter(rows[column].to_pylist())
        assert set(found) <= set(shares)
        # The specification's shares are rounded to four places.
        assert all(abs(found[value] / count - share) <= 0.005 for value, share in shares.items())
    assert rows["children_under5"].unique().to_pylist() == ["true"]
    assert rows["user_id"].to_pylist() == list(range(1, count + 1))


def test_first_users_do_not_depend_on_how_many_there_are(config: Config) -> None:
    few, many = (tv1_simulation.draw_users(config.users, count, 1) for count in (100, 30_000))
    for name in vars(few):
        assert (getattr(few, name) == getattr(many, name)[:100]).all()


def test_segments_are_first_matches(tables: Tables) -> None:
    for row in tables["users"]:
        size, age = int(row["household_size"] or 0), row["age_group"]
        expected = (
            7
            if size >= 5
            else 6
            if age == "18-25"
            else 4
            if age == "60+"
            else (1 if age == "26-40" else 2)
            if size >= 3
            else 8
            if age == "26-40"
            else 5
        )
        assert row["segment_id"] == str(expected)


# --- behaviour, against the config ---------------------------------------------------------------


@dataclass
class Watched:
    """Two weeks of users, the same number in every segment; columns as in ``Events``.

    Attributes:
        users: users of each segment.
        weekend: whether the event's day is a Saturday or a Sunday.
        day: number of the day, from 0.
        segment: index of the event's user's segment.
        session: index of the row that starts the session, in all of the events.
    """

    users: int
    catalogue: Catalogue
    kind: np.ndarray
    session: np.ndarray
    user: np.ndarray
    platform: np.ndarray
    episode: np.ndarray
    start: np.ndarray
    end: np.ndarray
    finished: np.ndarray
    day: np.ndarray
    weekend: np.ndarray
    segment: np.ndarray


# 1,500 users of each of the eight segments: segment 3, which no user is in, is measured, too.
USERS, DAYS, MONDAY = 1_500, 14, date(2025, 1, 6)


@pytest.fixture(scope="module")
def watched(config: Config) -> Watched:
    """Hold two weeks of 12,000 users, in more than one chunk."""
    catalogue = draw_catalogue(config.catalogue, 1)
    ids = np.repeat([segment.segment_id for segment in config.segments], USERS)
    simulation = Simulation(config, catalogue, ids, 1)
    names = ("kind", "session", "user", "platform", "episode", "start", "end", "finished")
    columns: dict[str, list[np.ndarray]] = {name: [] for name in (*names, "day")}
    rows = 0
    for number in range(DAYS):
        for events in simulation.day(MONDAY + timedelta(days=number)):
            for name in names:
                column = getattr(events, name)
                columns[name].append(column + rows if name == "session" else column)
            columns["day"].append(np.full(len(events), number))
            rows += len(events)
    whole = {name: np.concatenate(parts) for name, parts in columns.items()}
    return Watched(
        USERS,
        catalogue,
        **whole,
        weekend=whole["day"] % 7 >= 5,
        segment=whole["user"] // USERS,
    )


@pytest.fixture(scope="module")
def sessions(watched: Watched) -> dict[str, np.ndarray]:
    """Hold a row for each session: columns of its first row, and its minutes and episodes."""
    head = np.flatnonzero(watched.kind == SESSION)
    last = np.append(head[1:], len(watched.kind)) - 1
    return {
        **{
            name: getattr(watched, name)[head]
            for name in ("user", "platform", "start", "day", "weekend", "segment")
        },
        "seconds": watched.end[last] - watched.start[head],
        "episodes": last - head,
        "ends_finished": watched.finished[last],
        "end": watched.end[last],
    }


@pytest.mark.parametrize("weekend", [False, True])
def test_sessions_start_in_the_windows_with_their_chance(
    sessions: dict[str, np.ndarray], config: Config, weekend: bool
) -> None:
    user_days = USERS * DAYS * (2 if weekend else 5) // 7
    for row, segment in enumerate(config.segments):
        of = (sessions["segment"] == row) & (sessions["weekend"] == weekend)
        start = sessions["start"][of]
        inside = 0
        for window in segment.windows(weekend):
            first, last = window.start * 60, window.end * 60
            here = start[(start >= first) & (start < last)]
            inside += len(here)
            assert is_share(len(here), user_days, window.share)
            # Uniform, in twenty parts of the window: also where it goes on past midnight.
            parts = (here - first) * 20 // (last - first)
            assert is_uniform(np.bincount(parts, minlength=20))
        assert inside == len(start)


def test_user_days_have_as_many_sessions_as_measured(sessions: dict[str, np.ndarray]) -> None:
    # The specification's measure is of its mix of users; tolerance 0.02.
    mix = np.array(list(SEGMENT_SHARES.values()))
    per_day = np.bincount(
        sessions["user"] * DAYS + sessions["day"], minlength=8 * USERS * DAYS
    ).reshape(8, -1)
    shares = [(mix * (per_day == count).mean(axis=1)).sum() for count in range(4)]
    assert shares[0] == pytest.approx(1 - 0.730, abs=0.02)
    assert [share / (1 - shares[0]) for share in shares[1:]] == pytest.approx(
        [0.666, 0.296, 0.038], abs=0.02
    )
    assert (mix * per_day.mean(axis=1)).sum() == pytest.approx(1.0, abs=0.01)


def test_platforms_have_their_weights(sessions: dict[str, np.ndarray], config: Config) -> None:
    for row, segment in enumerate(config.segments):
        found = np.bincount(sessions["platform"][sessions["segment"] == row], minlength=3)
        for name, count in zip(config.platforms, found, strict=True):
            assert is_share(count, found.sum(), segment.platforms[name])


def expected_minutes(budget: Minutes) -> tuple[float, float]:
    """Return mean and variance of a normal distribution cut off at its bounds."""

    def density(x: float) -> float:
        return math.exp(-x * x / 2) / math.sqrt(2 * math.pi)

    def below(x: float) -> float:
        return (1 + math.erf(x / math.sqrt(2))) / 2

    low, high = ((edge - budget.mean) / budget.sd for edge in (budget.low, budget.high))
    inside = below(high) - below(low)
    shift = (density(low) - density(high)) / inside
    spread = 1 + (low * density(low) - high * density(high)) / inside - shift**2
    return budget.mean + budget.sd * shift, budget.sd**2 * spread


@pytest.mark.parametrize("weekend", [False, True])
def test_a_session_lasts_as_long_as_its_budget(
    sessions: dict[str, np.ndarray], config: Config, weekend: bool
) -> None:
    for row, segment in enumerate(config.segments):
        of = (sessions["segment"] == row) & (sessions["weekend"] == weekend)
        minutes, rest = np.divmod(sessions["seconds"][of], 60)
        assert not rest.any()
        budget = segment.budget(weekend)
        assert budget.low <= minutes.min()
        assert minutes.max() <= budget.high
        mean, variance = expected_minutes(budget)
        assert abs(minutes.mean() - mean) <= ERRORS * math.sqrt(variance / len(minutes))
        assert minutes.var() == pytest.approx(variance, rel=0.1)
        # What the specification measured of the table's means.
        shape = segment.weekend_minutes if weekend else segment.weekday_minutes
        assert -0.5 <= minutes.mean() - shape.mean <= 3.0


def test_a_session_is_watched_without_a_break(watched: Watched) -> None:
    goes_on = np.flatnonzero(watched.kind != SESSION)
    before = goes_on - 1
    previous_end = np.where(
        watched.kind[before] == SESSION, watched.start[before], watched.end[before]
    )
    assert (watched.start[goes_on] == previous_end).all()
    assert (watched.end[goes_on] > watched.start[goes_on]).all()
    for name in ("session", "user", "platform", "day"):
        column = getattr(watched, name)
        assert (column[goes_on] == column[before]).all()
    heads = watched.kind == SESSION
    assert (watched.session[heads] == np.flatnonzero(heads)).all()


def test_episodes_are_watched_in_order_and_resumed_for_the_rest(watched: Watched) -> None:
    """Every unfinished episode, without exception, is what its user watches next."""
    catalogue = watched.catalogue
    rows = np.flatnonzero(watched.kind != SESSION)
    rows = rows[np.argsort(watched.user[rows], kind="stable")]
    user, episode, finished = (
        getattr(watched, name)[rows] for name in ("user", "episode", "finished")
    )
    part = (watched.end - watched.start)[rows]
    same = user[1:] == user[:-1]
    assert len(np.unique(user)) == 8 * USERS
    resumed = same & ~finished[:-1]
    assert resumed.sum() > 50_000
    assert (episode[1:] == episode[:-1])[resumed].all()
    # Parts of one viewing add up to the length when it is finished, to less before.
    viewing = np.cumsum(np.concatenate([[True], ~resumed])) - 1
    total = np.concatenate([[0], np.cumsum(part)])
    head = np.flatnonzero(np.diff(viewing, prepend=-1))
    so_far = total[1:] - total[head][viewing]
    length = catalogue.seconds[episode]
    assert (so_far[finished] == length[finished]).all()
    assert (so_far[~finished] < length[~finished]).all()
    # After a finished one: the season's next, or after its last the first one of a season.
    last = np.isin(episode, catalogue.first[1:] - 1)
    goes_on = same & finished[:-1] & ~last[:-1]
    assert (episode[1:] == episode[:-1] + 1)[goes_on].all()
    anew = same & finished[:-1] & last[:-1]
    assert np.isin(episode[1:][anew], catalogue.first[:-1]).all()
    first = np.flatnonzero(np.diff(user, prepend=-1))
    assert np.isin(episode[first], catalogue.first[:-1]).all()
    # An episode is only left for lack of budget.
    ends = np.append(watched.kind[1:] == SESSION, True)[rows]
    assert ends[~finished].all()


def test_nobody_is_stuck_at_the_end_of_a_season(
    watched: Watched, sessions: dict[str, np.ndarray]
) -> None:
    assert (sessions["episodes"] > 0).all()
    # As much is watched in the second week as in the first one; tolerance 1 %.
    weeks = np.bincount(watched.day // 7)
    assert weeks[1] == pytest.approx(weeks[0], rel=0.01)
    # Budgets do end at the end of a season, or the test would say nothing.
    rows = np.append(watched.kind[1:] == SESSION, True) & watched.finished
    assert np.isin(watched.episode[rows], watched.catalogue.first[1:] - 1).sum() > 1000


def test_behaviour_is_as_measured(watched: Watched, sessions: dict[str, np.ndarray]) -> None:
    """The specification's measures, which are of another catalogue: tolerances are wide."""
    episodes = watched.kind != SESSION
    assert watched.finished[episodes].mean() == pytest.approx(0.927, abs=0.02)
    assert (~sessions["ends_finished"]).mean() == pytest.approx(0.896, abs=0.05)
    length = (watched.end - watched.start)[episodes].mean() / 60
    assert length == pytest.approx(7.14, abs=1.0)


def test_sessions_past_midnight(sessions: dict[str, np.ndarray], config: Config) -> None:
    row = [segment.segment_id for segment in config.segments].index(6)
    of = sessions["segment"] == row
    starts_late = of & (sessions["start"] >= DAY_SECONDS)
    # 2000-0100 with .50 on weekdays, 1800-0200 with .80 at weekends: 5 * .5 / 5 + 2 * .8 * 2 / 8.
    assert is_share(starts_late.sum(), USERS * DAYS, (0.5 + 0.4) / 7)
    assert starts_late.sum() == (sessions["start"] >= DAY_SECONDS).sum()
    crosses = (sessions["start"] < DAY_SECONDS) & (sessions["end"] > DAY_SECONDS)
    assert crosses.sum() > 500
    # The simulation of old began 58 % of the segment's sessions when the window opens.
    assert (sessions["start"][of] % 3600 == 0).mean() < 0.01


def test_seasons_are_drawn_by_kids_content_share(watched: Watched, config: Config) -> None:
    catalogue = watched.catalogue
    rows = np.flatnonzero(watched.kind != SESSION)
    rows = rows[np.argsort(watched.user[rows], kind="stable")]
    user, episode, finished = (
        getattr(watched, name)[rows] for name in ("user", "episode", "finished")
    )
    begins = np.isin(episode, catalogue.first[:-1])
    begins[1:] &= (user[1:] != user[:-1]) | finished[:-1]
    season = np.searchsorted(catalogue.first, episode[begins], side="right") - 1
    segment = user[begins] // USERS
    for row, of_config in enumerate(config.segments):
        drawn = season[segment == row]
        kids = catalogue.kids[drawn]
        assert is_share(kids.sum(), len(kids), of_config.kids_content_share)
        for kind in (True, False):
            counts = np.bincount(drawn[kids == kind], minlength=len(catalogue.kids))
            assert is_uniform(counts[catalogue.kids == kind])


def test_avg_session_minutes_is_the_level_of_the_budgets(config: Config) -> None:
    """A segment whose sessions are to last half as long again has all of them longer."""
    segment = config.segments[0]
    longer = replace(segment, avg_session_minutes=segment.avg_session_minutes * 1.5)
    for weekend in (False, True):
        before, after = segment.budget(weekend), longer.budget(weekend)
        assert after.mean == pytest.approx(1.5 * before.mean)
        assert after.sd == pytest.approx(1.5 * before.sd)
        assert (after.low, after.high) == (round(1.5 * before.low), round(1.5 * before.high))
    week = 5 * longer.budget(False).mean + 2 * longer.budget(True).mean
    assert week / 7 == pytest.approx(longer.avg_session_minutes)


# --- what is written -----------------------------------------------------------------------------


def test_tracking_is_written_as_simulated(tables: Tables) -> None:
    """Ids, types, times and JSON of the committed week, row by row."""
    rows = tables["tracking"]
    assert [row["tracking_id"] for row in rows] == [str(n) for n in range(1, len(rows) + 1)]
    users = {row["user_id"] for row in tables["users"]}
    lengths = {}
    for row in tables["episodes"]:
        text = (row["details"] or "").split("| ")[1]
        lengths[row["episode_id"]] = int(text[:-1]) * (60 if text[-1] == "m" else 1)
    session: dict[str, str | None] = {}
    previous_end = ""
    for row in rows:
        assert row["user_id"] in users
        context = json.loads(row["context"] or "")
        if row["type"] == "Session starts":
            session, previous_end = row, row["tracking_time"] or ""
            assert context == {"context": "started session"}
            assert (row["session_id"], row["target_id"]) == (row["tracking_id"], None)
            continue
        assert row["type"] == "Episode starts"
        assert list(context) == ["start_time", "end_time", "finished"]
        assert context["start_time"].replace("T", " ") == row["tracking_time"] == previous_end
        start, end = (datetime.fromisoformat(context[f"{name}_time"]) for name in ("start", "end"))
        assert 0 < (end - start).total_seconds() <= lengths[row["target_id"]]
        assert isinstance(context["finished"], bool)
        previous_end = context["end_time"].replace("T", " ")
        for column in ("session_id", "platform", "user_id"):
            assert row[column] == session[column]
    days = {(row["tracking_time"] or "")[:10] for row in rows}
    assert min(days) == "2025-01-01"
    assert max(days) in ("2025-01-07", "2025-01-08")
    assert {row["platform"] for row in rows} == {"TV", "Mobile", "Tablet"}


def test_tables_come_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded by the users of a chunk; every chunk goes on where it stands itself."""
    monkeypatch.setattr(tv1_simulation, "CHUNK_USERS", 7)
    settings = tv1.Settings(20, MONDAY, MONDAY + timedelta(days=3), 1)
    chunks = list(tv1.Tables(settings).tracking())
    assert len(chunks) == 3 * 4
    ids = [value for chunk in chunks for value in chunk["tracking_id"].to_pylist()]
    assert ids == list(range(1, len(ids) + 1))
    left: dict[int, int] = {}
    for chunk in chunks:
        for row in chunk.to_pylist():
            if row["target_id"] is not None:
                assert left.pop(row["user_id"], row["target_id"]) == row["target_id"]
                if row["context"].endswith("false}"):
                    left[row["user_id"]] = row["target_id"]


# --- going on ------------------------------------------------------------------------------------


@pytest.mark.parametrize("file_format", common.FORMATS)
def test_two_periods_are_one(tmp_path: Path, file_format: str) -> None:
    """Ids and unfinished episodes go on: the same events as in one go."""
    options = ["--users", "80", "--format", file_format, "--seed", "3"]
    generate(tmp_path / "one", *options, "--from", "2025-01-03", "--days", "3")
    after = ["--from", "2025-01-06", "--days", "4", "--after", str(tmp_path / "one")]
    generate(tmp_path / "two", *options, *after)
    generate(tmp_path / "both", *options, "--from", "2025-01-03", "--days", "7")

    def events(name: str) -> list[object]:
        path = tmp_path / name / f"raw_tv1__tracking.{file_format}"
        if file_format == "csv":
            return list(path.read_text(encoding="utf-8").splitlines()[1:])
        return list(pq.read_table(path).to_pylist())

    one, two, both = map(events, ("one", "two", "both"))
    assert one
    assert two
    assert one + two == both


def test_a_third_period_with_more_users(tmp_path: Path) -> None:
    """Users who join later have seen nothing; ids go on all the same."""
    generate(tmp_path / "1", "--users", "30", "--days", "1")
    following = ["--from", "2025-01-02", "--days", "1", "--after", str(tmp_path / "1")]
    generate(tmp_path / "2", "--users", "60", *following)
    found = read_csv(tmp_path / "2")
    assert len(found["users"]) == 60
    earlier = len(read_csv(tmp_path / "1")["tracking"])
    assert found["tracking"][0]["tracking_id"] == str(earlier + 1)
    assert max(int(row["user_id"] or 0) for row in found["tracking"]) > 30


def test_going_on_after_bad_rows(tmp_path: Path) -> None:
    """What cannot be read is passed over; the ids go on after the highest."""
    clean = generate(tmp_path / "clean", "--users", "80", "--days", "2")
    bad = generate(tmp_path / "bad", "--users", "80", "--days", "2", "--bad-rows", "0.01")
    after = ["--users", "80", "--days", "1", "--from", "2025-01-03", "--after", str(bad)]
    found = read_csv(generate(tmp_path / "next", *after))["tracking"]
    highest = max(int(row["tracking_id"] or 0) for row in read_csv(clean)["tracking"])
    assert int(found[0]["tracking_id"] or 0) == highest + 1


def test_what_cannot_be_gone_on_from(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = generate(tmp_path / "one", "--users", "30", "--days", "2")

    def refused(*options: str) -> str:
        out = tmp_path / "out"
        assert TV1.main(["--quiet", "--users", "30", "--out", str(out), *options]) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1
        assert not out.exists() or not list(out.iterdir())
        return error.replace(str(tmp_path), "").removeprefix("scripts.tv1: ")

    after = ["--after", str(folder)]
    assert refused(*after) == "--after needs --from, the day on which the new period begins.\n"
    assert refused(*after, "--from", "2025-01-02") == (
        "--from 2025-01-02 is not after the sessions that --after '/one' has.\n"
    )
    assert refused(*after, "--from", "2025-01-03", "--seed", "8") == (
        "--after: '/one' has another catalogue; take its --seed and --config.\n"
    )
    assert refused("--after", str(tmp_path / "none"), "--from", "2025-01-03") == (
        "--after: '/none' has neither raw_tv1__episodes.csv and raw_tv1__episodes.parquet.\n"
    )
    (folder / "raw_tv1__tracking.csv").write_text("id\n1\n")
    assert refused(*after, "--from", "2025-01-03").startswith(
        "--after: raw_tv1__tracking cannot be read: "
    )


# --- bad rows ------------------------------------------------------------------------------------


def is_id(text: str | None) -> bool:
    """Say whether a text is a number as the product reads them."""
    return re.fullmatch("-?[0-9]{1,18}", text or "") is not None


def is_time(text: object) -> bool:
    """Say whether a text is a time as the product reads them."""
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d:\d\d)?", text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def tracking_defects(found: Tables) -> Counter[tuple[str, str]]:
    """Count the rules of avvik that events break, by type and rule, as the product has them."""
    counts: Counter[tuple[str, str]] = Counter()
    users, episodes = (
        {row[key] for row in found[table] if is_id(row[key])}
        for table, key in (("users", "user_id"), ("episodes", "episode_id"))
    )
    rows: dict[str | None, dict[str, str | None]] = {}
    for row in sorted(found["tracking"], key=lambda row: row["tracking_time"] or "", reverse=True):
        kind = row["type"] or "?"
        if not is_id(row["tracking_id"]):
            counts[kind, "no_tracking_id"] += 1
        elif row["tracking_id"] in rows:
            counts[kind, "duplicate"] += 1
        else:
            rows[row["tracking_id"]] = row
            if kind not in ("Session starts", "Episode starts"):
                counts["", "unknown_type"] += 1
    used = [row for row in rows.values() if row["type"] in ("Session starts", "Episode starts")]
    starts = Counter(row["session_id"] for row in used if row["type"] == "Session starts")
    for row in used:
        kind = row["type"] or ""
        try:
            context = json.loads(row["context"] or "")
        except ValueError:
            context = None
        rules = {
            "no_time": not is_time(row["tracking_time"]),
            "no_session_id": not is_id(row["session_id"]),
            "no_user_id": not is_id(row["user_id"]),
            "unknown_user": is_id(row["user_id"]) and row["user_id"] not in users,
            "broken_json": not isinstance(context, dict),
        }
        if kind == "Session starts":
            rules["shared_session_id"] = is_id(row["session_id"]) and starts[row["session_id"]] > 1
        else:
            rules["no_episode_id"] = not is_id(row["target_id"])
            rules["unknown_episode"] = is_id(row["target_id"]) and row["target_id"] not in episodes
            rules["unknown_session"] = is_id(row["session_id"]) and not starts[row["session_id"]]
            if isinstance(context, dict):
                start, end = context.get("start_time"), context.get("end_time")
                rules["no_start_time"] = not is_time(start)
                rules["no_end_time"] = not is_time(end)
                rules["no_finished"] = not isinstance(context.get("finished"), bool)
                rules["end_before_start"] = (
                    is_time(start) and is_time(end) and str(end) < str(start)
                )
        counts.update((kind, rule) for rule, broken in rules.items() if broken)
    return counts


COMMON_RULES = (
    "no_tracking_id duplicate no_time no_session_id no_user_id unknown_user broken_json".split()
)
EPISODE_RULES = (
    "no_episode_id unknown_episode no_start_time no_end_time no_finished end_before_start "
    "unknown_session"
).split()


@pytest.mark.parametrize(
    "options",
    ["--users 50 --days 2 --bad-rows 0.0001", "--users 400 --days 5 --bad-rows 0.01"],
)
def test_bad_rows_have_every_defect(tmp_path: Path, options: str) -> None:
    found = read_csv(generate(tmp_path, *options.split()))
    counts = tracking_defects(found)
    expected = {
        *(("Session starts", rule) for rule in [*COMMON_RULES, "shared_session_id"]),
        *(("Episode starts", rule) for rule in COMMON_RULES + EPISODE_RULES),
        ("", "unknown_type"),
    }
    assert {key for key in expected if not counts[key]} == set()
    for name, references in (
        ("users", ["segment_id"]),
        ("segmentation", []),
        ("programs", []),
        ("seasons", ["program_id"]),
        ("episodes", ["program_id", "season_id"]),
    ):
        rows = found[name]
        key = TV1.contract[name].split()[0]
        assert {None, "abc"} <= {row[key] for row in rows}
        keys = Counter(row[key] for row in rows if is_id(row[key]))
        assert 3 in keys.values()  # the same row again, and a corrected one
        for reference in references:
            values = {row[reference] for row in rows}
            assert {None, "abc", "1000000000"} <= values


def test_bad_rows_are_as_many_as_asked_for(tmp_path: Path) -> None:
    # One day in one chunk: the rows that are added come last.
    options = ["--users", "3000", "--days", "1"]
    clean = read_csv(generate(tmp_path / "clean", *options))
    bad = read_csv(generate(tmp_path / "bad", *options, "--bad-rows", "0.005"))
    kinds = {"Session starts": len(BAD_SESSIONS), "Episode starts": len(BAD_EPISODES)}
    rows = {kind: sum(row["type"] == kind for row in clean["tracking"]) for kind in kinds}
    same = len(clean["tracking"])
    changed = sum(
        one != other for one, other in zip(clean["tracking"], bad["tracking"][:same], strict=False)
    )
    expected = sum(0.005 * rows[kind] * kinds[kind] for kind in kinds)
    assert changed == pytest.approx(expected, rel=0.1)
    assert len(bad["users"]) - 3000 == 7 * 15


def test_bad_rows_leave_the_others_alone(tmp_path: Path) -> None:
    options = ["--users", "100", "--days", "1"]
    clean = read_csv(generate(tmp_path / "clean", *options))
    bad = read_csv(generate(tmp_path / "bad", *options, "--bad-rows", "0.01"))
    for name in TV1.contract:
        rows = bad[name][: len(clean[name])]
        untouched = sum(one == other for one, other in zip(clean[name], rows, strict=True))
        if name == "tracking":
            assert len(rows) / 2 < untouched < len(rows)
        else:
            assert untouched == len(rows)
    assert all(value is None or value for row in bad["tracking"] for value in row.values())
    for one, other in pairwise(bad["segmentation"][:8]):
        assert int(one["segment_id"] or 0) < int(other["segment_id"] or 0)


# --- config --------------------------------------------------------------------------------------

# What is replaced, by what, and the sentence.
BAD_CONFIGS = {
    "users = 300|users = 0": "run.users is 0, no whole number from 1 to 10000000.",
    "users = 300|users = true": "run.users is True, no whole number from 1 to 10000000.",
    "users = 300|user = 300": "run.users is missing.",
    "users = 300|users = 300\nweeks = 1": "run.weeks is not a key that is known here.",
    'first_day = "2025-01-01"|first_day = "2025-02-30"': (
        "run.first_day is '2025-02-30', no day written as YYYY-MM-DD from 1900 to 2200."
    ),
    "\n[run]|\n[runs]": "run is missing.",
    "\n[run]|\nrun": "is not TOML: ",
    "seasons = 85|seasons = 60": (
        "catalogue.seasons must lie from the number of programs to that of episodes."
    ),
    "mean = 7.8|mean = 50": (
        "catalogue.minutes has a mean that does not lie from shortest to longest."
    ),
    "without_category = 18|without_category = 62": (
        "catalogue.without_category is more than there are programs."
    ),
    'kids = ["Børn", "Tegnefilm"]|kids = ["Barn"]': (
        "catalogue.kids names 'Barn', which is none of Børn, Tegnefilm, Dokumentar,"
    ),
    '"Natur" = 0.10|"Natur" = 0.20': "catalogue.categories adds up to 1.1 and not to 1.",
    '"60+" = 0.15|"60+" = -0.15': "users.ages.60+ is -0.15, no number from 0.0 to 1.0.",
    "0.05, 0.02]|0.05, 0.02, 0.0]": "users.child_under5 is not as long as household_sizes.",
    "0.45, 0.60, 0.65, 0.70]|0.45, 0.60, 0.65, 1.70]": (
        "users.child_under5[6] is 1.7, no share from 0 to 1."
    ),
    "segment = 7, size_from = 5|segment = 9, size_from = 5": (
        "users.segment_rules[1].segment is 9, which no segment has as segment_id."
    ),
    "    { segment = 5 },\n|": (
        "users.segment_rules does not end with a rule that fits everybody."
    ),
    'ages = ["60+"]|ages = ["61+"]': "users.segment_rules[5].ages names '61+', which is none of",
    '"TV" = 0.75|"TV" = 0.65': "segments[4].platforms adds up to 0.9 and not to 1.",
    '["20:00", "01:00", 0.50]|["20:00", "25:00", 0.50]': (
        "segments[6].weekday_windows[3] has '25:00', no hour written as HH:MM."
    ),
    '["20:00", "01:00", 0.50]|["20:00", "20:00", 0.50]': (
        "segments[6].weekday_windows[3] has no time from 20:00 to 20:00."
    ),
    '["20:00", "01:00", 0.50]|["19:00", "01:00", 0.50]': (
        "segments[6].weekday_windows[3] begins before the one ahead of it has ended."
    ),
    '["20:00", "01:00", 0.50]|["20:00", "13:00", 0.50]': (
        "segments[6].weekday_windows ends after the next day's first window begins."
    ),
    '["20:00", "01:00", 0.50]|["20:00", "01:00"]': (
        "segments[6].weekday_windows[3] is not a list of start, end and share."
    ),
    '["20:00", "01:00", 0.50]|["20:00", "01:00", 0.40]': (
        "segments[6].weekday_windows adds up to 0.9 and not to 1."
    ),
    "mean = 140, sd = 45|mean = 20, sd = 45": (
        "segments[6].weekend_minutes has a mean that does not lie from min to max."
    ),
    "avg_session_minutes = 107.86|avg_session_minutes = nan": (
        "segments[6].avg_session_minutes is nan, no number from 1 to 1440."
    ),
    "kids_content_share = 0.20|kids_content_share = 20": (
        "segments[6].kids_content_share is 20, no number from 0.0 to 1.0."
    ),
    'name = "Seniorer"|name = ""': "segments[4].name is '', no text.",
    "segment_id = 8|segment_id = 7": "segments are not in the order of segment_id, each once.",
}


@pytest.mark.parametrize("change", BAD_CONFIGS)
def test_a_bad_config_gives_one_sentence(
    change: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, one line that names the key, and no file."""
    old, new = change.split("|")
    text = DEFAULT_PATH.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "my.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    out = tmp_path / "out"
    assert TV1.main(["--out", str(out), "--config", str(path)]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"scripts.tv1: my.toml: {BAD_CONFIGS[change]}")
    assert error.endswith(".\n")
    assert error.count("\n") == 1
    assert not out.exists()


def test_config_decides_what_the_command_line_leaves_open(tmp_path: Path) -> None:
    text = DEFAULT_PATH.read_text(encoding="utf-8")
    for old, new in (
        ("users = 300", "users = 40"),
        ("days = 7", "days = 2"),
        ('first_day = "2025-01-01"', 'first_day = "2024-02-28"'),
        ("programs = 61\nseasons = 85\nepisodes = 462", "programs = 1\nseasons = 1\nepisodes = 3"),
        ("without_category = 18", "without_category = 1"),
    ):
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "small.toml"
    path.write_text(text, encoding="utf-8")
    found = read_csv(generate(tmp_path / "out", "--config", str(path)))
    assert [len(found[name]) for name in ("users", "programs", "episodes")] == [40, 1, 3]
    days = {
        (row["tracking_time"] or "")[:10]
        for row in found["tracking"]
        if row["type"] == "Session starts"
    }
    assert {"2024-02-28", "2024-02-29"} <= days
    # No season for children, no other category: what there is, is watched.
    assert {row["target_id"] for row in found["tracking"]} == {None, "1", "2", "3"}


# --- edges ---------------------------------------------------------------------------------------


def test_one_user_on_a_day_without_a_session(tmp_path: Path) -> None:
    """A day of nobody is a table with a header and no rows, in both formats."""
    for file_format in common.FORMATS:
        seen = set()
        for seed in range(12):
            options = ["--users", "1", "--days", "1", "--seed", str(seed)]
            out = generate(tmp_path / str(seed), *options, "--format", file_format)
            path = out / f"raw_tv1__tracking.{file_format}"
            rows = (
                pq.read_table(path).num_rows
                if file_format == "parquet"
                else len(path.read_text().splitlines()) - 1
            )
            seen.add(rows > 0)
        assert seen == {False, True}
