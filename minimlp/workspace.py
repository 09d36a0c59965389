"""The arrays that one pass writes to, made once and used for every batch of the same size.

`outputs[0]` is the batch, `outputs[i + 1]` what layer i makes of it; `deltas[i]` is the derivative
of the loss by `outputs[i]`. An activation that allows it writes over its input.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .layers import Layer


class Workspace:
    """Outputs and deltas of every layer for one batch size.

    Parameters
    ----------
    layers : sequence of Layer
    batch : array (rows, n_in)
        Becomes ``outputs[0]``; it is read, never written by a pass.
    backward : bool
        Whether a backward pass will follow; without it there are no deltas.
    input_gradient : bool
        Whether the derivative by the batch itself is wanted. Where it is not, the backward pass
        ends at the first layer that has parameters.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        batch: NDArray[Any],
        *,
        backward: bool = True,
        input_gradient: bool = True,
    ) -> None:
        rows, dtype = len(batch), batch.dtype
        outputs = [batch]
        for i, layer in enumerate(layers):
            width = layer.output_width(outputs[-1].shape[1])
            in_place = (
                i > 0
                and layer.in_place
                and not layer.reads_input
                and not layers[i - 1].reads_output
            )
            outputs.append(outputs[-1] if in_place else np.empty((rows, width), dtype))
        self.outputs = outputs
        self.forward_steps = list(zip(layers, outputs, outputs[1:], strict=False))
        self.deltas: list[NDArray[Any]] = []
        self.backward_steps: list[Any] = []
        if backward:
            self._plan_backward(layers, input_gradient)

    def _plan_backward(self, layers: Sequence[Layer], input_gradient: bool) -> None:
        trained = [i for i, layer in enumerate(layers) if layer.parameter_shapes()]
        first = 0 if input_gradient else min(trained, default=len(layers))
        self.deltas = [np.empty_like(output) for output in self.outputs]
        for i in reversed(range(first, len(layers))):
            dx = self.deltas[i] if i > first or input_gradient else None
            self.backward_steps.append(
                (layers[i], self.outputs[i], self.outputs[i + 1], self.deltas[i + 1], dx)
            )
