"""Where each column comes from: dbt-colibri's lineage, its page, and the way back to the inputs.

dbt-colibri reads the compiled models and says for every column which columns of other relations it
rests on. What it reads here is the first build (see ``scripts.docs``): a model that continues what
an earlier run left behind names no input then, and the origin of its columns would be lost.

Its page is one file. It is patched as dbt's page is: a content security policy makes the browser
refuse every request, and the analytics of its makers stay off.
"""

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dbt_colibri.report
from dbt_colibri.lineage_extractor.extractor import DbtColumnLineageExtractor
from dbt_colibri.report.generator import DbtColibriReportGenerator

from scripts.docs_patch import POLICY, Patch, as_script, patched

Artifact = dict[str, Any]
Column = tuple[str, str]  # a node's unique id, and the column's name

PATCHES = (
    Patch(
        '<meta charset="UTF-8" />',
        # what is advertised on the page is not there to be used
        f'<meta charset="UTF-8" />{POLICY}'
        '<style>a[href*="colibri-data.com"] { display: none !important }</style>',
        1,
    ),
    Patch("<title>Colibri Data</title>", "<title>flette: column lineage</title>", 1),
    # The analytics of its makers: off, and without an address to go to.
    Patch("https://us.i.posthog.com", "data:,", 2),
    # Read before the page starts: the data, and that it may not count its readers.
    Patch("</style>\n  </head>", "</style>\n  <script>DATA</script></head>", 1),
)

# What a lineage says of itself; the rest is about the run.
_METADATA = (
    "adapter_type",
    "colibri_version",
    "dbt_project_name",
    "dbt_version",
    "generated_at",
    "total_model_count",
    "unmaterialized_model_count",
)


@dataclass(frozen=True)
class Lineage:
    """What rests on what, column by column.

    Attributes:
        report: What dbt-colibri's page shows.
        parents: Of each column, those that it is made of, of whatever relation.
        failed: The unique ids of models that dbt-colibri could not read, with its reason.
    """

    report: Artifact
    parents: dict[Column, list[Column]]
    failed: dict[str, str]

    def reached(self, column: Column) -> set[Column]:
        """Return all that a column rests on, step by step, itself included."""
        found, waiting = {column}, [column]
        while waiting:
            new = set(self.parents.get(waiting.pop(), ())) - found
            found |= new
            waiting += new
        return found

    def inputs(self, column: Column) -> list[Column]:
        """Return the columns of seeds and sources that a column rests on, sorted."""
        return sorted(one for one in self.reached(column) if is_input(one[0]))

    def ends(self, column: Column) -> list[Column]:
        """Return where the way back from a column ends: inputs, and columns made of none."""
        return sorted(one for one in self.reached(column) if not self.parents.get(one))


def is_input(node: str) -> bool:
    """Tell whether a unique id names an input: a seed, or the owner's own table."""
    return node.startswith(("seed.", "source."))


def origins(lineage: Lineage, manifest: Artifact, column: Column) -> list[str]:
    """Return what is written down of a column's origin that no input column shows.

    That is ``config.meta.origin`` of the columns at which the way back ends: what is counted, the
    time of the run, a constant.

    Args:
        lineage: what rests on what.
        manifest: dbt's, for the columns' meta.
        column: the column asked for.

    Returns:
        Sentences, sorted and each once.
    """
    return sorted({text for end in lineage.ends(column) if (text := origin(manifest, end))})


def origin(manifest: Artifact, column: Column) -> str | None:
    """Return what is written down of one column's origin, None when nothing is."""
    node = manifest["nodes"].get(column[0], {"columns": {}})
    declared = {name.lower(): about for name, about in node["columns"].items()}
    return declared.get(column[1].lower(), {"config": {}})["config"].get("meta", {}).get("origin")


def extract(manifest: Path, catalog: Path) -> Lineage:
    """Let dbt-colibri work out the lineage of every column.

    Args:
        manifest: dbt's ``manifest.json`` with compiled code, as of the first build.
        catalog: dbt's ``catalog.json``, with the columns of every relation.

    Returns:
        The lineage, in the same order for the same project.
    """
    logging.getLogger("colibri").setLevel(logging.CRITICAL)  # what fails is in the report
    extractor = DbtColumnLineageExtractor(str(manifest), str(catalog))
    report = DbtColibriReportGenerator(
        extractor, light_mode=False, disable_telemetry=True
    ).build_full_lineage()
    names = {
        name: {column.lower(): column for column in node["columns"]}
        for name, node in (extractor.catalog["nodes"] | extractor.catalog["sources"]).items()
    }

    def column(node: str, name: str) -> Column:
        """Spell a column as the database does; dbt-colibri writes it in small letters."""
        return node, names.get(node, {}).get(name.lower(), name)

    parents = {
        column(node, name): sorted({column(one["dbt_node"], one["column"]) for one in made_of})
        for node, columns in report["lineage"]["parents"].items()
        for name, made_of in columns.items()
        if not name.startswith("__colibri_")  # what only filters or joins
    }
    edges = sorted(
        report["lineage"]["edges"],
        key=lambda edge: [str(edge[key]) for key in sorted(edge.keys() - {"id"})],
    )
    shown = {
        "metadata": {key: report["metadata"][key] for key in _METADATA},
        "nodes": dict(sorted(report["nodes"].items())),
        "lineage": {"edges": [edge | {"id": at} for at, edge in enumerate(edges, start=1)]},
        "tree": report["tree"],
    }
    failed = {error["node_id"]: error["error_message"] for error in report["errors"]}
    return Lineage(shown, parents, failed)


def page(lineage: Lineage) -> str:
    """Put the lineage into dbt-colibri's page.

    Args:
        lineage: what the page shows.

    Returns:
        One HTML document that needs nothing else.

    Raises:
        RuntimeError: the page is not the one that the patches were written for.
    """
    folder = Path(dbt_colibri.report.__file__).parent
    template = patched(
        "dbt-colibri's", (folder / "index.html").read_text(encoding="utf-8"), PATCHES
    )
    data = f"window.colibriTelemetry=false;window.colibriData={as_script(lineage.report)};"
    return template.replace("<script>DATA</script>", f"<script>{data}</script>")


def as_of_first_build(manifest: Path, prefix: str, out: Path) -> Path:
    """Rename the relations of a manifest that was compiled where nothing is built.

    Args:
        manifest: compiled with ``prefix`` in front of every schema.
        prefix: what to take away: no relation is called so.
        out: the file to write.

    Returns:
        That file.
    """
    text = manifest.read_text(encoding="utf-8").replace(prefix, "")
    json.loads(text)
    out.write_text(text, encoding="utf-8")
    return out
