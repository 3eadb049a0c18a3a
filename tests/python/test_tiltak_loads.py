"""tiltak over many loads: what a schedule meets in a year, compared with counting by hand."""

from __future__ import annotations

import copy
import random
from datetime import date, datetime, time, timedelta

import pytest
from harness import Engine, Table, sort_key
from tiltak_oracle import Owner

GULL = "tiltak_gold.uke_antall_gold_mock"
AVDELING = "tiltak_gold.uke_antall_avdeling_gold_mock"
KONTOR = "tiltak_gold.uke_antall_kontor"
CELLER = "tiltak_gold.uke_celler"
SNAPSHOT = "tiltak_silver.gjennomforinger_silver_snapshot"
MERGED = "tiltak_silver.deltaker_merged_silver_mock"

KONTORER = ["0219", "0220"]
FIRST_LOAD = datetime(2025, 1, 6, 6)
WEEKS_OF_LOADS = {"duckdb": 52, "postgres": 14, "bigquery_emulator": 5}


class World:
    """Six input tables that change from week to week as a real register does."""

    def __init__(self, seed: int) -> None:
        """Make a first delivery."""
        self.random = random.Random(seed)
        self.bruker_nr = 0
        self.tables: dict[str, Table] = {
            "tiltakstyper": [
                {
                    "id": f"T{n}",
                    "navn": f"Tiltak {n}",
                    "tiltakskode": f"K{n}",
                    "arena_tiltakskode": f"A{n}",
                }
                for n in range(3)
            ],
            "gjennomforinger": [],
            "gjennomforing_nav_enheter": [],
            "gjennomforing_avdelinger": [],
            "deltaker_siste_status": [],
            "vent_person_periode": [],
        }
        self.day = date(2024, 12, 30)
        for _ in range(6):
            self.new_gjennomforing()
        # every office is known from the first load on; later ones may lack it
        for kontor in ("0219", "0220", "0301"):
            first = self.tables["gjennomforinger"][0]["id"]
            self.tables["gjennomforing_nav_enheter"].append(
                {"gjennomforing_id": first, "enhetsnummer": kontor}
            )
        for _ in range(40):
            self.new_deltaker()

    def some_day(self, spread: int = 200) -> date:
        """Return a day around now."""
        return self.day + timedelta(days=self.random.randint(-spread, spread))

    def new_gjennomforing(self) -> None:
        """Register a gjennomføring, now and then of unknown kind, without office or end."""
        r, gid = self.random, f"G{len(self.tables['gjennomforinger'])}-{self.random.random():.6f}"
        start = self.some_day()
        self.tables["gjennomforinger"].append(
            {
                "id": gid,
                "tiltakstype_id": r.choice(["T0", "T1", "T2", "T2", "ukjent"]),
                "start_dato": str(start),
                "slutt_dato": r.choice(
                    [str(start + timedelta(days=400))] * 6 + [None, "2021-05-05", "2025-02-30"]
                ),
                "opprettet_tidspunkt": f"{start} 08:00:00",
                "oppdatert_tidspunkt": r.choice([f"{self.day} 09:00:00"] * 5 + [None]),
                "avsluttet_tidspunkt": None,
            }
        )
        for kontor in r.sample(["0219", "0220", "0301"], r.choice([0, 1, 1, 2])):
            self.tables["gjennomforing_nav_enheter"].append(
                {"gjennomforing_id": gid, "enhetsnummer": kontor}
            )
        for avdeling in r.sample(["Nord", "Sør", "Øst, indre"], r.choice([0, 1, 1, 1, 2])):
            self.tables["gjennomforing_avdelinger"].append(
                {"gjennomforing_id": gid, "avdeling": avdeling}
            )

    def new_deltaker(self) -> None:
        """Register a participation, now and then with something wrong."""
        r = self.random
        self.bruker_nr += 1
        bruker = f"P{self.bruker_nr}"
        for _ in range(r.choice([0, 1, 1, 1, 1, 1, 2])):
            self.tables["vent_person_periode"].append(
                {
                    "bruker_id": bruker,
                    "innsatsgruppekode": r.choice(["BATT", "IKVAL", "varig", "ÅPEN", None]),
                }
            )
        known = [row["id"] for row in self.tables["gjennomforinger"]]
        start = self.some_day()
        slutt = start + timedelta(days=r.randint(-9, 120))
        self.tables["deltaker_siste_status"].append(
            {
                "bruker_id": bruker,
                "gjennomforing_id": r.choice([*known, "ukjent"]),
                "status": "DELTAR",
                "start_dato": r.choice([str(start)] * 8 + [None, "2025-13-01"]),
                "slutt_dato": r.choice([str(slutt)] * 8 + [None, "i morgen"]),
            }
        )

    def next_week(self) -> None:
        """Let a week pass: new, corrected, withdrawn and late rows."""
        r, tables = self.random, self.tables
        self.day += timedelta(days=7)
        for _ in range(r.randint(0, 4)):
            self.new_deltaker()
        if r.random() < 0.3:
            self.new_gjennomforing()
        if r.random() < 0.6:
            row = r.choice(tables["deltaker_siste_status"])
            row["slutt_dato"] = str(self.some_day())
        if r.random() < 0.4:
            row = r.choice(tables["gjennomforinger"])
            row["slutt_dato"] = r.choice([str(self.some_day(400)), None])
            row["oppdatert_tidspunkt"] = f"{self.day} 10:00:00"
        if r.random() < 0.2:
            r.choice(tables["tiltakstyper"])["navn"] = f"Tiltak {r.randint(0, 9)}"
        if r.random() < 0.2 and tables["gjennomforing_nav_enheter"]:
            r.choice(tables["gjennomforing_nav_enheter"])["enhetsnummer"] = r.choice(
                ["0219", "0220", "0301"]
            )
        for name, chance in (("deltaker_siste_status", 0.4), ("gjennomforinger", 0.1)):
            if r.random() < chance:
                tables[name].pop(r.randrange(len(tables[name])))
        for table in tables.values():
            r.shuffle(table)


def cells(engine: Engine) -> dict[tuple, tuple]:
    """Return the stored counts: cell -> (count, when it was counted)."""
    return {row[:5]: row[5:] for row in engine.rows(CELLER)}


def expect(engine: Engine, owner: Owner, uke_til: date) -> None:
    """Compare every output with counting by hand."""
    assert engine.rows(SNAPSHOT) == sorted(owner.snapshot(), key=sort_key)
    assert engine.rows(MERGED) == sorted(owner.merged(), key=sort_key)
    for relation, rows in zip((GULL, AVDELING, KONTOR), owner.uke_antall(uke_til), strict=True):
        assert engine.rows(relation) == sorted(rows, key=sort_key), relation


def test_a_year_of_weekly_loads_equals_counting_by_hand(engine: Engine) -> None:
    """A week is appended once it is over, late periods reach their weeks, nothing else moves."""
    world = World(seed=2025)
    owner = Owner(snapshot_dato=date(2025, 2, 12), kontorer=KONTORER, uke_fra=date(2024, 11, 6))
    settings = {
        "snapshot_dato": str(owner.snapshot_dato),
        "kontorer": KONTORER,
        "uke_fra": str(owner.uke_fra),
        "uke_til": "siste_hele_uke",
    }
    before: dict[tuple, tuple] = {}
    for number in range(WEEKS_OF_LOADS[engine.name]):
        naa = FIRST_LOAD + timedelta(weeks=number)
        engine.write_seeds(world.tables)
        owner.load(naa, copy.deepcopy(world.tables))

        # the facts (data tests) are asked now and then; they cost more than the load
        run = engine.check if number % 9 == 4 else engine.load
        run("--select", "tiltak", naa=str(naa), **settings)

        last_week = naa.date() - timedelta(days=7)
        expect(engine, owner, last_week)
        after = cells(engine)
        for cell, (antall, counted) in after.items():
            unchanged = cell in before and before[cell][0] == antall
            assert counted == (before[cell][1] if unchanged else naa), cell
        before = after
        world.next_week()

    incremental = [engine.rows(relation) for relation in (GULL, AVDELING, KONTOR)]
    engine.load("--select", "tiltak", "--full-refresh", naa=str(naa), **settings)
    assert [engine.rows(relation) for relation in (GULL, AVDELING, KONTOR)] == incremental
    assert {cell: row[0] for cell, row in cells(engine).items()} == {
        c: r[0] for c, r in before.items()
    }
    expect(engine, owner, last_week)


def test_a_bounded_run_counts_its_weeks_again_and_leaves_the_others(duckdb_engine: Engine) -> None:
    """uke_fra and uke_til bound a reprocessing run of the stored counts."""
    engine = duckdb_engine
    engine.load("--select", "tiltak", naa="2025-07-07 12:00:00")
    before = cells(engine)
    cell = next(cell for cell in before if cell[0] == date(2024, 5, 6))
    other = next(cell for cell in before if cell[0] == date(2024, 9, 2))
    engine.load("--select", "gold_tiltak__uke_celler", naa="2025-07-08 12:00:00")
    assert cells(engine) == before, "a repeated run writes nothing"

    import duckdb

    with duckdb.connect(str(engine.folder / "flette.duckdb")) as connection:
        for mandag, kontor, navn, gruppe, avdeling in (cell, other):
            connection.execute(
                f"update {CELLER} set antall = 99"
                " where (mandag, enhetsnummer, tiltaksnavn, innsatsgruppe, avdeling)"
                " = (?, ?, ?, ?, ?)",
                [mandag, kontor, navn, gruppe, avdeling],
            )
    bounds = {"uke_fra": "2024-04-29", "uke_til": "2024-05-27"}
    engine.load("--select", "gold_tiltak__uke_celler", naa="2025-07-09 12:00:00", **bounds)

    after = cells(engine)
    assert after[cell] == (before[cell][0], datetime(2025, 7, 9, 12)), "inside the bounds: mended"
    assert after[other][0] == 99, "outside the bounds: left alone"
    changed = {key for key in before if after[key] != before[key]}
    assert changed == {cell, other}
    assert engine.count(GULL) == 44_160, "the dashboard's relation keeps its period"


SCENARIOS = {
    "created, changed and deleted later": ["2025-07-01", "2025-07-08", "2025-08-01"],
    "no load by then: the first stands in": ["2025-07-20", "2025-08-01", "2025-09-01"],
    "several loads by then": ["2025-06-01", "2025-06-15", "2025-07-07"],
    "the same naa three times": ["2025-07-07", "2025-07-07", "2025-07-07"],
    "a replay of an earlier day": ["2025-07-30", "2025-07-01", "2025-08-10"],
    "a replay after others": ["2025-06-01", "2025-07-30", "2025-07-02"],
}


@pytest.mark.parametrize("days", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_the_snapshot_is_what_the_loads_saw(engine: Engine, days: list[str]) -> None:
    """Whatever happens later, the state at the end of snapshot_dato stays."""
    world = World(seed=len(days[1]) + int(days[0][-2:]))
    owner = Owner(snapshot_dato=date(2025, 7, 7), kontorer=KONTORER, uke_fra=date(2025, 6, 2))
    for day in days:
        naa = datetime.combine(date.fromisoformat(day), time(23, 59, 59))
        engine.write_seeds(world.tables)
        owner.load(naa, copy.deepcopy(world.tables))
        engine.load("--select", "+silver_tiltak__gjennomforinger_snapshot", naa=str(naa))
        assert engine.rows(SNAPSHOT) == sorted(owner.snapshot(), key=sort_key)
        for _ in range(12):
            world.next_week()
