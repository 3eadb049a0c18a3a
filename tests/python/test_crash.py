"""A build that is killed anywhere is finished by building again, with the same outcome."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from contract import ARENA, ARENA_STORED, SAKSSTATISTIKK, TILTAK, TILTAK_STORED, TV1, TV1_STORED
from harness import DuckDB, Engine, Postgres, Row

from scripts import ROOT, arena

KILLS = 4


@dataclass(frozen=True)
class Product:
    """Two loads of a product, the second of which is killed.

    Attributes:
        relations: What must not depend on how often a build was killed.
        naa: The times of the two loads.
        change: What happens to the inputs in between.
    """

    relations: tuple[str, ...]
    naa: tuple[str, str]
    change: Callable[[Engine], None]


def let_a_week_pass(engine: Engine) -> None:
    """An office's row gone, a measure renamed, some participations shortened."""
    for name, change in (
        ("tiltakstyper", lambda text: text.replace("Jobbklubb", "Jobbklubben")),
        ("deltaker_siste_status", lambda text: "\n".join(text.split("\n")[:-400]) + "\n"),
        ("gjennomforing_nav_enheter", lambda text: "\n".join(text.split("\n")[:-30]) + "\n"),
    ):
        path = engine.seed(name)
        path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


# a job for each of a hundred cases, of both kinds
JOBS = [
    {
        "id": f"ny-{number}",
        "type": ("statistikk.resendSakstatistikk", "flyt.statistikk.resend")[number % 2],
        "payload": str(10_001 + number),
        "neste_kjoring": "2026-01-01 00:00:00",
    }
    for number in range(100)
]


def ask_for_resending(engine: Engine) -> None:
    """Replace the jobs by JOBS."""
    engine.write_seeds({"jobb": JOBS}, "saksstatistikk")


def let_a_day_pass(engine: Engine) -> None:
    """A last day withdrawn, an earlier session's platform corrected, users of another segment."""
    for name, change in (
        ("tracking", lambda text: "\n".join(text.split("\n")[:-3000]) + "\n"),
        ("tracking", lambda text: text.replace(",TV,", ",Smart-TV,", 5)),
        ("users", lambda text: re.sub(r",4$", ",5", text, flags=re.MULTILINE)),
    ):
        path = engine.seed(name, "tv1")
        path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def let_messages_come(engine: Engine) -> None:
    """What the stories waited for, corrections, and participants who are new."""
    folder = engine.seed("meldinger", "arena").parent
    arena.main(["--pass", "2", "--new", "0.05", "--out", str(folder), "--quiet"])


PRODUCTS = {
    "tiltak": Product(
        (*TILTAK, *TILTAK_STORED), ("2025-07-07 06:00:00", "2025-07-14 06:00:00"), let_a_week_pass
    ),
    # a run that only repeats a finished one shows it: flettede_hendelser is against gold as it was
    "saksstatistikk": Product(
        tuple(name for name in SAKSSTATISTIKK if "flettede" not in name),
        ("2025-12-31 06:00:00", "2026-01-20 06:00:00"),
        ask_for_resending,
    ),
    "tv1": Product(
        tuple(name for name in (*TV1, *TV1_STORED) if "date" not in name),
        ("2025-01-08 06:00:00", "2025-01-09 06:00:00"),
        let_a_day_pass,
    ),
    # the log is among them: no message is tried twice for one pass
    "arena": Product(
        (*ARENA, *ARENA_STORED), ("2025-07-07 06:00:00", "2025-07-08 06:00:00"), let_messages_come
    ),
}


def start(engine: DuckDB | Postgres, product: str, naa: str) -> subprocess.Popen[str]:
    """Start a build in a process of its own, which says on its output where it is."""
    command = [Path(sys.executable).parent / "dbt", "build", *engine.options(), "--no-quiet"]
    command += ["--select", product, "--exclude-resource-types", "test", "unit_test"]
    command += ["--no-use-colors", "--vars", f"{{naa: '{naa}'}}"]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **engine.environment},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def build_in_a_process(engine: DuckDB | Postgres, product: str, naa: str) -> int:
    """Build to the end and return how many nodes were begun."""
    process = start(engine, product, naa)
    assert process.stdout is not None
    begun = sum(" START " in line for line in process.stdout)
    assert process.wait() == 0
    return begun


def build_and_kill(engine: DuckDB | Postgres, product: str, naa: str, node: int) -> None:
    """Build, and kill the process while it is at its node of that number."""
    process = start(engine, product, naa)
    assert process.stdout is not None
    begun = 0
    for line in process.stdout:
        begun += " START " in line
        if begun == node:
            os.killpg(process.pid, signal.SIGKILL)
            break
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL, "the build was interrupted"


def outputs(engine: Engine, product: Product) -> dict[str, list[Row]]:
    """Return what must not depend on how often a build was killed."""
    rows = {}
    for relation in product.relations:
        names = engine.columns(relation)
        keep = [n for n, name in enumerate(names) if name != "dbt_scd_id"]
        rows[relation] = [tuple(row[n] for n in keep) for row in engine.rows(relation)]
    return rows


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize("name", ["duckdb", "postgres"])
def test_a_killed_build_is_finished_by_the_next(
    name: str, product: str, request: pytest.FixtureRequest
) -> None:
    """SIGKILL at nodes spread over the run; what stands afterwards is what no kill would give."""
    engine = request.getfixturevalue(f"{name}_session")
    expected = PRODUCTS[product]
    first, second = expected.naa

    def first_load() -> None:
        engine.drop_everything()
        engine.use_default_seeds()
        engine.load("--select", product, naa=first)
        expected.change(engine)

    first_load()
    before = outputs(engine, expected)
    nodes = build_in_a_process(engine, product, second)
    unharmed = outputs(engine, expected)
    assert unharmed != before, "the second load changes something"

    first_load()
    for number in range(KILLS):
        build_and_kill(engine, product, second, nodes * (2 * number + 1) // (2 * KILLS))
    build_in_a_process(engine, product, second)
    assert outputs(engine, expected) == unharmed


# the last model that a dying run still builds
DEATHS = {
    "before the attempt is written": "silver_saksstatistikk__jobbforsok+",
    "between the attempt and gold": "gold_saksstatistikk__saksstatistikk+",
    "after gold": "gold_saksstatistikk__view_saksstatistikk+",
}


@pytest.mark.parametrize("missed", DEATHS.values(), ids=DEATHS.keys())
def test_a_job_is_executed_once_whatever_a_dying_run_left_undone(
    engine: Engine, missed: str
) -> None:
    """The statements of a run commit one by one: die between any two, and go on another day."""
    engine.load("--select", "saksstatistikk", naa="2025-12-31 06:00:00")
    before = engine.rows(GOLD)
    ask_for_resending(engine)
    select = ("--select", "saksstatistikk")
    engine.load(*select, "--exclude", missed, naa="2026-01-20 06:00:00")
    engine.load(*select, naa="2026-01-21 06:00:00")
    after = engine.rows(GOLD)
    sent = [row for row in after if row not in before]
    # what had been sent right is not sent again: most of the others have nothing new to say
    assert len({row[BEHANDLING] for row in sent}) > len(JOBS) // 4
    died_before_gold = "view" not in missed
    sent_at = {str(row[TEKNISK_TID]) for row in sent}
    assert sent_at == {f"2026-01-2{1 if died_before_gold else 0} 06:00:00"}

    # executed is executed, also when there is something new to say
    change_every_office(engine)
    engine.load(*select, naa="2026-01-22 06:00:00")
    assert engine.rows(GOLD) == after


GOLD = "saksstatistikk_gold.saksstatistikk"
TEKNISK_TID = SAKSSTATISTIKK[GOLD].index("teknisk_tid")
BEHANDLING = SAKSSTATISTIKK[GOLD].index("behandling_uuid")


def change_every_office(engine: Engine) -> None:
    """Give every event another responsible office."""
    path = engine.seed("behandling_historikk", "saksstatistikk")
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    at = header.split(",").index("ansvarlig_enhet")
    changed = []
    for line in lines:
        fields = line.split(",")
        fields[at] = "0999"
        changed.append(",".join(fields))
    path.write_text("\n".join([header, *changed]) + "\n", encoding="utf-8")
