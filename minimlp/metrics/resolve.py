"""From what the caller names to functions: ``"accuracy"``, a function of one's own, or several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .accuracy import accuracy
from .balanced_accuracy import balanced_accuracy
from .f1 import f1
from .log_loss import log_loss
from .mae import mae
from .mape import mape
from .mse import mse
from .precision import precision
from .r2 import r2
from .recall import recall
from .rmse import rmse
from .roc_auc import roc_auc
from .top_k_accuracy import top_k_accuracy

if TYPE_CHECKING:
    from numpy.typing import NDArray

Metric = Callable[[Any, Any], float]

KNOWN: dict[str, Metric] = {
    "accuracy": accuracy,
    "top_k_accuracy": top_k_accuracy,
    "balanced_accuracy": balanced_accuracy,
    "precision": precision,
    "recall": recall,
    "f1": f1,
    "log_loss": log_loss,
    "roc_auc": roc_auc,
    "mae": mae,
    "mse": mse,
    "rmse": rmse,
    "r2": r2,
    "mape": mape,
}


def resolve(metrics: Any) -> dict[str, Metric]:
    """Give metrics by name, each as ``metric(target, prediction) -> float``.

    Parameters
    ----------
    metrics : str, callable, or sequence of them
        A name, or a function of target and prediction, both (rows, outputs), that returns a single
        number; it goes by its ``__name__``.

    Raises
    ------
    TypeError
        A metric is neither a name nor callable; or, when it is called, it returns anything but a
        single number.
    ValueError
        A name is unknown, used twice, or one that `History` needs for itself.

    Examples
    --------
    >>> from minimlp.metrics import resolve
    >>> def largest_error(target, prediction):
    ...     return abs(target - prediction).max()
    >>> list(resolve(["rmse", largest_error]))
    ['rmse', 'largest_error']
    """
    found: dict[str, Metric] = {}
    for metric in _listed(metrics):
        name, function = _named(metric)
        if name == "loss" or name.startswith("val_"):
            raise ValueError(
                f"metrics has one named {name!r}: history uses that name itself, choose another"
            )
        if name in found:
            raise ValueError(f"metrics has two named {name!r}: give each a name of its own")
        found[name] = _single(name, function)
    return found


def try_out(metrics: Any, target: NDArray[Any], what: str) -> None:
    """Refuse names of metrics that do not fit the targets `what`, before anything is trained.

    Functions of the caller's own are left alone: they may count how often they are called.

    Raises
    ------
    ValueError
    """
    for name in _listed(metrics):
        if isinstance(name, str):
            try:
                KNOWN[name](target, target)
            except ValueError as error:
                raise ValueError(
                    f"metrics has {name!r}, which does not fit {what}: {error}"
                ) from None


def _listed(metrics: Any) -> Sequence[Any]:
    if isinstance(metrics, str) or callable(metrics):
        return [metrics]
    if not isinstance(metrics, Sequence):
        raise TypeError(
            f"metrics must be a name, a function or a sequence of them, got {metrics!r:.80}"
        )
    return metrics


def _named(metric: Any) -> tuple[str, Callable[..., Any]]:
    if isinstance(metric, str):
        if metric not in KNOWN:
            raise ValueError(
                f"metrics names {metric!r}, which is unknown: expected {', '.join(KNOWN)}"
            )
        return metric, KNOWN[metric]
    if not callable(metric):
        raise TypeError(f"metrics holds {metric!r:.80}: expected a name or a function")
    return getattr(metric, "__name__", type(metric).__name__), metric


def _single(name: str, function: Callable[..., Any]) -> Metric:
    def measure(target: NDArray[Any], prediction: NDArray[Any]) -> float:
        value = function(target, prediction)
        number = np.asarray(value)
        if number.ndim or number.dtype.kind not in "bfiu":
            raise TypeError(f"metric {name!r} must return a single number, got {value!r:.80}")
        return float(number)

    return measure
