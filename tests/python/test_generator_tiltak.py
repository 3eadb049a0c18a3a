"""The generator of the product tiltak keeps its promises: the same bytes, the spec's draws."""

import csv
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from generators import TILTAK, Defaults, Tables

from scripts import ROOT, common, tiltak

generate, read_csv = TILTAK.generate, TILTAK.read_csv


INNSATSGRUPPER = {"IKVAL", "IVURD", "VARIG", "BATT", "BFORM", "UKJENT"}
ARENA_CODES = {
    "AVKLARAG",
    "INDOPPFAG",
    "ARBFORB",
    "ARBRRHDAG",
    "DIGIOPPARB",
    "GRUPPEAMO",
    "JOBBK",
    "VASV",
    "GRUFAGYRKE",
}


def as_date(value: str | None) -> date | None:
    """Read a date, None if it is missing or cannot be read."""
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        return None


def is_uniform(counts: list[int]) -> bool:
    """Say whether counts may come from a uniform draw.

    Tolerance: the chi-square statistic is within five of its standard deviations of its mean;
    for 100,000 draws over 100 values that is about 10 % more or less for a value.
    """
    expected = sum(counts) / len(counts)
    chi_square = sum((count - expected) ** 2 / expected for count in counts)
    freedom = len(counts) - 1
    return bool(chi_square <= freedom + 5 * (2 * freedom) ** 0.5)


@pytest.fixture(scope="module")
def tables(defaults: Defaults) -> Tables:
    """Hold the default tables."""
    return read_csv(defaults(TILTAK))


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pa.Table]:
    """Hold 200,000 deltakere, enough to see how they are drawn."""
    out = tmp_path_factory.mktemp("many")
    generate(out, "--deltakere", "200000", "--format", "parquet", "--seed", "1")
    return {name: pq.read_table(out / f"raw_tiltak__{name}.parquet") for name in TILTAK.contract}


@pytest.fixture(scope="module")
def spans(many: dict[str, pa.Table]) -> dict[str, np.ndarray]:
    """Hold first and last day of the gjennomføring beside start and slutt of each deltaker."""
    first, last = (
        dict(
            zip(
                many["gjennomforinger"]["id"].to_pylist(),
                many["gjennomforinger"][name].to_numpy().astype("datetime64[D]"),
                strict=True,
            )
        )
        for name in ("start_dato", "slutt_dato")
    )
    deltakere = many["deltaker_siste_status"]
    ids = deltakere["gjennomforing_id"].to_pylist()
    return {
        "first": np.array([first[key] for key in ids]).astype(int),
        "last": np.array([last[key] for key in ids]).astype(int),
        "start": deltakere["start_dato"].to_numpy().astype("datetime64[D]").astype(int),
        "slutt": deltakere["slutt_dato"].to_numpy().astype("datetime64[D]").astype(int),
    }


# --- the same bytes ------------------------------------------------------------------------------


def test_a_chunk_more_does_not_restart_the_persons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids go on over the border of two chunks, each person has one innsatsgruppe."""
    monkeypatch.setattr(tiltak, "CHUNK", 300)
    found = read_csv(generate(tmp_path, "--deltakere", "1000"))
    ids = [row["bruker_id"] for row in found["deltaker_siste_status"]]
    assert len(ids) == 1000
    new = list(dict.fromkeys(ids))
    assert new == [f"P{number:08d}" for number in range(1, len(new) + 1)]
    assert [row["bruker_id"] for row in found["vent_person_periode"]] == new


# --- the contract --------------------------------------------------------------------------------


def test_csv_has_quotes_only_where_they_are_needed(defaults: Defaults) -> None:
    """A comma needs them, a space does not."""
    name = TILTAK.file("gjennomforing_avdelinger")
    avdelinger = (defaults(TILTAK) / name).read_text("utf-8")
    assert ',"Sykmeldte, avklaring og helse"\n' in avdelinger
    assert ",Kvalifisering og velferd\n" in avdelinger
    assert '""' not in avdelinger


def test_tables_fit_together(tables: Tables) -> None:
    """Every reference leads somewhere, ids are UUIDs and come once."""
    gjennomforinger = tables["gjennomforinger"]
    ids = [row["id"] for row in gjennomforinger]
    assert len(ids) == len(set(ids)) == 120 * len(tiltak.OFFICES)
    assert len({row["tiltaksnummer"] for row in gjennomforinger}) == len(ids)
    assert all(str(UUID(key)) == key for key in ids)
    types = [row["id"] for row in tables["tiltakstyper"]]
    assert len(types) == len(set(types)) == 9
    assert {row["arena_tiltakskode"] for row in tables["tiltakstyper"]} == ARENA_CODES
    assert {row["tiltakstype_id"] for row in gjennomforinger} == set(types)
    assert {row["gjennomforing_id"] for row in tables["gjennomforing_nav_enheter"]} == set(ids)
    assert [row["gjennomforing_id"] for row in tables["gjennomforing_avdelinger"]] == ids
    assert any(row["avtale_id"] is None for row in gjennomforinger)
    assert len(tables["deltaker_siste_status"]) == 10_000


def test_leading_zeros_are_kept(tables: Tables) -> None:
    """0219 is not 219; every office is in the data although only one was asked for."""
    numbers = {row["enhetsnummer"] for row in tables["gjennomforing_nav_enheter"]}
    assert numbers == {"0219", "0220", "0334", "0335", "0626", "1161", "1164"}


def test_brukere(tables: Tables) -> None:
    """Short ids, about nine rows in ten a new person, one row of innsatsgruppe for each."""
    ids = [row["bruker_id"] for row in tables["deltaker_siste_status"]]
    assert max(len(key or "") for key in ids) <= 12
    assert 0.88 <= len(set(ids)) / len(ids) <= 0.92
    persons = [row["bruker_id"] for row in tables["vent_person_periode"]]
    assert len(persons) == len(set(persons))
    assert set(persons) == set(ids)
    assert {row["innsatsgruppekode"] for row in tables["vent_person_periode"]} == INNSATSGRUPPER


def test_times_of_gjennomforinger(tables: Tables) -> None:
    """Created, changed and closed in that order, and never after the end of 2025-07-07."""
    latest = datetime(2025, 7, 7, 23, 59, 59)
    kinds: Counter[str] = Counter()
    for row in tables["gjennomforinger"]:
        created = datetime.strptime(row["opprettet_tidspunkt"] or "", "%Y-%m-%d %H:%M:%S")
        changed = datetime.strptime(row["oppdatert_tidspunkt"] or "", "%Y-%m-%d %H:%M:%S")
        start, slutt = as_date(row["start_dato"]), as_date(row["slutt_dato"])
        assert start and date(2021, 1, 4) <= start <= (slutt or start) <= date(2026, 6, 30)
        assert created <= changed <= latest
        assert created.date() <= start
        assert (row["tiltaksnummer"] or "").split("/")[0] == str(created.year)
        ended = slutt is not None and slutt < latest.date()
        assert (row["avsluttet_tidspunkt"] is not None) == ended
        if ended and slutt:
            closed = datetime.strptime(row["avsluttet_tidspunkt"] or "", "%Y-%m-%d %H:%M:%S")
            assert slutt < closed.date()
            assert created <= closed <= changed
        kinds["none" if slutt is None else "old" if slutt < date(2022, 1, 1) else "scope"] += 1
    # 120 for each of 7 offices: 8 % end before 2022, 4 % have no end.
    assert kinds == {"none": 35, "old": 70, "scope": 735}


def test_updated_by_is_kept(tmp_path: Path) -> None:
    """An earlier day holds even for what starts long after it."""
    found = read_csv(generate(tmp_path, "--updated-by", "2022-03-01", "--deltakere", "10"))
    changed = [row["oppdatert_tidspunkt"] or "" for row in found["gjennomforinger"]]
    assert max(changed) <= "2022-03-01 23:59:59"
    assert max(changed) > "2022-02-01"
    assert all(
        (row["opprettet_tidspunkt"] or "") <= (row["oppdatert_tidspunkt"] or "")
        for row in found["gjennomforinger"]
    )


def test_raw_status_agrees_with_the_dates(tables: Tables) -> None:
    """Status as of 2025-07-07; group measures are completed, the others are left."""
    today = "2025-07-07"
    allowed = {
        "waiting": {"VENTER_PA_OPPSTART", "IKKE_AKTUELL"},
        "active": {"DELTAR"},
        "ended": {"HAR_SLUTTET", "FULLFORT", "AVBRUTT"},
    }
    seen = defaultdict(set)
    for row in tables["deltaker_siste_status"]:
        start, slutt = row["start_dato"] or "", row["slutt_dato"] or ""
        kind = "waiting" if start > today else "ended" if slutt < today else "active"
        seen[kind].add(row["status"])
    assert seen == allowed


# --- the grid of Bærum ---------------------------------------------------------------------------


@pytest.mark.parametrize("offices", ["0219", "0219,0220", "0219,0220,0626,0334,0335,1161,1164"])
def test_baerum_has_eight_by_six_by_five(tmp_path: Path, offices: str) -> None:
    """All 240 combinations have people, whatever other offices are drawn from."""
    found = read_csv(generate(tmp_path, "--offices", offices, "--deltakere", "40000"))
    names = {row["id"]: row["navn"] for row in found["tiltakstyper"]}
    baerum = {
        row["gjennomforing_id"]
        for row in found["gjennomforing_nav_enheter"]
        if row["enhetsnummer"] == "0219"
    }
    scope = {
        row["id"]: names[row["tiltakstype_id"]]
        for row in found["gjennomforinger"]
        if row["id"] in baerum and (row["slutt_dato"] or "") >= "2022-01-01"
    }
    avdeling = {
        row["gjennomforing_id"]: row["avdeling"] for row in found["gjennomforing_avdelinger"]
    }
    code = {row["bruker_id"]: row["innsatsgruppekode"] for row in found["vent_person_periode"]}
    cells = {
        (scope[row["gjennomforing_id"]], code[row["bruker_id"]], avdeling[row["gjennomforing_id"]])
        for row in found["deltaker_siste_status"]
        if row["gjennomforing_id"] in scope
    }
    assert len(cells) == 240
    assert [len({cell[axis] for cell in cells}) for axis in range(3)] == [8, 6, 5]
    assert "Fag- og yrkesopplæring" not in {cell[0] for cell in cells}


def test_every_office_has_its_own_five_avdelinger(tables: Tables) -> None:
    """Five for each owner; the names are not unique over all offices, as in life."""
    owner: dict[str | None, str | None] = {}
    for row in tables["gjennomforing_nav_enheter"]:
        owner.setdefault(row["gjennomforing_id"], row["enhetsnummer"])  # the owner comes first
    found = defaultdict(set)
    for row in tables["gjennomforing_avdelinger"]:
        found[owner[row["gjennomforing_id"]]].add(row["avdeling"])
    assert {number: len(names) for number, names in found.items()} == dict.fromkeys(
        tiltak.OFFICE_NUMBERS, 5
    )
    assert len({frozenset(names) for names in found.values()}) == len(found)
    assert "Ungdom" in found["0219"] & found["0220"]


def test_second_offices(tmp_path: Path, tables: Tables) -> None:
    """Only those that an asked office owns have one; the rest of the data does not change."""
    offered = defaultdict(list)
    for row in tables["gjennomforing_nav_enheter"]:
        offered[row["gjennomforing_id"]].append(row["enhetsnummer"])
    pairs = Counter(tuple(offices) for offices in offered.values() if len(offices) > 1)
    assert set(pairs) == {("0219", "0220")}
    assert 8 <= pairs["0219", "0220"] <= 30

    both = read_csv(generate(tmp_path, "--offices", "0220,0219"))
    offered = defaultdict(list)
    for row in both["gjennomforing_nav_enheter"]:
        offered[row["gjennomforing_id"]].append(row["enhetsnummer"])
    again = Counter(tuple(offices) for offices in offered.values() if len(offices) > 1)
    assert again["0219", "0220"] == pairs["0219", "0220"]
    assert set(again) == {("0219", "0220"), ("0220", "0626")}
    for name in ("tiltakstyper", "gjennomforinger", "gjennomforing_avdelinger"):
        assert both[name] == tables[name]


# --- the draws of the spec -----------------------------------------------------------------------


def test_deltakere_come_from_the_scope_uniformly(many: dict[str, pa.Table]) -> None:
    """Every gjennomføring of 0219 in scope, no other, and each as often as the next."""
    owned = {
        row["gjennomforing_id"]
        for row in many["gjennomforing_nav_enheter"].to_pylist()
        if row["enhetsnummer"] == "0219"
    }
    scope = {
        row["id"]
        for row in many["gjennomforinger"].to_pylist()
        if row["id"] in owned and row["slutt_dato"] and row["slutt_dato"] >= date(2022, 1, 1)
    }
    assert len(owned) == 120
    counts = Counter(many["deltaker_siste_status"]["gjennomforing_id"].to_pylist())
    assert set(counts) == scope
    assert is_uniform(list(counts.values()))


def test_innsatsgruppe_and_avdeling_are_uniform(many: dict[str, pa.Table]) -> None:
    """Six innsatsgrupper over persons; five avdelinger over the gjennomføringer of each office."""
    groups = Counter(many["vent_person_periode"]["innsatsgruppekode"].to_pylist())
    assert set(groups) == INNSATSGRUPPER
    assert is_uniform(list(groups.values()))
    rows = many["gjennomforing_avdelinger"]["avdeling"].to_pylist()
    for office in range(len(tiltak.OFFICES)):
        counts = Counter(rows[office * 120 : (office + 1) * 120])
        assert set(counts) == set(tiltak.OFFICES[office].avdelinger)
        assert is_uniform(list(counts.values()))


def test_deltaker_is_inside_its_gjennomforing(spans: dict[str, np.ndarray]) -> None:
    """First <= start <= slutt <= last; seven days at least, if the gjennomføring has them."""
    first, last, start, slutt = (spans[name] for name in ("first", "last", "start", "slutt"))
    assert (first <= start).all()
    assert (start <= slutt).all()
    assert (slutt <= last).all()
    short = last - first < 7
    assert 0 < short.sum() < len(short)
    assert (start[short] == first[short]).all()
    assert (slutt[short] == last[short]).all()
    assert (slutt[~short] - start[~short] >= 7).all()


def test_start_and_length_are_uniform(spans: dict[str, np.ndarray]) -> None:
    """Both are uniform over what is possible, ends included, in tenths of their range.

    A draw of k out of 0..n-1 is spread over [k/n, (k+1)/n) by a fixed fraction, so that ranges of
    any length have a tenth in each tenth.
    """
    first, last, start, slutt = (spans[name] for name in ("first", "last", "start", "slutt"))
    spread = np.random.default_rng(0).random(len(first))
    long = last - first >= 7
    for drawn, possible in (
        ((start - first)[long], (last - first - 6)[long]),
        ((slutt - start - 7)[long], (last - start - 6)[long]),
    ):
        assert drawn.min() == 0
        assert (drawn < possible).all()
        assert (drawn == possible - 1).any()
        tenths = np.bincount(((drawn + spread[long]) / possible * 10).astype(int), minlength=10)
        assert len(tenths) == 10
        assert is_uniform(tenths.tolist())


def test_is_uniform_can_say_no() -> None:
    """The measure used above tells a loaded die from a fair one."""
    assert is_uniform([1000, 1010, 990, 1003, 997, 1000])
    assert not is_uniform([1000, 1000, 1000, 1000, 1000, 1200])


# --- bad rows ------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", ["0.000001", "0.01", "0.05"])
def test_bad_rows_have_every_defect(tmp_path: Path, share: str) -> None:
    """Each defect at least once and not much more often than asked for."""
    found = read_csv(generate(tmp_path, "--bad-rows", share, "--deltakere", "4000"))
    # Of 105 gjennomføringer in scope, and of 4,000 deltakere and their persons.
    few = range(1, max(1, round(105 * float(share))) + 1)
    many = range(1, max(1, round(4000 * float(share))) + 1)

    gjennomforinger = found["gjennomforinger"]
    ids = Counter(row["id"] for row in gjennomforinger)
    types = {row["id"] for row in found["tiltakstyper"]}
    offices = Counter(
        (row["gjennomforing_id"], row["enhetsnummer"]) for row in found["gjennomforing_nav_enheter"]
    )
    avdelinger = Counter(row["gjennomforing_id"] for row in found["gjennomforing_avdelinger"])
    deltakere = found["deltaker_siste_status"]
    brukere = {row["bruker_id"] for row in deltakere}
    codes = defaultdict(list)
    for row in found["vent_person_periode"]:
        codes[row["bruker_id"]].append(row["innsatsgruppekode"])

    assert len(found["tiltakstyper"]) == len(types) + 1
    assert sum(row["tiltakstype_id"] not in types for row in gjennomforinger) in few
    assert len(set(ids) - {key for key, _ in offices}) in few
    assert len(set(ids) - set(avdelinger)) in few
    assert sum(len(number or "") != 4 for _, number in offices) in few
    assert {number for _, number in offices if len(number or "") != 4} == {"219"}
    assert sum(count == 2 for count in offices.values()) in few
    assert sum(count == 2 for count in avdelinger.values()) in few
    twice = [row for row in gjennomforinger if ids[row["id"]] == 2]
    assert set(ids.values()) == {1, 2}
    same = Counter(tuple(row.values()) for row in twice)
    assert sum(count == 2 for count in same.values()) in few
    assert sum(count == 1 for count in same.values()) // 2 in few

    for rows, kinds in ((gjennomforinger, few), (deltakere, many)):
        for column in ("start_dato", "slutt_dato"):
            assert sum(bool(row[column]) and not as_date(row[column]) for row in rows) in kinds
        reversed_rows = [
            row
            for row in rows
            if (start := as_date(row["start_dato"]))
            and (slutt := as_date(row["slutt_dato"]))
            and slutt < start
        ]
        assert len(reversed_rows) in kinds
    assert "2024-02-30" in {row["start_dato"] for row in deltakere}
    changed = {row["oppdatert_tidspunkt"] for row in gjennomforinger}
    assert "2024-02-30 12:00:00" in changed

    assert sum(row["gjennomforing_id"] not in ids for row in deltakere) in many
    assert len(brukere - set(codes)) in many
    assert sum(values == [None] for values in codes.values()) in many
    doubled = [values for values in codes.values() if len(values) == 2]
    assert len(doubled) in many
    assert all(first != second for first, second in doubled)


def test_older_row_of_the_same_id_is_older(tmp_path: Path) -> None:
    """So that there is one row that counts: the one that was changed last."""
    found = read_csv(generate(tmp_path, "--bad-rows", "0.05", "--deltakere", "100"))
    by_id = defaultdict(set)
    for row in found["gjennomforinger"]:
        by_id[row["id"]].add((row["oppdatert_tidspunkt"], row["slutt_dato"]))
    differing = [versions for versions in by_id.values() if len(versions) > 1]
    assert len(differing) == 5
    for versions in differing:
        (older, older_end), (newer, newer_end) = sorted(versions, key=str)
        assert (older or "") < (newer or "")
        end = as_date(newer_end)
        assert end and as_date(older_end) == end + timedelta(days=30)


def test_bad_rows_leave_the_others_alone(tmp_path: Path, tables: Tables) -> None:
    """A row without a defect is the row that the same seed gives without bad rows."""
    bad = read_csv(generate(tmp_path, "--bad-rows", "0.01"))
    pairs = list(zip(bad["deltaker_siste_status"], tables["deltaker_siste_status"], strict=True))
    changed = [one for one, other in pairs if one != other]
    assert len(changed) == 4 * 100
    assert all(one["bruker_id"] == other["bruker_id"] for one, other in pairs)


# --- bad settings --------------------------------------------------------------------------------


def test_out_that_is_no_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file in the way is a bad setting, and it survives."""
    file = tmp_path / "file"
    file.write_text("mine")
    assert TILTAK.main(["--out", str(file)]) == 2
    assert capsys.readouterr().err.startswith(f"scripts.tiltak: --out: '{file}' cannot be used")
    assert file.read_text() == "mine"


def test_command_line_from_outside() -> None:
    """As a user starts it: exit code 2 and one line, no stack trace."""
    result = subprocess.run(
        [sys.executable, "-m", "scripts.tiltak", "--deltakere", "many"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr == (
        "scripts.tiltak: --deltakere: 'many' is not a whole number from 0 to 1000000000.\n"
    )


# --- edges ---------------------------------------------------------------------------------------


def test_nobody(tmp_path: Path) -> None:
    """No deltakere: tables with a header and no rows, in both formats."""
    found = read_csv(generate(tmp_path, "--deltakere", "0"))
    assert found["deltaker_siste_status"] == found["vent_person_periode"] == []
    assert len(found["gjennomforinger"]) == 840
    generate(tmp_path, "--deltakere", "0", "--format", "parquet")
    empty = pq.read_table(tmp_path / "raw_tiltak__deltaker_siste_status.parquet")
    assert empty.num_rows == 0
    assert empty.column_names == TILTAK.contract["deltaker_siste_status"].split()


def test_one_gjennomforing_is_in_scope(tmp_path: Path) -> None:
    """The smallest setting still has somewhere to put its deltakere."""
    options = ["--gjennomforinger", "1", "--deltakere", "50", "--offices", "1161"]
    found = read_csv(generate(tmp_path, *options))
    assert len(found["gjennomforinger"]) == 7
    assert len({row["gjennomforing_id"] for row in found["deltaker_siste_status"]}) == 1


def test_a_period_of_one_day(tmp_path: Path) -> None:
    """All have that day as their start, and as their end if they have one."""
    options = ["--from", "2022-01-01", "--to", "2022-01-01", "--deltakere", "50"]
    found = read_csv(generate(tmp_path, *options))
    rows = found["gjennomforinger"] + found["deltaker_siste_status"]
    assert {row["start_dato"] for row in rows} == {"2022-01-01"}
    assert {row["slutt_dato"] for row in rows} == {"2022-01-01", None}
    assert all(row["slutt_dato"] for row in found["deltaker_siste_status"])


def test_failure_leaves_the_old_files(tmp_path: Path) -> None:
    """A table that cannot be finished replaces nothing, nor do those before it."""
    schema = pa.schema([("id", pa.string())])
    old = tmp_path / "one.csv"
    old.write_text("old\n")

    def broken():
        yield pa.table({"id": ["1"]})
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"), common.TableFolder(tmp_path, "csv") as out:
        out.write("one", schema, iter([pa.table({"id": ["1"]})]), 1)
        out.write("two", schema, broken(), 2)
    assert [path.name for path in tmp_path.iterdir()] == ["one.csv"]
    assert old.read_text() == "old\n"


def test_csv_fields() -> None:
    """What csv.reader reads back is what went in; NULL is the empty field; no needless quotes."""
    texts = ["plain", 'say "hi"', "a,b", "two\nlines", "cr\r", " æøå ", "007", None]
    batch = pa.RecordBatch.from_pydict(
        {
            "text": texts,
            "code": pa.array(texts).dictionary_encode().cast(common.CODE),
            "number": pa.array([1, None, 3, 4, 5, 6, 7, -8]),
            "time": pa.array([0, 1_500_000, None, 10_000_000, 0, 0, 0, 0], common.TIMESTAMP),
        }
    )
    content = common.csv_lines(batch).to_pybytes().decode()
    assert content.startswith('plain,plain,1,1970-01-01 00:00:00\n"say ""hi"""')
    assert content.endswith("007,007,7,1970-01-01 00:00:00\n,,-8,1970-01-01 00:00:00\n")
    rows = list(csv.reader(content.splitlines(keepends=True), strict=True))
    assert [row[0] or None for row in rows] == [row[1] or None for row in rows] == texts
    assert [row[2] for row in rows] == ["1", "", "3", "4", "5", "6", "7", "-8"]
    assert [row[3][11:] for row in rows[1:4]] == ["00:00:01.500000", "", "00:00:10"]
    sliced = common.csv_lines(batch.slice(2, 1)).to_pybytes()
    assert sliced == b'"a,b","a,b",3,\n'
    with pytest.raises(ValueError, match="empty text"):
        common.csv_lines(pa.RecordBatch.from_pydict({"text": [""]}))


def test_numbered_refuses_what_does_not_fit() -> None:
    """An id is never cut off."""
    assert common.numbered("P", np.array([7, 12345678]), 8).to_pylist() == [
        "P00000007",
        "P12345678",
    ]
    assert common.numbered("", np.array([12345678901]), 11).to_pylist() == ["12345678901"]
    for number in (100, -1):
        with pytest.raises(ValueError, match="at most 2 digits"):
            common.numbered("P", np.array([number]), 2)
