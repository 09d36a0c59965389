"""Where model, loss and weights meet: how wrong the model is on a batch, and its gradient.

Training, evaluation and every derivative go through here, so that there is one place that knows how
a model and a loss are evaluated together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from .losses import MSE, Loss
from .parameters import output_width
from .validation import as_batch, as_targets, as_weights
from .workspace import Workspace

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import DTypeLike, NDArray

    from .layers import Layer


class Model(Protocol):
    """What the rooms below `Sequential` need of a model."""

    layers: tuple[Layer, ...]
    parameters: NDArray[Any]
    gradients: NDArray[Any]
    stop_training: bool
    metadata: dict[str, Any]

    @property
    def dtype(self) -> np.dtype[Any]: ...
    @property
    def input_width(self) -> int | None: ...
    @property
    def rng(self) -> Generator: ...
    def copy(self, dtype: DTypeLike | None = None) -> Model: ...


class Samples(NamedTuple):
    """Data behind the door: inputs (N, n_in), targets (N, n_out), weights (N,) of mean 1."""

    x: NDArray[Any]
    target: NDArray[Any]
    weight: NDArray[Any] | None


class Plan(NamedTuple):
    """What is done with a batch once it lies in its arrays.

    Both give its loss, and leave its outputs in the workspace; the second fills
    ``model.gradients``.
    """

    value: Callable[[], Any]
    value_and_gradient: Callable[[], Any]


class Objective:
    """A model measured by a loss.

    Parameters
    ----------
    model : Sequential
    loss : Loss, optional
        `MSE` unless given.
    """

    def __init__(self, model: Model, loss: Loss | None = None) -> None:
        loss = MSE() if loss is None else loss
        if not isinstance(loss, Loss):
            raise TypeError(f"loss must be a Loss such as MSE(), got {loss!r:.80}")
        self.model = model
        self.loss = loss

    def samples(self, x: Any, y: Any, weight: Any = None, *, names: str = "{}") -> Samples:
        """Check inputs, targets and weights together, and scale the weights to mean 1.

        `names` is how messages write the argument, as in ``"validation_data {}"``.
        """
        model = self.model
        inputs = as_batch(names.format("x"), x, model.input_width, model.dtype)
        width = output_width(model.layers, inputs.shape[1])
        target = as_targets(names.format("y"), y, len(inputs), width, model.dtype)
        if weight is not None:
            name = names.format("sample_weight")
            weight = mean_one(as_weights(name, weight, len(inputs))).astype(model.dtype)
        return Samples(inputs, target, weight)

    def workspace(self, batch: NDArray[Any]) -> Workspace:
        """Make the arrays for batches that will lie where `batch` lies."""
        return Workspace(self.model.layers, batch, input_gradient=False)

    def plan(self, workspace: Workspace, target: NDArray[Any], weight: NDArray[Any] | None) -> Plan:
        """Prepare for all batches that will lie in these arrays."""
        forward, backward = workspace.forward, workspace.backward
        loss = self.loss.plan(workspace.outputs[-1], target, weight, workspace.deltas[-1])

        def value() -> Any:
            forward()
            return loss()

        def value_and_gradient() -> Any:
            forward()
            value = loss()
            backward()
            return value

        return Plan(value, value_and_gradient)


def check_real(work: str, model: Model) -> None:
    """Refuse what is no model, and complex ones, whose loss is no number that can be compared."""
    if isinstance(model, type) or not hasattr(model, "layers"):
        raise TypeError(f"model must be a Sequential, got {model!r:.80}")
    if model.dtype.kind == "c":
        raise TypeError(f"{work} needs a model of dtype float32 or float64, this is {model.dtype}")


def mean_one(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scale weights to mean 1: a weight of 2 is the sample twice, batches average to the whole."""
    relative: NDArray[np.float64] = weights / weights.max()  # first, so that the sum stays in range
    relative /= relative.mean()
    return relative
