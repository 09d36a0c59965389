"""SciPy's `least_squares(method="lm")`, MINPACK's Levenberg-Marquardt, with an exact Jacobian."""

from __future__ import annotations

from contextlib import suppress

from scipy.optimize import least_squares

from minimlp import Sequential

from .bare import BareNetwork
from .problems import Array, Data, loss
from .trace import EnoughError, Limit, Trace

TINY = 3e-16
"""The least tolerance that it takes: smaller ones it calls too small."""


def train(model: Sequential, data: Data, limit: Limit) -> Trace:
    """Train; an iteration is a Jacobian, which it asks for after a step to a lower error."""
    trace = Trace(limit)
    network = BareNetwork(model, data)

    def jacobian(point: Array) -> Array:
        found = network.jacobian_at(point)
        if trace.reached(loss(network.out - network.y)):
            raise EnoughError
        return found

    def residuals(point: Array) -> Array:
        if trace.is_over:
            raise EnoughError
        return network.residuals(point)

    with suppress(EnoughError):
        least_squares(
            residuals,
            model.parameters.copy(),
            jacobian,
            method="lm",
            x_scale="jac",
            ftol=TINY,
            xtol=TINY,
            gtol=TINY,
            max_nfev=20 * limit.iterations,
        )
    return trace.ended()
