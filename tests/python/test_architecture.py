"""The architecture checks can fail: each rule is broken in a copy of the manifest, and reported.

That nothing in the project breaks a rule is what `make lint` checks. Here dbt parses the project
once, every case changes that manifest, and the failures that are new are exactly the case's own.
"""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scripts import lint

STAGING = "model.flette.stg_tiltak__tiltakstyper"
SILVER = "model.flette.silver_tiltak__gjennomforinger"
CELLS = "model.flette.gold_tiltak__uke_celler"
GOLD = "model.flette.gold_tiltak__uke_antall"
LEAF = "model.flette.gold_tiltak__uke_antall_kontor"
SEED = "seed.flette.raw_tiltak__tiltakstyper"
SOURCE = "source.flette.tiltak.tiltakstyper"
SNAPSHOT = "snapshot.flette.snapshot_tiltak__gjennomforinger"

Manifest = dict[str, Any]
Change = Callable[[Manifest], object]


class House:
    """The project as dbt parses it, and what dbt-bouncer says of it once something is changed."""

    def __init__(self, folder: Path) -> None:
        """Parse the project.

        Args:
            folder: Where artifacts go.
        """
        self.folder = folder
        subprocess.run(
            [Path(sys.executable).parent / "dbt", "--quiet", "parse"],
            cwd=lint.ROOT,
            env=lint.environment(folder),
            check=True,
        )
        self.manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        # One product will do, and of dbt's own macros their names: the rest would only take time.
        for unique_id, macro in self.manifest["macros"].items():
            if macro["package_name"] != "flette":
                self.manifest["macros"][unique_id] = {"package_name": macro["package_name"]}
        for kind in ("nodes", "sources", "exposures", "unit_tests"):
            resources = self.manifest[kind].items()
            self.manifest[kind] = {
                unique_id: resource
                for unique_id, resource in resources
                if "/tiltak/" in resource["original_file_path"]
            }
        self.before = set(self.failures(lambda manifest: None))

    def failures(self, change: Change) -> list[str]:
        """Return the failures of a changed copy of the manifest.

        Args:
            change: Changes the copy in place.
        """
        manifest = copy.deepcopy(self.manifest)
        # The catalog is what would be built: the columns that were declared before the change.
        nodes = {
            unique_id: {
                "unique_id": unique_id,
                "metadata": {"name": node["name"]},
                "columns": {name: {"name": name} for name in node["columns"]},
            }
            for unique_id, node in self.manifest["nodes"].items()
            if node["resource_type"] in ("model", "seed", "snapshot")
        }
        change(manifest)
        catalog = {"nodes": nodes, "sources": {}}
        (self.folder / "catalog.json").write_text(json.dumps(catalog), encoding="utf-8")
        (self.folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        return lint.architecture(self.folder)

    def breaks(self, change: Change) -> list[str]:
        """Return the failures that a change brings.

        Args:
            change: Changes a copy of the manifest in place.
        """
        return sorted(set(self.failures(change)) - self.before)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Return the project, parsed once."""
    return House(tmp_path_factory.mktemp("architecture"))


def put(*path: str | int, value: object) -> Change:
    """Return a change that puts a value where the path leads."""

    def change(manifest: Manifest) -> None:
        *way, last = path
        place = manifest
        for step in way:
            place = place[step]
        place[last] = value

    return change


def drop(*path: str) -> Change:
    """Return a change that removes what the path leads to."""

    def change(manifest: Manifest) -> None:
        *way, last = path
        place = manifest
        for step in way:
            place = place[step]
        del place[last]

    return change


def reads(model: str, upstream: str) -> Change:
    """Return a change that lets a model depend on one more node."""
    return lambda manifest: manifest["nodes"][model]["depends_on"]["nodes"].append(upstream)


def says(code: str, model: str = GOLD) -> Change:
    """Return a change that puts a line in front of a model's code."""

    def change(manifest: Manifest) -> None:
        node = manifest["nodes"][model]
        node["raw_code"] = f"{code}\n{node['raw_code']}"

    return change


def rewrites(old: str, new: str, model: str = GOLD) -> Change:
    """Return a change that replaces the last such text of a model's code."""

    def change(manifest: Manifest) -> None:
        node = manifest["nodes"][model]
        before, found, after = node["raw_code"].rpartition(old)
        assert found, f"{model} has no {old!r} to replace"
        node["raw_code"] = before + new + after

    return change


def both(one: Change, other: Change) -> Change:
    """Return a change that makes two changes."""

    def change(manifest: Manifest) -> None:
        one(manifest)
        other(manifest)

    return change


def macro_says(code: str, macro: str = "tiltak_in_scope") -> Change:
    """Return a change that puts a line at the end of a macro's code."""

    def change(manifest: Manifest) -> None:
        manifest["macros"][f"macro.flette.{macro}"]["macro_sql"] += f"\n{code}"

    return change


def rename_macro(old: str, new: str) -> Change:
    """Return a change that gives a macro another name."""

    def change(manifest: Manifest) -> None:
        macro = manifest["macros"].pop(f"macro.flette.{old}")
        manifest["macros"][f"macro.flette.{new}"] = macro | {
            "name": new,
            "unique_id": f"macro.flette.{new}",
        }

    return change


def other_product(manifest: Manifest) -> None:
    """Let a gold model read another product's."""
    stranger = copy.deepcopy(manifest["nodes"][CELLS])
    stranger["unique_id"] = "model.other.gold_other__x"
    stranger["package_name"] = "other"
    stranger["config"]["group"] = "other"
    manifest["nodes"][stranger["unique_id"]] = stranger
    manifest["nodes"][GOLD]["depends_on"]["nodes"].append(stranger["unique_id"])


def claim_without_a_reason(manifest: Manifest) -> None:
    """Add a singular test that does not say why."""
    test = {
        "name": "assert_x",
        "resource_type": "test",
        "package_name": "flette",
        "original_file_path": "tests/tiltak/assert_x.sql",
        "unique_id": "test.flette.assert_x",
        "raw_code": "select 1",
        "depends_on": {"nodes": [], "macros": []},
    }
    manifest["nodes"][test["unique_id"]] = test


def nothing_is_tested(manifest: Manifest) -> None:
    """Remove every test of a gold model."""
    for unique_id, test in list(manifest["unit_tests"].items()):
        if test["depends_on"]["nodes"] == [GOLD]:
            del manifest["unit_tests"][unique_id]
    for unique_id, node in list(manifest["nodes"].items()):
        if node.get("attached_node") == GOLD:
            del manifest["nodes"][unique_id]


def everybody_may_see(manifest: Manifest) -> None:
    """Make a silver model public."""
    manifest["nodes"][SILVER]["access"] = manifest["nodes"][SILVER]["config"]["access"] = "public"


# What is broken: the change, and a part of every failure that it brings.
CASES: dict[str, tuple[Change, list[str]]] = {
    # folder, name, group, schema, properties file
    "a gold model with another name": (
        put("nodes", GOLD, "name", value="uke_antall"),
        ["check_model_belongs_to_its_product", "check_model_names"],
    ),
    "a gold model named after another product": (
        put("nodes", GOLD, "name", value="gold_arena__uke_antall"),
        ["check_model_belongs_to_its_product"],
    ),
    "a model in another schema": (
        put("nodes", SILVER, "schema", value="tiltak_gold"),
        ["schema is tiltak_gold, not tiltak_silver", "check_model_schema_name"],
    ),
    "a model without a group": (
        put("nodes", STAGING, "config", "group", value=None),
        [
            "its group is None",
            # what reads it is of a group, and so is what it reads
            "check_product_is_independent stg_tiltak__tiltakstyper",
            "check_product_is_independent silver_tiltak__gjennomforinger",
            "check_product_is_independent silver_tiltak__avvik",
        ],
    ),
    "a properties file with another name": (
        put("nodes", GOLD, "patch_path", value="flette://models/tiltak/gold/schema.yml"),
        ["its properties are not in models/tiltak/_tiltak__models.yml"],
    ),
    "a seed with another name": (
        put("nodes", SEED, "name", value="tiltakstyper"),
        [
            "check_seed_belongs_to_its_product",
            "check_seed_names",
            "check_source_mirrors_its_seed",
        ],
    ),
    "a snapshot with another name": (
        put("nodes", SNAPSHOT, "name", value="historikk"),
        ["check_snapshot_belongs_to_its_product", "check_snapshot_names"],
    ),
    "a product without an owner": (
        put("groups", "group.flette.tiltak", "owner", value={"name": None, "email": None}),
        ["check_group_is_described"],
    ),
    # who reads what
    "gold reads a seed": (reads(GOLD, SEED), ["check_lineage_seed_cannot_be_used"]),
    "silver reads a source": (reads(SILVER, SOURCE), ["check_lineage_source_cannot_be_used"]),
    "gold reads staging": (reads(GOLD, STAGING), ["Gold never reads staging."]),
    "staging reads silver": (reads(STAGING, SILVER), ["Staging reads inputs only."]),
    "silver reads gold": (reads(SILVER, GOLD), ["check_lineage_permitted_upstream_models"]),
    "gold reads another product": (other_product, ["check_product_is_independent"]),
    "staging reads an input without kilde()": (
        rewrites("{{ kilde('tiltak', 'tiltakstyper') }}", "{{ ref('raw_tiltak__x') }}", STAGING),
        ["An input is read through kilde()"],
    ),
    "a table by its name": (
        rewrites("{{ ref('silver_tiltak__uke_endringer') }}", "tiltak_silver.uke_endringer"),
        ["check_model_hard_coded_references"],
    ),
    # who may see what
    "a public silver model": (
        everybody_may_see,
        ["check_model_access", "check_model_contract_enforced_for_public_model"],
    ),
    "a private gold model that no gold model reads": (
        put("nodes", LEAF, "access", value="private"),
        ["check_exposure_based_on_non_public_models", "check_gold_is_public"],
    ),
    "a gold model without a contract": (
        put("nodes", GOLD, "contract", "enforced", value=False),
        [
            "check_model_contract_enforced_for_public_model",
            "check_model_has_contracts_enforced",
        ],
    ),
    "a gold column without a type": (
        put("nodes", GOLD, "columns", "antall", "data_type", value=None),
        ["check_model_columns_have_types"],
    ),
    # one SQL for every engine, and the same answer tomorrow
    "target.type": (
        says("-- {% if target.type == 'duckdb' %}{% endif %}"),
        ["What engines spell differently is in macros/dialect/."],
    ),
    "target.name": (
        says("-- {{ target.name }}", SILVER),
        ["What engines spell differently is in macros/dialect/."],
    ),
    "current_date": (says("-- current_date"), ["No model reads a clock"]),
    "now()": (says("-- NOW ()", STAGING), ["No model reads a clock"]),
    "run_started_at": (says("-- {{ run_started_at }}"), ["No model reads a clock"]),
    "a random number": (says("-- random()"), ["nothing is drawn at random"]),
    "a cast of one engine": (says("-- antall::int"), ["A cast is written cast(... as ...)"]),
    "configuration in the model": (
        says("{{ config(unique_key=['a'], materialized='table') }}"),
        ["Configuration is by folder"],
    ),
    "a setting from the environment": (says("-- {{ env_var('X') }}"), ["Settings come from"]),
    "target.type in a macro": (
        macro_says("{{ target.type }}"),
        ["What engines spell differently is dispatched, not asked for."],
    ),
    "a clock in a macro": (macro_says("current_timestamp"), ["naa() and idag() are the time"]),
    "a variant outside macros/dialect": (
        rename_macro("naa", "postgres__naa"),
        [
            "check_dialect_macro_is_called postgres__naa",
            "check_dialect_macro_is_complete postgres__naa",
            "check_macro_names postgres__naa",
        ],
    ),
    "an engine without a variant": (
        drop("macros", "macro.flette.bigquery__safe_local_timestamp"),
        ["`safe_local_timestamp` has no default__ variant and none for bigquery."],
    ),
    "a macro without the default that others rely on": (
        drop("macros", "macro.flette.default__iso_year"),
        ["`iso_year` has no default__ variant and none for duckdb, postgres."],
    ),
    "a macro that dispatches to anybody": (
        put("macros", "macro.flette.iso_year", "macro_sql", value="{{ adapter.dispatch('x') }}"),
        [f"check_dialect_macro_is_called {engine}__iso_year" for engine in ("bigquery", "default")],
    ),
    # layout
    "a line that is too long": (says(f"-- {'x' * 98}"), ["At most 100 columns"]),
    "another last line": (
        rewrites("select * from final", "select * from endringer"),
        ["A model begins with its CTEs and ends with `select * from final`."],
    ),
    "a CTE without a blank line": (rewrites("as (\n\n", "as (\n"), ["has a blank line before it"]),
    "a semicolon": (
        rewrites("select * from final", "select * from final;"),
        ["ends with `select * from final`", "check_model_has_semi_colon"],
    ),
    # what updates itself can be built again
    "an incremental model without a key": (
        both(
            put("nodes", CELLS, "config", "unique_key", value=None),
            rewrites("from {{ this }}", "from endringer", CELLS),
        ),
        ["check_incremental_is_repeatable"],
    ),
    "a snapshot without a key": (
        put("nodes", SNAPSHOT, "config", "unique_key", value=None),
        ["check_snapshot_has_unique_key"],
    ),
    # everything is described
    "a model without a description": (
        put("nodes", SILVER, "description", value=""),
        ["check_model_description_populated"],
    ),
    "a column without a description": (
        put("nodes", SILVER, "columns", "navn", "description", value=""),
        ["check_model_column_description_populated"],
    ),
    "a column that is not declared": (
        drop("nodes", SILVER, "columns", "navn"),
        ["check_columns_are_all_documented"],
    ),
    "a seed without a description": (
        put("nodes", SEED, "description", value=""),
        ["check_seed_description_populated"],
    ),
    "a seed's column without a description": (
        put("nodes", SEED, "columns", "navn", "description", value=""),
        ["check_seed_columns_are_described"],
    ),
    "a seed's column without a type": (
        drop("nodes", SEED, "config", "column_types", "navn"),
        ["check_seed_columns_are_described"],
    ),
    "a source without a description": (
        put("sources", SOURCE, "description", value=""),
        ["check_source_description_populated"],
    ),
    "a source that lacks a column of its seed": (
        drop("sources", SOURCE, "columns", "navn"),
        ["check_source_mirrors_its_seed"],
    ),
    "a snapshot without a description": (
        put("nodes", SNAPSHOT, "description", value="x"),
        ["check_snapshot_description_populated"],
    ),
    "a snapshot's column without a description": (
        drop("nodes", SNAPSHOT, "columns", "dbt_valid_to"),
        ["check_snapshot_columns_are_described"],
    ),
    "an exposure without a description": (
        put("exposures", "exposure.flette.brum_dashboard", "description", value=""),
        ["check_exposure_description_populated"],
    ),
    "an exposure without an owner": (
        put("exposures", "exposure.flette.brum_dashboard", "owner", value={}),
        ["check_exposure_has_owner"],
    ),
    "a macro without a description": (
        put("macros", "macro.flette.kilde", "description", value=""),
        ["check_macro_description_populated"],
    ),
    "a macro's argument without a description": (
        put("macros", "macro.flette.kilde", "arguments", 0, "description", value=""),
        ["check_macro_arguments_description_populated"],
    ),
    # everything that the world reads is tested
    "a gold model without tests": (
        nothing_is_tested,
        ["check_model_has_tests_by_type", "check_model_has_unit_tests"],
    ),
    "a singular test that does not say why": (
        claim_without_a_reason,
        ["check_singular_test_is_a_claim"],
    ),
}


@pytest.mark.parametrize(("change", "expected"), CASES.values(), ids=CASES.keys())
def test_what_is_broken_is_reported_and_nothing_else(
    house: House, change: Change, expected: list[str]
) -> None:
    new = house.breaks(change)
    for part in expected:
        found = [failure for failure in new if part in failure]
        assert len(found) == 1, (part, new)
        new.remove(found[0])
    assert new == []


def in_folder(folder: str, file: Path) -> str:
    """Return a file's path from the project's root, by way of a folder that a check looks for."""
    return f"{folder}/{os.path.relpath(file, lint.ROOT / folder)}"


def test_a_variant_for_one_engine_has_to_say_why(house: House, tmp_path: Path) -> None:
    file = tmp_path / "text.sql"
    file.write_text("{% macro postgres__byte_order(expression) %}{% endmacro %}", encoding="utf-8")
    macro, path = "macro.flette.postgres__byte_order", in_folder("macros/dialect", file)
    (failure,) = house.breaks(put("macros", macro, "original_file_path", value=path))
    assert "check_dialect_variant_says_why postgres__byte_order" in failure


def test_a_file_of_macros_has_lines_that_fit(house: House, tmp_path: Path) -> None:
    file = tmp_path / "kilde.sql"
    file.write_text(f"{{#- {'x' * 100} -#}}\n", encoding="utf-8")
    macro, path = "macro.flette.kilde", in_folder("macros", file)
    (failure,) = house.breaks(put("macros", macro, "original_file_path", value=path))
    assert "has lines of more than 100 columns: 1." in failure
