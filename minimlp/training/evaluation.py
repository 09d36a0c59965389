"""How good a model is on data: its loss, and metrics over all predictions at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..losses import Loss
from ..metrics import Metric, resolve
from ..objective import Model, Objective, Samples, check_real
from ..penalties import Penalty
from .batches import Batches

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Predictions:
    """Collects an epoch's predictions where metrics want them, and computes the metrics once.

    Attributes
    ----------
    names : tuple of str
        Of the metrics.
    wanted : bool
        Whether there are any.
    collected : array (N, n_out) or None
        The predictions, in the order in which the rows are walked through.
    """

    def __init__(self, samples: Samples, metrics: dict[str, Metric]) -> None:
        self._target = samples.target.view()
        self._target.flags.writeable = False  # it may be the caller's own array
        self._metrics = metrics
        self.names = tuple(metrics)
        self.wanted = bool(metrics)
        self.collected = np.zeros_like(samples.target) if metrics else None
        self._by_row = np.empty_like(samples.target) if metrics else None

    def collect(self, start: int, prediction: NDArray[Any]) -> None:
        """Keep the predictions of a batch, whose first row is the `start`-th of the epoch."""
        if self.collected is not None:
            self.collected[start : start + len(prediction)] = prediction

    def measure(self, order: NDArray[np.intp]) -> dict[str, float]:
        """Give every metric of what was collected; `order` says which rows they are."""
        if self.collected is None or self._by_row is None:
            return {}
        self._by_row[order] = self.collected  # once an epoch, as it takes long for a few rows
        seen = self._by_row.view()
        seen.flags.writeable = False  # no metric may spoil the next
        return {name: metric(self._target, seen) for name, metric in self._metrics.items()}


class Evaluation:
    """Loss and metrics of a model on one data set, as often as asked, in arrays made once."""

    def __init__(
        self, objective: Objective, samples: Samples, metrics: dict[str, Metric], batch_size: int
    ) -> None:
        self._rows = len(samples.x)
        self._batches = Batches(objective, samples, batch_size)
        self._predictions = Predictions(samples, metrics)

    def run(self) -> dict[str, float]:
        """Give ``{"loss": …, metric: …}`` of the model as it is."""
        total, start = 0.0, 0
        for batch in self._batches.run():
            total += float(batch.value()) * batch.size
            self._predictions.collect(start, batch.outputs)
            start += batch.size
        metrics = self._predictions.measure(self._batches.order)
        return {"loss": total / self._rows, **metrics}


def evaluate(
    model: Model,
    x: Any,
    y: Any,
    *,
    loss: Loss | None = None,
    penalty: Penalty | None = None,
    metrics: str | Metric | Sequence[str | Metric] = (),
    sample_weight: Any = None,
) -> dict[str, float]:
    """Measure the model on data.

    Parameters
    ----------
    x : array-like (N, n_in)
    y : array-like (N, n_out), or (N,) for one output, or (N,) whole-number labels for more
    loss : Loss, optional
        `MSE` unless given.
    penalty : Penalty, optional
        Added to the loss, as in `fit`.
    metrics : str, function or sequence of them
        Names such as ``"accuracy"``, ``"f1"``, ``"roc_auc"``, ``"r2"``, or a function of
        (target, prediction), both (N, n_out). Metrics are not weighted.
    sample_weight : array-like (N,), optional
        Weights of the loss, scaled to mean 1.

    Returns
    -------
    dict of str to float
        ``"loss"`` and each metric.

    Raises
    ------
    TypeError, ValueError
        An argument that does not fit, by name.

    Examples
    --------
    >>> from minimlp import Identity, Sequential
    >>> Sequential(Identity()).evaluate([[1.0], [2.0]], [1.0, 4.0], metrics="mse")
    {'loss': 1.0, 'mse': 2.0}
    """
    objective = Objective(model, loss, penalty)
    check_real("evaluate", model)
    samples = objective.samples(x, y, sample_weight)
    return Evaluation(objective, samples, resolve(metrics), batch_size=1024).run()
