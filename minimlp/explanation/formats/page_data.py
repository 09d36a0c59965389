"""What the script of the page computes with: quantities by number, and the steps as a program."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..expression import Expression
from ..graph import place_of
from ..symbols import Derivative, Letter, text, updated

if TYPE_CHECKING:
    from ..derivation import Derivation
    from ..graph import Graph
    from ..sheet import Step
    from .mathml import MathmlWriter


def page_data(
    derivation: Derivation, steps: Sequence[Step], writer: MathmlWriter
) -> dict[str, Any]:
    """Collect what the script needs.

    Parameters
    ----------
    derivation : Derivation
    steps : sequence of Step
        In the order of the page, all of them written by `writer`, which numbers conditions.
    writer : MathmlWriter
    """
    places, graph = writer.places, derivation.graph

    def tree(expression: Expression) -> Any:
        """Write a tree with quantities as texts of their numbers."""
        if isinstance(expression, str):
            return str(places[expression])
        if not isinstance(expression, tuple):
            return int(expression) if float(expression).is_integer() else expression
        return [expression[0], *map(tree, expression[1:])]

    program = [step for step in derivation.steps if step.forms]
    found: dict[str, Any] = {
        "digits": derivation.figures.digits,
        "eps": derivation.figures.eps,
        "names": list(derivation.values),
        # JSON has no infinity, which the loss after far too long a step may be.
        "values": [v if math.isfinite(v) else None for v in derivation.values.values()],
        "conditions": [tree(condition) for condition in writer.conditions],
        "steps": [
            {
                "q": places[step.name],
                "stage": step.stage,
                "place": place_of(step.symbol),
                "forms": [tree(form) for form in step.all_forms],
                "spare": len(step.all_forms) > len(step.forms),
            }
            for step in steps
        ],
    }
    if graph is None:
        return found
    return found | {
        "givens": [places[given.name] for given in derivation.givens],
        "program": [{"q": places[s.name], "safe": tree(s.safe)} for s in program],
        "carried": [[places[a], places[b]] for a, b in derivation.carried.items()],
        "again": _again(derivation, steps, places),
        "loss": places["Loss"],
        "samples": len(graph.links),
        "parameters": [places[name] for name in graph.parameters],
        "links": [
            [
                {
                    "start": link.start,
                    "end": link.end,
                    "factor": writer.symbol(link.factor),
                    "value": 1 if link.value == "1" else str(places[link.value]),
                    "place": link.place,
                    "unit": place_of(derivation.symbols[link.end]),
                }
                for link in links
            ]
            for links in graph.links
        ],
        **_gradients(derivation, graph, writer),
    }


def _again(
    derivation: Derivation, steps: Sequence[Step], places: Mapping[str, int]
) -> list[list[int]]:
    """Pair what is found after the step with what it is called before."""
    symbols = derivation.symbols
    after = {
        text(updated(symbol)): name
        for name, symbol in symbols.items()
        if not isinstance(symbol, Derivative) and not symbol.after
    }
    return [[places[s.name], places[after[s.name]]] for s in steps if not s.forms]


def _gradients(derivation: Derivation, graph: Graph, writer: MathmlWriter) -> dict[str, Any]:
    """Give for each sample the derivative by each parameter, and how it is written."""
    places, symbols = writer.places, derivation.symbols
    by_sample, labels = [], {}
    for i in range(len(graph.links)):
        mark = i + 1 if len(graph.links) > 1 else 0
        found = {}
        for name in graph.parameters:
            symbol = Derivative(Letter("Loss", sample=mark), symbols[name])
            place = places[text(symbol)]
            found[places[name]] = place
            labels[place] = writer.symbol(symbol)
        by_sample.append(found)
    return {"gradients": by_sample, "labels": labels}
