"""minimlp: Levenberg-Marquardt, L-BFGS, and Adam over the whole batch."""

from __future__ import annotations

from typing import Any

from minimlp import LBFGS, Adam, Callback, LevenbergMarquardt, Sequential

from .problems import Data
from .trace import Limit, Trace


class Watch(Callback):
    """Tells the trace of each iteration."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        if self.trace.reached(logs["loss"]):
            self.model.stop_training = True


def levenberg_marquardt(model: Sequential, data: Data, limit: Limit) -> Trace:
    """Train with all tolerances at 0, for iterations are what is counted."""
    solver = LevenbergMarquardt(loss_tolerance=0, step_tolerance=0, gradient_tolerance=0)
    return _fit(model, data, limit, solver)


def lbfgs(model: Sequential, data: Data, limit: Limit) -> Trace:
    """Train as L-BFGS does by default."""
    return _fit(model, data, limit, LBFGS())


def adam(model: Sequential, data: Data, limit: Limit) -> Trace:
    """Train all epochs; the moments are shared out evenly, as nobody watches."""
    trace = Trace(limit)
    history = model.fit(
        data.x,
        data.y,
        optimizer=Adam(0.01),
        batch_size=len(data.x),
        epochs=limit.iterations,
        shuffle=False,
        progress=False,
    )
    trace.ended()
    trace.losses = [float(loss) for loss in history.history["loss"]]
    trace.iterations = len(trace.losses)
    trace.times = [trace.spent * (i + 1) / trace.iterations for i in range(trace.iterations)]
    return trace


def _fit(model: Sequential, data: Data, limit: Limit, solver: Any) -> Trace:
    trace = Trace(limit)
    model.fit(
        data.x,
        data.y,
        optimizer=solver,
        epochs=limit.iterations,
        progress=False,
        callbacks=[Watch(trace)],
    )
    return trace.ended()
