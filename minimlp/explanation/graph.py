"""The network as a picture: units in columns, weights as lines, and the paths along them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..layers import Dense
from .symbols import Applied, Derivative, Letter, Symbol, text

if TYPE_CHECKING:
    from .letters import Letters
    from .walk import Walk


class Node(NamedTuple):
    """A unit: its own symbol, those of what it holds, from its sum to its output, and its place."""

    symbol: Letter
    holds: tuple[str, ...]
    column: int
    row: int


class Edge(NamedTuple):
    """A weight between two nodes."""

    start: Letter
    end: Letter
    weight: str


class Link(NamedTuple):
    """One factor of the chain rule: from a quantity to the next, ∂end/∂start.

    `value` is the quantity that it equals, `place` the node or edge where it is drawn.
    """

    start: str
    end: str
    factor: Symbol
    value: str
    place: str


class Graph(NamedTuple):
    """What is drawn, and the links of the chain rule, sample by sample."""

    columns: list[list[Node]]
    edges: list[Edge]
    links: list[list[Link]]
    parameters: list[str]


def graph_of(walk: Walk) -> Graph:
    """Draw a chain of layers whose derivation stands on a sheet."""
    letters, values = walk.letters, walk.sheet.values
    dense = [i for i, layer in enumerate(letters.layers) if isinstance(layer, Dense)]
    columns = [_column(letters, 0, 0, dense[0], walk.marks)]
    edges: list[Edge] = []
    for number, i in enumerate(dense):
        end = dense[number + 1] if number + 1 < len(dense) else walk.last
        columns.append(_column(letters, number + 1, i + 1, end, walk.marks))
        edges += [
            Edge(a.symbol, b.symbol, text(letters.weight(i, a.row, b.row)))
            for a in columns[-2]
            for b in columns[-1]
        ]
    # Below the first layer that trains there are no derivatives, and nothing to follow.
    links = [
        [each for each in _links(walk, mark) if each.value in {"1", *values}] for mark in walk.marks
    ]
    followed = [each.name for each in walk.sheet.givens if f"∂Loss/∂{each.name}" in values]
    return Graph(columns, edges, links, followed)


def _column(
    letters: Letters, column: int, start: int, end: int, marks: Sequence[int]
) -> list[Node]:
    nodes = []
    for row, symbol in enumerate(letters.level(start, 0)):
        holds = [text(letters.level(i, mark)[row]) for mark in marks for i in range(start, end + 1)]
        assert isinstance(symbol, Letter)
        nodes.append(Node(symbol, tuple(holds), column, row))
    return nodes


def _links(walk: Walk, mark: int) -> list[Link]:
    """List ∂end/∂start for each pair of neighbours, from the first layer that trains."""
    letters = walk.letters
    # Behind its natural last layer the loss is one factor with it, which holds for all numbers.
    end = walk.last - walk.natural
    links: list[Link] = []
    begun = False
    for i, layer in enumerate(letters.layers[:end]):
        x, y = letters.level(i, mark), letters.level(i + 1, mark)
        if isinstance(layer, Dense):
            for j, unit in enumerate(y):
                for k, source in enumerate(x):
                    weight = letters.weight(i, k, j)
                    place = text(weight)
                    links.append(
                        Link(place, text(unit), Derivative(unit, weight), text(source), place)
                    )
                    if begun:
                        by = Derivative(unit, source)
                        links.append(Link(text(source), text(unit), by, place, place))
                if layer.has_bias:
                    bias = letters.bias(i, j)
                    by = Derivative(unit, bias)
                    links.append(Link(text(bias), text(unit), by, "1", place_of(unit)))
            begun = True
        elif begun:
            mixed = layer.formula is not None and layer.formula.across is not None
            for k, source in enumerate(x):
                for j in range(len(y)) if mixed else (k,):
                    by = Derivative(y[j], source)
                    links.append(Link(text(source), text(y[j]), by, text(by), place_of(y[j])))
    loss = Letter("Loss", sample=mark)
    for symbol in letters.level(end, mark):
        by = Derivative(loss, symbol)
        value = text(walk.derivative(symbol, mark))
        links.append(Link(text(symbol), text(loss), by, value, "Loss"))
    return links


def place_of(symbol: Symbol) -> str:
    """Name the node or edge that a quantity belongs to: w₁₁ for ∂Loss/∂w₁₁, o₁ for δ_o₁."""
    if isinstance(symbol, Derivative):
        return place_of(symbol.bottom)
    if isinstance(symbol, Applied):
        return place_of(symbol.inner)
    if isinstance(symbol.below, Letter):
        return place_of(symbol.below)
    return text(symbol._replace(sample=0, after=False))
