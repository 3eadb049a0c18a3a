"""The pages of the documentation site that are written here: where to begin, and every column.

What they say stands in the project and is read from dbt's manifest: the products in
``models/_groups.yml``, what goes in, what comes out and who reads it in ``models/_overview.md``,
the drawn flows in the models' ``config.meta.flow``, the columns in the models' YAML. Neither page
has a script.
"""

import re
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from scripts import ROOT, docs_flow
from scripts.docs_lineage import Column, Lineage, origins

Artifact = dict[str, Any]

REPORT = "../../report/index.html"
# Nothing is fetched, and nothing runs.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)
# What the overview says of each product.
LINES = ("In", "Out", "Read by")
# The layers that others may rely on.
OFFERED = ("gold", "marts")


def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(ROOT / "scripts" / "site"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["markdown"] = markdown
    environment.globals |= {"policy": POLICY, "report": REPORT}
    return environment


def markdown(text: str) -> Markup:
    """Render a description's first paragraph, without its links (they are those of dbt's page)."""
    paragraph = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text.strip().split("\n\n")[0])
    return Markup(MarkdownIt("commonmark", {"html": False}).renderInline(paragraph))


def dbt_page(thing: Artifact) -> str:
    """Return where in dbt's page something is described."""
    return f"dbt.html#!/{thing['resource_type']}/{thing['unique_id']}"


def overview_lines(manifest: Artifact, product: str) -> dict[str, str]:
    """Read from the overview what goes into a product, what comes out and who reads it.

    Args:
        manifest: dbt's.
        product: the product's name.

    Returns:
        For each of LINES, what follows it.

    Raises:
        RuntimeError: the overview does not say it.
    """
    project = manifest["metadata"]["project_name"]
    text = manifest["docs"][f"doc.{project}.__overview__"]["block_contents"]
    section = re.search(rf"^## {product}, .*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    said = {}
    for line in LINES:
        found = section and re.search(
            rf"^- \*\*{line}:\*\* (.*?)(?=\n- |\n\n)", section[0], re.MULTILINE | re.DOTALL
        )
        if not found:
            raise RuntimeError(f"models/_overview.md does not say {line!r} of {product}")
        said[line] = " ".join(found[1].split())
    return said


def offered(manifest: Artifact, product: str) -> list[Artifact]:
    """Return the models of a product's last layer, in the order of their names."""
    return sorted(
        (
            node
            for node in manifest["nodes"].values()
            if node["resource_type"] == "model"
            and node["fqn"][1] == product
            and node["fqn"][2] in OFFERED
        ),
        key=lambda node: node["name"],
    )


def products(manifest: Artifact) -> list[Artifact]:
    """Return the groups of the project, in the order in which the overview has them."""
    project = manifest["metadata"]["project_name"]
    text = manifest["docs"][f"doc.{project}.__overview__"]["block_contents"]
    return sorted(
        manifest["groups"].values(), key=lambda group: text.index(f"\n## {group['name']},")
    )


def front(manifest: Artifact) -> str:
    """Write the page to begin with.

    Args:
        manifest: dbt's.

    Returns:
        One HTML document.
    """
    things = manifest["nodes"] | manifest["sources"] | manifest["exposures"]
    links = {name: dbt_page(thing) for name, thing in things.items()}
    shown = []
    for group in products(manifest):
        product = group["name"]
        shown.append(
            {
                "name": product,
                "answers": group["description"],
                "lines": overview_lines(manifest, product),
                "flow": docs_flow.svg(docs_flow.flow(manifest, product), links),
                "offered": [
                    {"node": node, "dbt": dbt_page(node)}
                    for node in offered(manifest, product)
                    if node["access"] == "public"
                ],
            }
        )
    return _templates().get_template("index.html").render(products=shown)


def columns(manifest: Artifact, catalog: Artifact, lineage: Lineage) -> str:
    """Write the page of every column that is offered.

    Args:
        manifest: dbt's.
        catalog: dbt's, for the types in the database.
        lineage: where the columns come from.

    Returns:
        One HTML document.
    """
    shown = [
        {
            "name": group["name"],
            "relations": [
                _relation(manifest, catalog, lineage, node)
                for node in offered(manifest, group["name"])
            ],
        }
        for group in products(manifest)
    ]
    return _templates().get_template("columns.html").render(products=shown)


def _relation(manifest: Artifact, catalog: Artifact, lineage: Lineage, node: Artifact) -> Artifact:
    stored = catalog["nodes"][node["unique_id"]]["columns"]
    types = {name.lower(): about["type"].lower() for name, about in stored.items()}
    return {
        "node": node,
        "dbt": dbt_page(node),
        "columns": [
            {
                "name": name,
                "type": types[name.lower()],
                "description": about["description"],
                "inputs": _by_table(manifest, lineage.inputs((node["unique_id"], name))),
                "origins": origins(lineage, manifest, (node["unique_id"], name)),
                "graph": _graph(node, name),
            }
            for name, about in node["columns"].items()
        ],
    }


def _graph(node: Artifact, column: str) -> str:
    """Return where dbt-colibri's page shows a column; it writes its name in small letters."""
    chosen = {"model": node["unique_id"], "column": column.lower()}
    return f"lineage.html?{urlencode(chosen)}"


def _by_table(manifest: Artifact, inputs: list[Column]) -> list[Artifact]:
    """Put the input columns of the same table together."""
    things = manifest["nodes"] | manifest["sources"]
    tables: dict[str, list[str]] = {}
    for node, column in inputs:
        tables.setdefault(node, []).append(column)
    return [
        {"name": things[node]["name"], "dbt": dbt_page(things[node]), "columns": names}
        for node, names in tables.items()
    ]
