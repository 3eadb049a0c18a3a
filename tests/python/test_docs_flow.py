"""The drawn flows are what dbt's graph says, made small enough to be read."""

import re
from xml.etree import ElementTree

import pytest

from scripts import docs_flow
from scripts.docs_flow import Flow, Node


def test_what_is_not_shown_is_passed_over() -> None:
    """A way over hidden nodes is one edge, whichever way it goes and however often it forks."""
    children = {"a": ["x", "y"], "x": ["y", "b"], "y": ["c"], "b": [], "c": []}
    assert docs_flow.contracted(children, ["a", "b", "c"]) == {
        "a": {"b", "c"},
        "b": set(),
        "c": set(),
    }


def test_edge_that_a_longer_way_makes_up_for_is_left_out() -> None:
    """What is left still says all that can be reached."""
    graph = {"a": {"b", "c", "d"}, "b": {"c"}, "c": {"d"}, "d": set()}
    assert docs_flow.reduced(graph) == {"a": {"b"}, "b": {"c"}, "c": {"d"}, "d": set()}


def test_things_with_the_same_neighbours_are_one_node() -> None:
    """Copied tables are one node, and what they are made of another; a step stands alone."""
    kinds = dict.fromkeys(("in1", "in2", "in3"), "input") | {
        "copy1": "output",
        "copy2": "output",
        "step": "step",
        "out": "output",
        "app": "reader",
    }
    graph = {
        "in1": {"copy1"},
        "in2": {"copy2"},
        "in3": {"step"},
        "copy1": {"app"},
        "copy2": {"app"},
        "step": {"out"},
        "out": {"app"},
        "app": set(),
    }
    nodes, edges = docs_flow.merged(graph, kinds)
    assert Node("input", ("in1", "in2")) in nodes
    assert (Node("input", ("in1", "in2")), Node("output", ("copy1", "copy2"))) in edges
    assert Node("output", ("out",)) in nodes
    assert sorted(thing for node in nodes for thing in node.things) == sorted(graph)


def test_edges_lead_down() -> None:
    """Inputs stand just above what first uses them."""
    late, early = Node("input", ("late",)), Node("input", ("early",))
    first, second = Node("step", ("first",)), Node("step", ("second",))
    edges = {(early, first), (first, second), (late, second)}
    assert docs_flow.in_order([late, early, second, first], edges) == [early, first, late, second]


def test_lanes_that_overlap_differ() -> None:
    """Two edges beside each other never share a lane; one that ends leaves its own to the next."""
    given = docs_flow.lanes([(0, 1), (0, 5), (1, 3), (3, 6), (6, 7)])
    assert given.keys() == {0, 1, 3}
    assert given[0] not in (given[1], given[3])
    assert given[1] == given[3] == 0


def test_drawing_is_named_and_safe() -> None:
    """It has a title and says itself in words; a label cannot become markup, and is broken."""
    long = "Operations dashboard of <everything> that the company has & more"
    flow = Flow(
        "tv1",
        [Node("input", ("a", "b")), Node("reader", ("c",))],
        [(0, 1)],
        {"a": ("events", ""), "b": ("users", "those who watch"), "c": (long, "")},
    )
    svg = docs_flow.svg(flow, {"a": "#a", "b": "#b", "c": "dbt.html?x&y"})
    root = ElementTree.fromstring(svg)
    space = {"s": "http://www.w3.org/2000/svg"}
    assert root.find("s:title", space).text == "How tv1 flows"
    assert root.find("s:desc", space).text == f"events and users lead to {long}."
    assert len(root.findall("s:path", space)) == 1
    parts = ["".join(link.itertext()) for link in root.iter("{http://www.w3.org/2000/svg}a")]
    assert parts[:2] == ["events", "users"]
    assert " ".join(parts[2:]) == long
    assert all(len(part) <= 45 for part in parts)


@pytest.mark.parametrize("kind", docs_flow.KINDS)
def test_kind_of_a_node_is_written_in_it(kind: str) -> None:
    """Nobody has to tell colours apart."""
    flow = Flow("arena", [Node(kind, ("a",))], [], {"a": ("meldinger", "")})
    assert f">{docs_flow.KINDS[kind]}<" in docs_flow.svg(flow, {"a": "#"})
    assert re.search(rf'class="flow-{kind}"', docs_flow.svg(flow, {"a": "#"}))
