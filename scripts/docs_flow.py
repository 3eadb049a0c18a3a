"""Draw what flows where in a product: a small SVG, made from dbt's manifest.

Shown are a product's inputs, the steps that ``config.meta.flow`` names in a few words, what it
offers to others and who reads that. Whatever lies between two of them is left out and its edges are
joined; an edge that only repeats a longer way is left out, too.

One node stands below the other and edges run in lanes beside them. That reads from top to bottom,
fits a phone, and no edge ever crosses a node. Colours are those of the page around it.
"""

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from markupsafe import Markup, escape

Artifact = dict[str, Any]
Graph = dict[str, set[str]]  # of each node, those that it leads to

KINDS = {"input": "goes in", "step": "step", "output": "comes out", "reader": "reads it"}

# Measures in the drawing's own units, about one CSS pixel each at full width.
WIDTH = 360
LANE = 9
LINE = 17
PADDING = 8
GAP = 16
LETTER, BOLD = 5.8, 6.8  # on average, of what is said in a node and of a name
TAG = 64  # for what kind of node it is


@dataclass(frozen=True)
class Node:
    """A box: one thing, or several that come from and lead to the same.

    Attributes:
        kind: One of KINDS.
        things: The unique ids in it.
    """

    kind: str
    things: tuple[str, ...]


class Line(NamedTuple):
    """A line of text in a node: what it says, ``name`` or ``said``, and where it leads."""

    text: str
    style: str
    link: str | None = None


@dataclass
class Flow:
    """What is drawn of one product.

    Attributes:
        product: Its name.
        nodes: From top to bottom.
        edges: Positions in ``nodes``: from, to.
        labels: Of each thing its name, and what is said below it, if anything.
    """

    product: str
    nodes: list[Node]
    edges: list[tuple[int, int]]
    labels: dict[str, tuple[str, str]] = field(default_factory=dict)


def flow(manifest: Artifact, product: str) -> Flow:
    """Find out what is shown of a product, and what leads to what.

    Args:
        manifest: dbt's.
        product: the folder of models/.

    Returns:
        The nodes in the order in which they are drawn, and the edges between them.
    """
    things = {
        name: thing
        for name, thing in (manifest["nodes"] | manifest["sources"] | manifest["exposures"]).items()
        if thing["fqn"][1] == product
    }
    kinds = {name: kind for name, thing in things.items() if (kind := _kind(thing, things))}
    children = {name: set(manifest["child_map"].get(name, ())) & set(things) for name in things}
    graph = reduced(contracted(children, kinds))
    linked = set(graph) - {
        name for name in graph if not graph[name] and not any(name in to for to in graph.values())
    }
    graph = {name: graph[name] for name in sorted(linked)}
    labels = {name: _label(things[name], product) for name in graph}
    nodes, edges = merged(graph, kinds)
    order = in_order(nodes, edges)
    at = {node: place for place, node in enumerate(order)}
    return Flow(product, order, sorted((at[one], at[other]) for one, other in edges), labels)


def _kind(thing: Artifact, things: Mapping[str, Artifact]) -> str | None:
    """Tell what a thing is in the drawing, None when it is not shown."""
    resource = thing["resource_type"]
    if resource in ("seed", "source"):
        return "input"
    if resource == "exposure":
        return "reader"
    if resource not in ("model", "snapshot"):
        return None
    read = any(
        thing["unique_id"] in other["depends_on"]["nodes"]
        for other in things.values()
        if other["resource_type"] == "exposure"
    )
    shown = thing["config"]["meta"].get("flow")
    if thing.get("access") == "public" and (read or shown or _last(thing, things)):
        return "output"
    return "step" if shown else None


def _last(thing: Artifact, things: Mapping[str, Artifact]) -> bool:
    """Tell whether no other model is made of this one."""
    return not any(
        thing["unique_id"] in other["depends_on"]["nodes"]
        for other in things.values()
        if other["resource_type"] == "model"
    )


def _label(thing: Artifact, product: str) -> tuple[str, str]:
    if thing["resource_type"] == "exposure":
        return thing["label"], ""
    _, of_product, name = thing["name"].partition("__")
    short = name if of_product else thing["name"].removeprefix(f"{product}_")
    return short, thing["config"].get("meta", {}).get("flow", "")


def contracted(children: Mapping[str, Iterable[str]], shown: Iterable[str]) -> Graph:
    """Keep some nodes of a graph, joined wherever a way leads over others from one to the next."""
    kept = set(shown)
    graph: Graph = {}
    for name in kept:
        found: set[str] = set()
        waiting = [*children.get(name, ())]
        passed: set[str] = set()
        while waiting:
            one = waiting.pop()
            if one in kept:
                found.add(one)
            elif one not in passed:
                passed.add(one)
                waiting += children.get(one, ())
        graph[name] = found
    return graph


def reduced(graph: Graph) -> Graph:
    """Leave out each edge of a graph without circles that a longer way makes up for."""

    def beyond(name: str) -> set[str]:
        if name not in far:
            far[name] = set().union(*({one} | beyond(one) for one in graph[name]))
        return far[name]

    far: Graph = {}
    return {
        name: {one for one in to if not any(one in beyond(other) for other in to - {one})}
        for name, to in graph.items()
    }


def merged(graph: Graph, kinds: Mapping[str, str]) -> tuple[list[Node], set[tuple[Node, Node]]]:
    """Put what comes from the same and leads to the same into one node; each step stands alone.

    Outputs that are made of inputs alone count as coming from the same, so that a dozen copied
    tables are one node; inputs are put together by what they then lead to.
    """
    parents: Graph = {name: {one for one, to in graph.items() if name in to} for name in graph}

    def key(name: str, home: Mapping[str, Node]) -> tuple[Any, ...]:
        kind = kinds[name]
        come_from = {one for one in parents[name] if kinds[one] != "input"} or {"inputs"}
        lead_to = frozenset(home.get(one, one) for one in graph[name])
        return kind, name if kind == "step" else "", lead_to, frozenset(come_from)

    home: dict[str, Node] = {}
    for inputs in (False, True):
        groups: dict[tuple[Any, ...], list[str]] = {}
        for name in sorted(graph):
            if (kinds[name] == "input") is inputs:
                groups.setdefault(key(name, home), []).append(name)
        home |= {
            name: Node(kinds[name], tuple(names)) for names in groups.values() for name in names
        }
    nodes = list(dict.fromkeys(home[name] for name in sorted(graph)))
    return nodes, {(home[one], home[other]) for one, to in graph.items() for other in to}


def in_order(nodes: Iterable[Node], edges: Iterable[tuple[Node, Node]]) -> list[Node]:
    """Order nodes so that edges lead down, inputs just before they are used, readers just after."""
    parents: dict[Node, set[Node]] = {node: set() for node in nodes}
    children: dict[Node, set[Node]] = {node: set() for node in parents}
    for one, other in edges:
        parents[other].add(one)
        children[one].add(other)
    order: list[Node] = []

    def missing(node: Node) -> list[Node]:
        return [one for one in parents[node] if one not in order and one.kind != "input"]

    def latest(node: Node) -> tuple[bool, int, tuple[str, ...]]:
        # a reader at once, else what goes on from what was drawn last
        places = [order.index(one) for one in parents[node] if one in order]
        return node.kind != "reader", -max(places, default=-1), node.things

    while left := [node for node in parents if node not in order and node.kind != "input"]:
        node = min((node for node in left if not missing(node)), key=latest)
        order += sorted(
            (one for one in parents[node] if one not in order), key=lambda one: one.things
        )
        order.append(node)
    return order


def lanes(edges: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Give each node with an edge that is not to its neighbour a lane that no other one uses.

    Args:
        edges: positions: from, to.

    Returns:
        The lane of each such position, 0 for the one nearest to the nodes.
    """
    last: dict[int, int] = {}
    for one, other in edges:
        if other > one + 1:
            last[one] = max(last.get(one, 0), other)
    given: dict[int, int] = {}
    # short ones first: they lie nearest to the nodes
    for one in sorted(last, key=lambda one: (last[one] - one, one)):
        taken = {lane for other, lane in given.items() if one < last[other] and other < last[one]}
        given[one] = next(lane for lane in range(len(last)) if lane not in taken)
    return given


def svg(drawn: Flow, links: Mapping[str, str]) -> Markup:
    """Draw a flow.

    Args:
        drawn: what to draw.
        links: of each thing, where its name leads.

    Returns:
        An SVG element to stand in a page that styles the classes ``flow-*``.
    """
    given = lanes(drawn.edges)
    left = LANE * (max(given.values(), default=-1) + 2) + 6
    letters = int((WIDTH - left - TAG) / LETTER)
    texts = [_lines(node, drawn, links, letters) for node in drawn.nodes]
    tops, y = [], 2
    for text in texts:
        tops.append(y)
        y += LINE * len(text) + 2 * PADDING + GAP
    height = y - GAP + 2
    middles = [
        top + (LINE * len(text) + 2 * PADDING) // 2 for top, text in zip(tops, texts, strict=True)
    ]
    bottoms = [top + LINE * len(text) + 2 * PADDING for top, text in zip(tops, texts, strict=True)]
    paths = []
    for one, other in drawn.edges:
        if other == one + 1:
            x = left + 24
            paths.append(f"M{x} {bottoms[one]}V{tops[other] - 1}")
            continue
        x = left - LANE * (given[one] + 1) - 4
        paths.append(
            f"M{left} {middles[one] + 4}H{x + 4}q-4 0 -4 4V{middles[other] - 8}q0 4 4 4H{left - 1}"
        )
    name = f"flow-{drawn.product}"
    parts = [
        f'<svg class="flow" id="{name}" viewBox="0 0 {WIDTH} {height}" role="group" '
        f'aria-labelledby="{name}-title" aria-describedby="{name}-desc" xmlns="http://www.w3.org/2000/svg">',
        f'<title id="{name}-title">{escape(f"How {drawn.product} flows")}</title>',
        f'<desc id="{name}-desc">{escape(in_words(drawn))}</desc>',
        f'<defs><marker id="{name}-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" '
        'markerHeight="6" orient="auto"><path class="flow-tip" d="M0 0 8 4 0 8z"/></marker></defs>',
        *(f'<path class="flow-edge" d="{path}" marker-end="url(#{name}-tip)"/>' for path in paths),
    ]
    for node, text, top, bottom in zip(drawn.nodes, texts, tops, bottoms, strict=True):
        parts.append(
            f'<g class="flow-{node.kind}"><rect x="{left}" y="{top}" rx="6" '
            f'width="{WIDTH - left - 2}" height="{bottom - top}"/>'
            f'<text class="flow-kind" x="{WIDTH - 10}" y="{top + PADDING + 12}">'
            f"{KINDS[node.kind]}</text>"
        )
        parts += [
            _text(line, left + 10, top + PADDING + 12 + LINE * at) for at, line in enumerate(text)
        ]
        parts.append("</g>")
    return Markup("".join([*parts, "</svg>"]))


def _lines(node: Node, drawn: Flow, links: Mapping[str, str], letters: int) -> list[Line]:
    """Break what stands in a node into lines."""
    lines = []
    for thing in node.things:
        name, said = drawn.labels[thing]
        parts = textwrap.wrap(name, int(letters * LETTER / BOLD), break_long_words=False)
        lines += [Line(part, "name", links[thing]) for part in parts]
        lines += [Line(part, "said") for part in textwrap.wrap(said, letters)]
    return lines


def _text(line: Line, x: int, y: int) -> str:
    """Write a line as SVG."""
    text = f'<text class="flow-{line.style}" x="{x}" y="{y}">{escape(line.text)}</text>'
    return text if line.link is None else f'<a href="{escape(line.link)}">{text}</a>'


def in_words(drawn: Flow) -> str:
    """Say the same as the drawing, for those who cannot see it."""
    sentences = []
    for at, node in enumerate(drawn.nodes):
        to = [other for one, other in drawn.edges if one == at]
        if to:
            names = ", ".join(name for other in to for name in _names(drawn.nodes[other], drawn))
            verb = "leads" if len(node.things) == 1 else "lead"
            sentences.append(f"{' and '.join(_names(node, drawn))} {verb} to {names}.")
    return " ".join(sentences)


def _names(node: Node, drawn: Flow) -> list[str]:
    return [drawn.labels[thing][0] for thing in node.things]
