"""A build that is killed anywhere is finished by building again, with the same outcome."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from contract import TILTAK, TILTAK_STORED
from harness import DuckDB, Postgres, Row

from scripts import ROOT

FIRST, SECOND = "2025-07-07 06:00:00", "2025-07-14 06:00:00"
RELATIONS = (*TILTAK, *TILTAK_STORED)
KILLS = 4


def start(engine: DuckDB | Postgres, naa: str) -> subprocess.Popen[bytes]:
    """Start a build in a process of its own."""
    command = [Path(sys.executable).parent / "dbt", "build", *engine.options()]
    command += ["--exclude-resource-types", "test", "unit_test", "--vars", f"{{naa: '{naa}'}}"]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **engine.environment},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )


def outputs(engine: DuckDB | Postgres) -> dict[str, list[Row]]:
    """Return what must not depend on how often a build was killed."""
    rows = {}
    for relation in RELATIONS:
        names = engine.columns(relation)
        keep = [n for n, name in enumerate(names) if name != "dbt_scd_id"]
        rows[relation] = [tuple(row[n] for n in keep) for row in engine.rows(relation)]
    return rows


@pytest.mark.parametrize("name", ["duckdb", "postgres"])
def test_a_killed_build_is_finished_by_the_next(name: str, request: pytest.FixtureRequest) -> None:
    """SIGKILL at moments spread over the run; what stands afterwards is what no kill would give."""
    engine = request.getfixturevalue(f"{name}_session")
    engine.drop_everything()
    engine.use_default_seeds()
    engine.load(naa=FIRST)
    change_inputs(engine)

    began = time.monotonic()
    assert start(engine, SECOND).wait() == 0
    whole = time.monotonic() - began
    expected = outputs(engine)

    engine.drop_everything()
    engine.use_default_seeds()
    engine.load(naa=FIRST)
    change_inputs(engine)
    killed = 0
    for number in range(KILLS):
        process = start(engine, SECOND)
        # dbt spends the first part of its time reading the project: nothing to interrupt there
        time.sleep(whole * (0.55 + 0.4 * number / KILLS))
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            killed += 1
        process.wait()
    assert killed, "no build was interrupted"
    assert start(engine, SECOND).wait() == 0
    assert outputs(engine) == expected


def change_inputs(engine: DuckDB | Postgres) -> None:
    """Let a week pass: an office's row gone, a measure renamed, some participations shortened."""
    for name, change in (
        ("tiltakstyper", lambda text: text.replace("Jobbklubb", "Jobbklubben")),
        ("deltaker_siste_status", lambda text: "\n".join(text.split("\n")[:-400]) + "\n"),
        ("gjennomforing_nav_enheter", lambda text: "\n".join(text.split("\n")[:-30]) + "\n"),
    ):
        path = engine.seed(name)
        path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
