"""pyrenn's `train_LM`, watched from within: it takes no callback, and may try steps for ever.

Its own scaling of the data is switched off by being set to 1. Its derivative and error functions
are replaced, for the time of a call, by ones that note the moment and raise when it is enough.
"""

from __future__ import annotations

import contextlib
import io
from typing import Any
from unittest import mock

import numpy as np
import pyrenn

from minimlp import Sequential

from .problems import Data
from .trace import EnoughError, Limit, Trace


def train(model: Sequential, data: Data, limit: Limit) -> Trace:
    """Train; an iteration ends with the Jacobian at the new place."""
    trace = Trace(limit)
    widths = [data.x.shape[1], model.layers[0].weight.shape[1], data.y.shape[1]]
    net = pyrenn.CreateNN(widths)
    net["w"] = model.parameters.copy()  # its order is minimlp's
    net["normP"], net["normY"] = np.ones(widths[0]), np.ones(widths[-1])
    derivatives, errors = pyrenn.RTRL, pyrenn.calc_error
    started = False

    def watched(*arguments: Any) -> Any:
        nonlocal started
        found = derivatives(*arguments)
        if started and trace.reached(0.5 * found[1] / len(data.x)):
            raise EnoughError
        started = True
        return found

    def error(*arguments: Any) -> Any:
        if trace.is_over:
            raise EnoughError
        return errors(*arguments)

    with (
        mock.patch.object(pyrenn, "RTRL", watched),
        mock.patch.object(pyrenn, "calc_error", error),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.suppress(EnoughError),
        np.errstate(all="ignore"),
    ):
        pyrenn.train_LM(data.x.T.copy(), data.y.T.copy(), net, limit.iterations, 0.0)
    return trace.ended()
