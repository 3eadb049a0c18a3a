"""What the report says of tv1 is what plain SQL on the marts says, and every figure draws."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from harness import Engine, changed_environment
from tv1_world import world

from scripts.report import tv1
from scripts.report.data import Rows, Warehouse
from scripts.report.figures import Section, compiled, picture

NAA = "2025-01-06 12:00:00"
BINS = [0, 1, 2, 3, 5, 10, 15, 20, 30, 40, 50, 60, 75, 90, 120, 150, 180, 210, 240, 300]
UNKNOWN_CATEGORY = "Uden kategori"

Key = tuple[Any, ...]


def asked(engine: Engine) -> dict[str, Rows]:
    """Ask the analyses on an engine's database."""
    changes = engine.environment | {"DBT_TARGET_PATH": str(engine.folder / "target")}
    with changed_environment(changes):
        try:
            return Warehouse(engine.target, None).analyses("tv1")
        finally:
            DuckDBConnectionManager.close_all_connections()


def of_world(engine: Engine, seed: int, sessions: int) -> dict[str, Rows]:
    """Build a made-up world and ask."""
    engine.write_seeds(world(random.Random(seed), sessions), "tv1")
    engine.load("--select", "tv1", naa=NAA)
    return asked(engine)


@pytest.fixture(scope="module")
def answers(duckdb_session: Engine) -> dict[str, Rows]:
    """Return the answers for the committed input."""
    duckdb_session.drop_everything()
    duckdb_session.use_default_seeds()
    duckdb_session.load("--select", "tv1", naa=NAA)
    return asked(duckdb_session)


# --- the questions -------------------------------------------------------------------------------


def by_hand(engine: Engine) -> dict[Key, dict[str, Any]]:
    """Count in Python what the analysis counts in SQL: each set of users is really made."""

    def rows(sql: str) -> list[tuple[Any, ...]]:
        return engine.query(sql)[1]

    category = dict(rows("select program_id, category from tv1_marts.dim_programs"))
    program = dict(rows("select episode_id, program_id from tv1_marts.dim_episodes"))
    minutes: dict[Key, float] = defaultdict(float)
    for session, episode, watched in rows(
        "select session_tracking_id, episode_id, watched_minutes"
        " from tv1_marts.fct_session_episodes"
    ):
        chosen = [("*", None)]
        if program.get(episode) in category:
            its = category[program[episode]] or UNKNOWN_CATEGORY
            chosen += [(its, None), (its, program[episode])]
        for one in chosen:
            minutes[(session, *one)] += float(watched or 0)
    sessions = rows(
        "select session_tracking_id, user_id, platform, session_start_date, episodes_in_session,"
        " session_duration_group_order from tv1_marts.sessions_view"
    )
    for session, *_ in sessions:
        minutes[session, "*", None] += 0
    days = [to_day(row[3]) for row in sessions if row[3] is not None]
    last = max(days)
    count: dict[str, int] = defaultdict(int)
    for _, _, platform, *_ in sessions:
        if platform is not None:
            count[platform] += 1
    large = sorted(count, key=lambda one: (-count[one], one.encode()))[:6]
    found: dict[Key, dict[str, Any]] = {}
    users: dict[Key, set[Any]] = defaultdict(set)
    of_session = {row[0]: row[1:] for row in sessions}
    for (session, *chosen), watched in minutes.items():
        user, platform, day, episodes, length = of_session[session]
        name = "Ukendt" if platform is None else platform if platform in large else "Andre"
        for period in periods(None if day is None else to_day(day), last):
            for one in (None, name):
                key = (*period, *chosen, one)
                cell = found.setdefault(key, {"minutter": 0.0, "sessioner": 0, "streaming": 0})
                cell["minutter"] += watched
                cell["sessioner"] += 1
                cell["streaming"] += episodes > 0
                cell[length] = cell.get(length, 0) + 1
                if user is not None:
                    users[key].add(user)
    for key, cell in found.items():
        cell["brugere"] = len(users[key])
    return found


def to_day(value: Any) -> date:
    """Return a date from what an engine gives for one."""
    return value.date() if isinstance(value, datetime) else value


def periods(day: date | None, last: date) -> list[tuple[str, str | None]]:
    """Name the periods that a day is in."""
    found: list[tuple[str, str | None]] = [("alt", None)]
    if day is None:
        return found
    if (last - day).days < 31:
        found.append(("dag", day.isoformat()))
    monday, last_monday = (one - timedelta(days=one.weekday()) for one in (day, last))
    if (last_monday - monday).days < 7 * 26:
        found.append(("uge", monday.isoformat()))
    if 12 * (last.year - day.year) + last.month - day.month < 24:
        found.append(("maaned", day.replace(day=1).isoformat()))
    return found


@pytest.mark.parametrize("engine", ["duckdb", "postgres"], indirect=True)
def test_every_combination_is_counted_as_by_hand(engine: Engine) -> None:
    """In an odd world: no platform, no category, no user, no time, programmes that do not exist."""
    found = of_world(engine, 20, 150)
    expected = by_hand(engine)
    cells = {
        (row["periodetype"], row["fra"], row["kategori"], row["program_id"], row["platform"]): row
        for row in found["udvalg"]
    }
    assert len(cells) == len(found["udvalg"]), "a combination is there twice"
    assert cells.keys() == expected.keys()
    assert len({key[2] for key in cells}) > 2
    assert {None, "Ukendt", "TV"} <= {key[4] for key in cells}
    for key, cell in expected.items():
        row = cells[key]
        assert row["minutter"] == pytest.approx(cell["minutter"]), key
        assert (row["sessioner"], row["brugere"]) == (cell["sessioner"], cell["brugere"]), key
        assert row["streamingsessioner"] == cell["streaming"], key
        assert [row[f"laengde_{bound}"] for bound in BINS] == [
            cell.get(bound, 0) for bound in BINS
        ], key
    (frame,) = found["ramme"]
    assert frame["maal"] == 90
    section = tv1.section(found)
    assert_draws(section)


def test_programmes_are_numbered_by_minutes(answers: dict[str, Rows]) -> None:
    whole = [
        row
        for row in answers["udvalg"]
        if row["program_id"] and row["periodetype"] == "alt" and row["platform"] is None
    ]
    in_order = sorted(whole, key=lambda row: (-row["minutter"], row["program_id"]))
    assert [row["plads"] for row in in_order] == list(range(1, len(whole) + 1))
    assert len(whole) == answers["ramme"][0]["sete_programmer"] > 10


# --- the section ---------------------------------------------------------------------------------


def assert_draws(section: Section) -> None:
    """Draw every figure at once, on a desk and on a phone."""
    for figure in section.figures:
        if not figure.rows:
            assert figure.empty is not None
            continue
        vega = compiled(figure, section.choices)
        for width in (900, 340):
            svg = picture(vega, figure.rows, section.language, width)
            assert re.search(r'class="mark-(?:rect|symbol)[^"]*role-mark', svg), figure.name
            assert not re.search("undefined|null|NaN", svg), figure.name


def cell(**different: Any) -> dict[str, Any]:
    """Make one row of the answer."""
    row = {"periodetype": "alt", "fra": None, "kategori": "*", "program_id": None, "plads": None}
    row |= {"titel": None, "platform": None, "sessioner": 1, "streamingsessioner": 1}
    row |= {"brugere": 1, "minutter": 12.5}
    return row | {f"laengde_{bound}": int(bound == 15) for bound in BINS} | different


def test_every_figure_draws(answers: dict[str, Rows]) -> None:
    assert_draws(tv1.section(answers))


def test_draws_nothing_of_nothing() -> None:
    for frame in ([], [{"foerste_dag": None, "sidste_dag": None, "maal": 90}]):
        section = tv1.section({"udvalg": [], "ramme": frame})
        assert section.headline.own == "Ingen sessioner endnu."
        assert all(not figure.rows for figure in section.figures)
        for figure in section.figures:
            compiled(figure, section.choices)
        (card,) = section.cards.rows
        assert (card["sessioner"], card["andel"]) == (0, None)


def test_one_session_without_a_day_or_user() -> None:
    rows = [
        cell(platform=platform, brugere=0, streamingsessioner=0, minutter=0)
        for platform in (None, "Ukendt")
    ]
    frame = {"foerste_dag": None, "sidste_dag": None, "sete_programmer": 0, "maal": 90}
    section = tv1.section({"udvalg": rows, "ramme": [frame]})
    assert section.headline.own.startswith("1 sessioner af 0 brugere; 0,0 %")
    assert [option.value for option in section.choices[0].options] == ["alt"]
    assert_draws(section)


def test_days_without_sessions_are_zeros() -> None:
    days = ["2025-01-01", "2025-01-04"]
    rows = [cell(platform=platform) for platform in (None, "TV")]
    rows += [
        cell(periodetype="dag", fra=day, platform=platform)
        for day in days
        for platform in (None, "TV")
    ]
    frame = {"foerste_dag": days[0], "sidste_dag": days[1], "sete_programmer": 0, "maal": 90}
    section = tv1.section({"udvalg": rows, "ramme": [frame]})
    offered = [option.value for option in section.choices[0].options]
    assert offered == ["alt", "2025-01-04", "2025-01-03", "2025-01-02", "2025-01-01"]
    over_time = next(one for one in section.figures if one.name == "tv1-tid")
    assert [row["sessioner"] for row in over_time.rows] == [[1, 0, 0, 1]]
    assert_draws(section)


def test_everything_that_can_be_chosen_has_its_key_figures(answers: dict[str, Rows]) -> None:
    section = tv1.section(answers)
    period, category, program = section.choices
    cards = {(row["periode"], row["kategori"], row["program"]) for row in section.cards.rows}
    assert len(cards) == len(section.cards.rows)
    for when in period.options:
        for what in category.options:
            for which in program.options:
                if which.within is None or what.value in ("*", which.within):
                    assert (when.value, what.value, which.value) in cards
    shares = [row for row in section.cards.rows if row["andel"] is not None]
    assert {(row["kategori"], row["program"]) for row in shares} == {("*", "*")}


def test_what_can_be_chosen_is_bounded(
    answers: dict[str, Rows], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tv1, "MOST_LENGTHS", 20_000)
    section = tv1.section(answers)
    _, categories, programs = section.choices
    assert 1 < len(programs.options) < 62
    assert len(categories.options) > 5
    lengths = next(one for one in section.figures if one.name == "tv1-laengder")
    of_choices = [row for row in lengths.rows if row["kategori"] != "*"]
    assert sum(len(text) for row in of_choices for text in row["laengder"]) <= 20_000
    assert f"De {len(programs.options) - 1} mest sete af 61 programmer" in section.remark.own
    watched = next(one for one in section.figures if one.name == "tv1-programmer")
    assert len(watched.rows) == 61
    assert_draws(section)


def test_programmes_of_one_name_are_told_apart() -> None:
    rows = [
        cell(kategori="Børn", program_id=number, plads=number, titel=title, platform=platform)
        for number, title in ((1, "Pip"), (2, "Pip"), (3, None))
        for platform in (None, "TV")
    ]
    rows += [cell(kategori=one, platform=on) for one in ("*", "Børn") for on in (None, "TV")]
    frame = {"foerste_dag": None, "sidste_dag": None, "sete_programmer": 3, "maal": None}
    section = tv1.section({"udvalg": rows, "ramme": [frame]})
    labels = [option.label for option in section.choices[2].options]
    assert labels == ["Alle programmer", "Pip (1)", "Pip (2)", "Program 3"]
    assert_draws(section)
