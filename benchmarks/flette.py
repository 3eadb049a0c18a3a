"""flette through dbt, a measured process in a DuckDB file of its own."""

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.common import Run, run_process


class Flette:
    """flette in a new DuckDB file of its own.

    Args:
        project: folder with the dbt project.
        work: gets the file, dbt's target and its logs; emptied.
        parsed: keep the target of the run before, so that dbt need not parse the project again.
    """

    def __init__(self, project: Path, work: Path, parsed: bool = False) -> None:
        """Start from nothing."""
        for old in work.iterdir() if work.exists() else ():
            if old.is_file():
                old.unlink()
            elif not (parsed and old.name == "target"):
                shutil.rmtree(old)
        work.mkdir(parents=True, exist_ok=True)
        self._project = project
        self._work = work
        self.database = work / "flette.duckdb"

    def build(self, selection: Sequence[str], variables: Mapping[str, Any]) -> Run:
        """Run models, without tests, as a fresh dbt process.

        Args:
            selection: dbt's arguments that choose them.
            variables: for its ``--vars``.

        Returns:
            What it cost, without reading any answer.
        """
        shutil.rmtree(self._work / "logs", ignore_errors=True)
        command = [sys.executable, "-m", "dbt.cli.main", "build", *selection]
        for kind in ("test", "unit_test", "seed"):
            command += ["--exclude-resource-type", kind]
        command += ["--vars", json.dumps(variables), "--log-format-file", "json"]
        environment = {
            "DBT_PROJECT_DIR": str(self._project),
            "DBT_PROFILES_DIR": str(self._project),
            "FLETTE_TARGET": "duckdb",
            "FLETTE_SCHEMA_PREFIX": "",
            "FLETTE_DUCKDB_PATH": str(self.database),
            "DBT_TARGET_PATH": str(self._work / "target"),
            "DBT_LOG_PATH": str(self._work / "logs"),
        }
        process = run_process(command, self._work / "dbt.log", environment, self._project)
        results = json.loads((self._work / "target" / "run_results.json").read_text())["results"]
        times = [
            datetime.fromisoformat(timing[edge])
            for result in results
            for timing in result["timing"]
            for edge in ("started_at", "completed_at")
        ]
        models = (max(times) - min(times)).total_seconds()
        return Run(
            models,
            process.seconds,
            process.cpu,
            process.others,
            process.peak,
            self._sql_seconds(),
        )

    def _sql_seconds(self) -> dict[str, float]:
        """Add up, by node, what dbt's log says that the statements took."""
        seconds: dict[str, float] = {}
        log = self._work / "logs" / "dbt.log"
        for line in log.read_text(encoding="utf-8").splitlines():
            event = json.loads(line)
            if event["info"]["name"] == "SQLQueryStatus":
                node = event["data"].get("node_info", {}).get("node_name") or "connecting"
                seconds[node] = seconds.get(node, 0.0) + event["data"]["elapsed"]
        return seconds
