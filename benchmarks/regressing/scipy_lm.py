"""SciPy's `least_squares(method="lm")`, MINPACK's Levenberg-Marquardt, with an exact Jacobian.

`train` takes residuals and Jacobian from the model, as its users would; `train_bare` from the same
layers in bare NumPy and arrays made once, which is as fast as NumPy gets.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from scipy.optimize import least_squares

from minimlp import Sequential

from .bare import BareNetwork
from .problems import Array, Data, loss
from .trace import EnoughError, Limit, Trace

TINY = 3e-16
"""The least tolerance that it takes: smaller ones it calls too small."""

Part = Callable[[Array], Array]


def train(model: Sequential, data: Data, limit: Limit) -> Trace:
    """Train with ``model.predict`` and ``model.jacobian``."""

    def residuals(point: Array) -> Array:
        model.parameters = point
        return (model.predict(data.x) - data.y).reshape(-1)

    def jacobian(point: Array) -> Array:
        model.parameters = point
        return model.jacobian(data.x, len(data.x)).reshape(data.y.size, -1)

    return _train(residuals, jacobian, model.parameters.copy(), len(data.y), limit)


def train_bare(model: Sequential, data: Data, limit: Limit) -> Trace:
    """Train with bare NumPy."""
    network = BareNetwork(model, data)
    start = model.parameters.copy()
    return _train(network.residuals, network.jacobian_at, start, len(data.y), limit)


def _train(residuals: Part, jacobian: Part, start: Array, rows: int, limit: Limit) -> Trace:
    """An iteration is a Jacobian, which it asks for after a step to a lower error."""
    trace, last = Trace(limit), start

    def watched(point: Array) -> Array:
        nonlocal last
        if trace.is_over:
            raise EnoughError
        last = residuals(point)
        return last

    def slopes(point: Array) -> Array:
        found = jacobian(point)
        if trace.reached(loss(last.reshape(rows, -1))):
            raise EnoughError
        return found

    with suppress(EnoughError):
        least_squares(
            watched,
            start,
            slopes,
            method="lm",
            x_scale="jac",
            ftol=TINY,
            xtol=TINY,
            gtol=TINY,
            max_nfev=20 * limit.iterations,
        )
    return trace.ended()
