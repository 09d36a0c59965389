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
from .penalties import Penalty, PenaltyTerm
from .prediction import Prediction
from .validation import as_batch, as_targets, as_weights
from .workspace import Workspace

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import DTypeLike, NDArray

    from .layers import Layer


_ROWS_TO_LOOK_AT = 1024


class Model(Protocol):
    """What the rooms below `Sequential` need of a model."""

    layers: tuple[Layer, ...]
    parameters: NDArray[Any]
    gradients: NDArray[Any]
    stop_training: bool
    metadata: dict[str, Any]
    seed: int | None

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

    Both calls give its loss, penalty included, and leave the model's outputs in `prediction`; the
    second fills ``model.gradients``.
    """

    prediction: NDArray[Any]
    value: Callable[[], Any]
    value_and_gradient: Callable[[], Any]


class Objective:
    """A model measured by a loss, and by a penalty on its weights.

    A loss whose natural last layer the model ends with, as cross-entropy and Softmax, is computed
    from that layer's input in one formula (`losses.canonical`): no intermediate result overflows
    or is rounded to 0. `chain` is then the model without that layer.

    Parameters
    ----------
    model : Sequential
    loss : Loss, optional
        `MSE` unless given.
    penalty : Penalty, optional
        Added to the loss.

    Attributes
    ----------
    chain : tuple of Layer
        The layers that run before the loss does.
    is_natural : bool
        Whether the loss takes the place of the last layer.
    """

    def __init__(
        self, model: Model, loss: Loss | None = None, penalty: Penalty | None = None
    ) -> None:
        loss = MSE() if loss is None else loss
        if not isinstance(loss, Loss):
            raise TypeError(f"loss must be a Loss such as MSE(), got {loss!r:.80}")
        if penalty is not None and not isinstance(penalty, Penalty):
            raise TypeError(f"penalty must be a Penalty such as L2(1e-4), got {penalty!r:.80}")
        self.model = model
        self.loss = loss
        self.penalty = penalty
        last = model.layers[-1]
        # A subclass, or a layer whose methods were replaced, may be another function.
        replaced = vars(last).keys() & {"forward", "backward", "plan"}
        self.is_natural = type(last) is loss.natural_output and not replaced
        self.chain = model.layers[:-1] if self.is_natural else model.layers

    def samples(self, x: Any, y: Any, weight: Any = None, *, names: str = "{}") -> Samples:
        """Check inputs, targets and weights together, and scale the weights to mean 1.

        `names` is how messages write the argument, as in ``"validation_data {}"``.
        """
        model = self.model
        inputs = as_batch(names.format("x"), x, model.input_width, model.dtype)
        width = output_width(model.layers, inputs.shape[1])
        target = as_targets(names.format("y"), y, len(inputs), width, model.dtype)
        self.loss.check_targets(names.format("y"), target)
        if weight is not None:
            name = names.format("sample_weight")
            weight = mean_one(as_weights(name, weight, len(inputs))).astype(model.dtype)
        return Samples(inputs, target, weight)

    def check_outputs(self, x: NDArray[Any]) -> None:
        """Refuse a model whose outputs the loss has no meaning for, by what it says of some rows.

        Raises
        ------
        ValueError
            It needs another last layer.
        """
        low, high = self.loss.prediction_range
        if self.is_natural or (low, high) == (-np.inf, np.inf):
            return
        outputs = Prediction(self.model.layers).run(x[:_ROWS_TO_LOOK_AT], _ROWS_TO_LOOK_AT)
        outside = outputs[(outputs < low) | (outputs > high)]
        if outside.size:
            natural = self.loss.natural_output
            hint = "" if natural is None else f", such as {natural.__name__}()"
            last = self.model.layers[-1]
            raise ValueError(
                f"{self.loss!r} takes outputs from {low:g} to {high:g}, but the model's last "
                f"layer, {last!r}, gives {outside[0]:.4g}: end it with a layer that keeps to "
                f"them{hint}"
            )

    def workspace(
        self, batch: NDArray[Any], *, input_gradient: bool = False, rng: Generator | None = None
    ) -> Workspace:
        """Make the arrays for batches that will lie where `batch` lies; as `Workspace`."""
        return Workspace(self.chain, batch, input_gradient=input_gradient, rng=rng)

    def measure(
        self, workspace: Workspace, target: NDArray[Any], weight: NDArray[Any] | None
    ) -> tuple[NDArray[Any], Callable[[], Any]]:
        """Prepare the loss of what the chain leaves in `workspace`, without the penalty.

        Gives the array that will hold the model's outputs, and a call that gives the loss and
        starts the way back: it fills ``workspace.deltas[-1]``.
        """
        outputs, deltas = workspace.outputs[-1], workspace.deltas[-1]
        if self.is_natural:
            return self.loss.plan_from_logits(outputs, target, weight, deltas)
        return outputs, self.loss.plan(outputs, target, weight, deltas)

    def plan(self, workspace: Workspace, target: NDArray[Any], weight: NDArray[Any] | None) -> Plan:
        """Prepare for all batches that will lie in these arrays."""
        forward, backward = workspace.forward, workspace.backward
        prediction, loss = self.measure(workspace, target, weight)

        def value() -> Any:
            forward()
            return loss()

        def value_and_gradient() -> Any:
            forward()
            value = loss()
            backward()
            return value

        if self.penalty is None:
            return Plan(prediction, value, value_and_gradient)
        term = self.penalty_term()
        return Plan(
            prediction,
            lambda: value() + term.value(),
            lambda: value_and_gradient() + term.add_gradient(),
        )

    def penalty_term(self) -> PenaltyTerm:
        """Give what the penalty adds; there must be one."""
        model = self.model
        assert self.penalty is not None
        return PenaltyTerm(self.penalty, model.layers, model.parameters, model.gradients)


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
