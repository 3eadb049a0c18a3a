"""Rules of this house that dbt-bouncer has no check for, as checks on dbt's manifest.

dbt-bouncer finds them by folder (``custom_checks_dir`` in dbt-bouncer.yml) and function name; the
first argument says what a check looks at, one by one. A product is a folder of models/.
"""

import re
from pathlib import Path

from dbt_bouncer.check_framework.decorator import check, fail

ROOT = Path(__file__).resolve().parents[3]

# The folder of a model and the first part of its name.
PREFIXES = {"staging": "stg", "silver": "silver", "gold": "gold", "marts": "marts"}
ENGINES = ("duckdb", "postgres", "bigquery")


def _stands(node, folder, product, schema, names, properties):
    """Fail with every way in which a node does not agree with the product that its folder names."""
    wrong = []
    if not str(node.name).startswith(names):
        wrong.append(f"its name should begin with {' or '.join(names)}")
    if node.config.group != product:
        wrong.append(f"its group is {node.config.group}, not {product}")
    if node.schema_ != schema:
        wrong.append(f"its schema is {node.schema_}, not {schema}")
    if str(node.patch_path).split("://")[-1] != f"{folder}/{product}/{properties}":
        wrong.append(f"its properties are not in {folder}/{product}/{properties}")
    if wrong:
        fail(f"`{node.name}`: {'; '.join(wrong)}.")


@check
def check_model_belongs_to_its_product(model):
    """A model's folder, name, group, schema and properties file name one product and one layer."""
    parts = Path(model.original_file_path).parts
    if len(parts) != 4 or parts[2] not in PREFIXES or parts[3] != f"{model.name}.sql":
        fail(f"`{model.name}` is in {model.original_file_path}, not in models/<product>/<layer>/.")
    folder, product, layer, _ = parts
    names = (f"{PREFIXES[layer]}_{product}__",)
    _stands(model, folder, product, f"{product}_{layer}", names, f"_{product}__models.yml")


@check
def check_seed_belongs_to_its_product(seed):
    """A seed is an input, raw_<product>__<table>, or a reference list, <product>_<list>."""
    folder, product, *_ = Path(seed.original_file_path).parts
    names = (f"raw_{product}__", f"{product}_")
    _stands(seed, folder, product, f"{product}_raw", names, f"_{product}__seeds.yml")


@check
def check_snapshot_belongs_to_its_product(snapshot):
    """A snapshot is snapshot_<product>__<relation>, kept in the product's silver schema."""
    folder, product, file = Path(snapshot.original_file_path).parts
    if not str(snapshot.name).startswith(f"snapshot_{product}__"):
        fail(f"`{snapshot.name}`: its name should begin with snapshot_{product}__.")
    if (snapshot.config.group, snapshot.schema_) != (product, f"{product}_silver"):
        fail(f"`{snapshot.name}` is not of the group {product} in the schema {product}_silver.")
    if (folder, file) != ("snapshots", f"_{product}__snapshots.yml"):
        fail(f"`{snapshot.name}` is not in snapshots/{product}/_{product}__snapshots.yml.")


@check
def check_product_is_independent(model, ctx):
    """A model reads nothing of another product; what products share is in macros/."""
    manifest = ctx.manifest_obj.manifest
    for upstream in model.depends_on.nodes:
        node = manifest.nodes.get(upstream)
        group = node.config.group if node else manifest.sources[upstream].source_name
        if group != model.config.group:
            fail(f"`{model.name}` of {model.config.group} reads `{upstream}` of {group}.")


@check
def check_group_is_described(ctx):
    """Every product is a group with a description and an owner who can be reached."""
    groups = {group.name: group for group in ctx.manifest_obj.manifest.groups.values()}
    for product in {Path(model.original_file_path).parts[1] for model in ctx.models}:
        group = groups.get(product)
        if not (group and group.description and group.owner.name and group.owner.email):
            fail(f"models/_groups.yml lacks {product}, its description or its owner.")


@check
def check_gold_is_public(model, ctx):
    """A gold model is public, or private and read by one (as counts that a view spreads out)."""
    readers = ctx.children_by_unique_id.get(model.unique_id, [])
    layer = Path(model.original_file_path).parts[2]
    serves = any(Path(reader.original_file_path).parts[2] == layer for reader in readers)
    if model.access != "public" and not (model.access == "private" and serves):
        fail(f"`{model.name}` is {model.access}, and no other {layer} model reads it.")


@check
def check_seed_columns_are_described(seed):
    """A seed's columns are those of column_types (none is inferred), each with a description."""
    declared, typed = set(seed.columns), set(seed.config.column_types or {})
    if declared != typed:
        fail(f"`{seed.name}`: columns and column_types differ in {sorted(declared ^ typed)}.")
    bare = [column.name for column in seed.columns.values() if not column.description]
    if bare:
        fail(f"`{seed.name}` has columns without a description: {bare}.")


@check
def check_source_mirrors_its_seed(source, ctx):
    """The owner's table and the seed that stands in for it have the same name and columns."""
    if source.source_name != Path(source.original_file_path).parts[1]:
        fail(f"The source `{source.source_name}` is not named after its product.")
    name = f"raw_{source.source_name}__{source.name}"
    seeds = [seed for seed in ctx.seeds if seed.name == name]
    if not seeds:
        fail(f"`{source.source_name}.{source.name}` has no seed {name}.")
    if list(source.columns) != list(seeds[0].columns):
        fail(f"`{source.source_name}.{source.name}` and {name} do not have the same columns.")
    bare = [column.name for column in source.columns.values() if not column.description]
    if bare:
        fail(f"`{source.source_name}.{source.name}` has columns without a description: {bare}.")


@check
def check_singular_test_is_a_claim(test):
    """A singular test is tests/<product>/assert_<fact>.sql and begins by saying why."""
    if test.test_metadata:
        return
    if not re.fullmatch(r"tests/[a-z0-9]+/assert_\w+\.sql", test.original_file_path):
        fail(f"{test.original_file_path} is not tests/<product>/assert_<fact>.sql.")
    if not re.match(r"\s*(--|/\*|\{#)", test.raw_code):
        fail(f"{test.original_file_path} does not begin with a comment that says why.")


def _variant(macro):
    """Split a macro's name into the engine that it is for and the name that calls it."""
    engine, separator, name = str(macro.name).partition("__")
    return (engine, name) if separator and engine in ("default", *ENGINES) else (None, macro.name)


@check
def check_dialect_macro_is_complete(macro, ctx):
    """What engines spell differently has a default__ variant, or one for each of the engines.

    (A variant of one of dbt's own macros stands in for one of dbt's; dbt has the others.)
    """
    engine, name = _variant(macro)
    if f"macro.dbt.{name}" in ctx.manifest_obj.manifest.macros:
        return
    variants = {_variant(other)[0] for other in ctx.macros if _variant(other)[1] == name}
    missing = [each for each in ENGINES if each not in variants]
    if engine == min(variants - {None}, default="") and "default" not in variants and missing:
        fail(f"`{name}` has no default__ variant and none for {', '.join(missing)}.")


@check
def check_dialect_macro_is_called(macro, ctx):
    """A variant belongs to a macro of this project that dispatches to it, or to one of dbt's."""
    engine, name = _variant(macro)
    ours = {str(other.name): other.macro_sql for other in ctx.macros}
    dispatch = f"adapter.dispatch('{name}', 'flette')"
    of_dbt = f"macro.dbt.{name}" in ctx.manifest_obj.manifest.macros
    if engine and not of_dbt and dispatch not in ours.get(name, ""):
        fail(f"`{macro.name}` is called by no macro `{name}` with {dispatch}.")


@check
def check_dialect_variant_says_why(macro):
    """A variant for one engine has a comment that says why, before it or at the top of its file."""
    engine, _ = _variant(macro)
    if engine in (None, "default"):
        return
    text = (ROOT / macro.original_file_path).read_text(encoding="utf-8")
    before = text[: text.index(f"macro {macro.name}(")].rpartition("{%")[0]
    if not (text.startswith("{#") or before.rstrip().endswith("#}")):
        fail(f"`{macro.name}` in {macro.original_file_path} does not say why it differs.")


@check
def check_incremental_is_repeatable(model):
    """An incremental model replaces by key, or takes out or looks at what it has before it adds."""
    config = model.config
    if config.materialized != "incremental" or config.unique_key:
        return
    if "take_out_changed_blocks" in str(getattr(config, "pre-hook", config)):
        return
    if not re.search(r"(from|join)\s+\{\{\s*this\s*\}\}", model.raw_code):
        fail(f"`{model.name}` is incremental, has no unique_key and does not read itself.")


@check
def check_macro_file_width(macro, ctx, *, max_width: int = 100):
    """No line of a file of macros is too long, comments between the macros included."""
    path = macro.original_file_path
    if macro.unique_id != min(m.unique_id for m in ctx.macros if m.original_file_path == path):
        return  # once a file
    lines = (ROOT / path).read_text(encoding="utf-8").split("\n")
    long = [str(number) for number, line in enumerate(lines, 1) if len(line) > max_width]
    if long:
        fail(f"{path} has lines of more than {max_width} columns: {', '.join(long)}.")
