"""Every gradient that a network's code computes, for comparison with numeric ones.

`fit` asks a loss for value and gradient at once, and ends the backward pass at the first layer with
parameters; a caller's own loop goes by `Loss.gradient` and all the way to the inputs. All go by
the layers' plans, Jacobians by `backward` and `per_sample_gradients`. Each can be wrong where the
others are right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..layers import Layer
from ..parameters import layout
from ..workspace import Workspace
from .loss_function import LossFunction

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Sources = list[tuple[str, NDArray[np.float64]]]  # who gave a gradient, and the flat gradient


def analytic_gradients(function: LossFunction) -> dict[str, Sources]:
    """Collect every gradient that the code gives, flat, by the name of its array."""
    model, parts = function.model, layout(function.model.layers)
    _forget(function, function.workspace)
    function.value_and_gradient()
    found = {str(part): [("fit", model.gradients[part.slice].copy())] for part in parts}

    for workspace in function.whole_workspaces():
        _forget(function, workspace)
        function.backward(workspace)
        planned = _gradients(function, workspace)
        _forget(function, workspace)
        function.plain_backward(workspace)
        whole = _gradients(function, workspace)
        for name, gradient in whole.items():
            both = [("backward", gradient), ("plan", planned[name])]
            found[name] = found.get(name, []) + both
    for layer, x, y, dy, _ in workspace.backward_steps:
        if type(layer).per_sample_gradients is not Layer.per_sample_gradients:
            excess = _excess_of_rows(layer, x, y, dy)
            for part in parts:
                if part.layer is layer:
                    by_rows = whole[str(part)] + excess[part.name].reshape(-1)
                    found[str(part)].append(("per_sample_gradients", by_rows))
    return found


def _forget(function: LossFunction, workspace: Workspace) -> None:
    """Make what a backward pass leaves unwritten show, whatever the memory held."""
    for array in (function.model.gradients, *workspace.deltas):
        array.fill(np.nan)


def _gradients(function: LossFunction, workspace: Workspace) -> dict[str, NDArray[np.float64]]:
    """Copy what a whole backward pass has written, by name."""
    parts, gradients = layout(function.model.layers), function.model.gradients
    found = {str(part): gradients[part.slice].copy() for part in parts}
    return {**found, "x": workspace.deltas[0].reshape(-1).copy()}


def _excess_of_rows(layer: Layer, x: Any, y: Any, dy: Any) -> dict[str, NDArray[Any]]:
    """Add up a layer's per-sample gradients, less what `backward` gives; 0 where they are right.

    Each row counts by a factor of its own, lest rows that are mixed up go unseen in the sum.
    """
    factors = np.random.default_rng(0).uniform(0.9, 1.1, len(dy))
    layer.backward(x, y, factors[:, None] * dy, None)
    shapes = layer.parameter_shapes()
    excess = {name: -getattr(layer, f"{name}_gradient") for name in shapes}
    few = 16  # at a time: rows of large layers are large
    for start in range(0, len(dy), few):
        rows = slice(start, start + few)
        out = {name: np.full((len(dy[rows]), *shape), np.nan) for name, shape in shapes.items()}
        layer.per_sample_gradients(x[rows], y[rows], dy[rows], out)
        for name, gradients in out.items():
            excess[name] += np.tensordot(factors[rows], gradients, axes=1)
    return excess
