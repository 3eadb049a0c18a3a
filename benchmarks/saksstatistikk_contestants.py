"""The contestants of ``benchmarks.saksstatistikk`` beside flette, each a process of its own.

Run from the project root::

    python -m benchmarks.saksstatistikk_contestants plain <folder>
    python -m benchmarks.saksstatistikk_contestants floor <folder> <database>

``plain`` is the rules one case at a time in plain Python, as a service that holds everything in
memory would have them: the oracle that the tests compare the models with. Reading the files into
dicts and reading what was sent before are not in the seconds, and the garbage collector rests
while the clock runs.

``floor`` sorts, in one DuckDB statement, the rows that a merge has to bring together: every event
and every row that was sent, with all their columns, by case and time, into a table.

What it took, the number of rows appended and their checksum are printed as JSON.
"""

import argparse
import gc
import hashlib
import importlib
import json
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.common import CORES, raw_file
from scripts import ROOT

PRODUCT = "saksstatistikk"
TABLES = (
    "behandling",
    "behandling_historikk",
    "saksstatistikk",
    "avklaringsbehov_endring",
    "stoppet_behandling",
    "jobb",
    "steg_historikk",
    "paaklaget_behandling",
)
RESEND_TIME = "2026-02-01 12:00:00"
# An office that no row of the generator has, so that every case differs from what was sent of it.
WRONG_OFFICE = "0000"
CHUNK = 10_000
CHECKSUM_DIGITS = 15
CHECKSUM_LIMIT = 16**CHECKSUM_DIGITS


def raw_queries(folder: Path, with_jobs: bool) -> dict[str, str]:
    """Return what the owner's tables hold, as SQL over the raw files.

    Args:
        folder: with the raw files.
        with_jobs: whether there is a due job for every case, or none at all.
    """
    queries = {
        table: f"select * from read_parquet('{raw_file(folder, PRODUCT, table).as_posix()}')"
        for table in TABLES
    }
    sent, cases = queries["saksstatistikk"], queries["behandling"]
    queries["saksstatistikk"] = (
        f"select * replace ('{WRONG_OFFICE}' as ansvarlig_enhet_kode) from ({sent})"
    )
    queries["jobb"] = (
        "select 'resend-' || id as id, 'statistikk.resendSakstatistikk' as type, id as payload, "
        f"timestamp '2026-01-01 00:00:00' as neste_kjoring from ({cases}) where {with_jobs}"
    )
    return queries


# --- plain ---------------------------------------------------------------------------------------


def as_text(value: Any) -> str:
    """Write a value as ``checksum_sql`` has it written."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return str(value)


def checksum(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> int:
    """Return a number that is the same for the same rows in any order."""
    total = 0
    for row in rows:
        text = "|".join(as_text(row[column]) for column in columns)
        digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
        total += int(digest[:CHECKSUM_DIGITS], 16)
    return total % CHECKSUM_LIMIT


def checksum_sql(columns: Sequence[str]) -> str:
    """Return the SQL of ``checksum`` over rows of gold."""
    texts = [
        f"coalesce(strftime({column}, '%Y-%m-%d %H:%M:%S.%f'), 'NULL')"
        if column.endswith("_tid")
        else f"coalesce(cast({column} as varchar), 'NULL')"
        for column in columns
    ]
    text = " || '|' || ".join(texts)
    number = f"cast('0x' || left(md5({text}), {CHECKSUM_DIGITS}) as bigint)"
    return f"cast(coalesce(sum({number}), 0) % {CHECKSUM_LIMIT} as varchar)"


def oracle() -> Any:
    """Import the rules one case at a time."""
    sys.path.insert(0, str(ROOT / "tests" / "python"))
    return importlib.import_module("saksstatistikk_oracle")


def resend_plainly(folder: Path) -> dict[str, Any]:
    """Resend every case, one at a time in memory."""
    import duckdb

    rules = oracle()
    tables = {}
    for table, sql in raw_queries(folder, with_jobs=True).items():
        relation = duckdb.sql(f"select columns(*)::varchar from ({sql})")
        columns = relation.columns
        tables[table] = [
            dict(zip(columns, row, strict=True))
            for rows in iter(lambda relation=relation: relation.fetchmany(CHUNK), [])
            for row in rows
        ]
    owner = rules.Owner()
    owner.start(tables.pop("saksstatistikk"))
    sent = len(owner.gold)
    gc.collect()
    gc.disable()
    begin = time.perf_counter()
    owner.run(datetime.fromisoformat(RESEND_TIME), tables)
    seconds = time.perf_counter() - begin
    appended = owner.gold[sent:]
    number = checksum(appended, rules.GOLD)
    return {"seconds": seconds, "rows": len(appended), "checksum": str(number)}


# --- the floor -----------------------------------------------------------------------------------


def sort_once(folder: Path, database: Path) -> dict[str, Any]:
    """Sort events and sent rows together into a table of a new DuckDB file."""
    import duckdb

    database.unlink(missing_ok=True)
    queries = raw_queries(folder, with_jobs=False)
    with duckdb.connect(database, config={"threads": CORES}) as connection:
        begin = time.perf_counter()
        connection.execute(
            f"""
            create table sortert as
            select cast(hendelser.behandling_id as bigint) as sak,
                hendelser.hendelsestidspunkt as tid, hendelser.*
            from ({queries["behandling_historikk"]}) as hendelser
            union all by name
            select cast(behandlinger.id as bigint) as sak, sendt.endret_tid as tid, sendt.*
            from ({queries["saksstatistikk"]}) as sendt
            inner join ({queries["behandling"]}) as behandlinger
                on sendt.behandling_uuid = behandlinger.referanse
            order by sak, tid
            """
        )
        seconds = time.perf_counter() - begin
        rows = connection.execute("select count(*) from sortert").fetchall()[0][0]
    database.unlink()
    return {"seconds": seconds, "rows": rows}


def main(arguments: Sequence[str] | None = None) -> int:
    """Let one contestant answer and print what it took.

    Args:
        arguments: the command line without the program's name; that of the process if None.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(
        prog="benchmarks.saksstatistikk_contestants",
        description="Let one contestant of benchmarks.saksstatistikk answer.",
    )
    parser.add_argument("contestant", choices=("plain", "floor"))
    parser.add_argument("folder", type=Path, help="with the raw files")
    parser.add_argument("database", type=Path, nargs="?", help="DuckDB file of the floor")
    options = parser.parse_args(arguments)
    importlib.import_module("duckdb")  # before the clock starts
    if options.contestant == "plain":
        said = resend_plainly(options.folder)
    else:
        said = sort_once(options.folder, options.database)
    print(json.dumps(said))
    return 0


if __name__ == "__main__":
    sys.exit(main())
