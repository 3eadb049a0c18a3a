"""The oracle of tv1: each rule by hand, then what must hold in every world."""

from __future__ import annotations

import functools
import json
import random
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from tv1_oracle import (
    COLUMNS,
    INPUTS,
    RULES,
    compute,
    dim_date,
    duration_group,
    duration_seconds,
    episode_nr,
    json_object,
    minutes,
    to_bool,
    to_id,
    to_time,
    week_of_year_conv,
)
from tv1_world import NO_IDS, NO_OBJECTS, NO_TIMES, next_load, world

Row = dict[str, Any]
Output = dict[str, list[tuple[Any, ...]]]
IDAG = date(2025, 1, 6)
SEEDS = range(12)


def dims() -> dict[str, list[Row]]:
    """A catalogue and users without a flaw."""
    return {
        "users": [{"user_id": "1", "segment_id": "7"}, {"user_id": "2", "segment_id": "8"}],
        "segmentation": [{"segment_id": "7"}, {"segment_id": "8"}],
        "programs": [{"program_id": "1"}],
        "seasons": [{"season_id": "1", "program_id": "1"}],
        "episodes": [
            {"episode_id": number, "program_id": "1", "season_id": "1"} for number in "123"
        ],
    }


def start(number: str = "1", time: str | None = "2025-01-05 20:00:00", **more: Any) -> Row:
    row = {"tracking_id": number, "tracking_time": time, "type": "Session starts"}
    return row | {"session_id": number, "platform": "TV", "user_id": "1"} | more


def context(begins: Any = "2025-01-05 20:00:00", ends: Any = "2025-01-05 20:08:00", **more: Any):
    return json.dumps({"start_time": begins, "end_time": ends, "finished": True} | more)


def episode(number: str = "2", session: str | None = "1", **more: Any) -> Row:
    row = {"tracking_id": number, "tracking_time": "2025-01-05 20:00:00", "type": "Episode starts"}
    row |= {"session_id": session, "target_id": "1", "platform": "TV", "context": context()}
    return row | {"user_id": "1"} | more


def run(*tracking: Row, idag: date = IDAG, **tables: list[Row]) -> Output:
    return compute({**dims(), "tracking": list(tracking), **tables}, idag)


def rows(output: Output, name: str) -> list[Row]:
    columns = COLUMNS[f"tv1_marts.{name}"]
    return [dict(zip(columns, row, strict=True)) for row in output[f"tv1_marts.{name}"]]


def sessions(*tracking: Row) -> list[Row]:
    return rows(run(*tracking), "sessions_view")


def episodes(*tracking: Row) -> list[Row]:
    return rows(run(*tracking), "fct_episodes_streamed")


def kpi(*tracking: Row, **tables: list[Row]) -> list[Row]:
    return rows(run(*tracking, **tables), "kpi_daily")


def rules(output: Output) -> list[tuple[Any, ...]]:
    return output["tv1_silver.avvik"]


def said(*tracking: Row, **tables: list[Row]) -> list[str]:
    return sorted(f"{nokkel} {rule}" for _, nokkel, rule in rules(run(*tracking, **tables)))


# Values


@pytest.mark.parametrize("text", [*NO_IDS, "1 ", "--1", "1\n", "9" * 19, "-" + "9" * 19])
def test_ids_that_are_none(text: str | None):
    assert to_id(text) is None


@pytest.mark.parametrize(
    ("text", "number"), [("007", 7), ("-3", -3), ("-0", 0), ("9" * 18, 10**18 - 1)]
)
def test_ids(text: str, number: int):
    assert to_id(text) == number


@pytest.mark.parametrize("text", [*NO_TIMES, "2025-01-05 10:00:00\n", "2023-02-29"])
def test_times_that_are_none(text: str | None):
    assert to_time(text) is None


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2024-02-29", datetime(2024, 2, 29)),
        ("2025-01-05 10:11:12", datetime(2025, 1, 5, 10, 11, 12)),
        ("2025-01-05T23:59:59.5", datetime(2025, 1, 5, 23, 59, 59, 500000)),
        ("2025-01-05 00:00:00.000001", datetime(2025, 1, 5, 0, 0, 0, 1)),
    ],
)
def test_times(text: str, time: datetime):
    assert to_time(text) == time


@pytest.mark.parametrize("text", NO_OBJECTS)
def test_texts_that_are_no_json_object(text: str | None):
    assert json_object(text) is None


@pytest.mark.parametrize(
    "text",
    ["{}", ' \r\n\t{"a": 1}\n', '{"a": "\\\\u0000"}', '{"a": "\\ud83c\\udf89"}',
     '{"a": "1,]", "b": "NaN, ,}"}', '{"a": [{}, null, -1.5e3]}'],
)  # fmt: skip
def test_texts_that_are_json_objects(text: str):
    assert json_object(text) is not None


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("T", True), ("1", True), ("FALSE", False), ("f", False), ("0", False),
     ("yes", None), (" true", None), ("01", None), ("", None), (None, None)],
)  # fmt: skip
def test_booleans(text: str | None, value: bool | None):
    assert to_bool(text) is value


@pytest.mark.parametrize(
    ("value", "finished"),
    [(True, True), (False, False), ("t", True), (0, False), (1, True), (1.0, None), (2, None),
     ("", None), (None, None), ([True], None), ({"finished": True}, None)],
)  # fmt: skip
def test_finished_is_read_from_strings_numbers_and_booleans(value: Any, finished: bool | None):
    assert episodes(episode(context=context(finished=value)))[0]["finished"] is finished


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "0.00"), (0.299999, "0.00"), (0.3, "0.01"), (0.9, "0.02"), (1.5, "0.03"),
     (59.7, "1.00"), (59.699999, "0.99"), (61.5, "1.03"), (-0.3, "-0.01"), (-0.299999, "0.00"),
     (-0.9, "-0.02"), (-61.5, "-1.03"), (90061.5, "1501.03"), (60 * 10**8, "100000000.00")],
)  # fmt: skip
def test_minutes_round_ties_away_from_zero(seconds: float, expected: str):
    begins = datetime(2025, 1, 5)
    found = minutes(begins, begins + timedelta(seconds=seconds))
    assert str(found) == expected


def test_minutes_need_both_times():
    assert minutes(None, datetime(2025, 1, 5)) is None
    assert minutes(datetime(2025, 1, 5), None) is None


@pytest.mark.parametrize(
    ("details", "seconds"),
    [("Sæson 1 | 8m", 480), ("Sæson 1 | 1t 5m", 3900), ("x| 1h 23m", 4980), ("x| 1h23m", 4980),
     ("x | 1m 30s", 90), ("|2T", 7200), ("x|90 S", 90), ("x | 5m 1t", 3900), ("x | 0m", 0),
     ("x | 1 time 2 min 3 sek", 3723), ("a | 10m | 20m", 600), ("x | 5m 7m", 300),
     ("x | 007m", 420), ("x | 999999999t", 3599999996400), ("x | 1234567890s", None),
     ("x | 1234567890m 5s", None), ("x | 45", None), ("x | m", None), ("12m", None), ("|", None),
     ("10m |", None), ("x | snart på vej", None), ("", None), (None, None),
     ("x | 5 \u017f", None), ("x | \u0665m", None)],
)  # fmt: skip
def test_duration_seconds(details: str | None, seconds: int | None):
    assert duration_seconds(details) == seconds


@pytest.mark.parametrize(
    ("title", "number"),
    [("1. Pilot", 1), (" 12", 12), ("7", 7), ("7 x", None), ("7 ", None), ("Pilot", None),
     ("007. x", 7), ("10.000 meter", 10), (".5", None), ("-1. x", None), ("1" * 18, int("1" * 18)),
     ("1" * 19 + ".", None), ("1:2. x", None), ("\u0665. fem", None), ("7\n", None), (" ", None),
     ("", None), (None, None)],
)  # fmt: skip
def test_episode_nr(title: str | None, number: int | None):
    assert episode_nr(title) == number


@pytest.mark.parametrize(
    ("duration", "label", "order"),
    [("-5.00", "0-1 min", 1), ("-0.01", "0-1 min", 1), ("0.00", "0 min", 0), ("0.01", "0-1 min", 1),
     ("1.00", "0-1 min", 1), ("1.01", "1-2 min", 2), ("3.00", "2-3 min", 3), ("3.01", "3-5 min", 5),
     ("10.00", "5-10 min", 10), ("15.01", "15-20 min", 20), ("40.00", "30-40 min", 40),
     ("60.01", "60-75 min", 75), ("90.00", "75-90 min", 90), ("90.01", "90-120 min", 120),
     ("240.00", "210-240 min", 240), ("240.01", "240+ min", 300), ("99999.00", "240+ min", 300)],
)  # fmt: skip
def test_bins_are_closed_at_the_right(duration: str, label: str, order: int):
    assert duration_group(Decimal(duration)) == (label.replace("-", "\u2013"), order)


def test_there_are_20_bins_and_none_of_no_duration():
    found = {duration_group(Decimal(minute) / 2) for minute in range(500)}
    assert len(found) == 20
    assert duration_group(None) == (None, None)


# The calendar


def day(text: str, idag: date = IDAG) -> Row:
    found = [row for row in rows(run(idag=idag), "date_view") if str(row["date_actual"]) == text]
    assert len(found) == 1
    return found[0]


def test_dim_date_from_end_to_end():
    assert len(dim_date()) == 7301
    assert dim_date()[0][:3] == (20200101, date(2020, 1, 1), "Wednesday")
    assert dim_date()[-1][:2] == (20391227, date(2039, 12, 27))


def test_a_day_of_the_calendar():
    columns = COLUMNS["tv1_marts.dim_date"]
    found = next(row for row in dim_date() if row[1] == date(2024, 12, 31))
    assert dict(zip(columns, found, strict=True)) == {
        "date_dim_id": 20241231,
        "date_actual": date(2024, 12, 31),
        "day_name": "Tuesday",
        "day_of_week": 2,
        "day_of_month": 31,
        "day_of_quarter": 92,
        "day_of_year": 366,
        "week_of_month": 5,
        "week_of_year": 1,
        "week_of_year_iso": "2025-W01-2",
        "month_actual": 12,
        "month_name": "December",
        "quarter_actual": 4,
        "quarter_name": "Fourth",
        "year_actual": 2024,
        "first_day_of_week": date(2024, 12, 30),
        "last_day_of_week": date(2025, 1, 5),
        "first_day_of_month": date(2024, 12, 1),
        "last_day_of_month": date(2024, 12, 31),
        "first_day_of_quarter": date(2024, 10, 1),
        "last_day_of_quarter": date(2024, 12, 31),
        "first_day_of_year": date(2024, 1, 1),
        "last_day_of_year": date(2024, 12, 31),
        "mmyyyy": "122024",
        "yyyymm": 202412,
        "weekend_indr": False,
    }


def test_weekends_and_weeks_of_the_month():
    found = {row["date_actual"]: row for row in rows(run(), "date_view")}
    assert [found[date(2025, 1, n)]["weekend_indr"] for n in (3, 4, 5, 6)] == [0, 1, 1, 0]
    assert [found[date(2025, 1, n)]["week_of_month"] for n in (7, 8, 28, 29)] == [1, 2, 4, 5]


@pytest.mark.parametrize(
    ("text", "week"),
    [("2024-12-29", 52), ("2024-12-30", 53), ("2025-01-01", 1), ("2025-01-05", 1),
     ("2025-01-06", 2), ("2025-01-07", 2), ("2026-12-31", 53), ("2027-01-01", 0),
     ("2027-01-03", 0), ("2027-01-04", 1), ("2023-01-01", 0), ("2020-12-31", 53)],
)  # fmt: skip
def test_week_of_year_conv(text: str, week: int):
    assert week_of_year_conv(date.fromisoformat(text)) == week


def test_week_of_year_conv_puts_the_days_of_a_year_in_order():
    weeks = [(row[1].year, week_of_year_conv(row[1])) for row in dim_date()]
    assert weeks == sorted(weeks)


def test_weeks_are_iso_weeks_around_new_year():
    idag = date(2025, 1, 1)
    assert [
        (day(text, idag)["is_this_week"], day(text, idag)["last_or_thisweek"])
        for text in "2024-12-22 2024-12-23 2024-12-29 2024-12-30 2025-01-05 2025-01-06".split()
    ] == [(0, ""), (0, "last week"), (0, "last week"), (1, "this week"), (1, "this week"), (0, "")]
    # a week 1 a year before or after is another one
    assert day("2024-01-03", idag)["is_this_week"] == 0
    assert day("2025-12-30", idag)["is_this_week"] == 0
    assert day("2024-12-31", date(2024, 12, 29))["is_this_week"] == 0
    assert day("2026-12-28", date(2027, 1, 3))["last_or_thisweek"] == "this week"
    assert day("2027-01-03", date(2027, 1, 4))["last_or_thisweek"] == "last week"


def test_days_months_quarters_and_years_as_seen_from_january():
    names = """
        is_today is_yesterday is_this_month is_last_month last_or_thismonth is_this_quarter
        is_this_year is_last_two_year is_past is_before_next_month
    """.split()
    expected = {
        "2024-01-06": (0, 0, 0, 0, "", 0, 0, 1, 1, 1),
        "2024-11-30": (0, 0, 0, 0, "", 0, 0, 1, 1, 1),
        "2024-12-01": (0, 0, 0, 1, "last month", 0, 0, 1, 1, 1),
        "2024-12-31": (0, 0, 0, 1, "last month", 0, 0, 1, 1, 1),
        "2025-01-05": (0, 1, 1, 0, "this month", 1, 1, 1, 1, 1),
        "2025-01-06": (1, 0, 1, 0, "this month", 1, 1, 1, 1, 1),
        "2025-01-31": (0, 0, 1, 0, "this month", 1, 1, 1, 0, 1),
        "2025-02-01": (0, 0, 0, 0, "", 1, 1, 1, 0, 0),
        "2025-12-06": (0, 0, 0, 0, "", 0, 1, 1, 0, 0),
        "2026-01-06": (0, 0, 0, 0, "", 0, 0, 0, 0, 0),
    }
    for text, values in expected.items():
        assert tuple(day(text)[name] for name in names) == values, text
    assert day("2024-12-31", date(2026, 1, 1))["is_last_two_year"] == 0
    assert day("2025-12-31", date(2026, 1, 1))["is_yesterday"] == 1


@pytest.mark.parametrize(
    ("idag", "last", "count"),
    [(date(2025, 1, 6), date(2026, 12, 31), 1096), (date(2023, 5, 1), date(2024, 12, 31), 366),
     (date(2022, 5, 1), None, 0), (date(2038, 12, 31), date(2039, 12, 27), 5840),
     (date(2045, 1, 1), date(2039, 12, 27), 5840)],
)  # fmt: skip
def test_date_view_is_from_2024_to_next_year(idag: date, last: date | None, count: int):
    found = rows(run(idag=idag), "date_view")
    assert len(found) == count
    assert max((row["date_actual"] for row in found), default=None) == last


# Dims


def test_dims_and_their_views_carry_what_came():
    output = run(
        users=[{"user_id": "01", "age_group": "", "region": "Sjælland", "segment_id": "x"}],
        segmentation=[{"segment_id": "7", "name": " ", "child_focus": "x"}],
        seasons=[{"season_id": "2", "program_id": "-1", "season": "01"}],
        episodes=[{"episode_id": "5", "title": "3. Tre", "details": "x | 2m", "season_id": "08"}],
    )
    assert output["tv1_marts.dim_users"] == [(1, None, "Sjælland", None)]
    assert output["tv1_marts.dim_segmentation"] == [(7, None, " ", None, None)]
    assert output["tv1_marts.dim_programs"] == [(1, None, None, None, None, None)]
    assert output["tv1_marts.dim_seasons"] == [(2, -1, "01", None)]
    assert output["tv1_marts.dim_episodes"] == [
        (5, None, 8, 120, "3. Tre", 3, "x | 2m", None, None, None)
    ]
    for name in DIM_NAMES:
        assert output[f"tv1_marts.{name}_view"] == output[f"tv1_marts.dim_{name}"]


DIM_NAMES = [name for name in INPUTS if name != "tracking"]


@pytest.mark.parametrize("name", DIM_NAMES)
def test_of_equal_keys_the_first_in_byte_order_is_used(name: str):
    key, *others = INPUTS[name]
    same = dict.fromkeys(others, "1")
    chosen = {key: "01"} | same | {others[-1]: "Z"}
    listed: list[Row] = [
        {key: "1"} | same | {others[-1]: None},
        {key: "1"} | same | {others[-1]: "a"},
        {key: "1"} | same | {others[-1]: "Å"},
        chosen,
        {key: ""} | same,
        {key: "x"} | same,
    ]
    output = run(**{name: listed})
    assert output[f"tv1_marts.dim_{name}"] == run(**{name: [chosen]})[f"tv1_marts.dim_{name}"]
    found = Counter((nokkel, rule) for table, nokkel, rule in rules(output) if table == name)
    assert found["1", "duplicate"] == 3
    assert found["x", "no_key"] == found[None, "no_key"] == 1
    assert sum(times for (_, rule), times in found.items() if rule == "duplicate") == 3


def test_what_dims_refer_to():
    output = run(
        users=[
            {"user_id": n, "segment_id": s}
            for n, s in zip("1234", ["7", "9", "x", ""], strict=True)
        ],
        seasons=[
            {"season_id": n, "program_id": p}
            for n, p in zip("1234", ["1", "9", "x", ""], strict=True)
        ],
        episodes=[
            {"episode_id": n, "program_id": p, "season_id": s}
            for n, p, s in zip("1234", ["1", "1", "9", None], ["01", "9", "1", "z"], strict=True)
        ],
    )
    assert rules(output) == [
        ("episodes", "2", "unknown_season"),
        ("episodes", "3", "unknown_program"),
        ("episodes", "4", "unknown_program"),
        ("episodes", "4", "unknown_season"),
        ("seasons", "2", "unknown_program"),
        ("seasons", "3", "unknown_program"),
        ("seasons", "4", "unknown_program"),
        ("users", "2", "unknown_segment"),
        ("users", "3", "no_segment_id"),
        ("users", "4", "no_segment_id"),
    ]


# Which row of tracking is used


def test_the_latest_row_of_a_tracking_id_is_used():
    old, new = start(platform="A"), start(time="2025-01-05T20:00:00.1", platform="B")
    none = start(time="2025-02-30", platform="C")
    for listed in ([old, new, none], [none, new, old]):
        assert [row["platform"] for row in sessions(*listed)] == ["B"]
    assert said(old, new, none) == ["1 duplicate", "1 duplicate"]


@pytest.mark.parametrize(
    ("chosen", "other"),
    [
        ({"tracking_time": "2025-01-05"}, {"tracking_time": "2025-01-05 00:00:00"}),
        ({"tracking_time": "2025-02-30", "platform": "a"}, {"tracking_time": "i går"}),
        ({"tracking_time": "i går", "platform": "a"}, {"tracking_time": ""}),
        ({"type": "Episode starts"}, {"type": "Session starts"}),
        ({"session_id": "10"}, {"session_id": "9"}),
        ({"session_id": "1", "user_id": "2"}, {"session_id": "1", "user_id": ""}),
        ({"platform": "Z"}, {"platform": "a"}),
        ({"platform": "z"}, {"platform": "Ø"}),
        ({"platform": "z", "user_id": "2"}, {"platform": "", "user_id": "1"}),
        ({"context": "{}"}, {"context": None}),
    ],
)
def test_ties_are_settled_by_the_texts_in_byte_order(chosen: Row, other: Row):
    expected = run(start(**chosen))
    output = run(start(**other), start(**chosen))
    for name in ("fct_sessions", "fct_episodes_streamed"):
        assert output[f"tv1_marts.{name}"] == expected[f"tv1_marts.{name}"]
    assert ("tracking", "1", "duplicate") in rules(output)


def test_equal_rows_count_once_and_keys_are_numbers():
    assert said(start(), start(), start()) == ["1 duplicate", "1 duplicate"]
    assert len(sessions(start("1"), start("01", session_id="1"))) == 1
    assert [row["session_tracking_id"] for row in sessions(start("-5"), start("0"))] == [-5, 0]


def test_a_later_row_of_unknown_type_takes_the_place_of_an_event():
    later = start(time="2025-01-06", type="Session ends")
    assert sessions(start(), later) == []
    assert said(start(), later) == ["1 duplicate", "1 unknown_type"]


def test_rows_that_nothing_carries_are_said_once():
    assert said(start("x", user_id="9"), start("", type="y")) == [
        "None no_tracking_id",
        "x no_tracking_id",
    ]
    for type_ in ("", None, "session starts", "Session starts ", "Episode Starts"):
        assert said(start(type=type_, user_id="9", session_id="")) == ["1 unknown_type"]


# Facts


def test_an_episode():
    ends = "2025-01-06T00:00:12.5"
    found = episodes(episode(context=context("2025-01-05 23:52:00", ends, finished="F")))
    assert found == [
        {
            "tracking_id": 2,
            "session_id": 1,
            "user_id": 1,
            "event_time": datetime(2025, 1, 5, 20),
            "episode_id": 1,
            "platform": "TV",
            "episode_start_time": datetime(2025, 1, 5, 23, 52),
            "episode_end_time": datetime(2025, 1, 6, 0, 0, 12, 500000),
            "finished": False,
            "watched_minutes": Decimal("8.21"),
        }
    ]


def test_orphans_and_episodes_without_anything_are_in_the_facts():
    bare = {"tracking_id": "3", "type": "Episode starts"}
    assert [tuple(row.values()) for row in episodes(bare)] == [(3, *[None] * 9)]
    assert [row["session_id"] for row in episodes(episode(session="77"))] == [77]
    assert episodes(episode(context=context(ends="2025-01-05 19:59:00")))[0][
        "watched_minutes"
    ] == Decimal("-1.00")


def test_a_session_ends_with_its_last_episode():
    found = sessions(
        start(time="2025-01-05 23:50:00"),
        episode("2", context=context(ends="2025-01-06 00:20:00.3")),
        episode("3", context=context(ends="2025-01-06 00:10:00")),
        episode("4", target_id="x", context=context(ends=None)),
        episode("5", session="9"),
    )
    assert found == [
        {
            "session_tracking_id": 1,
            "session_id": 1,
            "session_start_time": datetime(2025, 1, 5, 23, 50),
            "session_start_date": date(2025, 1, 5),
            "platform": "TV",
            "user_id": 1,
            "last_end_time": datetime(2025, 1, 6, 0, 20, 0, 300000),
            "session_duration_min": Decimal("30.01"),
            "episodes_in_session": 3,
            "session_duration_group": "30\u201340 min",
            "session_duration_group_order": 40,
        }
    ]


@pytest.mark.parametrize(
    ("time", "ends", "last", "duration", "group"),
    [
        ("2025-01-05 20:00:00", None, datetime(2025, 1, 5, 20), Decimal(0), "0 min"),
        ("", None, None, Decimal(0), "0 min"),
        ("", "2025-01-05 20:08:00", datetime(2025, 1, 5, 20, 8), None, None),
        ("2025-01-05 20:09:00", "2025-01-05 20:08:00", datetime(2025, 1, 5, 20, 8), Decimal(-1),
         "0\u20131 min"),
        ("2025-01-05 20:08:00.2", "2025-01-05 20:08:00", datetime(2025, 1, 5, 20, 8), Decimal(0),
         "0 min"),
    ],
)  # fmt: skip
def test_sessions_without_a_start_or_an_end(
    time: str, ends: str | None, last: Any, duration: Any, group: str | None
):
    found = sessions(start(time=time), episode(context=context(ends=ends)))[0]
    assert (found["last_end_time"], found["session_duration_min"]) == (last, duration)
    assert (found["session_duration_group"], found["episodes_in_session"]) == (group, 1)


def test_sessions_without_an_id_have_no_episodes():
    output = run(start(session_id=""), episode(session=None), start("3", session_id="x"))
    assert [row["episodes_in_session"] for row in rows(output, "fct_sessions")] == [0, 0]
    assert len(rows(output, "fct_episodes_streamed")) == 1


def test_sessions_that_share_an_id_have_all_episodes_each():
    tracking = [start("1"), start("2", session_id="01"), episode("3"), episode("4")]
    assert [row["episodes_in_session"] for row in sessions(*tracking)] == [2, 2]
    assert said(*tracking) == ["1 shared_session_id", "2 shared_session_id"]
    assert kpi(*tracking)[0]["episodes_watched"] == 4
    assert "1 shared_session_id" not in said(start("1"), start("2", session_id=""), start("3"))


def test_a_duplicate_shares_no_session_id():
    assert said(start("1"), start("1", platform="Z")) == ["1 duplicate"]


# The figures of a day


def test_kpi_of_a_day():
    found = kpi(
        start("1"),
        start("2", time="2025-01-05"),
        start("3", time="2025-01-05 23:59:59", session_id="3"),
        episode("11", context=context(ends="2025-01-05 20:00:00.3")),
        episode("12", context=context(ends="2025-01-05 20:00:00.3", finished=False)),
        episode("13", target_id="", context=context(ends="2025-01-05 20:01:00")),
        episode("14", context=context(begins=None)),
        episode("15", session="3", tracking_time="2025-01-06", context="["),
        episode("16", session="99"),
    )
    assert found == [
        {
            "date_actual": date(2025, 1, 5),
            "platform": "TV",
            "segment_id": 7,
            "sessions": 3,
            "streaming_sessions": 2,
            "active_users": 1,
            "episodes_watched": 4,
            "episodes_watched_to_end": 2,
            "minutes_watched": Decimal("1.02"),
        }
    ]


def test_kpi_groups():
    found = kpi(
        start("1", platform="", time="2025-01-05"),
        start("2", platform=None, time="2025-01-05", user_id="01"),
        start("3", time="2025-02-30"),
        start("4", time="2025-01-05", user_id="2"),
        start("5", time="2025-01-05", user_id="x"),
        start("6", time="2025-01-05", user_id="99"),
        start("7", time="2025-01-05", user_id="98"),
    )
    assert [tuple(row.values())[:6] for row in found] == [
        (date(2025, 1, 5), "TV", 8, 1, 0, 1),
        (date(2025, 1, 5), "TV", None, 3, 0, 2),
        (date(2025, 1, 5), None, 7, 2, 0, 1),
        (None, "TV", 7, 1, 0, 1),
    ]
    assert {row["minutes_watched"] for row in found} == {Decimal("0.00")}


def test_the_segment_is_the_one_of_the_user_today_known_or_not():
    users = [{"user_id": "1", "segment_id": "99"}]
    assert kpi(start(), users=users)[0]["segment_id"] == 99
    assert kpi(start(), users=[])[0]["segment_id"] is None


def test_no_sessions_no_days():
    assert kpi(episode()) == []
    assert run()["tv1_silver.avvik"] == []


# avvik of tracking


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({}, []),
        ({"tracking_time": "2025-02-30 00:00:00"}, ["no_time"]),
        ({"user_id": "x"}, ["no_user_id"]),
        ({"user_id": ""}, ["no_user_id"]),
        ({"user_id": "99"}, ["unknown_user"]),
        ({"session_id": "x"}, ["no_session_id"]),
        ({"session_id": None}, ["no_session_id"]),
        ({"session_id": "99"}, ["unknown_session"]),
        ({"target_id": ""}, ["no_episode_id"]),
        ({"target_id": "1e1"}, ["no_episode_id"]),
        ({"target_id": "99"}, ["unknown_episode"]),
        ({"context": None}, ["broken_json"]),
        ({"context": ""}, ["broken_json"]),
        ({"context": "[]"}, ["broken_json"]),
        ({"context": context()[:-1] + ",}"}, ["broken_json"]),
        ({"context": "{}"}, ["no_end_time", "no_finished", "no_start_time"]),
        ({"context": context(begins="")}, ["no_start_time"]),
        ({"context": context(begins=20250105)}, ["no_start_time"]),
        ({"context": context(ends="2025-01-05 24:00:00")}, ["no_end_time"]),
        ({"context": context(finished="yes")}, ["no_finished"]),
        ({"context": context(ends="2025-01-05T19:59:59.999999")}, ["end_before_start"]),
        ({"context": context(ends="2025-01-05 20:00:00")}, []),
    ],
)
def test_avvik_of_an_episode(changes: Row, rules: list[str]):
    assert said(start(), episode(**changes)) == [f"2 {rule}" for rule in rules]


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({"context": '{"context": "started session"}'}, []),
        ({"context": ""}, []),
        ({"context": "[]"}, ["broken_json"]),
        ({"context": "null"}, ["broken_json"]),
        ({"context": " "}, ["broken_json"]),
        ({"context": context(begins=None, ends="x", finished=None)}, []),
        ({"tracking_time": None}, ["no_time"]),
        ({"session_id": ""}, ["no_session_id"]),
        ({"user_id": "-"}, ["no_user_id"]),
        ({"user_id": "-1"}, ["unknown_user"]),
        ({"target_id": "x"}, []),
    ],
)
def test_avvik_of_a_session(changes: Row, rules: list[str]):
    assert said(start(**changes)) == [f"1 {rule}" for rule in rules]


def test_an_episode_of_a_session_whose_row_is_not_used_is_an_orphan():
    listed = [start(), start(time="2025-01-06", session_id="5"), episode()]
    assert said(*listed) == ["1 duplicate", "2 unknown_session"]


# Worlds


@functools.cache
def loads(seed: int) -> list[tuple[dict[str, list[Row]], Output]]:
    """Four loads of a world, each with its outputs."""
    rng = random.Random(seed)
    tables = world(rng, 40)
    found = []
    for _ in range(4):
        found.append((tables, compute(tables, IDAG)))
        tables = next_load(rng, tables)
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_facts_and_figures_agree(seed: int):
    for tables, output in loads(seed):
        facts, streamed = rows(output, "fct_sessions"), rows(output, "fct_episodes_streamed")
        days = rows(output, "kpi_daily")
        assert sum(row["sessions"] for row in days) == len(facts)
        assert sum(row["streaming_sessions"] for row in days) == sum(
            row["episodes_in_session"] > 0 for row in facts
        )
        by_session = Counter(row["session_id"] for row in facts if row["session_id"] is not None)
        shown = [row for row in streamed for _ in range(by_session[row["session_id"]])]
        assert sum(row["episodes_in_session"] for row in facts) == len(shown)
        watched = [row for row in shown if row["episode_id"] is not None]
        assert sum(row["episodes_watched"] for row in days) == len(watched)
        assert sum(row["episodes_watched_to_end"] for row in days) == sum(
            row["finished"] is True for row in watched
        )
        assert sum(row["minutes_watched"] for row in days) == sum(
            row["watched_minutes"] or 0 for row in shown
        )
        # every input row is in an output or has a reason why not
        lost = Counter(
            rule
            for table, _, rule in rules(output)
            if table == "tracking" and rule in ("no_tracking_id", "duplicate", "unknown_type")
        )
        assert len(facts) + len(streamed) + lost.total() == len(tables["tracking"])
        for name in DIM_NAMES:
            lost = Counter(
                rule
                for table, _, rule in rules(output)
                if table == name and rule in ("no_key", "duplicate")
            )
            assert len(rows(output, f"dim_{name}")) + lost.total() == len(tables[name])


@pytest.mark.parametrize("seed", SEEDS)
def test_outputs_have_the_shape_of_the_contract_and_know_no_order(seed: int):
    tables, output = loads(seed)[-1]
    assert set(output) == set(COLUMNS)
    for name, found in output.items():
        assert {len(row) for row in found} <= {len(COLUMNS[name])}
    backwards = {
        name: [{c: v or "" for c, v in row.items()} for row in reversed(listed)]
        for name, listed in tables.items()
    }
    assert compute(backwards, IDAG) == output


def test_worlds_meet_every_rule():
    said_rules = {
        (t, rule) for n in SEEDS for _, output in loads(n) for t, _, rule in rules(output)
    }
    assert said_rules == {(table, rule) for table, own in RULES.items() for rule in own}


def test_worlds_meet_every_branch():
    outputs = [output for n in SEEDS for _, output in loads(n)]
    facts = [row for output in outputs for row in rows(output, "sessions_view")]
    streamed = [row for output in outputs for row in rows(output, "fct_episodes_streamed")]
    assert {row["session_duration_group"] for row in facts} == {
        None,
        *(duration_group(Decimal(minute) / 2)[0] for minute in range(500)),
    }
    assert any(row["session_duration_min"] is None for row in facts)
    assert any(row["session_tracking_id"] < 0 for row in facts)
    assert any(row["last_end_time"] is None for row in facts)
    assert any(
        row["last_end_time"] and row["session_start_time"]
        and row["last_end_time"].date() > row["session_start_date"]
        for row in facts
    )  # fmt: skip
    assert {row["finished"] for row in streamed} == {True, False, None}
    ties = {
        begins - ends
        for begins, ends in (
            (row["episode_start_time"], row["episode_end_time"]) for row in streamed
        )
        if begins and ends and abs(ends - begins) % timedelta(seconds=0.6) == timedelta(seconds=0.3)
    }
    assert any(one > timedelta(0) for one in ties) and any(one < timedelta(0) for one in ties)
    days = [row for output in outputs for row in rows(output, "kpi_daily")]
    assert any(row["date_actual"] is None for row in days)
    assert any(row["platform"] is None for row in days)
    assert any(row["segment_id"] is None for row in days)
    assert any(row["sessions"] > row["active_users"] for row in days)
    seasons = [row for output in outputs for row in rows(output, "dim_episodes")]
    assert any(row["duration_seconds"] is None for row in seasons)
    assert any(row["episode_nr"] is None for row in seasons)


def test_loads_change_what_they_say():
    same = gone = new = corrected = old_days = segments = 0
    for seed in SEEDS:
        for (before, was), (after, now) in pairwise(loads(seed)):
            first, second = (
                {n: Counter(map(str, t)) for n, t in one.items()} for one in (before, after)
            )
            same += first == second
            ids = [{row["tracking_id"] for row in one["tracking"]} for one in (before, after)]
            gone += bool(ids[0] - ids[1])
            new += bool(ids[1] - ids[0])
            blocks = [{(to_id(i) or 0) >> 4 for i in one if to_id(i)} for one in ids]
            corrected += len(blocks[0] - blocks[1]) > 0
            days = [
                {row["date_actual"]: row for row in rows(one, "kpi_daily")} for one in (was, now)
            ]
            old_days += any(days[0][one] != days[1].get(one) for one in days[0])
            owners = [{row[0]: row[3] for row in one["tv1_marts.dim_users"]} for one in (was, now)]
            segments += any(owners[1].get(user) != own for user, own in owners[0].items())
    assert min(same, gone, new, corrected, old_days, segments) > 0


def test_a_world_is_what_its_seed_says_and_loads_leave_the_old_tables_alone():
    first, second = (world(random.Random(5), 20) for _ in range(2))
    assert first == second
    next_load(random.Random(6), first)
    assert first == second
