"""Draw the README's picture from what was built: participants week by week, by measure."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import altair as alt
import duckdb
import pandas as pd

from scripts import ROOT
from scripts.common import SettingError, run

QUERY = """
    select
        strptime("år" || '-' || uke || '-1', '%G-%V-%u') as mandag,
        tiltaksnavn,
        sum(antall) as antall
    from tiltak_gold.uke_antall_avdeling_gold_mock
    group by all
    order by all
"""


def chart(weeks: pd.DataFrame) -> alt.Chart:
    """Make the chart.

    Args:
        weeks: One row per week and measure: mandag (Monday), tiltaksnavn, antall (participants).

    Returns:
        A stacked area chart.
    """
    return (
        alt.Chart(
            weeks, title="Participants in labour-market measures per week, NAV Bærum (simulated)"
        )
        .mark_area(interpolate="step-after")
        .encode(
            x=alt.X("mandag:T", title="Week", axis=alt.Axis(format="%Y", tickCount="year")),
            y=alt.Y("antall:Q", title="Participants"),
            color=alt.Color("tiltaksnavn:N", title="Measure").scale(scheme="tableau10"),
            order=alt.Order("tiltaksnavn:N"),
        )
        .properties(width=640, height=260)
        .configure(background="white")
    )


def main() -> None:
    """Parse the command line and write the picture."""
    parser = argparse.ArgumentParser(prog="scripts.picture", description=__doc__)
    parser.add_argument("--database", type=Path, default=ROOT / "flette.duckdb")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "img" / "uke_antall.png")
    options = parser.parse_args()
    if not options.database.exists():
        raise SettingError(f"{options.database} does not exist; run `make build` first.")
    with duckdb.connect(str(options.database), read_only=True) as connection:
        weeks = connection.sql(QUERY).df()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    chart(weeks).save(options.out, scale_factor=1.5)


if __name__ == "__main__":
    sys.exit(run("scripts.picture", main))
