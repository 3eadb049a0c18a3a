"""The semantic layer answers what hand-written SQL on the marts says, on every way of slicing.

MetricFlow writes the SQL in this process, in one statement for many metrics, and the engine of the
tests runs it; `mf query`, which takes seconds to start, is asked once on each engine.
"""

from __future__ import annotations

import csv
import os
import random
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from dbt.contracts.graph.semantic_manifest import SemanticManifest
from harness import Engine
from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow.sql.render.postgres import PostgresSQLSqlPlanRenderer
from metricflow_semantics.model.dbt_manifest_parser import (
    parse_manifest_from_dbt_generated_manifest,
)
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup
from tv1_world import world

NAA = "2025-01-06 12:00:00"
BIN = Path(sys.executable).parent
# MetricFlow's SQL for BigQuery groups by a column's new name, which the emulator takes for the old
# one, so it is not asked.
RENDERERS = {
    "duckdb": (SqlEngine.DUCKDB, DuckDbSqlPlanRenderer),
    "postgres": (SqlEngine.POSTGRES, PostgresSQLSqlPlanRenderer),
}

# metric -> SQL over the groups' sums in `counts` below
METRICS = {
    "sessions": "sessions",
    "streaming_sessions": "streaming_sessions",
    "streaming_sessions_share": "1.0 * streaming_sessions / nullif(sessions, 0)",
    "sessions_target": "case when sessions > 0 then 0.9 end",
    "sessions_kpi": "1.0 * streaming_sessions / nullif(sessions, 0) / 0.9",
    "active_users": "active_users",
    "episodes_watched": "episodes_watched",
    "episodes_watched_to_end": "episodes_watched_to_end",
    "episodes_watched_to_end_share": "1.0 * episodes_watched_to_end / nullif(episodes_watched, 0)",
    "episodes_per_session": "1.0 * episodes_watched / nullif(sessions, 0)",
    "minutes_watched": "minutes_watched",
    "minutes_per_streaming_session": "minutes_watched / nullif(streaming_sessions, 0)",
}
# who is registered has no platform, so these are asked without one
USER_METRICS = {
    "users": "users",
    "active_users_share": "1.0 * active_users / nullif(users, 0)",
}

# From the sums of each session to the sums of each group, without any of the relations that the
# semantic layer reads but the two facts and the users themselves.
COUNTS = """
with watched as (
    select
        session_id,
        count(episode_id) as episodes_watched,
        sum(case when finished and episode_id is not null then 1 else 0 end) as to_end,
        sum(watched_minutes) as minutes
    from tv1_marts.fct_episodes_streamed
    group by session_id
),
counts as (
    select
        {keys}
        count(*) as sessions,
        sum(case when fct_sessions.episodes_in_session > 0 then 1 else 0 end) as streaming_sessions,
        count(distinct fct_sessions.user_id) as active_users,
        sum(coalesce(watched.episodes_watched, 0)) as episodes_watched,
        sum(coalesce(watched.to_end, 0)) as episodes_watched_to_end,
        sum(coalesce(watched.minutes, 0)) as minutes_watched
    from tv1_marts.fct_sessions
    left join watched on fct_sessions.session_id = watched.session_id
    left join tv1_marts.dim_users on fct_sessions.user_id = dim_users.user_id
    {group}
)
"""

# MetricFlow's name of a slice -> the same by hand
SLICES = {
    "metric_time": "fct_sessions.session_start_date",
    "session__platform": "fct_sessions.platform",
    "user__segment_id": "dim_users.segment_id",
}


class Layer:
    """The semantic layer of a built engine."""

    def __init__(self, engine: Engine) -> None:
        """Read the metrics out of the parsed project.

        Args:
            engine: Where tv1 is built; its SQL is written and run there.
        """
        self.engine = engine
        self.sql_engine_type, renderer = RENDERERS[engine.name]
        self.sql_plan_renderer = renderer()
        path = engine.folder / "semantic_manifest.json"
        SemanticManifest(engine.parsed()).write_json_to_file(str(path))
        manifest = parse_manifest_from_dbt_generated_manifest(path.read_text(encoding="utf-8"))
        self.names = {metric.name for metric in manifest.metrics} - {
            metric.name for metric in manifest.metrics if metric.type_params.is_private
        }
        self.metricflow = MetricFlowEngine(SemanticManifestLookup(manifest), self)

    def sql(self, metrics: Sequence[str], slices: Sequence[str] = (), **options: Any) -> str:
        """Return the statement that answers metrics by slices."""
        request = MetricFlowQueryRequest.create(
            metric_names=list(metrics), group_by_names=list(slices) or None, **options
        )
        return self.metricflow.explain(request).sql_statement.sql

    def ask(self, metrics: Sequence[str], slices: Sequence[str] = (), **options: Any) -> Answer:
        """Return the metrics of every group."""
        return answer(self.engine, self.sql(metrics, slices, **options), metrics, len(slices))


# group -> metric -> value
Answer = dict[tuple[Any, ...], dict[str, float | None]]


def answer(engine: Engine, sql: str, metrics: Sequence[str], keys: int) -> Answer:
    """Run a statement whose first columns are keys and whose others are metrics."""
    columns, rows = engine.query(sql)
    found: Answer = {}
    for row in rows:
        values = dict(zip(columns[keys:], row[keys:], strict=True))
        group = tuple(
            value.date() if isinstance(value, datetime) else value for value in row[:keys]
        )
        assert group not in found, "a group is there twice"
        found[group] = {
            name: None if values[name] is None else float(values[name]) for name in metrics
        }
    return found


def by_hand(engine: Engine, metrics: dict[str, str], slices: Sequence[str] = ()) -> Answer:
    """Return the metrics of every group by hand-written SQL."""
    keys = [f"{SLICES[name]} as {name}," for name in slices]
    group = "group by " + ", ".join(SLICES[name] for name in slices) if slices else ""
    counts = COUNTS.format(keys=" ".join(keys), group=group)
    chosen = [f"{sql} as {name}" for name, sql in metrics.items()]
    return answer(
        engine,
        f"{counts} select {', '.join([*slices, *chosen])} from counts",
        list(metrics),
        len(slices),
    )


def assert_same(found: Answer, expected: Answer) -> None:
    """Compare answers; the last digits of a division differ between engines."""
    assert found.keys() == expected.keys()
    for group, values in expected.items():
        for name, value in values.items():
            near = None if value is None else pytest.approx(value, rel=1e-9, abs=1e-12)
            assert found[group][name] == near, (group, name)


@pytest.mark.parametrize("engine", ["duckdb", "postgres"], indirect=True)
def test_every_metric_is_what_sql_by_hand_says(engine: Engine) -> None:
    """In all, by day and platform, by segment; sessions lack these, episodes lack a session."""
    engine.write_seeds(world(random.Random(20), 150), "tv1")
    engine.load("--select", "tv1", naa=NAA)
    layer = Layer(engine)
    assert layer.names == METRICS.keys() | USER_METRICS.keys()

    users = engine.count("tv1_marts.dim_users")
    all_metrics = METRICS | USER_METRICS | {"users": str(users)}
    all_metrics["active_users_share"] = f"1.0 * active_users / {users}"
    expected = by_hand(engine, all_metrics)
    assert all(expected[()].values()), "a metric that is 0 compares nothing"
    assert_same(layer.ask(list(all_metrics)), expected)

    slices = ["metric_time", "session__platform"]
    expected = by_hand(engine, METRICS, slices)
    assert len(expected) > 20
    assert any(None in group for group in expected)
    assert_same(layer.ask(list(METRICS), slices), expected)

    segment = ["user__segment_id"]
    assert_same(without_empty(layer.ask(list(METRICS), segment)), by_hand(engine, METRICS, segment))
    registered = "select segment_id, count(*) as users from tv1_marts.dim_users group by segment_id"
    assert_same(layer.ask(["users"], segment), answer(engine, registered, ["users"], 1))

    every_day_has_all_users(layer, users)
    kpi_daily_adds_up(layer)
    an_answer_on_the_command_line(engine, layer)


def without_empty(found: Answer) -> Answer:
    """Leave out groups without a session: users have segments that no session does."""
    return {group: values for group, values in found.items() if values["sessions"]}


def every_day_has_all_users(layer: Layer, users: int) -> None:
    """Who is registered is so on each day; the share of a day is that of its sessions' users."""
    period = {
        "time_constraint_start": datetime(2025, 1, 1),
        "time_constraint_end": datetime(2025, 1, 7),
    }
    found = layer.ask(["users", "active_users", "active_users_share"], ["metric_time"], **period)
    assert len(found) == 7
    assert {values["users"] for values in found.values()} == {users}
    assert all(
        values["active_users_share"] == pytest.approx((values["active_users"] or 0) / users)
        for values in found.values()
    )


def kpi_daily_adds_up(layer: Layer) -> None:
    """`kpi_daily` holds the same sums, by day and platform and segment."""
    sums = [
        *("sessions", "streaming_sessions", "active_users"),
        *("episodes_watched", "episodes_watched_to_end", "minutes_watched"),
    ]
    slices = ["metric_time", "session__platform", "user__segment_id"]
    daily = f"select date_actual, platform, segment_id, {', '.join(sums)} from tv1_marts.kpi_daily"
    assert_same(layer.ask(sums, slices), answer(layer.engine, daily, sums, len(slices)))


def an_answer_on_the_command_line(engine: Engine, layer: Layer) -> None:
    """`mf query` reads target/semantic_manifest.json, and profiles.yml for the database."""
    metrics = ["sessions_kpi", "minutes_watched"]
    (engine.project / "target").mkdir(exist_ok=True)
    manifest = engine.project / "target" / "semantic_manifest.json"
    SemanticManifest(engine.parsed()).write_json_to_file(str(manifest))
    out = engine.folder / "metrics.csv"
    subprocess.run(
        [BIN / "mf", "query", "--quiet", "--metrics", ",".join(metrics), "--csv", out],
        cwd=engine.project,
        env=os.environ
        | engine.environment
        | {"FLETTE_TARGET": engine.target, "DBT_LOG_PATH": str(engine.folder / "logs")},
        check=True,
        capture_output=True,
    )
    with out.open(newline="", encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    expected = layer.ask(metrics)[()]
    assert {name: float(row[name]) for name in metrics} == pytest.approx(expected)
