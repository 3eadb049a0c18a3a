"""Write the Power BI project of tv1 from dbt's manifest and its semantic layer.

``python -m scripts.powerbi`` lets dbt parse the project and writes ``powerbi/tv1``, a project that
Power BI Desktop opens (PBIP): a semantic model in TMDL and a report with an empty page. What is in
the model is said in dbt, and nothing of it here:

* a table for each semantic model, with the columns, types and descriptions of its relation's
  contract,
* a relationship for each foreign entity (not where another way leads to the same table: Power BI
  wants one way between two tables),
* a measure for each metric, translated to DAX, with label, description and, out of ``meta``, the
  format and the folder,
* a field parameter, by which a person chooses the measure of a visual.

A metric that cannot be translated is one sentence and exit code 2, never a measure that says
something else. The report is written once: what people draw in it is theirs.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sys
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from scripts import ROOT, common

if TYPE_CHECKING:
    from sqlglot import Expression

PROGRAM = "scripts.powerbi"
PRODUCT = "tv1"
OUT = f"powerbi/{PRODUCT}"
MEASURES = "Measures"
CHOICE = "Chosen measure"

# The same name gives the same tag on every machine: what did not change is no change in Git, and
# reports find their fields again.
_NAMESPACE = uuid.UUID("5f4d0b1e-6f0b-5b52-9f53-3d0b6d1c7a10")

_SCHEMAS = "https://developer.microsoft.com/json-schemas/fabric"

Artifact = dict[str, Any]
Files = dict[str, str]


class Type(NamedTuple):
    """A column's type in Power BI, how it is shown, and what Power Query has to be told."""

    data_type: str
    format_string: str | None = None
    query_type: str | None = None


# numeric(18, 2) fits Power BI's fixed decimals (four of them), which add up without an error.
_TYPES = {
    "bigint": Type("int64", "0"),
    "int": Type("int64", "0"),
    "integer": Type("int64", "0"),
    "string": Type("string"),
    "text": Type("string"),
    "varchar": Type("string"),
    "boolean": Type("boolean"),
    "date": Type("dateTime", "yyyy-mm-dd"),
    "timestamp": Type("dateTime", "yyyy-mm-dd hh:nn:ss"),
    "datetime": Type("dateTime", "yyyy-mm-dd hh:nn:ss"),
    "numeric": Type("decimal", "#,##0.00", "Currency.Type"),
}

_AGGREGATIONS = {
    "sum": "SUM",
    "min": "MIN",
    "max": "MAX",
    "average": "AVERAGE",
    "median": "MEDIAN",
    "count": "COUNT",
    # DISTINCTCOUNT would count an empty cell as one more value.
    "count_distinct": "DISTINCTCOUNTNOBLANK",
}


def tag(*names: str) -> str:
    """Return the id of a thing, always the same for the same names."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(names)))


# --- what dbt says -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """A column of a relation's contract."""

    name: str
    description: str
    type: Type
    sort_by: str | None = None


@dataclass(frozen=True)
class Table:
    """A relation that a semantic model is about.

    Attributes:
        name: The relation's name in the database, which is the table's in Power BI, too.
        model: The semantic model, as dbt wrote it.
        columns: Those of the contract by name, in order.
    """

    name: str
    schema: str
    model: Artifact
    columns: Mapping[str, Column]

    @property
    def description(self) -> str:
        """Return what a row is."""
        return str(self.model["description"] or "")

    @property
    def key(self) -> str | None:
        """Return the column that the primary entity is, if it is one."""
        for entity in self.model["entities"]:
            if entity["type"] == "primary":
                return self.column(entity)
        return None

    @property
    def primary_entity(self) -> str | None:
        """Return the name by which other tables and filters refer to this one."""
        for entity in self.model["entities"]:
            if entity["type"] == "primary":
                return str(entity["name"])
        return self.model["primary_entity"]

    def column(self, element: Artifact) -> str:
        """Return the column that an entity or a dimension is.

        Args:
            element: An entity or a dimension of this semantic model.

        Raises:
            common.SettingError: It is an expression, which no Power BI column holds.
        """
        name = str(element["expr"] or element["name"])
        if name not in self.columns:
            raise common.SettingError(
                f"{element['name']} of the semantic model {self.model['name']} is {name!r}, which "
                f"is no column of {self.name}; Power BI needs one."
            )
        return name


@dataclass(frozen=True)
class Relationship:
    """A column with many rows for each row of a key."""

    from_table: str
    from_column: str
    to_table: str
    to_column: str


@dataclass(frozen=True)
class Layer:
    """The semantic layer of the product."""

    tables: Mapping[str, Table]
    metrics: Mapping[str, Artifact]
    relationships: Sequence[Relationship] = field(default=())

    def named(self, semantic_model: str) -> Table:
        """Return the table of a semantic model."""
        return next(
            table for table in self.tables.values() if table.model["name"] == semantic_model
        )


def read_layer(manifest: Artifact, semantic_manifest: Artifact) -> Layer:
    """Put together what both artifacts say of the product.

    Args:
        manifest: dbt's ``manifest.json``.
        semantic_manifest: dbt's ``semantic_manifest.json``.

    Raises:
        common.SettingError: There is nothing, or something that Power BI has no place for.
    """
    relations = {
        (node["schema"], node["alias"]): node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
    }
    ours = {
        kind: {thing["name"] for thing in manifest[kind].values() if thing["group"] == PRODUCT}
        for kind in ("semantic_models", "metrics")
    }
    tables: dict[str, Table] = {}
    for model in semantic_manifest["semantic_models"]:
        if model["name"] in ours["semantic_models"]:
            relation = model["node_relation"]
            node = relations[relation["schema_name"], relation["alias"]]
            if node["alias"] in tables:
                raise common.SettingError(f"two semantic models are about {node['alias']}.")
            tables[node["alias"]] = _table(model, node)
    metrics = {
        metric["name"]: metric
        for metric in semantic_manifest["metrics"]
        if metric["name"] in ours["metrics"]
    }
    if not tables or not metrics:
        raise common.SettingError(
            f"dbt's artifacts have no semantic models and metrics of the group {PRODUCT}."
        )
    labels = [metric["label"] or name for name, metric in metrics.items()]
    for label in labels:
        if labels.count(label) > 1:
            raise common.SettingError(f"two metrics have the label {label!r}.")
    return Layer(tables, metrics, _relationships(tables))


def _table(model: Artifact, node: Artifact) -> Table:
    """Return the table of a semantic model and the dbt model that it is about."""
    sorted_by = {
        dimension["expr"] or dimension["name"]: dimension["config"]["meta"]["sort_by"]
        for dimension in model["dimensions"]
        if "sort_by" in ((dimension["config"] or {}).get("meta") or {})
    }
    columns = {
        name: Column(name, column["description"], _type(node["alias"], column), sorted_by.get(name))
        for name, column in node["columns"].items()
    }
    for name, other in sorted_by.items():
        if name not in columns or other not in columns:
            raise common.SettingError(
                f"{node['alias']} has no columns {name} and {other} to sort the first by the other."
            )
    return Table(node["alias"], node["schema"], model, columns)


def _type(relation: str, column: Artifact) -> Type:
    """Return the type of a contract's column."""
    name = re.sub(r"\(.*", "", str(column["data_type"] or "")).strip().lower()
    if name not in _TYPES:
        raise common.SettingError(
            f"{relation}.{column['name']} has the type {column['data_type']!r}, which "
            f"{PROGRAM} does not know; known are {', '.join(sorted(_TYPES))}."
        )
    return _TYPES[name]


def _relationships(tables: Mapping[str, Table]) -> list[Relationship]:
    """Return a relationship for each foreign entity that no longer way replaces.

    An episode knows its session, and both know the user: the way by the session stays. Then
    whoever filters users filters sessions and, with them, their episodes.
    """
    keys: dict[str | None, Table] = {}
    for table in tables.values():
        if table.key is not None:
            if table.primary_entity in keys:
                raise common.SettingError(
                    f"{table.primary_entity} is the key of {keys[table.primary_entity].name} and "
                    f"of {table.name}; Power BI needs one table that it leads to."
                )
            keys[table.primary_entity] = table
    every = [
        Relationship(table.name, table.column(entity), target.name, str(target.key))
        for table in tables.values()
        for entity in table.model["entities"]
        if entity["type"] == "foreign" and (target := keys.get(entity["name"])) is not None
    ]
    kept = [
        one
        for one in every
        if not any(
            other.from_table == one.from_table
            and other != one
            and _ways(every, other.to_table, one.to_table)
            for other in every
        )
    ]
    for start in tables:
        for end in tables:
            if start != end and _ways(kept, start, end) > 1:
                raise common.SettingError(
                    f"more than one way leads from {start} to {end}; Power BI would not know which "
                    "to take, so leave an entity out."
                )
    return kept


def _ways(
    relationships: Sequence[Relationship],
    start: str,
    end: str,
    passed: frozenset[str] = frozenset(),
) -> int:
    """Count the ways from one table to another along foreign keys, none of them in circles."""
    return sum(
        1 if one.to_table == end else _ways(relationships, one.to_table, end, passed | {start})
        for one in relationships
        if one.from_table == start and one.to_table not in passed
    )


# --- metrics as DAX ------------------------------------------------------------------------------


def table_name(name: str) -> str:
    """Write a table's name in DAX."""
    return "'" + name.replace("'", "''") + "'"


def field_name(table: str, name: str) -> str:
    """Write a column's name, or that of a measure, in DAX, with its table."""
    return table_name(table) + measure_name(name)


def measure_name(name: str) -> str:
    """Write a measure's name in DAX."""
    return "[" + name.replace("]", "]]") + "]"


def text(value: str) -> str:
    """Write a text in DAX or in Power Query."""
    return '"' + value.replace('"', '""') + '"'


class Translator:
    """Turns the metrics of a layer into DAX."""

    def __init__(self, layer: Layer) -> None:
        """Remember the layer.

        Args:
            layer: Tables, metrics and relationships.
        """
        self._layer = layer

    def dax(self, metric: Artifact) -> str:
        """Translate a metric.

        Args:
            metric: As ``semantic_manifest.json`` has it.

        Raises:
            common.SettingError: It is, or has, something without a translation.
        """
        translate: Mapping[str, Callable[[Artifact], str]] = {
            "simple": self._simple,
            "ratio": self._ratio,
            "derived": self._derived,
            "cumulative": self._cumulative,
        }
        kind = metric["type"]
        if kind not in translate:
            raise _untranslated(metric, f"it is of the type {kind}")
        return self._filtered(translate[kind](metric), metric["filter"], metric)

    def _simple(self, metric: Artifact) -> str:
        parameters = metric["type_params"]
        measure = parameters["measure"]
        if measure is None:
            # A metric of dbt's newer notation says itself what it adds up.
            table = self._layer.named(parameters["metric_aggregation_params"]["semantic_model"])
            base = self._aggregation(
                table,
                parameters["metric_aggregation_params"] | {"expr": parameters["expr"]},
                metric,
            )
        else:
            table, definition = self._measure(measure["name"], metric)
            base = self._filtered(
                self._aggregation(table, definition, metric), measure["filter"], metric
            )
        empty = parameters["fill_nulls_with"] or (measure or {}).get("fill_nulls_with")
        # An empty cell counts as 0 in DAX. Written out, 0 would show every day of the calendar.
        return f"COALESCE({base}, {empty})" if empty else base

    def _ratio(self, metric: Artifact) -> str:
        above = self._input(metric["type_params"]["numerator"], metric)
        below = self._input(metric["type_params"]["denominator"], metric)
        return f"DIVIDE({above}, {below})"

    def _derived(self, metric: Artifact) -> str:
        inputs = {
            one["alias"] or one["name"]: self._input(one, metric)
            for one in metric["type_params"]["metrics"]
        }

        def name(column: str) -> str:
            if column not in inputs:
                raise _untranslated(metric, f"its expression has {column}, which is no input")
            return inputs[column]

        return Expressions(metric, name).dax(metric["type_params"]["expr"])

    def _cumulative(self, metric: Artifact) -> str:
        limits = metric["type_params"]["cumulative_type_params"] or {}
        if limits.get("window") or limits.get("grain_to_date"):
            raise _untranslated(metric, "it adds up a window of time")
        measure = metric["type_params"]["measure"]
        table, definition = self._measure(measure["name"], metric)
        time = definition["agg_time_dimension"] or table.model["defaults"]["agg_time_dimension"]
        dimension = next(one for one in table.model["dimensions"] if one["name"] == time)
        if (dimension["expr"] or dimension["name"]) in table.columns:
            raise _untranslated(metric, "it adds up what was before a date")
        # Every row is older than the calendar: no day leaves any out, and none filters the table.
        return self._filtered(
            self._aggregation(table, definition, metric), measure["filter"], metric
        )

    def _measure(self, name: str, metric: Artifact) -> tuple[Table, Artifact]:
        """Return a measure and its table."""
        for table in self._layer.tables.values():
            for measure in table.model["measures"]:
                if measure["name"] == name:
                    return table, measure
        raise _untranslated(metric, f"its measure {name} is not one of {PRODUCT}")

    def _input(self, given: Artifact, metric: Artifact) -> str:
        """Return a metric that another one is made of."""
        if given.get("offset_window") or given.get("offset_to_grain"):
            raise _untranslated(metric, "it compares with another time")
        if given["name"] not in self._layer.metrics:
            raise _untranslated(metric, f"{given['name']} is not one of {PRODUCT}")
        other = self._layer.metrics[given["name"]]
        reference = measure_name(other["label"] or other["name"])
        return self._filtered(reference, given["filter"], metric)

    def _aggregation(self, table: Table, measure: Artifact, metric: Artifact) -> str:
        """Translate what is added up, counted or the like."""
        how = measure["agg"]
        if measure.get("non_additive_dimension"):
            raise _untranslated(metric, "it must not be added up over a dimension")
        expr = str(measure["expr"] or measure.get("name") or metric["name"])

        def name(column: str) -> str:
            if column not in table.columns:
                raise _untranslated(metric, f"{table.name} has no column {column}")
            return field_name(table.name, column)

        expressions = Expressions(metric, name)
        if how == "sum_boolean":
            return f"COUNTROWS(FILTER({table_name(table.name)}, {expressions.condition(expr)}))"
        if how not in _AGGREGATIONS:
            raise _untranslated(metric, f"it aggregates by {how}")
        function = _AGGREGATIONS[how]
        if expr in table.columns:
            if how == "count" and table.columns[expr].type.data_type == "boolean":
                function = "COUNTA"  # COUNT refuses booleans
            return f"{function}({name(expr)})"
        if expressions.is_number(expr):
            if how in ("min", "max", "average", "median"):
                return expr
            if how == "count" or (how == "sum" and expr == "1"):
                return f"COUNTROWS({table_name(table.name)})"
        if how == "count_distinct":
            raise _untranslated(metric, f"it counts different values of {expr!r}, no column")
        return f"{function}X({table_name(table.name)}, {expressions.dax(expr)})"

    def _filtered(self, dax: str, filters: Artifact | None, metric: Artifact) -> str:
        """Keep a calculation to some rows."""
        conditions = [
            f"KEEPFILTERS({self._condition(one['where_sql_template'], metric)})"
            for one in (filters or {}).get("where_filters") or []
        ]
        return f"CALCULATE({', '.join([dax, *conditions])})" if conditions else dax

    def _condition(self, template: str, metric: Artifact) -> str:
        """Translate a filter on dimensions of one table."""
        tables = set()

        def name(path: str) -> str:
            *_, entity, dimension = ["", *path.split("__")]
            for table in self._layer.tables.values():
                if table.primary_entity == entity:
                    for one in table.model["dimensions"]:
                        if one["name"] == dimension:
                            tables.add(table.name)
                            return field_name(table.name, table.column(one))
            raise _untranslated(metric, f"{path} of its filter is no dimension of {PRODUCT}")

        sql = re.sub(r"\{\{\s*Dimension\(\s*(['\"])(\w+)\1\s*\)\s*\}\}", r"\2", template)
        if "{{" in sql or "{%" in sql:
            raise _untranslated(metric, f"its filter is {template.strip()!r}")
        condition = Expressions(metric, name).condition(sql)
        if len(tables) != 1:
            raise _untranslated(metric, "its filter is not on one table; write several filters")
        return condition


def _untranslated(metric: Artifact, reason: str) -> common.SettingError:
    """Say which metric has no translation, and why."""
    return common.SettingError(f"the metric {metric['name']} cannot be written in DAX: {reason}.")


class Expressions:
    """Turns the SQL expressions of a metric into DAX."""

    def __init__(self, metric: Artifact, name: Callable[[str], str]) -> None:
        """Remember how names are written.

        Args:
            metric: Whose expressions they are.
            name: Turns a name of the SQL into DAX, or raises.
        """
        self._metric = metric
        self._name = name

    def is_number(self, sql: str) -> bool:
        """Tell whether the expression is nothing but a number."""
        return re.fullmatch(r"[0-9]+(\.[0-9]+)?", sql) is not None

    def dax(self, sql: str) -> str:
        """Translate an expression that is a number."""
        return self._value(self._parsed(sql), outermost=True)

    def condition(self, sql: str) -> str:
        """Translate an expression that is true or false."""
        return self._truth(self._parsed(sql), outermost=True)

    def _parsed(self, sql: str) -> Expression:
        import sqlglot

        try:
            return sqlglot.parse_one(sql)
        except sqlglot.errors.SqlglotError:
            raise self._unknown(sql) from None

    def _unknown(self, sql: str) -> common.SettingError:
        return _untranslated(self._metric, f"there is no translation of {sql!r}")

    def _value(self, node: Expression, outermost: bool = False) -> str:
        from sqlglot import expressions as sql

        signs = {sql.Add: "+", sql.Sub: "-", sql.Mul: "*"}
        match node:
            case sql.Paren():
                return self._value(node.this, outermost)
            case sql.Column() if not node.table:
                return self._name(node.name)
            case sql.Literal() if not node.is_string:
                return str(node.this)
            case sql.Literal():
                return text(node.this)
            case sql.Boolean():
                return "TRUE()" if node.this else "FALSE()"
            case sql.Div():
                return f"DIVIDE({self._value(node.left, True)}, {self._value(node.right, True)})"
            case sql.Nullif() if node.expression.sql() == "0":
                return self._value(node.this)  # as DIVIDE does by itself
            case sql.Neg():
                return f"-{self._value(node.this)}"
            case sql.Add() | sql.Sub() | sql.Mul():
                written = f"{self._value(node.left)} {signs[type(node)]} {self._value(node.right)}"
                return written if outermost else f"({written})"
        raise self._unknown(node.sql())

    def _truth(self, node: Expression, outermost: bool = False) -> str:
        from sqlglot import expressions as sql

        match node:
            case sql.Paren():
                return self._truth(node.this, outermost)
            case sql.And() | sql.Or():
                sign = "&&" if isinstance(node, sql.And) else "||"
                written = f"{self._truth(node.left)} {sign} {self._truth(node.right)}"
                return written if outermost else f"({written})"
            case sql.Column():
                # Strictly equal, so that an empty cell is not taken for false, 0 or ''.
                return f"{self._value(node)} == TRUE()"
            case sql.Not() if isinstance(node.this, sql.Column):
                return f"{self._value(node.this)} == FALSE()"
            case sql.Is() if isinstance(node.expression, sql.Null):
                return f"ISBLANK({self._value(node.this)})"
            case sql.Not() if isinstance(node.this, sql.Is):
                return f"NOT {self._truth(node.this)}"
            case sql.EQ():
                return f"{self._value(node.left)} == {self._value(node.right)}"
            case sql.NEQ() | sql.GT() | sql.GTE() | sql.LT() | sql.LTE():
                return self._comparison(node, outermost)
        raise self._unknown(node.sql())

    def _comparison(self, node: Any, outermost: bool) -> str:
        from sqlglot import expressions as sql

        signs = {sql.NEQ: "<>", sql.GT: ">", sql.GTE: ">=", sql.LT: "<", sql.LTE: "<="}
        written = f"{self._value(node.left)} {signs[type(node)]} {self._value(node.right)}"
        if isinstance(node, sql.GT) and isinstance(node.right, sql.Literal):
            return written  # an empty cell counts as 0 here, which is no more than that
        columns = [
            self._value(one) for one in (node.left, node.right) if isinstance(one, sql.Column)
        ]
        guarded = [*(f"NOT ISBLANK({column})" for column in columns), written]
        joined = " && ".join(guarded)
        return joined if outermost or len(guarded) == 1 else f"({joined})"


# --- TMDL ----------------------------------------------------------------------------------------


def quoted(name: str) -> str:
    """Write a name in TMDL."""
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        return name
    return "'" + name.replace("'", "''") + "'"


def described(words: str, indent: int) -> list[str]:
    """Write a description, which stands above what it describes."""
    return [
        "\t" * indent + f"/// {line.strip()}"
        for line in (words or "").strip().splitlines()
        if line.strip()
    ]


def _lines(parts: Iterable[str]) -> str:
    """Join lines to a file."""
    return "\n".join(parts).rstrip("\n") + "\n"


def _column_lines(table: Table, column: Column, foreign_keys: set[str]) -> list[str]:
    lines = [*described(column.description, 1), f"\tcolumn {quoted(column.name)}"]
    lines.append(f"\t\tdataType: {column.type.data_type}")
    if column.name == table.key:
        lines.append("\t\tisKey")
    # Who filters by a key does so in the table that it is the key of.
    if column.name in foreign_keys:
        lines.append("\t\tisHidden")
    if column.type.format_string:
        lines.append(f"\t\tformatString: {column.type.format_string}")
    lines.append(f"\t\tlineageTag: {tag('column', table.name, column.name)}")
    # Numbers are added up by measures alone, which dbt defines.
    lines.append("\t\tsummarizeBy: none")
    lines.append(f"\t\tsourceColumn: {column.name}")
    if column.sort_by:
        lines.append(f"\t\tsortByColumn: {quoted(column.sort_by)}")
    lines += ["", "\t\tannotation SummarizationSetBy = User", ""]
    return lines


def _table_file(table: Table, layer: Layer) -> str:
    """Write a table: its columns, and how Power Query gets them from PostgreSQL."""
    foreign = {
        table.column(entity) for entity in table.model["entities"] if entity["type"] == "foreign"
    }
    is_calendar = table.key and table.columns[table.key].type == _TYPES["date"]
    lines = [*described(table.description, 0), f"table {quoted(table.name)}"]
    lines.append(f"\tlineageTag: {tag('table', table.name)}")
    if is_calendar:
        lines.append("\tdataCategory: Time")
    lines.append("")
    for column in table.columns.values():
        lines += _column_lines(table, column, foreign)
    steps = [
        "Source = PostgreSQL.Database(Server, Database)",
        "SchemaName = Schema",
        f"Relation = Source{{[Schema = SchemaName, Item = {text(table.name)}]}}[Data]",
        "Columns = Table.SelectColumns(Relation, {" + ", ".join(map(text, table.columns)) + "})",
    ]
    types = [
        f"{{{text(column.name)}, {column.type.query_type}}}"
        for column in table.columns.values()
        if column.type.query_type
    ]
    if types:
        steps.append(f"Typed = Table.TransformColumnTypes(Columns, {{{', '.join(types)}}})")
    last = steps[-1].split(" = ")[0]
    lines += [f"\tpartition {quoted(table.name)} = m", "\t\tmode: import", "\t\tsource ="]
    lines.append("\t\t\t\tlet")
    lines += [f"\t\t\t\t\t{step}," for step in steps[:-1]]
    lines += [f"\t\t\t\t\t{steps[-1]}", "\t\t\t\tin", f"\t\t\t\t\t{last}", ""]
    lines.append("\tannotation PBI_ResultType = Table")
    return _lines(lines)


def _measures_file(layer: Layer) -> str:
    """Write the table that holds the measures, and no data."""
    translator = Translator(layer)
    lines = ["/// All measures; each is a metric of dbt's semantic layer."]
    lines += [f"table {quoted(MEASURES)}", f"\tlineageTag: {tag('table', MEASURES)}", ""]
    for name, metric in layer.metrics.items():
        meta = (metric["config"] or {}).get("meta") or {}
        label = metric["label"] or name
        lines += described(metric["description"] or "", 1)
        lines.append(f"\tmeasure {quoted(label)} = {translator.dax(metric)}")
        if "format_string" in meta:
            lines.append(f"\t\tformatString: {meta['format_string']}")
        if "display_folder" in meta:
            lines.append(f"\t\tdisplayFolder: {meta['display_folder']}")
        lines += [f"\t\tlineageTag: {tag('measure', name)}", ""]
    # A table must have a column; one that is hidden makes Power BI show it as a list of measures.
    lines += [
        "\tcolumn Empty",
        "\t\tdataType: string",
        "\t\tisHidden",
        f"\t\tlineageTag: {tag('column', MEASURES, 'Empty')}",
        "\t\tsummarizeBy: none",
        "\t\tsourceColumn: [Empty]",
        "",
        f"\tpartition {quoted(MEASURES)} = calculated",
        "\t\tmode: import",
        '\t\tsource = ROW("Empty", "")',
        "",
    ]
    return _lines(lines)


def _choice_file(layer: Layer) -> str:
    """Write the field parameter: a list of measures that a slicer offers."""
    fields, order = f"{CHOICE} Fields", f"{CHOICE} Order"
    labels = [metric["label"] or name for name, metric in layer.metrics.items()]
    rows = [
        f"({text(label)}, NAMEOF({field_name(MEASURES, label)}), {number})"
        for number, label in enumerate(labels)
    ]
    lines = [
        "/// Choose in a slicer which measure the visuals show.",
        f"table {quoted(CHOICE)}",
        f"\tlineageTag: {tag('table', CHOICE)}",
        "",
        f"\tcolumn {quoted(CHOICE)}",
        "\t\tdataType: string",
        f"\t\tlineageTag: {tag('column', CHOICE, CHOICE)}",
        "\t\tsummarizeBy: none",
        "\t\tsourceColumn: [Value1]",
        f"\t\tsortByColumn: {quoted(order)}",
        "",
        "\t\trelatedColumnDetails",
        f"\t\t\tgroupByColumn: {quoted(fields)}",
        "",
        f"\tcolumn {quoted(fields)}",
        "\t\tdataType: string",
        "\t\tisHidden",
        f"\t\tlineageTag: {tag('column', CHOICE, fields)}",
        "\t\tsummarizeBy: none",
        "\t\tsourceColumn: [Value2]",
        f"\t\tsortByColumn: {quoted(order)}",
        "",
        "\t\textendedProperty ParameterMetadata =",
        "\t\t\t\t{",
        '\t\t\t\t  "version": 3,',
        '\t\t\t\t  "kind": 2',
        "\t\t\t\t}",
        "",
        f"\tcolumn {quoted(order)}",
        "\t\tdataType: int64",
        "\t\tisHidden",
        "\t\tformatString: 0",
        f"\t\tlineageTag: {tag('column', CHOICE, order)}",
        "\t\tsummarizeBy: none",
        "\t\tsourceColumn: [Value3]",
        "",
        f"\tpartition {quoted(CHOICE)} = calculated",
        "\t\tmode: import",
        "\t\tsource =",
        "\t\t\t\t{",
        *(f"\t\t\t\t\t{row}," for row in rows[:-1]),
        f"\t\t\t\t\t{rows[-1]}",
        "\t\t\t\t}",
    ]
    return _lines(lines)


def _model_file(tables: Sequence[str]) -> str:
    """Write what holds for the whole model, and the order of its tables."""
    return _lines(
        [
            "model Model",
            "\tculture: en-US",
            "\tdefaultPowerBIDataSourceVersion: powerBI_V3",
            # Nobody drags a column into a visual and gets a sum that dbt does not know.
            "\tdiscourageImplicitMeasures",
            "\tsourceQueryCulture: en-US",
            "\tdataAccessOptions",
            "\t\tlegacyRedirects",
            "\t\treturnErrorValuesAsNull",
            "",
            # The calendar is a table of ours; Power BI would make a hidden one for every date.
            "annotation __PBI_TimeIntelligenceEnabled = 0",
            "",
            *(f"ref table {quoted(name)}" for name in tables),
        ]
    )


def _relationships_file(relationships: Sequence[Relationship]) -> str:
    """Write the relationships: many rows to one, and filters go from the one to the many."""
    lines: list[str] = []
    for one in relationships:
        lines += [
            f"relationship {tag('relationship', *vars(one).values())}",
            f"\tfromColumn: {quoted(one.from_table)}.{quoted(one.from_column)}",
            f"\ttoColumn: {quoted(one.to_table)}.{quoted(one.to_column)}",
            "",
        ]
    return _lines(lines)


def _parameters_file(schema: str) -> str:
    """Write the parameters: where PostgreSQL is. Power BI asks for the password itself."""
    parameters = {
        "Server": ("Host of PostgreSQL, and port if it is not 5432.", "localhost"),
        "Database": ("Database on that server.", "postgres"),
        "Schema": ("Schema of the relations; another one with FLETTE_SCHEMA_PREFIX.", schema),
    }
    lines: list[str] = []
    for name, (description, value) in parameters.items():
        lines += [
            *described(description, 0),
            f'expression {name} = {text(value)} meta [IsParameterQuery=true, Type="Text", '
            "IsParameterQueryRequired=true]",
            f"\tlineageTag: {tag('expression', name)}",
            "",
            "\tannotation PBI_ResultType = Text",
            "",
        ]
    return _lines(lines)


# --- the project ---------------------------------------------------------------------------------


def _json(schema: str, content: Artifact) -> str:
    """Write a JSON file that names its schema."""
    return json.dumps({"$schema": f"{_SCHEMAS}/{schema}/schema.json"} | content, indent=2) + "\n"


def _platform(kind: str) -> str:
    """Write what Fabric knows an item by once it is in a workspace's Git."""
    return _json(
        "gitIntegration/platformProperties/2.0.0",
        {
            "metadata": {"type": kind, "displayName": PRODUCT},
            "config": {"version": "2.0", "logicalId": tag("item", kind)},
        },
    )


def semantic_model(layer: Layer) -> Files:
    """Return the files of the semantic model, by their path in the project."""
    schemas = {table.schema for table in layer.tables.values()}
    if len(schemas) > 1:
        raise common.SettingError(
            f"the relations are in several schemas ({', '.join(sorted(schemas))}); "
            "Power BI is given one."
        )
    folder = f"{PRODUCT}.SemanticModel"
    definition = f"{folder}/definition"
    files = {
        f"{folder}/.platform": _platform("SemanticModel"),
        f"{folder}/definition.pbism": _json(
            "item/semanticModel/definitionProperties/1.0.0", {"version": "4.2", "settings": {}}
        ),
        f"{definition}/database.tmdl": "database\n\tcompatibilityLevel: 1600\n",
        f"{definition}/model.tmdl": _model_file([*layer.tables, MEASURES, CHOICE]),
        f"{definition}/expressions.tmdl": _parameters_file(schemas.pop()),
        f"{definition}/relationships.tmdl": _relationships_file(layer.relationships),
        f"{definition}/tables/{MEASURES}.tmdl": _measures_file(layer),
        f"{definition}/tables/{CHOICE}.tmdl": _choice_file(layer),
    }
    for table in layer.tables.values():
        files[f"{definition}/tables/{table.name}.tmdl"] = _table_file(table, layer)
    return files


def report() -> Files:
    """Return the files of a report with one empty page, by their path in the project."""
    folder = f"{PRODUCT}.Report"
    page = "overview"
    size = {"displayOption": "FitToPage", "height": 720, "width": 1280}
    return {
        f"{folder}/.platform": _platform("Report"),
        f"{folder}/definition.pbir": _json(
            "item/report/definitionProperties/2.0.0",
            {
                "version": "4.0",
                "datasetReference": {"byPath": {"path": f"../{PRODUCT}.SemanticModel"}},
            },
        ),
        f"{folder}/definition/version.json": _json(
            "item/report/definition/versionMetadata/1.0.0", {"version": "2.0.0"}
        ),
        f"{folder}/definition/report.json": _json(
            "item/report/definition/report/3.0.0", {"themeCollection": {}}
        ),
        f"{folder}/definition/pages/pages.json": _json(
            "item/report/definition/pagesMetadata/1.0.0",
            {"pageOrder": [page], "activePageName": page},
        ),
        f"{folder}/definition/pages/{page}/page.json": _json(
            "item/report/definition/page/2.0.0",
            {"name": page, "displayName": "Overview"} | size,
        ),
    }


def shortcut() -> Files:
    """Return the file that a person opens, and what Git is to leave out."""
    return {
        f"{PRODUCT}.pbip": _json(
            "pbip/pbipProperties/1.0.0",
            {
                "version": "1.0",
                "artifacts": [{"report": {"path": f"{PRODUCT}.Report"}}],
                "settings": {"enableAutoRecovery": True},
            },
        ),
        ".gitignore": "**/.pbi/localSettings.json\n**/.pbi/cache.abf\n",
    }


def artifacts(folder: Path | None) -> tuple[Artifact, Artifact]:
    """Return dbt's manifest and its semantic manifest.

    Args:
        folder: Where they are; when None, dbt parses the project and writes them to its own
            folder, so that they say what the files of the project say now.

    Raises:
        common.SettingError: The project cannot be parsed, or the files are not there.
    """
    if folder is None:
        folder = ROOT / (os.environ.get("DBT_TARGET_PATH") or "target")
        _parse(folder)
    found = []
    for name in ("manifest.json", "semantic_manifest.json"):
        try:
            found.append(json.loads((folder / name).read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise common.SettingError(f"there is no {name} in {folder}; run dbt parse.") from None
        except ValueError:
            raise common.SettingError(f"{folder / name} is not what dbt writes.") from None
    return found[0], found[1]


def _parse(folder: Path) -> None:
    """Let dbt parse the project."""
    from dbt.cli.main import dbtRunner  # a second of imports that --help does not need

    arguments = ["--log-level", "none", "--log-level-file", "debug", "parse"]
    arguments += ["--project-dir", str(ROOT), "--target-path", str(folder)]
    arguments += ["--profiles-dir", os.environ.get("DBT_PROFILES_DIR") or str(ROOT)]
    outcome = dbtRunner().invoke(arguments)
    if not outcome.success:
        reason = " ".join(str(outcome.exception or "see its log").split()).rstrip(".")
        raise common.SettingError(f"dbt could not parse the project: {reason}.")


def write(out: Path, manifest: Artifact, semantic_manifest: Artifact) -> Layer:
    """Write the project; the model anew, the report only where there is none.

    Args:
        out: The project's folder, made if it does not exist.
        manifest: dbt's ``manifest.json``.
        semantic_manifest: dbt's ``semantic_manifest.json``.

    Returns:
        What was written.
    """
    layer = read_layer(manifest, semantic_manifest)
    # All is translated before anything is written.
    files = semantic_model(layer) | shortcut()
    if not (out / f"{PRODUCT}.Report").exists():
        files |= report()
    shutil.rmtree(out / f"{PRODUCT}.SemanticModel" / "definition", ignore_errors=True)
    for name, content in files.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8", newline="\n")
    return layer


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: without the program's name; those of this process when None.

    Returns:
        The exit code, see ``scripts.common.run``.
    """
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Write the Power BI project of tv1 from dbt's semantic layer.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--out", type=Path, default=ROOT / OUT, metavar="FOLDER", help=f"default: {OUT}"
    )
    parser.add_argument(
        "--artifacts",
        type=Path,
        metavar="FOLDER",
        help="dbt's manifest.json and semantic_manifest.json; by default dbt parses the project",
    )
    options = parser.parse_args(arguments)

    def work() -> None:
        out = options.out.absolute()  # dbt changes the working directory
        given = options.artifacts and options.artifacts.absolute()
        layer = write(out, *artifacts(given))
        print(
            f"{out / f'{PRODUCT}.pbip'}: {len(layer.tables)} tables, "
            f"{len(layer.relationships)} relationships, {len(layer.metrics)} measures; "
            "open it in Power BI Desktop."
        )

    return common.run(PROGRAM, work)


if __name__ == "__main__":
    sys.exit(main())
