"""scikit-learn's `MLPRegressor(solver="lbfgs")`, without penalty, from the weights of the model."""

from __future__ import annotations

import warnings

from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor

from minimlp import Dense, Sequential

from .problems import Data, loss
from .trace import Limit, Trace


def train(model: Sequential, data: Data, limit: Limit) -> Trace:
    """Train; it tells of no iteration, so there is one moment, its end."""
    dense = [layer for layer in model.layers if isinstance(layer, Dense)]
    y = data.y.ravel() if data.y.shape[1] == 1 else data.y
    peer = MLPRegressor(
        hidden_layer_sizes=[layer.weight.shape[1] for layer in dense[:-1]],
        activation="tanh",
        solver="lbfgs",
        alpha=0,
        tol=1e-10,
        max_iter=1,
        max_fun=10**9,
        warm_start=True,
        random_state=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        peer.fit(data.x, y)  # makes the arrays that hold the weights
        peer.coefs_ = [layer.weight.copy() for layer in dense]
        peer.intercepts_ = [layer.bias.copy() for layer in dense]
        peer.max_iter = limit.iterations
        trace = Trace(limit)
        peer.fit(data.x, y)
    trace.ended()
    trace.times, trace.iterations = [trace.spent], peer.n_iter_
    trace.losses = [loss(peer.predict(data.x).reshape(data.y.shape) - data.y)]
    return trace
