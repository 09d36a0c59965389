"""Every number of a step, from the layers, the loss and the optimizer themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..layers import Dense
from ..losses.elementwise import Elementwise
from ..objective import Objective, Samples
from ..parameters import which_train

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..layers import Layer
    from ..losses import Loss
    from ..optimizers import Optimizer
    from ..sequential import Sequential


class Pass(NamedTuple):
    """One sample, forward and back; lists have an entry for each level of the chain.

    Attributes
    ----------
    values : list of array (n,)
        The inputs, and what each layer gives.
    slopes : list of array, or None for Dense
        The derivative of each layer's outputs by its inputs: (n,) where each output depends on one
        input alone, else (n_out, n_in).
    deltas : list of array (n,)
        The derivative of the sample's loss by `values`.
    losses : array (n_out,)
        What each output adds to the loss.
    loss : float
    gradient : array (P,)
        Of the sample's loss, 0 where frozen.
    """

    values: list[NDArray[Any]]
    slopes: list[NDArray[Any] | None]
    deltas: list[NDArray[Any]]
    losses: NDArray[Any]
    loss: float
    gradient: NDArray[Any]


class Numbers(NamedTuple):
    """All that is computed in a step, by the framework.

    Attributes
    ----------
    passes : list of Pass
        One for each sample.
    loss : float
        Of the batch.
    gradient : array (P,)
    trains : array (P,) of bool
    before, after : dict
        What the optimizer remembers by the names of its memory, {} where that is nothing.
    rate : float
        The learning rate of this step.
    parameters : array (P,)
        After the step.
    outputs, loss_after
        What comes out and how wrong it is after the step: array (B, n_out), and a float.
    """

    passes: list[Pass]
    loss: float
    gradient: NDArray[Any]
    trains: NDArray[np.bool_]
    before: dict[str, Any]
    after: dict[str, Any]
    rate: float
    parameters: NDArray[Any]
    outputs: NDArray[Any]
    loss_after: float


def run(model: Sequential, loss: Loss, optimizer: Optimizer, samples: Samples) -> Numbers:
    """Take one step with copies of the model and of the optimizer, and note everything."""
    model, stepping = model.copy(), type(optimizer)(**optimizer.arguments())
    stepping.attach(model.parameters)
    if state := optimizer.state():
        stepping.restore(state)
    before, rate = stepping.state(), float(getattr(stepping, "rate", np.nan))
    with np.errstate(all="ignore"):
        rows = range(len(samples.x))
        passes = [_pass(model, loss, samples.x[[b]], samples.target[[b]]) for b in rows]
        value = _loss(model, loss, samples)
        gradient, parameters = model.gradients.copy(), model.parameters.copy()
        trains = which_train(model.layers)
        stepping.step(model.parameters, gradient)
        # What is frozen stays, whatever weight decay does to it.
        np.copyto(model.parameters, parameters, where=~trains)
        loss_after = _loss(model, loss, samples)
        outputs = model.predict(samples.x)
    after = stepping.state()
    parameters = model.parameters.copy()
    return Numbers(
        passes, value, gradient, trains, before, after, rate, parameters, outputs, loss_after
    )


def _loss(model: Sequential, loss: Loss, samples: Samples) -> float:
    """Give the batch's loss, and fill the model's gradients."""
    objective = Objective(model, loss)
    workspace = objective.workspace(samples.x)
    return float(objective.plan(workspace, samples.target, None).value_and_gradient())


def _pass(model: Sequential, loss: Loss, x: NDArray[Any], target: NDArray[Any]) -> Pass:
    values = [x]
    for layer in model.layers:
        y = np.empty((1, layer.output_width(values[-1].shape[1])), x.dtype)
        layer.forward(values[-1], y)
        values.append(y)
    deltas = [np.empty_like(value) for value in values]
    losses = _losses(loss, values[-1], target)
    deltas[-1][...] = loss.gradient(values[-1], target)

    last = len(model.layers)
    if Objective(model, loss).is_natural:
        last -= 1
        _, measure = loss.plan_from_logits(values[last], target, None, deltas[last])
        value = measure()
    else:
        value = loss.value(values[-1], target)
    for i in reversed(range(last)):
        model.layers[i].backward(values[i], values[i + 1], deltas[i + 1], deltas[i])
    for layer in model.layers:
        layer.clear_frozen_gradients()
    return Pass(
        [each[0] for each in values],
        [
            None if isinstance(layer, Dense) else _slopes(layer, *pair)
            for layer, *pair in zip(model.layers, values[:-1], values[1:], strict=True)
        ],
        [each[0] for each in deltas],
        losses[0],
        float(value),
        model.gradients.copy(),
    )


def _slopes(layer: Layer, x: NDArray[Any], y: NDArray[Any]) -> NDArray[Any]:
    """Give ∂y/∂x: one number a unit, or row j for output j where the outputs mix."""
    if layer.formula is None or layer.formula.across is None:
        slopes = np.empty_like(x)
        layer.backward(x, y, np.ones_like(y), slopes)
        return slopes.reshape(-1)
    slopes = np.empty((y.size, x.size), x.dtype)
    for j, one in enumerate(np.eye(y.size, dtype=x.dtype)):
        layer.backward(x, y, one[None], slopes[j : j + 1])
    return slopes


def _losses(loss: Loss, prediction: NDArray[Any], target: NDArray[Any]) -> NDArray[Any]:
    """Give what each output adds to the loss, from the loss's own method."""
    if isinstance(loss, Elementwise) and type(loss).elements is not Elementwise.elements:
        values, slopes = np.empty_like(prediction), np.empty_like(prediction)
        loss.elements(prediction, target, values, slopes)
        return values
    each = [loss.value(prediction[:, [k]], target[:, [k]]) for k in range(prediction.shape[1])]
    return np.array([each], prediction.dtype)
