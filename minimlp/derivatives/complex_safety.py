"""Which piece of a network cannot be trusted in complex numbers.

The complex step needs every piece to carry the imaginary part along. `np.abs` or `float()` drop it,
and the derivative comes out as 0 without a word; other functions refuse complex numbers. So each
piece is run alone, a complex step beside differences to both sides, in one random direction of its
inputs and parameters.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..workspace import Step
from .loss_function import LossFunction
from .numeric import COMPLEX_STEP
from .repeated import Repeated

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from ..objective import Model

STEPS = (1e-4, 1e-6)  # to agree at one is enough: rounding wants long steps, kinks short ones


@np.errstate(all="ignore")  # a step may leave the range where a piece is defined
def complex_obstacle(function: LossFunction, *, backward: bool) -> str | None:
    """Name a piece that is not right in complex numbers, and say what it does; None if all are.

    Parameters
    ----------
    function : LossFunction
        Of dtype float64; it stays as it is.
    backward : bool
        Whether backward passes have to run in complex numbers as well, and of the loss its gradient
        instead of its value.
    """
    rng = np.random.default_rng(0)
    line = _Line(function.model, rng)
    x = function.workspace.outputs[0]
    for i, layer in enumerate(function.objective.chain):
        y = np.empty((len(x), layer.output_width(x.shape[1])))
        dy = rng.normal(size=y.shape) if backward else None
        run = partial(_run_layer, line, i, x, _direction(rng, x), dy)
        if obstacle := _obstacle(run):
            return f"layers[{i}] ({type(layer).__name__}) {obstacle}"
        x = run(0.0)["forward"]
    run = partial(_run_loss, function, x, _direction(rng, x), backward)
    if obstacle := _obstacle(run):
        return f"the loss ({type(function.objective.loss).__name__}) {obstacle}"
    return None


def _obstacle(run: Callable[[complex], dict[str, Any]]) -> str | None:
    here = run(0.0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            stepped = run(1j * COMPLEX_STEP)
    except Exception as error:
        return f"raises {type(error).__name__} in complex numbers ({error!s:.100})"
    agreed = []
    for step in STEPS:
        try:
            below, above = run(-step), run(step)
        except Exception:  # a step out of what the piece is defined for tells nothing
            continue
        agreed.append(
            {
                name: _agrees(
                    np.imag(result) / COMPLEX_STEP, below[name], here[name], above[name], step
                )
                for name, result in stepped.items()
            }
        )
    for name in stepped if agreed else ():
        if not np.any([found[name] for found in agreed], axis=0).all():
            return f"does not carry the imaginary part through its {name}"
    return None


def _agrees(slope: Any, below: Any, here: Any, above: Any, step: float) -> NDArray[np.bool_]:
    """Compare complex-step derivatives with values at a step below, here, and a step above."""
    central = (above - below) / (2 * step)
    # A kink within the step explains as much as the differences to the two sides are apart.
    kink = np.abs(above - 2 * here + below) / step
    known: NDArray[np.bool_] = np.isfinite(central)
    rounding = 4e-16 / step * max(1, np.nanmax(np.abs(here), initial=0))
    formula = 1e-5 * np.abs(central).max(initial=0, where=known)
    near: NDArray[np.bool_] = np.abs(slope - central) <= kink + rounding + formula
    return np.logical_or(near, ~known)


def _direction(rng: Generator, array: NDArray[Any]) -> NDArray[Any]:
    """Draw a direction in which each entry moves in proportion to its own size."""
    return rng.normal(size=array.shape) * np.where(array, np.abs(array), 1)


class _Line:
    """Models on a line through the parameters of one: real or complex, as the steps taken are."""

    def __init__(self, model: Model, rng: Generator) -> None:
        self._start = model.parameters.copy()
        self._direction = _direction(rng, self._start)
        self._models = [model.copy(np.float64), model.copy(np.complex128)]
        self._repeated = [Repeated(copied.layers) for copied in self._models]

    def at(self, steps: complex) -> Model:
        kind = isinstance(steps, complex)
        self._repeated[kind].rewind()
        self._models[kind].parameters[:] = self._start + steps * self._direction
        return self._models[kind]


def _run_layer(
    line: _Line,
    index: int,
    x: NDArray[Any],
    direction: NDArray[Any],
    dy: NDArray[Any] | None,
    steps: complex,
) -> dict[str, Any]:
    """Run one layer, and back if dy is given, from a point some steps along the direction."""
    layer = line.at(steps).layers[index]
    x = x + steps * direction
    y = np.empty((len(x), layer.output_width(x.shape[1])), x.dtype)
    if dy is None:  # as the loss is computed, whose imaginary part is then the derivative
        forward, _ = Step(layer, x, y, None, None).plan()
        forward()
        return {"forward": y}
    layer.forward(x, y)
    dx = np.empty_like(x)
    layer.backward(x, y, dy * (1 + steps), dx)
    names = [f"{name}_gradient" for name in layer.parameter_shapes()]
    return {"forward": y, "backward": dx, **{name: getattr(layer, name).copy() for name in names}}


def _run_loss(
    function: LossFunction,
    prediction: NDArray[Any],
    direction: NDArray[Any],
    backward: bool,
    steps: complex,
) -> dict[str, Any]:
    loss, prediction = function.objective.loss, prediction + steps * direction
    gradient = np.empty_like(prediction)
    if function.objective.is_natural:
        _, measure = loss.plan_from_logits(prediction, function.target, function.weight, gradient)
        value = measure()
        return {"gradient": gradient * prediction.size} if backward else {"value": value}
    if backward:
        gradient = loss.gradient(prediction, function.target, function.weight)
        return {"gradient": gradient * prediction.size}  # of a sum, as rounding is judged beside 1
    return {"value": loss.value(prediction, function.target, function.weight)}
