"""bqemulator's own command in a quarter of its time: `python -m scripts.emulator start ...`.

bqemulator reads the text of every statement some forty times over: each of its rewriters and each
question (is this a DROP? is it DML?) parses it anew, and while it does, Python looks for garbage
among the tens of thousands of small objects that a syntax tree is made of. Three things are changed
before it starts, none of which it can notice in a result:

* garbage is looked for less often;
* a syntax tree is copied without going through `copy.deepcopy` for every token's position;
* a text is parsed once and kept as long as it is talked about. Who asks again gets a copy; modules
  that only look at the tree (`READERS`) get the tree itself.

What is not as it was in VERSION is left alone: it then takes longer, and that is all. DuckDB gets
the same statements, one by one, with and without this.
"""

from __future__ import annotations

import copy
import gc
import sys
from collections import OrderedDict
from importlib.metadata import version
from threading import Lock
from typing import Any

import bqemulator.cli
from sqlglot.dialects.dialect import Dialect
from sqlglot.expressions import core

# what the list of readers was made for
VERSION = "1.4.0"

# Modules of bqemulator that ask the trees that they parse and never change them.
READERS = frozenset(
    {
        "bqemulator.catalog.ddl_sync",
        "bqemulator.jobs.ddl_result",
        "bqemulator.jobs.executor",
        "bqemulator.jobs.routine_ddl",
        "bqemulator.sql.catalog_schema",
    }
)

# Texts whose trees are kept: a statement in the forms that rewriting gives it, and some twenty
# short ones that sqlglot's DuckDB dialect parses for each statement.
KEPT = 64


def collect_garbage_less_often() -> None:
    """Leave the modules out of it, and look after 50,000 new objects instead of 700."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def copy_trees_faster() -> None:
    """Copy a token's position (a few numbers by name) as one thing."""
    plain = getattr(core, "deepcopy", None)
    if plain is not copy.deepcopy:
        return

    def deepcopy(value: Any, memo: Any = None) -> Any:
        if value.__class__ is dict and all(item.__class__ is int for item in value.values()):
            return value.copy()
        if memo is None and isinstance(value, core.Expr):
            return value.__deepcopy__({})
        return copy.deepcopy(value, memo)

    core.deepcopy = deepcopy


def parse_each_text_once() -> None:
    """Keep the trees of the last texts that sqlglot parsed."""
    plain = Dialect.parse
    readers = READERS if version("bqemulator") == VERSION else frozenset()
    kept: OrderedDict[Any, list[Any]] = OrderedDict()
    lock = Lock()

    def parse(self: Dialect, sql: str, **options: Any) -> list[Any]:
        if options == {"error_level": None}:
            options = {}  # what `transpile` says is what `parse_one` leaves unsaid
        settings = (self.version, self.normalization_strategy, *sorted(self.settings.items()))
        key = (type(self), settings, tuple(sorted(options.items())), sql)
        with lock:
            trees = kept.get(key)
            if trees is not None:
                kept.move_to_end(key)
        if trees is None:
            trees = plain(self, sql, **options)
            with lock:
                kept[key] = trees
                while len(kept) > KEPT:
                    kept.popitem(last=False)
        if asked_by() in readers:
            return list(trees)
        return [tree and tree.copy() for tree in trees]

    Dialect.parse = parse


def asked_by() -> str:
    """Return the module that asked for a tree, through `sqlglot.parse_one` or directly."""
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_globals.get("__name__") == "sqlglot":
        frame = frame.f_back
    return frame.f_globals.get("__name__", "")


def main() -> None:
    """Change what is said above, and run bqemulator's command."""
    collect_garbage_less_often()
    copy_trees_faster()
    parse_each_text_once()
    bqemulator.cli.main()


if __name__ == "__main__":
    main()
