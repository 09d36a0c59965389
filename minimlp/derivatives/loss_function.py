"""The loss of fixed samples as a function of the flat vector, with its gradient.

One vector holds all weights and biases, so any outside optimiser can train the network: it asks for
value and gradient at a point of its choosing, and knows nothing of layers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..losses import Loss
from ..objective import Model, Objective
from ..workspace import Workspace
from .repeated import Repeated

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray


class LossFunction:
    """A model's loss on fixed samples, in a copy of the model and of the data.

    Parameters
    ----------
    model : Sequential
        float32 or float64; it is copied and stays as it is.
    loss, x, y, sample_weight
        As for `Sequential.fit`.
    dtype : float64 or complex128
        What the copy computes in. Targets and weights are real in either.

    Attributes
    ----------
    model : Sequential
        The copy, to be moved by writing into ``model.parameters``.
    workspace : Workspace
        Its ``outputs[0]`` holds the inputs.
    """

    def __init__(
        self,
        model: Model,
        loss: Loss | None,
        x: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        dtype: DTypeLike = np.float64,
    ) -> None:
        real = Objective(model.copy(np.float64), loss)
        data = real.samples(x, y, sample_weight)
        self.model = model.copy(dtype)
        self.objective = Objective(self.model, loss)
        self.target, self.weight = data.target.copy(), data.weight
        self.workspace = Workspace(self.model.layers, data.x.astype(dtype), input_gradient=False)
        self._plan = self.objective.plan(self.workspace, self.target, self.weight)
        self._repeated = Repeated(self.model.layers)

    def value(self) -> Any:
        """Give the loss where the model now is."""
        self._repeated.rewind()
        prediction = self.workspace.forward()
        return self.objective.loss.value(prediction, self.target, self.weight)

    def value_and_gradient(self) -> Any:
        """Give the loss; its gradient fills ``model.gradients``."""
        self._repeated.rewind()
        return self._plan.value_and_gradient()

    def backward(self, workspace: Workspace) -> None:
        """Run forward, `Loss.gradient` and backward, as a caller's own loop would.

        The gradient fills ``model.gradients``, the derivatives by all outputs the workspace.
        """
        self._repeated.rewind()
        workspace.forward()
        workspace.deltas[-1].fill(1)
        workspace.backward()  # from elsewhere first, since Jacobians go back several times
        self._start_backward(workspace, workspace.outputs[-1])
        workspace.backward()

    def plain_backward(self, workspace: Workspace) -> None:
        """Do the same by the layers' `forward` and `backward`, whatever their plans say."""
        self._repeated.rewind()
        for layer, x, y, _, _ in workspace.forward_steps:
            layer.checked_forward(x, y)
        self._start_backward(workspace, workspace.outputs[-1])
        for layer, x, y, dy, dx in workspace.backward_steps:
            layer.backward(x, y, dy, dx)
            layer.clear_frozen_gradients()

    def _start_backward(self, workspace: Workspace, prediction: NDArray[Any]) -> None:
        gradient = self.objective.loss.gradient(prediction, self.target, self.weight)
        np.copyto(workspace.deltas[-1], gradient)
