"""The contestants of ``benchmarks.arena`` beside flette, each a process of its own.

Run from the project root::

    python -m benchmarks.arena_contestants parse <folder>
    python -m benchmarks.arena_contestants walk <folder> <folder of the second pass> <answers>

``parse`` is the floor: one DuckDB statement that reads out of the JSON of every message the fields
that the models read, and adds them up to one number, so that nothing is stored.

``walk`` is today's way without its database and its queue: the rules one message at a time in plain
Python, everything in memory. It is the oracle that the tests compare the models with. It does both
passes, with the state of the first in the second. Reading the files into dicts is not in the
seconds, and the garbage collector rests while the clock runs. What it has after each pass is
written to ``<answers>/<pass>/<relation>.parquet`` when the clock has stopped.

What it took is printed as JSON.
"""

import argparse
import gc
import importlib
import json
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.common import CORES, raw_file
from scripts import ROOT

PRODUCT = "arena"
TABLES = ("meldinger", "mulighetsrommet_gjennomforinger", "personidenter", "amt_deltakere")
# The time of each pass.
NAA = ("2025-07-07 06:00:00", "2025-07-08 06:00:00")
CHUNK = 10_000

# What silver_arena__leste_meldinger reads of a message's data; of the other document, the last one.
FIELDS = """
    TILTAKDELTAKER_ID HIST_TILTAKDELTAKER_ID PERSON_ID SAK_ID ARBGIV_ID_ARRANGOR ANTALL_DAGER_PR_UKE
    PROSENT_DELTID TILTAKSKODE LOKALTNAVN TILTAKSTATUSKODE EKSTERN_ID DELTAKERTYPEKODE
    DELTAKERSTATUSKODE AARSAKVERDIKODE_STATUS BEGRUNNELSE_BESTILLING DATO_FRA DATO_TIL
    DATO_STATUSENDRING REG_DATO MOD_DATO TILTAKGJENNOMFORING_ID
""".split()


def raw_queries(folder: Path) -> dict[str, str]:
    """Return what the owner's tables hold, as SQL over the raw files.

    Args:
        folder: with the raw files of a pass.
    """
    return {
        table: f"select * from read_parquet('{raw_file(folder, PRODUCT, table).as_posix()}')"
        for table in TABLES
    }


def oracle() -> Any:
    """Import the rules one message at a time."""
    sys.path.insert(0, str(ROOT / "tests" / "python"))
    return importlib.import_module("arena_oracle")


# --- parse ---------------------------------------------------------------------------------------


def parse(folder: Path) -> dict[str, Any]:
    """Read the fields of every message, and store nothing."""
    import duckdb

    paths = ", ".join(f"'$.{name}'" for name in FIELDS)
    # json_extract_string stops at what is no JSON; to ask first is the cheapest way around that
    statement = f"""
        with

        dokumenter as (

            select
                case when op_type = 'D' then before else after end as data,
                case when op_type = 'D' then after else before end as annet
            from ({raw_queries(folder)["meldinger"]})

        )

        select
            count(*),
            bit_xor(hash(
                json_extract_string(case when json_valid(data) then data end, [{paths}])
            )),
            bit_xor(hash(
                json_extract_string(
                    case when json_valid(annet) then annet end, ['$.{FIELDS[-1]}']
                )
            ))

        from dokumenter
        """
    with duckdb.connect(config={"threads": CORES}) as connection:
        begin = time.perf_counter()
        rows = connection.execute(statement).fetchall()[0][0]
        seconds = time.perf_counter() - begin
    return {"seconds": seconds, "rows": rows}


# --- walk ----------------------------------------------------------------------------------------


def read(folder: Path) -> dict[str, list[dict[str, str | None]]]:
    """Read the input of a pass into dicts."""
    import duckdb

    tables = {}
    for table, sql in raw_queries(folder).items():
        relation = duckdb.sql(f"select columns(*)::varchar from ({sql})")
        columns = relation.columns
        tables[table] = [
            dict(zip(columns, row, strict=True))
            for rows in iter(lambda relation=relation: relation.fetchmany(CHUNK), [])
            for row in rows
        ]
    return tables


def answer_file(answers: Path, number: int, relation: str) -> Path:
    """Return where the walk writes a relation as it is after a pass.

    Args:
        answers: the folder for all of them.
        number: of the pass, 1 or 2.
        relation: its name in the contract.
    """
    return answers / str(number) / f"{relation}.parquet"


def write(arena: Any, relation: str, file: Path) -> None:
    """Write what the walk has for a relation."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = getattr(arena, relation.partition(".")[2])
    columns = {name: pa.array([row[name] for row in rows]) for name in oracle().COLUMNS[relation]}
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), file, compression="zstd")


def walk(folders: Sequence[Path], answers: Path) -> dict[str, Any]:
    """Do the passes one message at a time in memory."""
    arena = oracle().Arena()
    seconds = []
    peak = 0
    for number, folder in enumerate(folders, 1):
        inputs = read(folder)
        gc.collect()
        gc.disable()
        begin = time.perf_counter()
        arena.run(inputs, NAA[number - 1])
        seconds.append(time.perf_counter() - begin)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss if number == 1 else peak
        gc.enable()
        del inputs
        for relation in oracle().COLUMNS:
            write(arena, relation, answer_file(answers, number, relation))
    unit = 1 if sys.platform == "darwin" else 1024
    return {"seconds": seconds[0], "second": seconds[1], "peak": peak * unit / 1e6}


def main(arguments: Sequence[str] | None = None) -> int:
    """Let one contestant answer and print what it took.

    Args:
        arguments: the command line without the program's name; that of the process if None.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(
        prog="benchmarks.arena_contestants",
        description="Let one contestant of benchmarks.arena answer.",
    )
    contestants = parser.add_subparsers(dest="contestant", required=True)
    floor = contestants.add_parser("parse", help="read the fields of the JSON and nothing else")
    floor.add_argument("folder", type=Path, help="with the raw files")
    plain = contestants.add_parser("walk", help="two passes, one message at a time")
    plain.add_argument("folders", type=Path, nargs=2, help="with the raw files of each pass")
    plain.add_argument("answers", type=Path, help="gets what it has after each pass")
    options = parser.parse_args(arguments)
    importlib.import_module("duckdb")  # before the clock starts
    if options.contestant == "parse":
        said = parse(options.folder)
    else:
        said = walk(options.folders, options.answers)
    print(json.dumps(said))
    return 0


if __name__ == "__main__":
    sys.exit(main())
