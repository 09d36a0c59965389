"""The residuals of some rows, and their Jacobian by the parameters that train.

A row's outputs are differentiated all in one pass: its inputs stand there once for each output, and
δ begins as 1 at that output and as 0 at the others. A weight that multiplies r² multiplies δ and r
by its root. Residuals are written beside their Jacobian, as one more column.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ..losses import MSE
from ..parameters import output_width

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from ..layers import Layer
    from ..workspace import Workspace
    from .loss_function import LossFunction

_ENTRIES = 1 << 17  # of a chunk's Jacobian: what a processor's cache holds


class ResidualChunk:
    """Arrays for so many rows of the samples, for one chunk after the other.

    Parameters
    ----------
    function : LossFunction
    rows : int
    columns : dict
        Where the parameters ``(layer's position, name)`` stand in the Jacobian, if they train.
    count : int
        How many train.

    Attributes
    ----------
    value : function without arguments
        Runs forward; gives the mean loss of the rows.
    """

    def __init__(
        self,
        function: LossFunction,
        rows: int,
        columns: dict[tuple[int, str], slice],
        count: int,
    ) -> None:
        objective, layers = function.objective, function.model.layers
        self.rows = rows
        self._loss, self._samples = objective.loss, function
        # Of a plain sum of squares the weights are 1 at every point.
        self._is_plain = type(self._loss).residual_weights is MSE.residual_weights
        n_in = function.x.shape[1]
        outputs = output_width(layers, n_in)
        batch = np.empty((outputs * rows, n_in))
        self._x = batch.reshape(outputs, rows, n_in)
        workspace = objective.workspace(batch)
        self._forward = workspace.forward
        self._prediction = workspace.outputs[-1][:rows]
        self._deltas = workspace.deltas[-1]
        self._delta = np.einsum("kbk->bk", self._deltas.reshape(outputs, rows, outputs))  # a view
        self._target = np.empty((rows, outputs))
        self._weight = None if function.weight is None else np.empty(rows)
        self._residual, self._root = np.empty((rows, outputs)), np.empty((rows, outputs))
        plan = self._loss.plan(self._prediction, self._target, self._weight, self._residual)
        self.value: Callable[[], float] = lambda: (self._forward(), plan())[1]
        self._jacobian = np.empty((outputs * rows, count + 1))
        self._last = self._jacobian[:, -1].reshape(outputs, rows).T
        self._calls = self._backward_calls(layers, workspace, columns)

    def _backward_calls(
        self, layers: Sequence[Layer], workspace: Workspace, columns: dict[tuple[int, str], slice]
    ) -> list[Callable[[], object]]:
        """Give what fills the Jacobian, from the last layer back."""
        calls: list[Callable[[], object]] = []
        positions = {id(layer): i for i, layer in enumerate(layers)}
        for step, backward in zip(workspace.backward_steps, workspace.backward_plans, strict=True):
            layer, x, y, dy, dx = step
            out, is_trained = {}, False
            for name, shape in layer.parameter_shapes().items():
                whole = (len(dy), *shape)
                own = columns.get((positions[id(layer)], name))
                if own is None:  # frozen: all rows are written over each other
                    one = np.empty(shape)
                    out[name] = as_strided(one, whole, (0, *one.strides))
                else:
                    out[name] = self._jacobian[:, own].reshape(whole)
                    is_trained = True
            if is_trained:
                calls.append(partial(layer.per_sample_gradients, x, y, dy, out))
            if dx is not None:
                calls.append(backward)
        return calls

    def load(self, rows: slice) -> None:
        """Take rows of the samples."""
        samples = self._samples
        self._x[...] = samples.x[rows]
        self._target[...] = samples.target[rows]
        if self._weight is not None and samples.weight is not None:
            self._weight[...] = samples.weight[rows]
        if self._is_plain:
            self._reweight()

    def jacobian(self) -> NDArray[np.float64]:
        """Give [J r], weighted, of what `value` has looked at; the array is the chunk's own."""
        np.subtract(self._prediction, self._target, self._residual)
        if not self._is_plain:
            self._reweight()
        np.multiply(self._residual, self._root, self._last)
        self._deltas.fill(0)
        self._delta[...] = self._root
        for call in self._calls:
            call()
        return self._jacobian

    def _reweight(self) -> None:
        """Find the root of each residual's weight, a share of all samples."""
        root = self._root
        self._loss.residual_weights(self._residual, root)
        np.multiply(root, 1 / len(self._samples.x), root)
        if self._weight is not None:
            np.multiply(root, self._weight[:, None], root)
        np.sqrt(root, root)


def chunk_rows(parameters: int, outputs: int) -> int:
    """Give the rows of a chunk: many enough that its product outweighs adding it up."""
    return max(1, max(_ENTRIES // (parameters + 1), parameters) // outputs)
