"""Write the documentation site: a few HTML files that open without a server and without a network.

``python -m scripts.docs`` lets dbt describe the project and the relations that it finds in a
database that is already built, and writes into ``docs/site``

* ``index.html``, where a newcomer begins: what each product is for, drawn (``scripts.docs_front``),
* ``columns.html``, what every column of gold means and which inputs it comes from,
* ``lineage.html``, the same as a graph, column by column (``scripts.docs_lineage``),
* ``dbt.html``, dbt's own page.

dbt can write its page by itself (``dbt docs generate --static``), but the file that it writes

* logs two errors for every line of the menu when it is opened from disk, because it asks for a
  file called ``{{ getIcon(item.type, 'on') }}`` (hundreds on a page),
* breaks off where a description or a model says ``</script>``,
* can call home: an analytics script of its makers, unless the project turns that off,
* names the machine that it was made on, and holds 600 kB of dbt's own macros, which the page drops.

So the page is put together here. A content security policy inside it makes the browser refuse
every request, whatever a later version of dbt's page may try.

dbt compiles the project twice: as it stands, for its own page, and as if nothing were built, for
the lineage. What a model says of itself after the first build may name an earlier run and no input.
Both are done in folders of their own: what the last build left in ``target`` stays.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from scripts import ROOT, common, docs_front, docs_lineage
from scripts.docs_patch import POLICY, Patch, as_script, patched
from scripts.servers import server_for

PROGRAM = "scripts.docs"
SITE = "docs/site"

# Schemas that begin so are nobody's: seen from there, no relation is built.
NOTHING_BUILT = "flette_docs_nothing_built_"
# What dbt remembers of a project that it has parsed.
PARSED = "partial_parse.msgpack"

Artifact = dict[str, Any]


class Described(NamedTuple):
    """What dbt and dbt-colibri say of the project and the database."""

    template: str
    manifest: Artifact
    catalog: Artifact
    lineage: docs_lineage.Lineage


PATCHES = (
    Patch(
        '<meta charset="utf-8">',
        f'<meta charset="utf-8">{POLICY}',
        1,
    ),
    Patch("<title>dbt Docs</title>", "<title>flette: dbt docs</title>", 1),
    # A template that was never filled in: the browser would ask for a file of that name.
    Patch("${require('./assets/favicons/favicon.ico')}", "data:,", 1),
    Patch('<link rel="canonical" href="/overview/"/>', "", 1),
    # Angular fills the attribute in after the browser has read it; ng-attr- hides it until then.
    # (ng-attr-xlink:href would set it without its namespace, and the icons would be gone.)
    Patch('<use xlink:href="{{', '<use ng-attr-href="{{', 4),
    # The search meant to put the best first, but lost its weights on the way, and cut off all but
    # twenty before it sorted. Those found by their name come first.
    Patch(
        "filter:limit_search | orderBy:\\'overallWeight\\':true",
        "orderBy:[\\'matches[0].key!==&quot;name&quot;\\',\\'model.name\\'] | filter:limit_search",
        1,
    ),
    # "Public models" in the menu had seeds and tests among them (`in` asks an array for an index).
    Patch(
        '!(e.resource_type in["source","exposure","seed","macro"])', '"model"==e.resource_type', 1
    ),
    # A heading with nothing below it on every column.
    Patch('<div ng-show="column.meta">', '<div ng-show="!_.isEmpty(column.meta)">', 1),
    # The analytics of dbt's makers.
    Patch(",!0===e.track&&r.turn_on_tracking()", "", 1),
    Patch('i.src="//d1fc8wv8zag5ca.cloudfront.net/2.9.0/sp.js"', 'i.src=""', 1),
    # A file beside the page that is not there.
    Patch("//# sourceMappingURL=main.js.map", "", 1),
)

# What a manifest says of itself; the rest of it is about the machine and the person.
_METADATA = ("dbt_schema_version", "dbt_version", "generated_at", "project_name", "adapter_type")
# Of a node: paths of the machine, and bookkeeping that the page does not show.
_NOT_SHOWN = {
    "build_path",
    "checksum",
    "compiled_path",
    "created_at",
    "root_path",
    "unrendered_config",
}


def without_machine(manifest: Artifact, catalog: Artifact) -> tuple[Artifact, Artifact]:
    """Copy what dbt wrote, without what names this machine or what the page throws away.

    Args:
        manifest: dbt's ``manifest.json``.
        catalog: dbt's ``catalog.json``.

    Returns:
        Both, fit to be published.
    """
    metadata = manifest["metadata"]
    dbt_itself = {"dbt", f"dbt_{metadata['adapter_type']}"}
    published = {
        kind: {name: _shown(thing) for name, thing in things.items()}
        if isinstance(things, dict)
        else things
        for kind, things in manifest.items()
        if kind != "disabled"
    }
    published["metadata"] = {key: metadata[key] for key in _METADATA}
    published["macros"] = {
        name: macro
        for name, macro in published["macros"].items()
        if macro["package_name"] not in dbt_itself
    }
    described = {
        kind: {
            name: relation | {"metadata": relation["metadata"] | {"owner": None}}
            for name, relation in catalog[kind].items()
        }
        for kind in ("nodes", "sources")
    }
    return published, described


def _shown(thing: Any) -> Any:
    """Copy one node, macro or the like without the keys that the page does not show."""
    if not isinstance(thing, dict):
        return thing
    return {key: value for key, value in thing.items() if key not in _NOT_SHOWN}


def page(template: str, manifest: Artifact, catalog: Artifact) -> str:
    """Put a project into dbt's page.

    Args:
        template: dbt's ``index.html``.
        manifest: what the page shows of the project.
        catalog: what the page shows of the database.

    Returns:
        One HTML document that needs nothing else.

    Raises:
        RuntimeError: the page is not the one that the patches were written for.
    """
    template = patched("dbt's", template, PATCHES)
    data = {"MANIFEST": as_script(manifest), "CATALOG": as_script(catalog)}
    filled, places = re.subn(
        r'"(MANIFEST|CATALOG)\.JSON INLINE DATA"', lambda place: data[place[1]], template
    )
    if places != len(data):
        raise RuntimeError(f"dbt's page has changed: it has {places} places for data")
    return filled


def not_built(manifest: Artifact, catalog: Artifact) -> list[str]:
    """Name the relations that the project has and the database does not, sorted."""
    return sorted(
        node["name"]
        for name, node in manifest["nodes"].items()
        if node["resource_type"] in ("model", "seed", "snapshot")
        and node["config"]["materialized"] != "ephemeral"
        and name not in catalog["nodes"]
    )


def invoke(folder: Path, target: str | None, variables: str | None, *command: str) -> None:
    """Let dbt do something in a folder of its own.

    Args:
        folder: where it writes; what a build has left beside it saves it from parsing again.
        target: a target of ``profiles.yml``; None is the default one.
        variables: what follows ``--vars``, if anything.
        *command: dbt's command and its options.

    Raises:
        common.SettingError: dbt could not do it.
    """
    from dbt.cli.main import dbtRunner  # a second of imports that --help does not need

    folder.mkdir(parents=True, exist_ok=True)
    parsed, known = folder.parent / PARSED, folder / PARSED
    if parsed.exists() and not known.exists():
        shutil.copyfile(parsed, known)
    arguments = ["--log-level", "none", "--log-level-file", "debug", *command]
    arguments += ["--project-dir", str(ROOT), "--target-path", str(folder)]
    arguments += ["--profiles-dir", os.environ.get("DBT_PROFILES_DIR") or str(ROOT)]
    if target is not None:
        arguments += ["--target", target]
    if variables is not None:
        arguments += ["--vars", variables]
    outcome = dbtRunner().invoke(arguments)
    if not outcome.success:
        objections = [outcome.exception] if outcome.exception else outcome.result.errors
        reason = " ".join(str(objections[0]).split()).rstrip(".")
        raise common.SettingError(f"dbt could not describe the project: {reason}.")


def describe(target: str | None, variables: str | None) -> Described:
    """Let dbt describe the project and the built database.

    Args:
        target: a target of ``profiles.yml``; None is the default one.
        variables: what follows ``--vars``, if anything.

    Returns:
        What the pages are made from.

    Raises:
        common.SettingError: dbt could not do it, or the database is not built.
    """
    folder = ROOT / (os.environ.get("DBT_TARGET_PATH") or "target") / "docs"
    unbuilt = folder / "unbuilt"
    compiled = ("compile", "--select", "resource_type:model", "resource_type:snapshot")
    with server_for(target or os.environ.get("FLETTE_TARGET", "duckdb")):
        invoke(folder, target, variables, "docs", "generate")
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        catalog = json.loads((folder / "catalog.json").read_text(encoding="utf-8"))
        missing = not_built(manifest, catalog)
        if missing:
            rest = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
            raise common.SettingError(
                "the database has not been built, run `make build` first "
                f"(missing: {', '.join(missing[:3])}{rest})."
            )
        with schemas_called(NOTHING_BUILT):
            invoke(unbuilt, target, variables, *compiled)
    first = docs_lineage.as_of_first_build(
        unbuilt / "manifest.json", NOTHING_BUILT, unbuilt / "first_build.json"
    )
    template = (folder / "index.html").read_text(encoding="utf-8")
    return Described(
        template, manifest, catalog, docs_lineage.extract(first, folder / "catalog.json")
    )


@contextlib.contextmanager
def schemas_called(prefix: str) -> Iterator[None]:
    """Put a prefix before the names of all schemas, as several people in one warehouse do."""
    name = "FLETTE_SCHEMA_PREFIX"
    before = os.environ.get(name)
    os.environ[name] = prefix + (before or "")
    try:
        yield
    finally:
        del os.environ[name]
        if before is not None:
            os.environ[name] = before


def write(out: Path, target: str | None = None, variables: str | None = None) -> list[Path]:
    """Write the site; a failure leaves an older one as it was.

    Args:
        out: the folder, made if it does not exist.
        target: see ``describe``.
        variables: see ``describe``.

    Returns:
        The files, the one to begin with first.
    """
    out = out.absolute()  # dbt changes the working directory
    template, manifest, catalog, lineage = describe(target, variables)
    pages = {
        "index.html": docs_front.front(manifest),
        "columns.html": docs_front.columns(manifest, catalog, lineage),
        "lineage.html": docs_lineage.page(lineage),
        "dbt.html": page(template, *without_machine(manifest, catalog)),
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        (out / f".{name}.part").write_text(text, encoding="utf-8")
    return [(out / f".{name}.part").replace(out / name) for name in pages]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: without the program's name; those of this process when None.

    Returns:
        The exit code, see ``scripts.common.run``.
    """
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Write the documentation site, which opens without a server.",
        allow_abbrev=False,
    )
    parser.add_argument("--target", metavar="NAME", help="a target of profiles/profiles.yml")
    parser.add_argument("--vars", metavar="YAML", help="dbt's variables, as for the build")
    parser.add_argument(
        "--out", type=Path, default=ROOT / SITE, metavar="FOLDER", help=f"default: {SITE}"
    )
    options = parser.parse_args(arguments)

    def work() -> None:
        start = time.perf_counter()
        files = write(options.out, options.target, options.vars)
        size = sum(file.stat().st_size for file in files)
        print(
            f"{files[0]}: {len(files)} pages, {size / 1e6:.1f} MB "
            f"in {time.perf_counter() - start:.0f} s; open it in any browser."
        )

    return common.run(PROGRAM, work)


if __name__ == "__main__":
    sys.exit(main())
