"""What the tests of the report's sections share: asking an engine, and drawing every chart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from harness import Engine, changed_environment

from scripts.report import figures
from scripts.report.data import Rows, Warehouse
from scripts.report.figures import Section

NOT_FOR_READERS = re.compile(r"undefined|null|NaN")
MARKS = re.compile(r'class="mark-\w+ role-mark[^>]*><path')


def ask(engine: Engine, product: str) -> dict[str, Rows]:
    """Return the answers to a product's analyses, as the report gets them.

    Args:
        engine: where the product is built.
        product: a folder of analyses/.
    """
    target_path = str(engine.folder / "target")
    with changed_environment(engine.environment | {"DBT_TARGET_PATH": target_path}):
        try:
            return Warehouse(engine.target, None).analyses(product)
        finally:
            DuckDBConnectionManager.close_all_connections()


def assert_draws(section: Section) -> None:
    """Draw every figure that has rows, on a desk and on a phone, and look at what is written."""
    names = [figure.name for figure in section.figures]
    assert len(names) == len(set(names))
    for figure in section.figures:
        assert figure.empty is not None, figure.name
        for words in (figure.title, figure.note, figure.empty):
            assert all(words), figure.name
        if figure.chart is None:
            fields = {column.name for column in figure.columns}
            assert all(fields <= row.keys() for row in figure.rows), figure.name
            continue
        vega = figures.compiled(figure, section.choices)
        if figure.rows:
            for width in (900, 330):
                picture = figures.picture(vega, figure.rows, section.language, width)
                assert MARKS.search(picture), figure.name
                assert not NOT_FOR_READERS.search(picture), figure.name
    assert section.cards is not None
    fields = {column.name for column in section.cards.columns}
    assert all(fields == row.keys() for row in section.cards.rows)


def rows_of(section: Section, name: str) -> Rows:
    """Return the rows of a section's figure."""
    return next(list(figure.rows) for figure in section.figures if figure.name == name)


def flattened(rows: Rows) -> Iterator[tuple[dict[str, Any], int, int]]:
    """Take the lists of `periods` apart: a row, the place of a period, and the number."""
    for row in rows:
        for place, number in enumerate(row["antall"]):
            yield row, place, number
