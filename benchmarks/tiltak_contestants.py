"""The contestants of ``benchmarks.tiltak``, each run as a process of its own.

Run from the project root::

    python -m benchmarks.tiltak_contestants statement <folder> <answer>

A contestant answers one question: from the six raw Parquet files in a folder, the zero-filled
weekly counts of ``tiltak_gold.uke_antall_gold_mock`` for office 0219 from 2022-01-03 to
2025-07-07, all rows as Python objects or a DataFrame in memory. What it took is printed as JSON;
starting Python and importing libraries is not in the seconds. After the clock has stopped, the
answer is written as CSV in its own order, to be compared with the others'.

The pandas contestants are today's way, written from the product's specification: the tables are
merged into a mother table and, for every week, the deltakere of that week are picked out, grouped
and merged with the full grid. ``pandas`` keeps every column, and names as text, as the scripts in
use do; ``pandas-tuned`` is the same with names as categories and no column in the loop that the
loop has no use for. Nothing else differs.

flette itself runs through dbt; ``view`` reads its answer.
"""

import argparse
import csv
import importlib
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import common
from benchmarks.common import CORES

COLUMNS = ["år", "uke", "tiltaksnavn", "innsatsgruppe", "avdeling", "antall"]
NAMES = ["tiltaksnavn", "innsatsgruppe", "avdeling"]
TABLES = (
    "tiltakstyper",
    "gjennomforinger",
    "gjennomforing_nav_enheter",
    "gjennomforing_avdelinger",
    "deltaker_siste_status",
    "vent_person_periode",
)


def raw_file(folder: Path, table: str) -> Path:
    """Return where the generator writes a table."""
    return common.raw_file(folder, "tiltak", table)


# --- pandas: today's way -------------------------------------------------------------------------


def pandas_mother_table(folder: Path) -> Any:
    """Merge the six tables into one row per deltaker, gjennomføring, office and avdeling.

    Args:
        folder: where the raw Parquet files are.

    Returns:
        A DataFrame with the columns of ``deltaker_merged_silver_mock`` but status, which no
        contestant needs for the answer.
    """
    import pandas as pd

    def read(table: str, columns: list[str] | None = None) -> pd.DataFrame:
        return pd.read_parquet(raw_file(folder, table), columns=columns)

    types = read("tiltakstyper", ["id", "navn"])
    gjennomforinger = read("gjennomforinger")
    gjennomforinger["slutt_dato"] = pd.to_datetime(gjennomforinger["slutt_dato"])
    silver = gjennomforinger.rename(columns={"id": "gjennomforing_id"})
    silver = silver.merge(types.rename(columns={"id": "tiltakstype_id"}), on="tiltakstype_id")
    silver = silver.merge(read("gjennomforing_nav_enheter"), on="gjennomforing_id")
    silver = silver[(silver["slutt_dato"] >= "2022-01-01") | silver["slutt_dato"].isna()]

    # The load runs on snapshot_dato, so its snapshot is silver as it stands.
    snapshot = silver.rename(columns={"navn": "tiltaksnavn"})
    snapshot = snapshot[snapshot["slutt_dato"].notna() & snapshot["enhetsnummer"].isin(["0219"])]
    snapshot = snapshot[["gjennomforing_id", "enhetsnummer", "tiltaksnavn"]]
    offered = snapshot.merge(read("gjennomforing_avdelinger"), on="gjennomforing_id")

    groups = read("vent_person_periode").rename(columns={"innsatsgruppekode": "innsatsgruppe"})
    groups = groups.dropna().sort_values("innsatsgruppe").drop_duplicates("bruker_id")

    columns = ["bruker_id", "gjennomforing_id", "start_dato", "slutt_dato"]
    deltakere = read("deltaker_siste_status", columns)
    for day in ("start_dato", "slutt_dato"):
        deltakere[day] = pd.to_datetime(deltakere[day])
    return deltakere.merge(groups, on="bruker_id").merge(offered, on="gjennomforing_id")


def pandas_weekly_counts(mother: Any) -> Any:
    """Count the deltakere of every week, one week after the other.

    Args:
        mother: a DataFrame with at least ``NAMES``, start_dato and slutt_dato.

    Returns:
        A DataFrame with ``COLUMNS``.
    """
    import pandas as pd

    values = [mother[name].unique() for name in NAMES]
    grid = pd.MultiIndex.from_product(values, names=NAMES).to_frame(index=False)
    weeks = []
    for monday in pd.date_range("2022-01-03", "2025-07-07", freq="W-MON"):
        sunday = monday + pd.Timedelta(days=6)
        not_over = (mother["slutt_dato"] >= monday) | mother["slutt_dato"].isna()
        active = mother[(mother["start_dato"] <= sunday) & not_over]
        counts = active.groupby(NAMES, observed=True).size().reset_index(name="antall")
        week = grid.merge(counts, on=NAMES, how="left")
        week["antall"] = week["antall"].fillna(0).astype(int)
        week["år"], week["uke"] = monday.isocalendar()[:2]
        weeks.append(week)
    return pd.concat(weeks, ignore_index=True)[COLUMNS]


def answer_with_pandas(folder: Path) -> Any:
    """Answer as the scripts in use would."""
    return pandas_weekly_counts(pandas_mother_table(folder))


def answer_with_tuned_pandas(folder: Path) -> Any:
    """Answer as the scripts in use would if somebody had spent an afternoon on their speed."""
    mother = pandas_mother_table(folder)[[*NAMES, "start_dato", "slutt_dato"]]
    mother = mother.astype(dict.fromkeys(NAMES, "category"))
    return pandas_weekly_counts(mother)


# --- DuckDB --------------------------------------------------------------------------------------


def answer_with_statement(folder: Path) -> list[tuple]:
    """Answer with one hand-written statement straight over the files."""
    import duckdb

    sql = Path(__file__).with_name("tiltak_statement.sql").read_text(encoding="utf-8")
    with duckdb.connect(config={"threads": CORES}) as connection:
        return connection.execute(sql.replace("{folder}", folder.as_posix())).fetchall()


def answer_from_view(database: Path) -> list[tuple]:
    """Read the answer that flette's models give in a DuckDB file, row by row."""
    import duckdb

    with duckdb.connect(database, read_only=True, config={"threads": CORES}) as connection:
        return connection.execute("select * from tiltak_gold.uke_antall_gold_mock").fetchall()


CONTESTANTS: dict[str, Callable[[Path], Any]] = {
    "pandas": answer_with_pandas,
    "pandas-tuned": answer_with_tuned_pandas,
    "statement": answer_with_statement,
    "view": answer_from_view,
}


def write_answer(answer: Any, file: Path) -> None:
    """Write an answer as CSV, a header first.

    Args:
        answer: a DataFrame with ``COLUMNS``, or rows in that order.
        file: where to.
    """
    rows = answer if isinstance(answer, list) else answer[COLUMNS].itertuples(index=False)
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Let one contestant answer, print what it took and write its answer.

    Args:
        arguments: the command line without the program's name; that of the process if None.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(
        prog="benchmarks.tiltak_contestants",
        description="Let one contestant of benchmarks.tiltak answer.",
    )
    parser.add_argument("contestant", choices=CONTESTANTS)
    parser.add_argument("source", type=Path, help="folder with the files; for view the database")
    parser.add_argument("answer", type=Path, help="CSV file to write")
    options = parser.parse_args(arguments)
    # Imported before the clock starts.
    importlib.import_module("pandas" if options.contestant.startswith("pandas") else "duckdb")
    begin = time.perf_counter()
    answer = CONTESTANTS[options.contestant](options.source)
    seconds = time.perf_counter() - begin
    write_answer(answer, options.answer)
    print(json.dumps({"seconds": seconds}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
