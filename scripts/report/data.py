"""What the report is made of: dbt's answers, and what dbt says of the last build."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from scripts import ROOT
from scripts.common import SettingError

Row = dict[str, Any]
Rows = list[Row]


@dataclass(frozen=True)
class Build:
    """The last dbt command that left its results behind.

    Attributes:
        command: such as `build`; None when nothing is known.
        target: a target of profiles/profiles.yml.
        adapter: the engine, such as `duckdb`.
        dbt_version: dbt's version.
        ended: local time of the end, to the second.
        as_of: what `naa()` was, to the second.
        seconds: how long it took.
        selected: what `--select` asked for; empty means everything.
        nodes: product -> kind (`model`, `seed`, `snapshot`, `test`) -> status -> how many.
        problems: tests that warned or failed and models that did: product, name, status, message.
    """

    command: str | None
    target: str
    adapter: str
    dbt_version: str
    ended: datetime | None
    as_of: datetime | None
    seconds: float
    selected: str
    nodes: dict[str, dict[str, Counter[str]]]
    problems: Rows


class Warehouse:
    """A target that has been built, asked through dbt's own analyses.

    Args:
        target: a target of profiles/profiles.yml; None is the default one.
        variables: what follows `--vars`, if anything.
    """

    def __init__(self, target: str | None, variables: str | None) -> None:
        """Let dbt read the project; nothing is asked yet."""
        from dbt.cli.main import dbtRunner  # seconds of imports that --help does not need

        self._runner = dbtRunner
        # not the folder of the build: its results are part of the report
        built = ROOT / (os.environ.get("DBT_TARGET_PATH") or "target")
        self._folder = built / "report"
        self._folder.mkdir(parents=True, exist_ok=True)
        if (built / "partial_parse.msgpack").exists():
            shutil.copy(built / "partial_parse.msgpack", self._folder)
        self._options = ["--project-dir", str(ROOT), "--target-path", str(self._folder)]
        self._options += ["--profiles-dir", os.environ.get("DBT_PROFILES_DIR") or str(ROOT)]
        self._options += ["--log-level", "none", "--log-level-file", "debug"]
        if target is not None:
            self._options += ["--target", target]
        if variables is not None:
            self._options += ["--vars", variables]
        parsed = dbtRunner().invoke(["parse", *self._options])
        if not parsed.success:
            raise SettingError(f"dbt cannot read the project: {_sentence(parsed.exception)}.")
        self._manifest = parsed.result

    def analyses(self, folder: str) -> dict[str, Rows]:
        """Run the analyses of one folder of analyses/.

        Args:
            folder: a product, or `bygg`.

        Returns:
            Rows by the analysis' name after the double underscore; values are text, whole numbers,
            floats, booleans, None, or dates and times as ISO text.

        Raises:
            SettingError: the database could not answer.
        """
        select = ["show", "--limit", "-1", "--select", f"path:analyses/{folder}"]
        shown = self._runner(manifest=self._manifest).invoke(
            [*select, "--no-write-json", *self._options]
        )
        if not shown.success:
            objection = shown.exception or next(
                (one.message for one in shown.result.results if one.message), "no answer"
            )
            raise SettingError(f"{folder} could not be asked: {_sentence(objection)}.")
        return {
            one.node.name.partition("__")[2]: _rows(one.agate_table)
            for one in shown.result.results
            if one.node.resource_type == "analysis"
        }

    def public_models(self, product: str) -> set[str]:
        """Name the models of a product that the world reads."""
        return {
            node.name
            for node in self._manifest.nodes.values()
            if node.resource_type == "model" and node.group == product and node.access == "public"
        }

    def product_of(self, unique_id: str) -> str | None:
        """Return the product that a node belongs to, None for one that is none's or is gone."""
        node = self._manifest.nodes.get(unique_id) or self._manifest.unit_tests.get(unique_id)
        if node is None:
            return None
        folders = set(Path(node.original_file_path).parts)
        return next((group.name for group in self._groups() if group.name in folders), None)

    def _groups(self) -> Iterable[Any]:
        return sorted(self._manifest.groups.values(), key=lambda group: group.name)

    def build(self) -> Build:
        """Return what is known of the last build, from `run_results.json`."""
        path = self._folder.parent / "run_results.json"
        if not path.exists():
            return Build(None, "", "", "", None, None, 0.0, "", {}, [])
        results = json.loads(path.read_text(encoding="utf-8"))
        arguments, metadata = results["args"], results["metadata"]
        zone = ZoneInfo(str(arguments.get("vars", {}).get("tidssone") or "Europe/Oslo"))
        ended = _local(metadata["generated_at"], zone)
        started = _local(metadata.get("invocation_started_at") or metadata["generated_at"], zone)
        given = arguments.get("vars", {}).get("naa")
        nodes: dict[str, dict[str, Counter[str]]] = {}
        problems: Rows = []
        for result in results["results"]:
            kind, _, name = result["unique_id"].split(".")[:3]
            product = self.product_of(result["unique_id"]) or "flette"
            kind = "test" if kind == "unit_test" else kind
            nodes.setdefault(product, {}).setdefault(kind, Counter())[result["status"]] += 1
            if result["status"] in ("warn", "fail", "error", "runtime error"):
                problems.append(
                    {
                        "product": product,
                        "name": name,
                        "status": result["status"],
                        "message": " ".join(str(result["message"] or "").split()),
                    }
                )
        return Build(
            command=arguments.get("which"),
            target=arguments.get("target") or os.environ.get("FLETTE_TARGET", "duckdb"),
            adapter=self._manifest.metadata.adapter_type,
            dbt_version=metadata["dbt_version"],
            ended=ended,
            as_of=datetime.fromisoformat(str(given)) if given else started,
            seconds=results["elapsed_time"],
            selected=" ".join(arguments.get("select") or ()),
            nodes=nodes,
            problems=sorted(problems, key=lambda one: (one["product"], one["name"])),
        )


def _local(text: str, zone: ZoneInfo) -> datetime:
    """Convert an instant to wall-clock time in a zone, to the second."""
    instant = datetime.fromisoformat(text)
    return instant.astimezone(zone).replace(microsecond=0, tzinfo=None)


def _sentence(objection: object) -> str:
    return " ".join(str(objection).split()).rstrip(".")


def _rows(table: Any) -> Rows:
    """Convert dbt's table; see `Warehouse.analyses` for the values."""
    return [
        {name: _plain(value) for name, value in zip(table.column_names, row, strict=True)}
        for row in table.rows
    ]


def _plain(value: Any) -> Any:
    """Convert a value to one that JSON has, the same from every engine."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return value.replace(microsecond=0, tzinfo=None).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return value
