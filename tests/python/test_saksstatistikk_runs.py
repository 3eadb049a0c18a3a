"""saksstatistikk over runs: random cases, random runs, compared with a walk case by case."""

from __future__ import annotations

import copy
import random
import uuid
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from contract import SAKSSTATISTIKK
from harness import Engine, Row, Table, sort_key
from saksstatistikk_oracle import Owner

GOLD = "saksstatistikk_gold.saksstatistikk"
VIEW = "saksstatistikk_gold.view_saksstatistikk"
CURRENT = "saksstatistikk_gold.view_gjeldende_hendelser_saksstatistikk"
MERGED = "saksstatistikk_silver.flettede_hendelser"
RECOMPUTED = "saksstatistikk_silver.reberegnet_historikk"

NAA = datetime(2026, 1, 20, 12)
RANDOM_CASES = 20_000
RUNS = {"duckdb": 12, "postgres": 8, "bigquery_emulator": 4}

KINDS = ["Førstegangsbehandling", "Revurdering", "Klage", "Tilbakekreving"]
RESULTS = [None, "INNVILGET", "AVSLAG", "KLAGE_OPPRETTHOLDES", "KLAGE_DELVIS_OMGJØRES"]
RETURNS = ["SENDT_TILBAKE_FRA_BESLUTTER", "SENDT_TILBAKE_FRA_KVALITETSSIKRER"]
# code, kind of need, step, status of the step
NEEDS = [
    ("5003", "MANUELT_PÅKREVD", "AVKLAR_SYKDOM", "UTREDES"),
    ("5006", "MANUELT_PÅKREVD", "VURDER_BISTANDSBEHOV", "UTREDES"),
    ("9001", "VENTEPUNKT", "AVKLAR_SYKDOM", "UTREDES"),
    ("5025", "VENTEPUNKT", "AVKLAR_SYKDOM", "UTREDES"),
    ("9002", "BREV_VENTEPUNKT", "BREV", "IVERKSETTES"),
    ("5050", "MANUELT_PÅKREVD", "BREV", "IVERKSETTES"),
    ("5051", "MANUELT_PÅKREVD", "IVERKSETT_VEDTAK", "IVERKSETTES"),
    ("5023", "VENTEPUNKT", "START_BEHANDLING", "OPPRETTET"),
    ("5097", "MANUELT_PÅKREVD", "KVALITETSSIKRING", "UTREDES"),
    ("5099", "MANUELT_PÅKREVD", "FATTE_VEDTAK", "UTREDES"),
]
CHANGES = ["OPPRETTET", "AVSLUTTET", "AVSLUTTET", "TOTRINNS_VURDERT", "AVBRUTT", *RETURNS]


def written(time: datetime) -> str:
    """Return a time as the CSV files have it."""
    return time.isoformat(sep=" ")


class World:
    """Eight input tables with cases whose times lie as near each other as the rules care."""

    def __init__(self, seed: int) -> None:
        """Begin with no case."""
        self.random = random.Random(seed)
        self.sent_id = self.history_id = self.job_id = 0
        self.tables: dict[str, Table] = {
            **{"behandling": [], "behandling_historikk": [], "saksstatistikk": []},
            **{"avklaringsbehov_endring": [], "stoppet_behandling": [], "jobb": []},
            **{"steg_historikk": [], "paaklaget_behandling": []},
        }

    def moment(self, begin: datetime, spread: float = 30) -> datetime:
        """Return a time some tens of milliseconds from another, often exactly a multiple of 5."""
        r = self.random
        return begin + timedelta(
            milliseconds=r.choice([0, 5, 10, 15, 20, 1000, r.uniform(0, spread)])
        )

    def new_case(self) -> None:
        """Add a case with a history, what was sent of it, and its needs."""
        r, number = self.random, 10_001 + len(self.tables["behandling"])
        reference = str(uuid.UUID(int=r.getrandbits(128), version=4))
        begin = datetime(2025, r.randint(1, 12), r.randint(1, 28), r.randint(0, 23), 30)
        kind = r.choice(KINDS)
        self.tables["behandling"].append(
            {
                "id": str(number),
                "referanse": reference,
                "saksnummer": f"S{number // 2}",
                "aktor_id": f"{number:013}",
                "type_behandling": kind,
                "status": "UTREDES",
                "opprettet_tid": written(self.moment(begin)),
                "mottatt_tid": written(begin - timedelta(days=1)),
                "opprettet_av": r.choice([None, "Kelvin", "Z1"]),
                "aarsak_til_opprettelse": "SØKNAD",
                "er_skjermet": r.choice(["false"] * 5 + ["true"]),
            }
        )
        for _ in range(r.choice([0, 1, 2, 3, 3, 4, 6])):
            self.new_event(number, begin)
        for _ in range(r.choice([0, 0, 1, 2, 3, 4, 7])):
            self.new_sending(reference, begin)
        if r.random() < 0.3:
            self.new_stop(reference, begin)
        if kind == "Klage":
            self.new_appeal(reference, begin)
        if r.random() < 0.3:
            self.new_job(number)

    def new_event(self, number: int, begin: datetime) -> None:
        """Add an event to a case's history."""
        r = self.random
        self.history_id += 1
        self.tables["behandling_historikk"].append(
            {
                "id": str(self.history_id),
                "behandling_id": str(number),
                "hendelsestidspunkt": written(self.moment(begin, 60)),
                "oppdatert_tid": written(begin),
                "status": r.choice(["OPPRETTET", "UTREDES", "UTREDES", "IVERKSETTES", "AVSLUTTET"]),
                "siste_saksbehandler": r.choice([None, "Z1", "Z1", "Z2"]),
                "gjeldende_avklaringsbehov": "5003",
                "gjeldende_avklaringsbehov_status": r.choice(["OPPRETTET", None, *RETURNS]),
                "behandlingmetode": r.choice(["MANUELL", "MANUELL", "AUTOMATISK"]),
                "ansvarlig_enhet": r.choice(["0220", "0220", "4402", "0393", None]),
                "venteaarsak": r.choice(
                    [None, None, "VENTER_PÅ_OPPLYSNINGER_FRA_UTENLANDSKE_MYNDIGHETER", "venter_på"]
                ),
                "retur_aarsak": r.choice([None, "MANGLENDE_UTREDNING"]),
                "vedtak_tidspunkt": r.choice([None, None, written(begin)]),
                "ansvarlig_beslutter": r.choice([None, None, "B1"]),
                "resultat": r.choice(RESULTS),
                "rettighetstype": r.choice([None, "bistandsbehov", "STUDENT"]),
                "soknadsformat": "DIGITAL",
                "relatert_behandling_referanse": r.choice([None, None, "rel"]),
                "versjon": r.choice(["v1", "v2"]),
                "slettet": r.choice(["false"] * 6 + ["true"]),
            }
        )

    def new_sending(self, reference: str, begin: datetime) -> None:
        """Add a row that was sent earlier for a case, right or wrong."""
        r = self.random
        self.sent_id += 1
        self.tables["saksstatistikk"].append(
            {
                "id": str(self.sent_id),
                "fagsystem_navn": "Kelvin",
                "behandling_uuid": reference,
                "saksnummer": "S",
                "relatert_behandling_uuid": r.choice([None, "rel"]),
                "behandling_type": "KLAGE",
                "teknisk_tid": written(begin + timedelta(days=1, seconds=r.randint(0, 3))),
                "registrert_tid": written(begin),
                "endret_tid": written(self.moment(begin, 60)),
                "mottatt_tid": written(begin),
                "versjon": "v0",
                "avsender": "KELVIN",
                "behandling_status": r.choice(["OPPRETTET", "AVSLUTTET", "OVERSENDT_KA"]),
                "ansvarlig_enhet_kode": r.choice(["0220", "4402", "-5"]),
                "sak_ytelse": "AAP",
                "er_relast": r.choice(["false", "true", None]),
            }
        )

    def new_stop(self, reference: str, begin: datetime) -> None:
        """Add how a case stopped, and the changes of its needs."""
        r = self.random
        self.tables["stoppet_behandling"].append(
            {
                "behandling_referanse": reference,
                "mottatt_tid": written(begin),
                "behandling_opprettet_tidspunkt": written(begin),
                "behandling_status": r.choice(["AVSLUTTET", "UTREDES"]),
                "resultat": r.choice(RESULTS),
                "vedtakstidspunkt": r.choice([None, written(self.moment(begin))]),
                "tidspunkt_siste_endring": r.choice([None, written(self.moment(begin))]),
                "soknadsformat": "PAPIR",
                "relatert_behandling": r.choice([None, "rel"]),
                "versjon": "v3",
            }
        )
        needs = r.sample(NEEDS, r.choice([0, 1, 2, 3, 5]))
        for need_number, (code, kind, step, status) in enumerate(needs, 1):
            for change_number in range(1, r.randint(1, 4) + 1):
                self.tables["avklaringsbehov_endring"].append(
                    {
                        "behandling_referanse": reference,
                        "behov_nr": str(need_number),
                        "definisjon": code,
                        "behov_type": kind,
                        "steg": step,
                        "steg_status": status,
                        "endring_nr": str(change_number),
                        "status": r.choice(CHANGES),
                        "tidsstempel": written(
                            begin + timedelta(milliseconds=r.choice([0, 3, 5, 8, 20, 40, 60, 80]))
                        ),
                        "endret_av": r.choice(["Kelvin", "BREVLØSNING", "Z1", "Z2", None]),
                        "aarsak_til_satt_paa_vent": r.choice([None, "VENTER_PÅ_SVAR"]),
                        "aarsak_til_retur": r.choice(
                            [None, "FEIL_LOVANVENDELSE", "ANNET,MANGELFULL_BEGRUNNELSE", "ANNET,X"]
                        ),
                    }
                )

    def new_appeal(self, reference: str, begin: datetime) -> None:
        """Add steps and what an appeal is against."""
        r = self.random
        for _ in range(r.choice([0, 1, 1, 2])):
            self.tables["steg_historikk"].append(
                {
                    "behandling_referanse": reference,
                    "steg": r.choice(["OPPRETTHOLDELSE", "OPPRETTHOLDELSE", "BREV"]),
                    "status": r.choice(["OPPDATER_FAKTAGRUNNLAG", "AVSLUTTER"]),
                    "opprettet_tid": written(self.moment(begin, 60)),
                }
            )
        for _ in range(r.choice([0, 1, 1, 2])):
            self.tables["paaklaget_behandling"].append(
                {
                    "klagebehandling_referanse": reference,
                    "paaklaget_behandling_referanse": r.choice(
                        [row["referanse"] for row in self.tables["behandling"][-20:]]
                    ),
                    "aktiv": r.choice(["true", "true", "false"]),
                    "status": r.choice(["AVSLUTTET", "AVSLUTTET", "UTREDES"]),
                }
            )

    def new_job(self, number: int) -> None:
        """Add a job, due or not, that asks for a resending or for something else."""
        r = self.random
        self.job_id += 1
        self.tables["jobb"].append(
            {
                "id": str(self.job_id),
                "type": r.choice(
                    ["statistikk.resendSakstatistikk", "flyt.statistikk.resend", "annet"]
                ),
                "payload": r.choice([str(number)] * 8 + ["4711000", '{"id": 1}', None]),
                "neste_kjoring": written(NAA + timedelta(days=r.choice([-9, -9, 0, 1, 2, 3]))),
            }
        )

    def next_day(self) -> None:
        """Let a day pass: events come, are corrected or taken back, jobs and stops come."""
        r, tables = self.random, self.tables
        for _ in range(r.randint(0, 3)):
            self.new_case()
        for _ in range(r.randint(0, 8)):
            self.new_job(int(r.choice(tables["behandling"])["id"] or 0))
        for _ in range(r.randint(0, 12)):
            row = r.choice(tables["behandling_historikk"])
            begin = datetime.fromisoformat(row["oppdatert_tid"] or "")
            self.new_event(int(row["behandling_id"] or 0), begin)
            row["ansvarlig_enhet"] = r.choice(["0220", "0301", None])
            row["slettet"] = r.choice(["false", "true"])
        for table in tables.values():
            r.shuffle(table)


def instants(row: Row) -> Row:
    """Return a row with its instants in one zone, whatever zone the client gave them in."""
    return tuple(
        value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo else value
        for value in row
    )


def as_rows(rows: list[dict[str, Any]], relation: str) -> list[Row]:
    """Return the oracle's rows as the engine would."""
    columns = SAKSSTATISTIKK[relation]
    return sorted((instants(tuple(row[name] for name in columns)) for row in rows), key=sort_key)


def actual(engine: Engine, relation: str) -> list[Row]:
    """Return a relation's rows."""
    return sorted(map(instants, engine.rows(relation)), key=sort_key)


def expect(engine: Engine, owner: Owner) -> None:
    """Compare every output with the walk case by case."""
    for relation, rows in (
        (RECOMPUTED, owner.reberegnet),
        (MERGED, owner.flettede),
        (GOLD, owner.gold),
        (VIEW, owner.view()),
        (CURRENT, owner.view_gjeldende()),
    ):
        assert actual(engine, relation) == as_rows(rows, relation), relation


def test_random_cases_equal_the_walk_with_a_queue(engine: Engine) -> None:
    """Every branch of the merge and of the recomputed history, on many cases in one statement."""
    world = World(seed=20_000)
    for _ in range(RANDOM_CASES):
        world.new_case()
    owner = Owner()
    settings: dict[str, Any] = {
        "resend_behandlinger": [10_007, 10_008, 19_999],
        "backfill": ["relatert_behandling", "oversendt_ka"],
    }
    owner.run(NAA, world.tables, **settings)
    engine.write_seeds(world.tables, "saksstatistikk")
    engine.load("--select", "saksstatistikk", naa=str(NAA), **settings)
    assert len(owner.flettede) > RANDOM_CASES
    expect(engine, owner)


def settings_of_a_run(world: World, number: int) -> dict[str, Any]:
    """Return what a person asks for in a run: nothing, cases, repairs."""
    r = world.random
    known = sorted({int(row["id"] or 0) for row in world.tables["behandling"]})
    settings: dict[str, Any] = {}
    if number % 2:
        settings["resend_behandlinger"] = r.sample(known, 5)
    if number % 3 == 1:
        settings["backfill"] = r.sample(["oversendt_ka", "relatert_behandling"], r.randint(1, 2))
    return settings


def functional_times(rows: list[Row]) -> dict[str, set[datetime]]:
    """Return the functional times sent per case."""
    columns = SAKSSTATISTIKK[GOLD]
    uuid_at, time_at = columns.index("behandling_uuid"), columns.index("endret_tid")
    times = defaultdict(set)
    for row in rows:
        times[row[uuid_at]].add(row[time_at])
    return times


def test_any_sequence_of_runs_only_ever_appends(engine: Engine) -> None:
    """Ids increase, no earlier row changes, no functional time is lost, a repeat adds nothing."""
    world = World(seed=7)
    for _ in range(150):
        world.new_case()
    owner = Owner()
    before: list[Row] = []
    for number in range(RUNS[engine.name]):
        settings = settings_of_a_run(world, number)
        naa = NAA + timedelta(hours=7 * number)
        engine.write_seeds(world.tables, "saksstatistikk")
        owner.run(naa, copy.deepcopy(world.tables), **settings)
        run = engine.check if number == 1 else engine.load
        run("--select", "saksstatistikk", naa=str(naa), **settings)
        expect(engine, owner)

        after = actual(engine, GOLD)
        assert {row[0]: row for row in before}.items() <= {row[0]: row for row in after}.items()
        new = sorted(row[0] for row in set(after) - set(before))
        if before:
            last = max(row[0] for row in before)
            assert new == list(range(last + 1, last + 1 + len(new)))
        earlier, later = functional_times(before), functional_times(after)
        assert all(times <= later[case] for case, times in earlier.items())
        before = after
        if number % 3 == 2:
            # the same again: what a resend changed may change the next merge once more, not twice
            for repeat in range(3):
                again = naa + timedelta(minutes=repeat + 1)
                owner.run(again, copy.deepcopy(world.tables), **settings)
                engine.load("--select", "saksstatistikk", naa=str(again), **settings)
                expect(engine, owner)
                count = engine.count(GOLD)
                if count == len(before):
                    break
                before = actual(engine, GOLD)
            assert count == len(before), "it settles"
        world.next_day()


def test_the_selector_sends_what_the_whole_build_would(engine: Engine) -> None:
    """Jobs of both kinds, cases by variable and a repair; what it leaves out stays as it was."""
    world = World(seed=11)
    for _ in range(150):
        world.new_case()
    owner = Owner()
    engine.write_seeds(world.tables, "saksstatistikk")
    owner.run(NAA, copy.deepcopy(world.tables))
    engine.load("--select", "saksstatistikk", naa=str(NAA))
    left_out = {relation: actual(engine, relation) for relation in (MERGED, RECOMPUTED)}
    for day, settings in enumerate(
        ({"resend_behandlinger": [10_001, 10_020], "backfill": ["relatert_behandling"]}, {}), 1
    ):
        naa, sent = NAA + timedelta(days=day), engine.count(GOLD)
        owner.run(naa, copy.deepcopy(world.tables), **settings)
        run = engine.check if day == 1 else engine.load
        run("--selector", "saksstatistikk_resend", naa=str(naa), **settings)
        for relation, rows in ((GOLD, owner.gold), (CURRENT, owner.view_gjeldende())):
            assert actual(engine, relation) == as_rows(rows, relation), relation
        assert engine.count(GOLD) > sent
    assert {relation: actual(engine, relation) for relation in left_out} == left_out


def test_an_unknown_id_is_named_and_nothing_is_written(duckdb_engine: Engine) -> None:
    """One sentence, and every relation of the product is as it was."""
    engine = duckdb_engine
    engine.load("--select", "saksstatistikk", naa=str(NAA))
    before = {relation: engine.rows(relation) for relation in SAKSSTATISTIKK}
    run = engine.dbt(
        *("build", "--select", "saksstatistikk"),
        naa="2026-01-21 12:00:00",
        resend_behandlinger=[10_007, 77, 78],
    )
    assert not run.success
    assert (
        "The variable resend_behandlinger holds 77, 78, which no behandling has as its id; nothing"
        " was resent." in run.messages
    )
    assert {relation: engine.rows(relation) for relation in SAKSSTATISTIKK} == before


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        (
            {"resend_behandlinger": 10_007},
            "The variable resend_behandlinger is '10007'; it must be a list of behandling ids,"
            " such as [10007].",
        ),
        (
            {"resend_behandlinger": ["10007", "alle"]},
            "The variable resend_behandlinger holds 'alle', which is no behandling id; write whole"
            " numbers, such as [10007].",
        ),
        (
            {"backfill": "oversendt_ka"},
            "The variable backfill is 'oversendt_ka'; it must be a list out of oversendt_ka,"
            " relatert_behandling, such as [oversendt_ka].",
        ),
        (
            {"backfill": ["oversendt"]},
            "The variable backfill holds 'oversendt', which is no backfill; there are"
            " oversendt_ka, relatert_behandling.",
        ),
    ],
)
def test_a_wrong_setting_is_one_sentence(
    duckdb_engine: Engine, variables: dict[str, Any], sentence: str
) -> None:
    """The run stops while it reads the project."""
    run = duckdb_engine.dbt("build", "--select", "saksstatistikk", parse=True, **variables)
    assert not run.success
    assert sentence in run.messages.replace("\n", " ")
    assert not duckdb_engine.path.exists() or duckdb_engine.query(
        "select count(*) from information_schema.tables where table_schema = 'saksstatistikk_gold'"
    )[1] == [(0,)]
