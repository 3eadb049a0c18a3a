"""What makes bqemulator faster (scripts/emulator.py) changes no tree that it works on."""

from __future__ import annotations

from importlib.metadata import version
from importlib.util import find_spec

import pytest
import sqlglot
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ParseError
from sqlglot.expressions import core

from scripts import emulator

# a type, comments, positions, an implicit unnest and a window: what a copy may lose
TEXT = """
/* first */ create or replace table a.b as
with c as (select cast(null as numeric(10, 2)) as d, [1, 2] as e -- second
)
select c.d, f, date '2025-01-01' as i, interval 1 day as j,
    row_number() over (partition by c.d order by f desc) as k
from c, c.e as f qualify k = 1
"""
WORKING = "bqemulator.sql.rewriter.struct_helpers"


def ask(module: str, text: str = TEXT, read: str = "bigquery") -> core.Expr:
    """Parse a text as if a module of bqemulator did."""
    function = "def ask(text, read): return sqlglot.parse_one(text, read=read)"
    names = {"__name__": module, "sqlglot": sqlglot}
    exec(function, names)
    return names["ask"](text, read)


@pytest.fixture
def faster(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Change sqlglot in this process for one test; returns the texts that it really parsed."""
    parsed: list[str] = []
    plain = Dialect.parse

    def counted(self: Dialect, sql: str, **options: object) -> list[core.Expr | None]:
        parsed.append(sql)
        return plain(self, sql, **options)

    monkeypatch.setattr(Dialect, "parse", counted)
    monkeypatch.setattr(core, "deepcopy", core.deepcopy)
    emulator.copy_trees_faster()
    emulator.parse_each_text_once()
    return parsed


def everything(tree: core.Expr) -> list[tuple[object, ...]]:
    """Return what a tree is made of, positions and comments included."""
    return [
        (type(node), node.arg_key, node.comments, node._meta, repr(node.type))
        for node in tree.walk()
    ]


def test_a_text_is_parsed_once_and_everybody_gets_a_tree_of_their_own(faster: list[str]) -> None:
    first, second = ask(WORKING), ask(WORKING)
    before = everything(first)
    assert first is not second
    assert first == second
    assert before == everything(second)
    assert faster == [TEXT]
    for node in list(first.walk())[1:]:
        node.pop()
    assert everything(ask(WORKING)) == before, "what one does is not seen by another"


def test_the_trees_are_those_of_sqlglot_itself(request: pytest.FixtureRequest) -> None:
    plain = {read: ask(WORKING, read=read) for read in ("bigquery", "duckdb")}
    faster = request.getfixturevalue("faster")
    for _ in range(2):
        for read, tree in plain.items():
            again = ask(WORKING, read=read)
            assert everything(again) == everything(tree)
            assert again.sql("duckdb") == tree.sql("duckdb")
            assert sqlglot.transpile(TEXT, read=read, write="duckdb") == [tree.sql("duckdb")]
    assert faster.count(TEXT) == 2, "once for each dialect, transpile included"


def test_who_only_looks_gets_the_tree_itself(faster: list[str]) -> None:
    for module in emulator.READERS:
        assert ask(module) is ask(module)
    assert ask(WORKING) is not ask(next(iter(emulator.READERS)))
    assert faster == [TEXT]


def test_what_cannot_be_parsed_is_refused_every_time(faster: list[str]) -> None:
    for _ in range(2):
        with pytest.raises(ParseError):
            ask(WORKING, "select (")
    assert faster == ["select ("] * 2


def test_the_readers_are_modules_of_the_installed_emulator() -> None:
    """Another version of bqemulator may change its trees elsewhere: look, then note it."""
    assert version("bqemulator") == emulator.VERSION
    assert all(find_spec(name) for name in emulator.READERS)
