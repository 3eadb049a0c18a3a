"""The generator of the product arena keeps its promises: the same bytes, and every story."""

import hashlib
import json
import re
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from generators import ARENA, Defaults, Tables, digests

from scripts import arena

generate, read_csv = ARENA.generate, ARENA.read_csv


GJ = "SIAMO.TILTAKGJENNOMFORING"
DELT = "SIAMO.TILTAKDELTAKER"
HIST = "SIAMO.HIST_TILTAKDELTAKER"
KEYS = {
    GJ: "TILTAKGJENNOMFORING_ID",
    DELT: "TILTAKDELTAKER_ID",
    HIST: "HIST_TILTAKDELTAKER_ID",
}
ENKELTPLASSER = {"ENKELAMO", "ENKFAGYRKE", "HOYEREUTD"}
SUPPORTED = ENKELTPLASSER | set(
    "INDOPPFAG ARBFORB AVKLARAG VASV ARBRRHDAG DIGIOPPARB JOBBK GRUPPEAMO GRUFAGYRKE".split()
)
STATUSES = set(
    "DELAVB FULLF GJENN_AVB GJENN_AVL IKKEM IKKAKTUELL AVSLAG NEITAKK GJENN TILBUD VENTELISTE "
    "AKTUELL JATAKK INFOMOETE FEILREG".split()
)
DATES = ("DATO_FRA", "DATO_TIL", "DATO_STATUSENDRING")
UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
NO_BAD_ROWS = ("--bad-rows", "0")


def parsed(text: str | None) -> Any:
    """Parse JSON without what the product removes; None if it cannot be read."""
    try:
        return json.loads((text or "null").replace("\\u0000", ""))
    except ValueError:
        return None


class Message:
    """A message that can be read."""

    def __init__(self, row: dict[str, str | None]) -> None:
        """Read a row; its table is known, and what it is about is an object."""
        self.row = row
        self.table = row["arena_table_name"] or ""
        self.operation = row["op_type"] or ""
        self.pos = int(row["pos"] or "")
        self.data: dict[str, Any] = parsed(row["before" if self.operation == "D" else "after"])
        self.id = str(self.data[KEYS[self.table]])
        self.gjennomforing = str(self.data["TILTAKGJENNOMFORING_ID"])


def messages(tables: Tables) -> list[Message]:
    """Return the messages that can be read, each key once, by pos."""
    found: dict[tuple[str, str, int], Message] = {}
    for row in tables["meldinger"]:
        data = parsed(row["before" if row["op_type"] == "D" else "after"])
        if (
            row["arena_table_name"] in KEYS
            and row["op_type"] in ("I", "U", "D")
            and re.fullmatch("[0-9]{1,20}", row["pos"] or "")
            and re.fullmatch("[0-9]{1,18}", row["mottatt_nr"] or "")
            and is_op_ts(row["op_ts"])
            and isinstance(data, dict)
            and (row["before"] is None or parsed(row["before"]))
            and is_complete(data)
        ):
            message = Message(row)
            found.setdefault((message.table, message.operation, message.pos), message)
    return sorted(found.values(), key=lambda message: message.pos)


def is_op_ts(text: str | None) -> bool:
    """Say whether a text is a time as the messages carry it."""
    try:
        datetime.strptime(text or "", "%Y-%m-%d %H:%M:%S.%f")
    except ValueError:
        return False
    return len(text or "") == 26


def is_complete(data: dict[str, Any]) -> bool:
    """Say whether the fields that every message has are there and can be read."""
    if "TILTAKSKODE" in data:
        return True
    number = "[0-9]{1,18}"
    return (
        data["DELTAKERSTATUSKODE"] not in (None, "", {})
        and data["REG_DATO"] is not None
        and (data["PERSON_ID"] is None or bool(re.fullmatch(number, str(data["PERSON_ID"]))))
        and data["ANTALL_DAGER_PR_UKE"] not in ("to", [])
    )


def by_deltaker(found: list[Message]) -> dict[str, list[Message]]:
    """Return the DELT messages of each deltaker, by pos."""
    rows = defaultdict(list)
    for message in found:
        if message.table == DELT:
            rows[message.id].append(message)
    return rows


def amt_id(arena_id: str) -> str:
    """Return the id that AMT knows a deltaker by."""
    code = hashlib.md5(f"{DELT}|{arena_id}".encode(), usedforsecurity=False).hexdigest()
    return f"{code[:8]}-{code[8:12]}-{code[12:16]}-{code[16:20]}-{code[20:]}"


@pytest.fixture(scope="module")
def tables(defaults: Defaults) -> Tables:
    """Hold the default tables."""
    return read_csv(defaults(ARENA))


@pytest.fixture(scope="module")
def found(tables: Tables) -> list[Message]:
    """Hold the default messages that can be read, by pos."""
    return messages(tables)


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """Hold what the second pass finds."""
    return read_csv(generate(tmp_path_factory.mktemp("later"), "--pass", "2"))


# --- the same bytes ------------------------------------------------------------------------------


def test_chunks_do_not_show(
    tmp_path: Path, defaults: Defaults, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How many texts are made at a time changes nothing."""
    monkeypatch.setattr(arena, "CHUNK", 50)
    assert digests(generate(tmp_path)) == digests(defaults(ARENA))


# --- the contract --------------------------------------------------------------------------------


def test_messages_are_as_arena_writes_them(tmp_path: Path) -> None:
    """Without bad rows everything can be read; mottatt_nr counts from 1, pos follows op_ts."""
    tables = read_csv(generate(tmp_path, *NO_BAD_ROWS))
    rows = tables["meldinger"]
    found = messages(tables)
    assert len(found) == len(rows)
    assert [row["mottatt_nr"] for row in rows] == [str(n + 1) for n in range(len(rows))]
    assert all(re.fullmatch("[0-9]{20}", row["pos"] or "") for row in rows)
    assert [m.row["op_ts"] for m in found] == sorted(m.row["op_ts"] or "" for m in found)
    assert (found[0].row["op_ts"] or "") >= "2024-07-01"
    assert (found[-1].row["op_ts"] or "") < "2025-07-07"
    for message in found:
        assert (message.row["before"] is None) == (message.operation == "I")
        assert (message.row["after"] is None) == (message.operation == "D")
        assert 28 <= len(message.data) <= 34
        if message.operation == "U":
            assert parsed(message.row["before"]) != message.data
            assert (
                parsed(message.row["before"])[KEYS[message.table]]
                == message.data[KEYS[message.table]]
            )
    texts = [json.loads(row["before"] or row["after"] or "") for row in rows]  # real JSON, all
    assert all(isinstance(text, dict) for text in texts)
    codes = {m.data["DELTAKERSTATUSKODE"] for m in found if m.table != GJ}
    assert codes == STATUSES | {"UKJENT"}
    # Some are received after newer ones.
    assert [int(row["pos"] or 0) for row in rows] != sorted(int(row["pos"] or 0) for row in rows)


def test_what_others_know(tmp_path: Path) -> None:
    """Ids as the product makes them, persons that nobody is, and all words of Mulighetsrommet."""
    tables = read_csv(generate(tmp_path, *NO_BAD_ROWS))
    found = messages(tables)
    measures = tables["mulighetsrommet_gjennomforinger"]
    for column in ("arena_id", "id"):
        assert len({row[column] for row in measures}) == len(measures)
    assert all(re.fullmatch(UUID, row["id"] or "") for row in measures)
    assert {row["arena_kode"] for row in measures} == SUPPORTED
    assert {row["status"] for row in measures} == {
        *("GJENNOMFORES", "AVSLUTTET", "AVBRUTT", "AVLYST")
    }
    assert {row["oppstart"] for row in measures} == {"FELLES", "LOPENDE"}
    assert {row["slutt_dato"] is None for row in measures} == {True, False}
    assert all(re.fullmatch("9[0-9]{8}", row["virksomhetsnummer"] or "") for row in measures)
    idents = tables["personidenter"]
    # No day of birth is the 99th.
    assert all(re.fullmatch("99[0-9]{9}", row["personident"] or "") for row in idents)
    assert len({row["personident"] for row in idents}) == len(idents)
    amt = {row["id"]: row["status"] for row in tables["amt_deltakere"]}
    assert set(amt) < {amt_id(arena_id) for arena_id in by_deltaker(found)}
    assert None not in amt.values()


# --- stories -------------------------------------------------------------------------------------


def test_stories_of_measures(tables: Tables, found: list[Message]) -> None:
    rows = defaultdict(list)
    for message in found:
        if message.table == GJ:
            rows[message.id].append(message)
    known = {row["arena_id"] for row in tables["mulighetsrommet_gjennomforinger"]}

    def is_valid(message: Message) -> bool:
        data = message.data
        needed = ("SAK_ID", "ARBGIV_ID_ARRANGOR", "LOKALTNAVN", "TILTAKSTATUSKODE", "REG_DATO")
        dates = [data[name] for name in ("DATO_FRA", "DATO_TIL") if data[name]]
        return all(data[name] is not None for name in needed) and all(
            re.fullmatch("[-0-9]{10} 00:00:00", date) and "02-30" not in date for date in dates
        )

    valid = Counter(tuple(is_valid(m) for m in changes) for changes in rows.values())
    assert {(True,), (True, True), (False, True), (False,), (False, False)} <= set(valid)
    assert valid[(True,)] > 10
    kinds = {m.data["TILTAKSKODE"] for changes in rows.values() for m in changes}
    assert kinds > SUPPORTED  # all of them, and others
    assert any(
        changes[0].data["TILTAKSKODE"] not in SUPPORTED
        and changes[-1].data["TILTAKSKODE"] in SUPPORTED
        for changes in rows.values()
    )
    assert "D" in {m.operation for changes in rows.values() for m in changes}
    used = Counter(m.gjennomforing for m in found if m.table != GJ)
    assert set(used) - set(rows)  # nothing has been heard of it
    assert any(
        arena_id not in known and changes[-1].data["TILTAKSKODE"] in SUPPORTED and used[arena_id]
        for arena_id, changes in rows.items()
    )
    # Deltakere come before their measure.
    first = {arena_id: int(changes[0].row["mottatt_nr"] or 0) for arena_id, changes in rows.items()}
    assert any(
        int(m.row["mottatt_nr"] or 0) < first.get(m.gjennomforing, 0)
        for m in found
        if m.table == DELT
    )


def test_stories_of_history(tables: Tables, found: list[Message]) -> None:
    """Historised, twice in a measure, with several matches or none, deleted without hist."""
    amt = {row["id"]: row["status"] for row in tables["amt_deltakere"]}
    deltakere = by_deltaker(found)
    matches: Counter[int] = Counter()
    asked = set()
    for hist in found:
        if hist.table != HIST or hist.operation != "I":
            continue
        same = [
            arena_id
            for arena_id, changes in deltakere.items()
            if all(
                changes[-1].data[name] == hist.data[name]
                for name in ("PERSON_ID", "TILTAKGJENNOMFORING_ID", *DATES)
            )
        ]
        matches[len(same)] += 1
        asked |= {amt.get(amt_id(arena_id)) for arena_id in same}
    assert matches[0] >= 3
    assert matches[1] >= 10
    assert matches[2] == 1
    assert {None, "FEILREGISTRERT"} < asked
    operations = Counter("".join(m.operation for m in changes) for changes in deltakere.values())
    assert {"I", "IU", "IUU", "ID", "IUD", "IDI"} <= set(operations)
    assert operations["I"] > 20 < operations["IU"]
    twice = Counter(
        (changes[-1].data["PERSON_ID"], changes[-1].gjennomforing) for changes in deltakere.values()
    )
    assert max(twice.values()) >= 2
    hist_operations = {m.operation for m in found if m.table == HIST}
    assert hist_operations == {"I", "U", "D"}
    hists = [m.data for m in found if m.table == HIST and m.operation == "I"]
    assert {data["DATO_STATUSENDRING"] is None for data in hists} == {True, False}
    assert "VENTELISTE" in {data["DELTAKERSTATUSKODE"] for data in hists}


def test_stories_of_rejection(tables: Tables, found: list[Message]) -> None:
    """Everything that validation finds, and what is corrected afterwards."""
    deltakere = by_deltaker(found)
    first = [changes[0].data for changes in deltakere.values()]
    for name in (*DATES, "REG_DATO", "MOD_DATO"):
        bad = [
            data[name]
            for data in first
            if data[name] and not re.fullmatch("[-0-9]{10} [:0-9]{8}", data[name])
        ]
        bad += [data[name] for data in first if "02-30" in (data[name] or "")]
        assert bad, name
    assert "" in {data["DATO_TIL"] for data in first}
    for name in ("PERSON_ID", "TILTAKGJENNOMFORING_ID", "DATO_STATUSENDRING"):
        assert any(data[name] is None for data in first), name
    assert "0" in deltakere
    assert "UKJENT" in {data["DELTAKERSTATUSKODE"] for data in first}
    assert "HVETIKKE" in {data["AARSAKVERDIKODE_STATUS"] for data in first}
    assert any(
        changes[0].data["PERSON_ID"] is None and changes[-1].data["PERSON_ID"]
        for changes in deltakere.values()
    )
    idents = {row["person_id"] for row in tables["personidenter"]}
    assert {str(data["PERSON_ID"]) for data in first} - idents - {"None"}


def test_stories_of_external_deltakere(found: list[Message]) -> None:
    """Of other systems by EKSTERN_ID or by type, and ids that are taken or are none."""
    owners = defaultdict(set)
    for message in found:
        if message.table != GJ and message.data["EKSTERN_ID"]:
            owners[message.data["EKSTERN_ID"]].add((message.table, message.id))
    assert any(not re.fullmatch(UUID, ekstern) for ekstern in owners)
    tables_of = [[table for table, _ in owner] for owner in owners.values()]
    assert [DELT, DELT] in tables_of  # taken
    assert any(sorted(of) == [HIST, DELT] for of in tables_of)  # historised
    for table in (DELT, HIST):
        types = {m.data["DELTAKERTYPEKODE"] for m in found if m.table == table}
        assert types > {"EKSTERN"}


def test_odd_texts_that_can_be_read(tables: Tables) -> None:
    """NUL as six characters, escapes, numbers as texts, fields that nobody knows."""
    texts = " ".join((row["before"] or "") + (row["after"] or "") for row in tables["meldinger"])
    for part in ("\\u0000", "\\u00e5", '\\"', "\\n", 'ID":"', '"NYTT_FELT":{'):
        assert part in texts, part


def test_a_later_pass_brings_what_stories_wait_for(tables: Tables, later: Tables) -> None:
    """Measures that come late or are corrected, hist rows, an older message, new deltakere."""
    earlier = tables["meldinger"]
    assert later["meldinger"][: len(earlier)] == earlier
    new = messages({"meldinger": later["meldinger"][len(earlier) :]})
    assert len(new) == len(later["meldinger"]) - len(earlier)
    old = messages(tables)
    deltakere = by_deltaker(old)
    assert {m.operation for m in new if m.table == GJ} == {"I", "U"}
    assert {m.operation for m in new if m.table == HIST} == {"I"}
    assert any(m.table == DELT and m.pos < deltakere[m.id][-1].pos for m in new)
    for name in ("personidenter", "amt_deltakere", "mulighetsrommet_gjennomforinger"):
        rows = {tuple(row.values()) for row in tables[name]}
        assert rows <= {tuple(row.values()) for row in later[name]}
    assert len(later["mulighetsrommet_gjennomforinger"]) == 1 + len(
        tables["mulighetsrommet_gjennomforinger"]
    )


# --- how many ------------------------------------------------------------------------------------


def test_numbers_are_about_those_asked_for(tmp_path: Path) -> None:
    """Messages within 1 %, what a pass adds within 5 %, stories and defects by their shares."""
    options = ["--meldinger", "20000", "--bad-rows", "0.002"]
    first = read_csv(generate(tmp_path / "1", *options))
    second = read_csv(generate(tmp_path / "2", *options, "--pass", "2", "--new", "0.02"))
    third = read_csv(generate(tmp_path / "3", *options, "--pass", "3", "--new", "0.02"))
    counts = [len(pass_["meldinger"]) for pass_ in (first, second, third)]
    assert abs(counts[0] - 20_000) < 200
    assert abs(counts[1] - counts[0] - 400) < 20
    assert abs(counts[2] - counts[1] - 400) < 20
    assert third["meldinger"][: counts[1]] == second["meldinger"]
    assert second["meldinger"][: counts[0]] == first["meldinger"]
    new = messages({"meldinger": third["meldinger"][counts[1] :]})
    known = by_deltaker(messages(second))
    corrected = sum(message.id in known for message in new)
    assert 0.4 < corrected / len(new) < 0.7

    found = messages(first)
    deltakere = by_deltaker(found)
    operations = Counter("".join(m.operation for m in changes) for changes in deltakere.values())
    for kind, share in {"I": 0.35, "IU": 0.4, "IUU": 0.16, "IUD": 0.09}.items():
        assert abs(operations[kind] / len(deltakere) - share) < 0.05, kind
    # 40 messages with each of 19 defects; those whose mottatt_nr is another's can be read.
    assert counts[0] - len(found) == 18 * 40
    for name in ("mulighetsrommet_gjennomforinger", "personidenter", "amt_deltakere"):
        key = ARENA.contract[name].split()[0]
        missing = sum(row[key] is None for row in first[name])
        assert missing == max(1, round(0.002 * (len(first[name]) - 6 * missing))), name


def test_bad_rows_have_every_defect(tmp_path: Path) -> None:
    """Each is told from the others by what it does to a row."""
    tables = read_csv(generate(tmp_path / "bad", "--bad-rows", "0.01"))
    rows = tables["meldinger"]
    assert {row["arena_table_name"] for row in rows} - set(KEYS)
    assert {row["op_type"] for row in rows} - {"I", "U", "D"}
    assert not all(is_op_ts(row["op_ts"]) for row in rows)
    assert {None} < {row["pos"] for row in rows}
    numbers = Counter(row["mottatt_nr"] for row in rows)
    assert {None, "abc", "1.5"} <= set(numbers)
    assert 2 in numbers.values()
    after = [row["after"] for row in rows]
    assert {"null", "[1,2]", '"tekst"', "ikke json", "{"} <= set(after)
    assert any(row["after"] is None and row["op_type"] != "D" for row in rows)
    assert any(row["before"] is None and row["op_type"] == "D" for row in rows)
    keys = Counter(
        (row["arena_table_name"], row["op_type"], int(row["pos"]))
        for row in rows
        if re.fullmatch("[0-9]+", row["pos"] or "")
    )
    assert max(keys.values()) >= 2
    objects = [data for data in map(parsed, after) if isinstance(data, dict)]
    assert not all(map(is_complete, objects))
    assert any(len(row["pos"] or "") == 19 for row in rows)

    for name, key in {
        "mulighetsrommet_gjennomforinger": "arena_id",
        "personidenter": "person_id",
        "amt_deltakere": "id",
    }.items():
        found = Counter(row[key] for row in tables[name])
        assert found[None]
        assert max(found.values()) >= 2
    days = [row["start_dato"] for row in tables["mulighetsrommet_gjennomforinger"]]
    days += [row["slutt_dato"] for row in tables["mulighetsrommet_gjennomforinger"]]
    assert {"2025-02-30"} & set(days)


# --- edges ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "extra", ["--from 2025-03-30 --to 2025-03-30", "--pass 30", "--pass 2 --new 0", "--seed 0"]
)
def test_edges(tmp_path: Path, extra: str) -> None:
    """A period of one day, many passes, passes that add nothing but what stories wait for."""
    tables = read_csv(generate(tmp_path, "--meldinger", "300", *extra.split()))
    assert len(tables["meldinger"]) >= 290
    times = [m.row["op_ts"] or "" for m in messages(tables)]
    if "--to" in extra:
        assert {text[:10] for text in times} == {"2025-03-30"}
