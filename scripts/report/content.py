"""From a database to a page: which products there are, what they answer, what it looks like."""

from __future__ import annotations

from scripts.common import SettingError
from scripts.report import arena, bygg, dtnum, saksstatistikk, tiltak, tv1
from scripts.report.data import Warehouse
from scripts.report.page import page

# In the order of the page.
PRODUCTS = {
    "tiltak": tiltak.section,
    "saksstatistikk": saksstatistikk.section,
    "dtnum": dtnum.section,
    "tv1": tv1.section,
    "arena": arena.section,
}


def content(target: str | None, variables: str | None) -> str:
    """Ask a database and write the page.

    Args:
        target: a target of ``profiles.yml``; None is the default one.
        variables: what follows ``--vars``, if anything.

    Returns:
        An HTML document.

    Raises:
        SettingError: no product is built, or dbt could not answer.
    """
    warehouse = Warehouse(target, variables)
    of_build = warehouse.analyses("bygg")
    found = {row["model_name"] for row in of_build["relasjoner"]}
    built = [product for product in PRODUCTS if warehouse.public_models(product) <= found]
    if not built:
        raise SettingError("no product has been built, run `make build` first.")
    sections = [PRODUCTS[product](warehouse.analyses(product)) for product in built]
    build = warehouse.build()
    absent = [product for product in PRODUCTS if product not in built]
    return page([*sections, bygg.section(of_build, build)], build, absent)
