"""The Power BI project is what dbt's semantic layer says, and Power BI could read it.

Power BI does not run here, so a small reader of TMDL takes its place: it knows which objects and
properties there are and which names have to exist. That it would notice is tested by spoiling what
was written, piece by piece.
"""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from dbt.contracts.graph.semantic_manifest import SemanticManifest
from harness import DuckDB

from scripts import ROOT, powerbi

Artifact = dict[str, Any]

MODEL = "tv1.SemanticModel"
TABLES = f"{MODEL}/definition/tables"
MEASURES = f"{TABLES}/Measures.tmdl"
CHOICE = f"{TABLES}/Chosen measure.tmdl"
SESSIONS = f"{TABLES}/sessions_view.tmdl"

# The metrics as DAX: what Power BI counts, for a reader who knows DAX better than MetricFlow.
EXPECTED = {
    "Sessions": "COUNT('sessions_view'[session_tracking_id])",
    "Streaming sessions": (
        "CALCULATE(COUNT('sessions_view'[session_tracking_id]), "
        "KEEPFILTERS('sessions_view'[episodes_in_session] > 0))"
    ),
    "Streaming sessions %": "DIVIDE([Streaming sessions], [Sessions])",
    "Streaming sessions target %": "0.9",
    "Sessions KPI": "DIVIDE([Streaming sessions %], [Streaming sessions target %])",
    "Users": "COUNT('users_view'[user_id])",
    "Active users": "DISTINCTCOUNTNOBLANK('sessions_view'[user_id])",
    "Active users %": "DIVIDE([Active users], [Users])",
    "Episodes watched": "COUNT('fct_session_episodes'[episode_id])",
    "Episodes watched to end": (
        "CALCULATE(COUNT('fct_session_episodes'[episode_id]), "
        "KEEPFILTERS('fct_session_episodes'[finished] == TRUE()))"
    ),
    "Episodes watched to end %": "DIVIDE([Episodes watched to end], [Episodes watched])",
    "Episodes per session": "DIVIDE([Episodes watched], [Sessions])",
    "Minutes watched": "SUM('fct_session_episodes'[watched_minutes])",
    "Minutes per streaming session": "DIVIDE([Minutes watched], [Streaming sessions])",
}


# --- a small reader of TMDL ----------------------------------------------------------------------

# which objects an object may have, and which properties
CHILDREN = {
    "": {"database", "model", "table", "relationship", "expression", "annotation", "ref"},
    "model": {"dataAccessOptions"},
    "table": {"column", "measure", "partition", "annotation"},
    "column": {"annotation", "extendedProperty", "relatedColumnDetails"},
    "expression": {"annotation"},
}
PROPERTIES = {
    "database": {"compatibilityLevel"},
    "model": {"culture", "defaultPowerBIDataSourceVersion", "sourceQueryCulture"}
    | {"discourageImplicitMeasures"},
    "dataAccessOptions": {"legacyRedirects", "returnErrorValuesAsNull"},
    "table": {"lineageTag", "dataCategory"},
    "column": {"dataType", "isKey", "isHidden", "formatString", "lineageTag", "summarizeBy"}
    | {"sourceColumn", "sortByColumn"},
    "relatedColumnDetails": {"groupByColumn"},
    "measure": {"formatString", "displayFolder", "lineageTag"},
    "partition": {"mode", "source"},
    "relationship": {"fromColumn", "toColumn"},
    "expression": {"lineageTag"},
}
DATA_TYPES = {"int64", "string", "boolean", "dateTime", "decimal"}
NAME = r"(?:'(?:[^']|'')*'|[^\s'=:.]+)"
OBJECT = re.compile(rf"(\w+)(?: ({NAME}))?(?: =(?: (.*))?)?")
PROPERTY = re.compile(r"(\w+)(?:: (.+)|( =)(?: (.*))?)?")


class Fault(Exception):
    """Something that Power BI would stumble on; the text says what and where."""


@dataclass
class Thing:
    """An object of TMDL.

    Attributes:
        value: What stands behind the equals sign, on the line or below it.
        properties: Their values; of those that are only named, an empty text.
    """

    kind: str
    name: str = ""
    value: str = ""
    description: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    children: list[Thing] = field(default_factory=list)

    def all(self, kind: str) -> dict[str, Thing]:
        """Return the children of a kind by name."""
        return {child.name: child for child in self.children if child.kind == kind}


def unquoted(name: str) -> str:
    """Return a name without its quotes."""
    return name[1:-1].replace("''", "'") if name.startswith("'") else name


def read_tmdl(text: str) -> Thing:
    """Read a file.

    Args:
        text: Its content.

    Returns:
        An object without a name, whose children are the file's objects.

    Raises:
        Fault: It is not as TMDL is.
    """
    root = Thing("")
    above = [root]
    description: list[str] = []
    lines = text.split("\n")
    if lines.pop():
        raise Fault("the last line does not end")
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        content = line.lstrip("\t")
        depth = len(line) - len(content)
        if not content:
            continue
        where = f"line {number}: {content!r}"
        if content != content.strip() or "\t" in content:
            raise Fault(f"{where} is not indented by tabs alone")
        if depth >= len(above):
            raise Fault(f"{where} is indented too far")
        del above[depth + 1 :]
        parent = above[-1]
        if content.startswith("///"):
            description.append(content[3:].strip())
            continue
        name, begins = content.split(" ")[0].rstrip(":"), content.endswith(" =")
        body: list[str] = []
        while (
            begins
            and number < len(lines)
            and (not lines[number].strip("\t") or lines[number].startswith("\t" * (depth + 2)))
        ):
            body.append(lines[number][depth + 2 :])
            number += 1
        inside = "\n".join(body).strip("\n")
        if begins and not inside:
            raise Fault(f"{where} is followed by nothing")
        if name in CHILDREN.get(parent.kind, ()):
            one = _object(content, inside, where)
            one.description = "\n".join(description)
            if one.kind == "ref":
                parent.children.append(one)
            elif one.name in parent.all(one.kind):
                raise Fault(f"{where} is there twice")
            else:
                parent.children.append(one)
                above.append(one)
        elif name in PROPERTIES.get(parent.kind, ()):
            matched = PROPERTY.fullmatch(content)
            if matched is None or name in parent.properties:
                raise Fault(f"{where} is no property, or there twice")
            parent.properties[name] = inside or matched[2] or matched[4] or ""
        else:
            raise Fault(f"{where} does not belong to {parent.kind or 'a file'}")
        if description and name not in CHILDREN.get(parent.kind, ()):
            raise Fault(f"{where} has a description, which only objects have")
        description = []
    return root


def _object(content: str, inside: str, where: str) -> Thing:
    """Read the line that an object begins with."""
    if content.startswith("ref "):
        return Thing("ref", unquoted(content.removeprefix("ref table ")))
    matched = OBJECT.fullmatch(content)
    if matched is None:
        raise Fault(f"{where} is no object")
    return Thing(matched[1], unquoted(matched[2] or ""), inside or matched[3] or "")


# --- what has to be right ------------------------------------------------------------------------

JSON_FILES = {
    "tv1.pbip": ("pbip/pbipProperties/1.0.0", {"version": "1.0"}),
    f"{MODEL}/.platform": ("gitIntegration/platformProperties/2.0.0", {}),
    f"{MODEL}/definition.pbism": (
        "item/semanticModel/definitionProperties/1.0.0",
        {"version": "4.2"},
    ),
    "tv1.Report/.platform": ("gitIntegration/platformProperties/2.0.0", {}),
    "tv1.Report/definition.pbir": ("item/report/definitionProperties/2.0.0", {"version": "4.0"}),
    "tv1.Report/definition/version.json": (
        "item/report/definition/versionMetadata/1.0.0",
        {"version": "2.0.0"},
    ),
    "tv1.Report/definition/report.json": (
        "item/report/definition/report/3.0.0",
        {"themeCollection": {}},
    ),
    "tv1.Report/definition/pages/pages.json": (
        "item/report/definition/pagesMetadata/1.0.0",
        {"pageOrder": ["overview"], "activePageName": "overview"},
    ),
    "tv1.Report/definition/pages/overview/page.json": (
        "item/report/definition/page/2.0.0",
        {"name": "overview", "displayOption": "FitToPage", "height": 720, "width": 1280},
    ),
}


class Project:
    """A project on disk; reading it notices what is wrong with it."""

    def __init__(self, folder: Path) -> None:
        """Read all files.

        Args:
            folder: Where ``tv1.pbip`` is.

        Raises:
            Fault: Something is wrong with one of them, or they do not fit together.
        """
        self.folder = folder
        self.check_json()
        definition = folder / MODEL / "definition"
        files = {
            str(path.relative_to(definition)): self.read(path)
            for path in sorted(definition.rglob("*.tmdl"))
        }
        kinds = {
            "database.tmdl": {"database"},
            "model.tmdl": {"model", "annotation", "ref"},
            "expressions.tmdl": {"expression"},
            "relationships.tmdl": {"relationship"},
        }
        for name, file in files.items():
            allowed = kinds.pop(name, {"table"})
            if not file.children or {child.kind for child in file.children} - allowed:
                raise Fault(f"{name} holds something else than {sorted(allowed)}")
        if kinds:
            raise Fault(f"there is no {', '.join(kinds)}")
        self.parameters = files["expressions.tmdl"].all("expression")
        self.relationships = files["relationships.tmdl"].all("relationship")
        self.tables = {}
        for name, file in files.items():
            if name.startswith("tables"):
                ((table, thing),) = file.all("table").items()
                if name != f"tables/{table}.tmdl":
                    raise Fault(f"{name} holds the table {table}")
                self.tables[table] = thing
        referenced = list(files["model.tmdl"].all("ref"))
        if sorted(referenced) != sorted(self.tables):
            raise Fault(f"model.tmdl refers to {referenced}, the tables are {sorted(self.tables)}")
        self.measures = {
            name: measure
            for table in self.tables.values()
            for name, measure in table.all("measure").items()
        }
        self.check_tags()
        for name, table in self.tables.items():
            self.check_columns(name, table)
            self.check_partition(name, table)
        for name, measure in self.measures.items():
            self.check_dax(name, measure.value)
        self.check_relationships()
        self.check_choice()

    def read(self, path: Path) -> Thing:
        """Read one file of the model."""
        try:
            return read_tmdl(path.read_text(encoding="utf-8"))
        except Fault as fault:
            raise Fault(f"{path.name}: {fault}") from None

    def check_json(self) -> None:
        """Check the JSON files: schema, version, and the folders that they lead to."""
        for name, (schema, content) in JSON_FILES.items():
            try:
                found = json.loads((self.folder / name).read_text(encoding="utf-8"))
            except (OSError, ValueError) as error:
                raise Fault(f"{name}: {error}") from None
            if found["$schema"] != (
                f"https://developer.microsoft.com/json-schemas/fabric/{schema}/schema.json"
            ):
                raise Fault(f"{name} has the schema {found['$schema']}")
            for key, value in content.items():
                if found.get(key) != value:
                    raise Fault(f"{name} has {found.get(key)!r} for {key}")
            paths = [artifact["report"]["path"] for artifact in found.get("artifacts", [])]
            if "datasetReference" in found:
                paths.append(found["datasetReference"]["byPath"]["path"])
            for path in paths:
                if not (self.folder / name).parent.joinpath(path).is_dir():
                    raise Fault(f"{name} leads to {path}, which is not there")

    def check_tags(self) -> None:
        """Check that every object that Power BI follows by a tag has one of its own."""
        things = [*self.tables.values(), *self.measures.values(), *self.parameters.values()]
        for table in self.tables.values():
            things += table.all("column").values()
        tags = [thing.properties.get("lineageTag", "") for thing in things]
        tags += self.relationships
        for tag in tags:
            if not re.fullmatch(r"[0-9a-f-]{36}", tag) or str(uuid.UUID(tag)) != tag:
                raise Fault(f"{tag!r} is no id")
            if tags.count(tag) > 1:
                raise Fault(f"the id {tag} is there twice")

    def check_columns(self, name: str, table: Thing) -> None:
        """Check types, and that columns that sort or group are there."""
        columns = table.all("column")
        for column in columns.values():
            if column.properties.get("dataType") not in DATA_TYPES:
                raise Fault(f"{name}.{column.name} has no type that Power BI knows")
            if column.properties.get("summarizeBy") != "none":
                raise Fault(f"{name}.{column.name} would be added up")
            others = [column.properties.get("sortByColumn")]
            others += [
                child.properties.get("groupByColumn")
                for child in column.children
                if child.kind == "relatedColumnDetails"
            ]
            for other in others:
                if other is not None and unquoted(other) not in columns:
                    raise Fault(f"{name} has no column {other} to sort or group by")

    def check_partition(self, name: str, table: Thing) -> None:
        """Check where a table's rows come from."""
        ((_, partition),) = table.all("partition").items()
        source = partition.properties.get("source", "")
        if partition.properties.get("mode") != "import" or not source:
            raise Fault(f"{name} is not imported")
        if partition.value == "calculated":
            self.check_dax(name, source)
            return
        if partition.value != "m":
            raise Fault(f"{name} is made by {partition.value}")
        for parameter in ("Server", "Database", "Schema"):
            if not re.search(rf"\b{parameter}\b", source) or parameter not in self.parameters:
                raise Fault(f"{name} does not use the parameter {parameter}, or it is not there")
        if f'Item = "{name}"' not in source:
            raise Fault(f"{name} reads another relation")
        chosen = re.search(r"SelectColumns\(Relation, \{(.*)\}\)", source)
        names = re.findall(r'"([^"]+)"', chosen[1]) if chosen else []
        sources = [column.properties["sourceColumn"] for column in table.all("column").values()]
        if names != sources:
            raise Fault(f"{name} reads the columns {names}, not {sources}")
        balanced(name, source)

    def check_dax(self, name: str, dax: str) -> None:
        """Check that what an expression refers to is there."""
        if not dax:
            raise Fault(f"{name} has no expression")
        balanced(name, dax)
        code = without_texts(dax)
        for table, column in re.findall(r"'((?:[^']|'')+)'\[([^\]]+)\]", code):
            found = self.tables.get(table.replace("''", "'"))
            known = found.all("column") | found.all("measure") if found else {}
            if column not in known:
                raise Fault(f"{name} refers to '{table}'[{column}], which is not there")
        rest = re.sub(r"'(?:[^']|'')+'\[[^\]]+\]", "", code)
        for table in re.findall(r"'((?:[^']|'')+)'", rest):
            if table not in self.tables:
                raise Fault(f"{name} refers to '{table}', which is not there")
        for measure in re.findall(r"\[([^\]]+)\]", rest):
            if measure not in self.measures:
                raise Fault(f"{name} refers to [{measure}], which is no measure")

    def check_relationships(self) -> None:
        """Check both ends, and that one way leads from a table to another."""
        edges = []
        for relationship in self.relationships.values():
            ends = []
            for side in ("fromColumn", "toColumn"):
                place = relationship.properties.get(side, "")
                matched = re.fullmatch(rf"({NAME})\.({NAME})", place)
                table = self.tables.get(unquoted(matched[1])) if matched else None
                column = (
                    table.all("column").get(unquoted(matched[2])) if matched and table else None
                )
                if table is None or column is None:
                    raise Fault(f"a relationship has {place!r} for {side}, which is not there")
                ends.append((table, column))
            (start, left), (end, right) = ends
            if "isKey" not in right.properties:
                raise Fault(f"a relationship leads to {end.name}.{right.name}, which is no key")
            if left.properties["dataType"] != right.properties["dataType"]:
                raise Fault(f"{start.name}.{left.name} and {end.name}.{right.name} differ in type")
            edges.append((start.name, end.name))
        for start in self.tables:
            reached = list(walk(edges, start))
            for end in reached:
                if reached.count(end) > 1:
                    raise Fault(f"more than one way leads from {start} to {end}")

    def check_choice(self) -> None:
        """Check that the field parameter offers every measure once, in their order."""
        table = self.tables["Chosen measure"]
        rows = table.all("partition")["Chosen measure"].properties["source"]
        row = r'\("((?:[^"]|"")+)", NAMEOF\(\'Measures\'\[([^\]]+)\]\), ([0-9]+)\)'
        found = re.findall(row, rows)
        expected = [
            (name.replace('"', '""'), name, str(number))
            for number, name in enumerate(self.measures)
        ]
        if found != expected:
            raise Fault("the field parameter does not offer every measure once, in their order")
        fields = table.all("column")["Chosen measure Fields"]
        if json.loads(fields.all("extendedProperty")["ParameterMetadata"].value) != {
            "version": 3,
            "kind": 2,
        }:
            raise Fault("the field parameter would be an ordinary table")


def walk(edges: list[tuple[str, str]], start: str) -> Iterator[str]:
    """Give every table that a table leads to, once for each way."""
    for one, other in edges:
        if one == start:
            yield other
            yield from walk(edges, other)


def without_texts(code: str) -> str:
    """Empty the texts of an expression; a quotation mark within a name begins none."""
    return re.sub(
        r"""(\[[^\[\]{}]*\]|'(?:[^']|'')+')|"(?:[^"]|"")*\"""",
        lambda found: found[1] or '""',
        code,
    )


def balanced(name: str, code: str) -> None:
    """Check that what is opened is closed, outside of texts and names."""
    pairs = {")": "(", "]": "[", "}": "{"}
    opened: list[str] = []
    for sign in re.sub(r"\[[^\[\]{}]*\]", "[]", without_texts(code)):
        if sign in pairs.values():
            opened.append(sign)
        elif sign in pairs and (not opened or opened.pop() != pairs[sign]):
            raise Fault(f"{name} closes a {sign} that is not open")
    if opened:
        raise Fault(f"{name} does not close {opened[-1]}")


# --- the tests -----------------------------------------------------------------------------------


@dataclass
class Said:
    """What dbt says of the project."""

    manifest: Artifact
    semantic_manifest: Artifact

    def copy(self) -> Said:
        """Return a copy that a test may change."""
        return Said(copy.deepcopy(self.manifest), copy.deepcopy(self.semantic_manifest))

    def metric(self, name: str) -> Artifact:
        """Return a metric."""
        return next(one for one in self.semantic_manifest["metrics"] if one["name"] == name)

    def model(self, name: str) -> Artifact:
        """Return a semantic model."""
        return next(one for one in self.semantic_manifest["semantic_models"] if one["name"] == name)

    def node(self, name: str) -> Artifact:
        """Return a dbt model."""
        return self.manifest["nodes"][f"model.flette.{name}"]

    def write(self, out: Path) -> Project:
        """Write the project, and read it."""
        powerbi.write(out, self.manifest, self.semantic_manifest)
        return Project(out)

    def save(self, folder: Path) -> Path:
        """Write the artifacts, as dbt does."""
        folder.mkdir(exist_ok=True)
        for name in ("manifest", "semantic_manifest"):
            text = json.dumps(getattr(self, name))
            (folder / f"{name}.json").write_text(text, encoding="utf-8")
        return folder


@pytest.fixture(scope="module")
def parsed(duckdb_session: DuckDB, tmp_path_factory: pytest.TempPathFactory) -> Said:
    """Return what dbt says; the tests leave it as it is."""
    folder = tmp_path_factory.mktemp("artifacts")
    duckdb_session.parsed().write(str(folder / "manifest.json"))
    SemanticManifest(duckdb_session.parsed()).write_json_to_file(
        str(folder / "semantic_manifest.json")
    )
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    kept = {name: node for name, node in manifest["nodes"].items() if node["fqn"][1:2] == ["tv1"]}
    semantic_manifest = json.loads((folder / "semantic_manifest.json").read_text(encoding="utf-8"))
    return Said(
        {
            "nodes": kept,
            "semantic_models": manifest["semantic_models"],
            "metrics": manifest["metrics"],
        },
        semantic_manifest,
    )


@pytest.fixture
def said(parsed: Said) -> Said:
    """Return what dbt says, to be changed."""
    return parsed.copy()


@pytest.fixture(scope="module")
def folder(parsed: Said, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a written project; the tests leave it as it is."""
    folder = tmp_path_factory.mktemp("powerbi") / "tv1"
    parsed.write(folder)
    return folder


def test_all_measures_are_there_and_count_what_the_metrics_do(folder: Path, parsed: Said) -> None:
    measures = Project(folder).measures
    assert {name: measure.value for name, measure in measures.items()} == EXPECTED
    assert len(measures) == 14
    for metric in parsed.semantic_manifest["metrics"]:
        measure = measures[metric["label"]]
        assert measure.description == metric["description"]
        meta = metric["config"]["meta"]
        assert measure.properties["formatString"] == meta["format_string"]
        assert measure.properties["displayFolder"] == meta["display_folder"]


def test_tables_are_the_contracts(folder: Path, parsed: Said) -> None:
    """Columns in order, with descriptions and types."""
    project = Project(folder)
    nodes = {node["alias"]: node for node in parsed.manifest["nodes"].values()}
    assert set(project.tables) == {
        *("sessions_view", "fct_session_episodes", "users_view", "segmentation_view"),
        *("episodes_view", "seasons_view", "programs_view", "date_view"),
        *("Measures", "Chosen measure"),
    }
    types = {"bigint": "int64", "int": "int64", "string": "string", "boolean": "boolean"} | {
        "date": "dateTime",
        "timestamp": "dateTime",
        "numeric(18, 2)": "decimal",
    }
    for name in project.tables.keys() - {"Measures", "Chosen measure"}:
        columns = project.tables[name].all("column")
        assert [(column.name, column.description) for column in columns.values()] == [
            (column["name"], one_line(column["description"]))
            for column in nodes[name]["columns"].values()
        ]
        assert [column.properties["dataType"] for column in columns.values()] == [
            types[column["data_type"]] for column in nodes[name]["columns"].values()
        ]
        assert project.tables[name].description


def one_line(text: str) -> str:
    """Return a description as it stands in TMDL."""
    return "\n".join(line.strip() for line in text.strip().splitlines() if line.strip())


def test_relationships_lead_to_keys_that_dbt_tests(folder: Path, parsed: Said) -> None:
    """The one side is unique by a test of dbt, on the view or on what it shows."""
    project = Project(folder)
    ends = {
        tuple(unquoted(one.properties[side]) for side in ("fromColumn", "toColumn"))
        for one in project.relationships.values()
    }
    assert ends == {
        ("fct_session_episodes.session_tracking_id", "sessions_view.session_tracking_id"),
        ("fct_session_episodes.episode_id", "episodes_view.episode_id"),
        ("sessions_view.user_id", "users_view.user_id"),
        ("sessions_view.session_start_date", "date_view.date_actual"),
        ("users_view.segment_id", "segmentation_view.segment_id"),
        ("episodes_view.season_id", "seasons_view.season_id"),
        ("seasons_view.program_id", "programs_view.program_id"),
    }
    unique = {
        (node["attached_node"], tuple(node["test_metadata"]["kwargs"]["columns"]))
        for node in parsed.manifest["nodes"].values()
        if node["resource_type"] == "test"
        and (node.get("test_metadata") or {}).get("name") == "unique_combination"
    }
    for _, end in ends:
        table, column = end.split(".")
        place = f"model.flette.marts_tv1__{table}"
        while (place, (column,)) not in unique:
            parents = [
                name
                for name in parsed.manifest["nodes"][place]["depends_on"]["nodes"]
                if column in parsed.manifest["nodes"][name]["columns"]
            ]
            assert len(parents) == 1, f"no test says that {end} is unique"
            (place,) = parents


CHANGES: dict[str, tuple[Callable[[Said], object], str, str]] = {
    "a label": (
        lambda said: said.metric("sessions").update(label="Besøg"),
        MEASURES,
        "measure 'Streaming sessions %' = DIVIDE([Streaming sessions], [Besøg])",
    ),
    "a label, in the field parameter": (
        lambda said: said.metric("sessions").update(label='The "real" one'),
        CHOICE,
        '("The ""real"" one", NAMEOF(\'Measures\'[The "real" one]), 0)',
    ),
    "a description": (
        lambda said: said.metric("sessions").update(description="One\n\n two"),
        MEASURES,
        "\t/// One\n\t/// two\n\tmeasure Sessions",
    ),
    "a format": (
        lambda said: said.metric("sessions_kpi")["config"]["meta"].update(format_string="0.000"),
        MEASURES,
        "formatString: 0.000",
    ),
    "the target": (
        lambda said: said.model("tv1_sessions")["measures"][2].update(expr="0.95"),
        MEASURES,
        "measure 'Streaming sessions target %' = 0.95",
    ),
    "a filter": (
        lambda said: filter_by(said, "{{ Dimension('session__platform') }} <> 'TV'"),
        MEASURES,
        "KEEPFILTERS(NOT ISBLANK('sessions_view'[platform]) && 'sessions_view'[platform] <> "
        '"TV"))',
    ),
    "a filter by another table": (
        lambda said: filter_by(said, "{{ Dimension('user__region') }} = 'Sjælland'"),
        MEASURES,
        "KEEPFILTERS('users_view'[region] == \"Sjælland\"))",
    ),
    "two conditions": (
        lambda said: filter_by(
            said,
            "{{ Dimension('session__episodes_in_session') }} > 2"
            " and {{ Dimension('session__platform') }} is not null",
        ),
        MEASURES,
        "KEEPFILTERS('sessions_view'[episodes_in_session] > 2 && "
        "NOT ISBLANK('sessions_view'[platform])))",
    ),
    "an aggregation": (
        lambda said: said.model("tv1_session_episodes")["measures"][1].update(agg="average"),
        MEASURES,
        "= AVERAGE('fct_session_episodes'[watched_minutes])",
    ),
    "an aggregated expression": (
        lambda said: said.model("tv1_session_episodes")["measures"][1].update(
            expr="watched_minutes * 60"
        ),
        MEASURES,
        "= SUMX('fct_session_episodes', 'fct_session_episodes'[watched_minutes] * 60)",
    ),
    "a counted condition": (
        lambda said: said.model("tv1_sessions")["measures"][0].update(
            agg="sum_boolean", expr="platform is null or episodes_in_session <= 1"
        ),
        MEASURES,
        "measure Sessions = COUNTROWS(FILTER('sessions_view', ISBLANK('sessions_view'[platform]) "
        "|| (NOT ISBLANK('sessions_view'[episodes_in_session]) && "
        "'sessions_view'[episodes_in_session] <= 1)))",
    ),
    "a filtered input": (
        lambda said: said.metric("sessions_kpi")["type_params"]["numerator"].update(
            filter=where("{{ Dimension('session__platform') }} = 'TV'")
        ),
        MEASURES,
        "DIVIDE(CALCULATE([Streaming sessions %], KEEPFILTERS('sessions_view'[platform] == "
        '"TV")), [Streaming sessions target %])',
    ),
    "a derived metric": (
        lambda said: said.metric("sessions_kpi").update(
            type="derived",
            type_params=said.metric("sessions_kpi")["type_params"]
            | {
                "expr": "(a - sessions_target) / nullif(sessions_target, 0)",
                "metrics": [
                    {"name": "streaming_sessions_share", "alias": "a", "filter": None},
                    {"name": "sessions_target", "alias": None, "filter": None},
                ],
            },
        ),
        MEASURES,
        "DIVIDE([Streaming sessions %] - [Streaming sessions target %], "
        "[Streaming sessions target %])",
    ),
    "dbt's newer notation": (
        lambda said: said.metric("minutes_watched")["type_params"].update(
            measure=None,
            expr="watched_minutes",
            metric_aggregation_params={
                "semantic_model": "tv1_session_episodes",
                "agg": "max",
                "non_additive_dimension": None,
            },
        ),
        MEASURES,
        "measure 'Minutes watched' = MAX('fct_session_episodes'[watched_minutes])",
    ),
    "a value for nothing": (
        lambda said: said.metric("minutes_watched")["type_params"]["measure"].update(
            fill_nulls_with=7
        ),
        MEASURES,
        "= COALESCE(SUM('fct_session_episodes'[watched_minutes]), 7)",
    ),
    "the description of a column": (
        lambda said: said.node("marts_tv1__sessions_view")["columns"]["platform"].update(
            description="Where."
        ),
        SESSIONS,
        "\t/// Where.\n\tcolumn platform",
    ),
    "a column more": (
        lambda said: said.node("marts_tv1__sessions_view")["columns"].update(
            new={"name": "new", "description": "New.", "data_type": "date"}
        ),
        SESSIONS,
        "\tcolumn new\n\t\tdataType: dateTime\n\t\tformatString: yyyy-mm-dd",
    ),
}


def filter_by(said: Said, template: str) -> None:
    """Give streaming sessions another filter."""
    said.metric("streaming_sessions")["filter"] = where(template)


def where(template: str) -> Artifact:
    """Return a filter as dbt writes it."""
    return {"where_filters": [{"where_sql_template": template}]}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_in_dbt_changes_in_power_bi(
    change: str, said: Said, folder: Path, tmp_path: Path
) -> None:
    apply, file, expected = CHANGES[change]
    assert expected not in (folder / file).read_text(encoding="utf-8")
    apply(said)
    said.write(tmp_path / "tv1")
    assert expected in (tmp_path / "tv1" / file).read_text(encoding="utf-8")


REFUSED: dict[str, tuple[Callable[[Said], object], str]] = {
    "an unknown type": (
        lambda said: said.metric("users").update(type="conversion"),
        "the metric users cannot be written in DAX: it is of the type conversion.",
    ),
    "an unknown aggregation": (
        lambda said: said.model("tv1_users")["measures"][0].update(agg="percentile"),
        "the metric users cannot be written in DAX: it aggregates by percentile.",
    ),
    "a window": (
        lambda said: said.metric("users")["type_params"]["cumulative_type_params"].update(
            window={"count": 7, "granularity": "day"}
        ),
        "the metric users cannot be written in DAX: it adds up a window of time.",
    ),
    "a running total": (
        lambda said: said.metric("users")["type_params"]["measure"].update(name="session_count"),
        "the metric users cannot be written in DAX: it adds up what was before a date.",
    ),
    "another time": (
        lambda said: said.metric("sessions_kpi")["type_params"]["numerator"].update(
            offset_window={"count": 1, "granularity": "week"}
        ),
        "the metric sessions_kpi cannot be written in DAX: it compares with another time.",
    ),
    "a function": (
        lambda said: said.model("tv1_users")["measures"][0].update(expr="upper(region)"),
        "the metric users cannot be written in DAX: there is no translation of 'UPPER(region)'.",
    ),
    "the opposite of a condition": (
        lambda said: filter_by(said, "not ({{ Dimension('session__platform') }} = 'TV')"),
        "the metric streaming_sessions cannot be written in DAX: there is no translation of "
        "\"NOT (session__platform = 'TV')\".",
    ),
    "no SQL": (
        lambda said: said.model("tv1_users")["measures"][0].update(expr="user_id +"),
        "the metric users cannot be written in DAX: there is no translation of 'user_id +'.",
    ),
    "an unknown column": (
        lambda said: said.model("tv1_users")["measures"][0].update(expr="user"),
        "the metric users cannot be written in DAX: users_view has no column user.",
    ),
    "a filter by an unknown dimension": (
        lambda said: filter_by(said, "{{ Dimension('session__colour') }} = 1"),
        "the metric streaming_sessions cannot be written in DAX: session__colour of its filter is "
        "no dimension of tv1.",
    ),
    "a filter by two tables": (
        lambda said: filter_by(
            said, "{{ Dimension('session__platform') }} = {{ Dimension('user__region') }}"
        ),
        "the metric streaming_sessions cannot be written in DAX: its filter is not on one table; "
        "write several filters.",
    ),
    "a filter by a metric": (
        lambda said: filter_by(said, "{{ Metric('sessions', ['user']) }} > 1"),
        "the metric streaming_sessions cannot be written in DAX: its filter is "
        "\"{{ Metric('sessions', ['user']) }} > 1\".",
    ),
    "the same label twice": (
        lambda said: said.metric("users").update(label="Sessions"),
        "two metrics have the label 'Sessions'.",
    ),
    "an unknown column type": (
        lambda said: said.node("marts_tv1__users_view")["columns"]["region"].update(
            data_type="geography"
        ),
        "users_view.region has the type 'geography', which scripts.powerbi does not know; known "
        "are bigint, boolean, date, datetime, int, integer, numeric, string, text, timestamp, "
        "varchar.",
    ),
    "a key that is an expression": (
        lambda said: said.model("tv1_users")["entities"][0].update(expr="user_id + 1"),
        "user of the semantic model tv1_users is 'user_id + 1', which is no column of users_view; "
        "Power BI needs one.",
    ),
    "two ways to a table": (
        lambda said: said.model("tv1_episodes")["entities"].append(
            {"name": "session_date", "type": "foreign", "expr": "episode_nr"}
        ),
        "more than one way leads from fct_session_episodes to date_view; Power BI would not know "
        "which to take, so leave an entity out.",
    ),
    "two tables for an entity": (
        lambda said: said.model("tv1_seasons")["entities"][0].update(name="episode"),
        "episode is the key of episodes_view and of seasons_view; Power BI needs one table that it "
        "leads to.",
    ),
    "nothing to sort by": (
        lambda said: said.node("marts_tv1__date_view")["columns"].pop("day_of_week"),
        "date_view has no columns day_name and day_of_week to sort the first by the other.",
    ),
    "several schemas": (
        lambda said: (
            said.node("marts_tv1__date_view").update(schema="other"),
            said.model("tv1_dates")["node_relation"].update(schema_name="other"),
        ),
        "the relations are in several schemas (other, tv1_marts); Power BI is given one.",
    ),
    "no metrics": (
        lambda said: [one.update(group=None) for one in said.manifest["metrics"].values()],
        "dbt's artifacts have no semantic models and metrics of the group tv1.",
    ),
}


@pytest.mark.parametrize("change", REFUSED)
def test_what_has_no_translation_is_one_sentence(
    change: str, said: Said, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, and what was written before stays."""
    apply, sentence = REFUSED[change]
    apply(said)
    out = tmp_path / "tv1"
    given = ["--artifacts", str(said.save(tmp_path / "target")), "--out", str(out)]
    assert powerbi.main(given) == 2
    assert capsys.readouterr().err == f"scripts.powerbi: {sentence}\n"
    assert not out.exists()


def test_missing_artifacts_are_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert powerbi.main(["--artifacts", str(tmp_path), "--out", str(tmp_path / "tv1")]) == 2
    assert "there is no manifest.json" in capsys.readouterr().err


def replace(file: str, old: str, new: str) -> Callable[[Path], object]:
    """Return a change of a file; what is to be replaced has to be there."""

    def change(folder: Path) -> None:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


RELATIONSHIPS = f"{MODEL}/definition/relationships.tmdl"
SPOILED: dict[str, tuple[Callable[[Path], object], str]] = {
    "spaces for a tab": (replace(SESSIONS, "\tcolumn platform", "    column platform"), "by tabs"),
    "a tab too many": (replace(SESSIONS, "\tcolumn platform", "\t\t\tcolumn platform"), "too far"),
    "a misspelt property": (replace(SESSIONS, "summarizeBy", "summariseBy"), "does not belong"),
    "a misspelt object": (replace(MEASURES, "\tmeasure ", "\tmeasures "), "does not belong"),
    "a name without quotes": (
        replace(MEASURES, "measure 'Sessions KPI'", "measure Sessions KPI"),
        "is no object",
    ),
    "a description of a property": (
        replace(MEASURES, "\t\tformatString", "\t\t/// x\n\t\tformatString"),
        "has a description",
    ),
    "no expression": (replace(SESSIONS, "\t\tsource =\n", "\t\tsource =\n\nx"), "followed by"),
    "a column that is not there": (
        replace(MEASURES, "[watched_minutes]", "[minutes]"),
        "refers to 'fct_session_episodes'[minutes]",
    ),
    "a table that is not there": (
        replace(MEASURES, "'users_view'[user_id]", "'dim_users'[user_id]"),
        "refers to 'dim_users'[user_id]",
    ),
    "a measure that is not there": (
        replace(MEASURES, "[Streaming sessions],", "[Streaming],"),
        "refers to [Streaming]",
    ),
    "an open bracket": (replace(MEASURES, "[Sessions])", "[Sessions]"), "does not close ("),
    "the same measure twice": (
        replace(MEASURES, "measure 'Active users' ", "measure Users "),
        "there twice",
    ),
    "the same tag twice": (
        lambda folder: shutil.copy(folder / SESSIONS, folder / TABLES / "users_view.tmdl"),
        "holds the table sessions_view",
    ),
    "no tag": (replace(MEASURES, "lineageTag: ", "lineageTag: x"), "is no id"),
    "a table without a file": (
        lambda folder: (folder / TABLES / "users_view.tmdl").unlink(),
        "model.tmdl refers to",
    ),
    "a file without a reference": (
        replace(f"{MODEL}/definition/model.tmdl", "ref table users_view\n", ""),
        "model.tmdl refers to",
    ),
    "a relationship of no column": (
        replace(RELATIONSHIPS, "sessions_view.user_id", "sessions_view.user"),
        "'sessions_view.user' for fromColumn",
    ),
    "a relationship to no key": (
        replace(RELATIONSHIPS, "users_view.user_id", "users_view.segment_id"),
        "which is no key",
    ),
    "a relationship of other types": (
        replace(RELATIONSHIPS, "sessions_view.user_id", "sessions_view.platform"),
        "differ in type",
    ),
    "a second way": (
        replace(
            RELATIONSHIPS,
            "relationship ",
            "relationship 00000000-0000-5000-8000-000000000000\n"
            "\tfromColumn: fct_session_episodes.user_id\n"
            "\ttoColumn: users_view.user_id\n\nrelationship ",
        ),
        "more than one way leads from fct_session_episodes to users_view",
    ),
    "another relation": (replace(SESSIONS, 'Item = "sessions', 'Item = "x'), "another relation"),
    "a column that is not read": (replace(SESSIONS, '"platform", ', ""), "reads the columns"),
    "a fixed server": (
        replace(SESSIONS, "(Server,", '("localhost",'),
        "does not use the parameter Server",
    ),
    "no parameter": (
        replace(f"{MODEL}/definition/expressions.tmdl", "expression Schema", "expression Skema"),
        "does not use the parameter Schema",
    ),
    "nothing to sort by": (
        replace(SESSIONS, "sortByColumn: session_duration_group_order", "sortByColumn: x"),
        "no column x to sort",
    ),
    "a number that is added up": (
        replace(SESSIONS, "summarizeBy: none", "summarizeBy: sum"),
        "would be added up",
    ),
    "no type": (replace(SESSIONS, "dataType: int64", "dataType: bigint"), "no type that Power BI"),
    "a choice less": (replace(CHOICE, "[Users]), 5", "[Users]), 4"), "every measure once"),
    "no field parameter": (replace(CHOICE, '"kind": 2', '"kind": 1'), "an ordinary table"),
    "no JSON": (replace("tv1.pbip", "{", "("), "tv1.pbip: "),
    "another schema": (
        replace("tv1.Report/definition.pbir", "2.0.0", "1.0.0"),
        "definition.pbir has the schema",
    ),
    "another version": (replace(f"{MODEL}/definition.pbism", "4.2", "1.0"), "'1.0' for version"),
    "a report without a model": (
        replace("tv1.Report/definition.pbir", "../tv1", "../tv2"),
        "which is not there",
    ),
}


@pytest.mark.parametrize("spoiled", SPOILED)
def test_what_power_bi_would_stumble_on_is_found(
    spoiled: str, folder: Path, tmp_path: Path
) -> None:
    spoil, fault = SPOILED[spoiled]
    shutil.copytree(folder, tmp_path / "tv1")
    Project(tmp_path / "tv1")
    spoil(tmp_path / "tv1")
    with pytest.raises(Fault, match=re.escape(fault)):
        Project(tmp_path / "tv1")


def content(folder: Path) -> dict[str, str]:
    """Return the text of all files."""
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_model_is_written_anew_and_the_report_stays(said: Said, tmp_path: Path) -> None:
    """What a person drew stays, and so does Power BI's cache; a table that is gone goes."""
    out = tmp_path / "tv1"
    said.write(out)
    before = content(out)
    page = out / "tv1.Report" / "definition" / "pages" / "overview" / "page.json"
    page.write_text(page.read_text(encoding="utf-8").replace("Overview", "Mine"), encoding="utf-8")
    (out / TABLES / "gone.tmdl").write_text("table gone\n", encoding="utf-8")
    cache = out / MODEL / ".pbi" / "cache.abf"
    cache.parent.mkdir()
    cache.write_text("rows", encoding="utf-8")
    said.write(out)
    after = content(out)
    assert after.pop(f"{MODEL}/.pbi/cache.abf") == "rows"
    assert '"Mine"' in after.pop(str(page.relative_to(out)))
    assert after == {name: text for name, text in before.items() if name in after}
    assert len(after) == len(before) - 1


def test_make_powerbi_parses_the_project_itself(folder: Path, tmp_path: Path) -> None:
    """The command of `make powerbi`, with dbt's artifacts and the output elsewhere."""
    done = subprocess.run(
        [sys.executable, "-m", "scripts.powerbi", "--out", str(tmp_path / "tv1")],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("FLETTE_")}
        | {"DBT_TARGET_PATH": str(tmp_path / "target"), "DBT_LOG_PATH": str(tmp_path / "logs")},
        check=True,
        capture_output=True,
        text=True,
    )
    assert "8 tables, 7 relationships, 14 measures" in done.stdout
    assert content(tmp_path / "tv1") == content(folder)
