"""The build itself: when, on what, what it made, what its tests said, what could not be carried."""

from __future__ import annotations

from scripts.report import charts
from scripts.report.data import Build, Rows
from scripts.report.figures import Cards, Column, Figure, Section
from scripts.report.words import same

STATUSES = {"passed": "#2f9e5b", "warned": "#c9a227", "failed": "#d1495b", "skipped": "#8c8c8c"}
_STATUS = {
    "pass": "passed",
    "success": "passed",
    "warn": "warned",
    "fail": "failed",
    "error": "failed",
    "runtime error": "failed",
    "skipped": "skipped",
}
_NO_BUILD = same("No dbt command has left its results: run `make build`, then `make report`.")


def section(answers: dict[str, Rows], build: Build) -> Section:
    """Make the part of the page that speaks of the build.

    Args:
        answers: `relasjoner` (rows of each relation) and `avvik` (by product, table and rule).
        build: the last build.

    Returns:
        The section.
    """
    relations = [row for row in answers["relasjoner"] if row["product"]]
    deviations = [row for row in answers["avvik"] if row["product"]]
    tests = [
        {"product": product, "status": _STATUS.get(status, status), "tests": count}
        for product, kinds in sorted(build.nodes.items())
        for status, count in sorted(kinds.get("test", {}).items())
    ]
    failed = sum(row["tests"] for row in tests if row["status"] == "failed")
    warned = sum(row["tests"] for row in tests if row["status"] == "warned")
    passed = sum(row["tests"] for row in tests if row["status"] == "passed")
    said = (
        f"{passed} tests passed, {warned} warned, {failed} failed; "
        f"{sum(row['row_count'] for row in relations):,} rows in {len(relations)} relations."
        if tests
        else f"{len(relations)} relations; the last dbt command ran no tests."
    )
    return Section(
        product="build",
        language="en",
        question=same("Is what this page shows sound, and when was it made?"),
        headline=same(said),
        first=None,
        last=None,
        cards=Cards(
            rows=[
                {
                    "ended": build.ended.isoformat() if build.ended else None,
                    "target": f"{build.target} ({build.adapter})" if build.target else None,
                    "command": f"dbt {build.command} {build.selected}".strip()
                    if build.command
                    else None,
                    "minutes": round(build.seconds / 60, 1),
                    "dbt": build.dbt_version,
                    "passed": passed,
                    "warned": warned,
                    "failed": failed,
                }
            ],
            columns=[
                Column("ended", "Built at (local time)", "time"),
                Column("target", "Target"),
                Column("command", "Command"),
                Column("minutes", "Minutes it took", "n1"),
                Column("dbt", "dbt"),
                Column("passed", "Tests passed", "n0"),
                Column("warned", "Tests that warned", "n0"),
                Column("failed", "Tests failed", "n0"),
            ],
        ),
        figures=[
            Figure(
                name="build-tests",
                title=same("Tests by product"),
                note=same("Unit tests, data tests and contracts of the last dbt command."),
                chart=charts.bars(
                    "product",
                    "tests",
                    category_title="Product",
                    value_title="Tests",
                    colour="status",
                    colour_title="Status",
                    colours=STATUSES,
                    order="product",
                ),
                rows=tests,
                columns=[
                    Column("product", "Product"),
                    Column("status", "Status"),
                    Column("tests", "Tests", "n0"),
                ],
                order=["product", "status"],
                empty=_NO_BUILD,
            ),
            Figure(
                name="build-problems",
                title=same("Tests that warned or failed"),
                note=same("A warning is a thing to look at: bad input rows, kept and explained."),
                chart=None,
                rows=build.problems,
                columns=[
                    Column("product", "Product"),
                    Column("name", "Test or model"),
                    Column("status", "Status"),
                    Column("message", "What dbt says"),
                ],
                empty=same("None."),
            ),
            Figure(
                name="build-avvik",
                title=same("Input that the answers do not carry as it came (avvik)"),
                note=same(
                    "Nothing is lost: each row is kept in silver with its reason. "
                    "dtnum says the same in its errors and leftovers."
                ),
                chart=None,
                rows=deviations,
                columns=[
                    Column("product", "Product"),
                    Column("tabell", "Table"),
                    Column("regel", "Rule"),
                    Column("antall", "Rows", "n0"),
                    Column("eksempel", "For example"),
                ],
                empty=same("None: every input row is carried as it came."),
                wide=True,
            ),
            Figure(
                name="build-relations",
                title=same("Rows in what the world reads"),
                note=same("Gold and marts relations, as they are in the database now."),
                chart=None,
                rows=relations,
                columns=[
                    Column("product", "Product"),
                    Column("relation", "Relation"),
                    Column("row_count", "Rows", "n0"),
                ],
                wide=True,
            ),
        ],
    )
