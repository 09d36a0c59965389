"""torch-levenberg-marquardt, its `training_step` called directly, in float64.

Its data loader and progress bar are left out, which makes it faster. QR is its default way to solve
and as fast as its Cholesky at these sizes; so is `vmap`.
"""

from __future__ import annotations

import logging

import torch
from torch_levenberg_marquardt.training import LevenbergMarquardtModule

from minimlp import Dense, Sequential

from .problems import Data, loss
from .trace import Limit, Trace

logging.getLogger("torch_levenberg_marquardt").setLevel(logging.ERROR)


def train(model: Sequential, data: Data, limit: Limit) -> Trace:
    """Train; its loss before the first step is no iteration."""
    trace = Trace(limit)
    solver = LevenbergMarquardtModule(_network(model))
    x, y = torch.from_numpy(data.x), torch.from_numpy(data.y)
    stop = False
    while not stop:
        _, error, stop, _ = solver.training_step(x, y)
        # Its mean is over all entries, that of minimlp half of that over the rows.
        stop |= trace.reached(0.5 * data.y.shape[1] * float(error))
    if not trace.times:
        trace.reached(loss(data.y))
    return trace.ended()


def _network(model: Sequential) -> torch.nn.Module:
    layers: list[torch.nn.Module] = []
    for layer in model.layers:
        if isinstance(layer, Dense):
            n_in, n_out = layer.weight.shape
            made = torch.nn.Linear(n_in, n_out, dtype=torch.float64)
            with torch.no_grad():
                made.weight.copy_(torch.from_numpy(layer.weight.T.copy()))
                made.bias.copy_(torch.from_numpy(layer.bias.copy()))
            layers += [made, torch.nn.Tanh()]
    return torch.nn.Sequential(*layers[:-1])
