"""The network drawn as SVG; the page's script keeps its numbers and colours up to date."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

from ..symbols import Letter, text

if TYPE_CHECKING:
    from ..graph import Edge, Graph, Node

_WIDE, _MARGIN, _RADIUS = 140, 62, 22
_LABELLED = 4  # weights between two columns; with more their numbers would hide each other


def picture(graph: Graph, places: Mapping[str, int]) -> str:
    """Draw a network.

    Parameters
    ----------
    graph : Graph
    places : mapping
        Name -> number of a quantity in the page.
    """
    tallest = max(len(column) for column in graph.columns)
    row = 96 if tallest < 5 else 74
    height = max(tallest, 2) * row + 20
    width = _WIDE * len(graph.columns) + 2 * _MARGIN

    def x(column: int) -> float:
        return _MARGIN + _WIDE * column

    def y(column: int, number: int) -> float:
        return height / 2 + (number - (len(graph.columns[column]) - 1) / 2) * row - 6

    where = {node.symbol: (x(node.column), y(node.column, node.row)) for node in _nodes(graph)}
    samples = len(graph.links)
    parts = [
        f'<svg id="picture" viewBox="0 0 {width} {height:g}" role="img" '
        f'style="min-width:{width / 22:g}rem" aria-label="{_described(graph)}">'
    ]
    between: dict[int, int] = {}
    for edge in graph.edges:
        between[_column_of(graph, edge)] = between.get(_column_of(graph, edge), 0) + 1
    for edge in graph.edges:
        few = between[_column_of(graph, edge)] <= _LABELLED
        parts.append(_edge(edge, where, places, few))
    last = len(graph.columns)
    loss = (x(last) - 20, height / 2 - 6)
    for node in graph.columns[-1]:
        a, b = where[node.symbol]
        parts.append(
            f'<path class="axis" d="M{a + _RADIUS:g} {b:g}L{loss[0] - 26:g} {loss[1]:g}"/>'
        )
    parts += [_node(node, where, places, samples) for node in _nodes(graph)]
    parts.append(
        f'<g data-place="Loss"><rect class="node" x="{loss[0] - 26:g}" y="{loss[1] - 18:g}" '
        f'width="52" height="36" rx="8"/><text class="letter" x="{loss[0]:g}" y="{loss[1] + 5:g}">'
        f"Loss</text>{_held(['Loss'], '', loss[0], loss[1] + 36, places)}</g>"
    )
    return "".join([*parts, "</svg>"])


def _described(graph: Graph) -> str:
    sizes = "-".join(str(len(column)) for column in graph.columns)
    return escape(f"The network {sizes}: units in columns from the inputs to the loss, with values")


def _nodes(graph: Graph) -> list[Node]:
    return [node for column in graph.columns for node in column]


def _column_of(graph: Graph, edge: Edge) -> int:
    return next(i for i, c in enumerate(graph.columns) for n in c if n.symbol == edge.start)


def _edge(
    edge: Edge,
    where: Mapping[Letter, tuple[float, float]],
    places: Mapping[str, int],
    labelled: bool,
) -> str:
    (a, b), (c, d) = where[edge.start], where[edge.end]
    a, c = a + _RADIUS, c - _RADIUS
    line = f"M{a:g} {b:g}L{c:g} {d:g}"
    place = places[edge.weight]
    parts = [
        f'<g data-place="{escape(edge.weight)}"><path class="edge" data-w="{place}" d="{line}"/>',
        f'<path class="grasp" data-w="{place}" d="{line}">'
        f"<title>{escape(edge.weight)}</title></path>",
    ]
    if labelled:
        share = 0.5 if b == d else 0.28  # beside the crossing of lines
        at_x, at_y = a + share * (c - a), b + share * (d - b)
        parts.append(
            f'<text class="weight" x="{at_x:g}" y="{at_y - 4:g}" data-held="{place}" '
            f'data-label=""></text>'
        )
    return "".join([*parts, "</g>"])


def _node(
    node: Node,
    where: Mapping[Letter, tuple[float, float]],
    places: Mapping[str, int],
    samples: int,
) -> str:
    a, b = where[node.symbol]
    name = text(node.symbol)
    parts = [
        f'<g data-place="{escape(name)}"><circle class="node" cx="{a:g}" cy="{b:g}" r="{_RADIUS}"/>'
        f"{_rings(node, a, b, samples)}"
        f'<text class="letter" x="{a:g}" y="{b + 5:g}">{escape(name)}</text>'
    ]
    kinds = len(node.holds) // samples
    for i in range(kinds):
        function, _, inner = node.holds[i].partition("(")
        label = f"{function} " if inner else ""
        names = [node.holds[sample * kinds + i] for sample in range(samples)]
        parts.append(_held(names, label, a, b + _RADIUS + 14 + 14 * i, places))
    return "".join([*parts, "</g>"])


def _rings(node: Node, x: float, y: float, samples: int) -> str:
    """Draw a ring for each factor of the chain rule that a unit stands for, beyond the first."""
    count = len(node.holds) // samples
    return "".join(
        f'<circle class="ring" cx="{x:g}" cy="{y:g}" r="{_RADIUS - 4 * i}"/>'
        for i in range(1, count)
    )


def _held(
    names: list[str],
    label: str,
    x: float,
    y: float,
    places: Mapping[str, int],
) -> str:
    held = " ".join(str(places[name]) for name in names)
    return f'<text class="held" x="{x:g}" y="{y:g}" data-held="{held}" data-label="{label}"></text>'
