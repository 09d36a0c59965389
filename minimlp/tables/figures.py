"""How good predictions are, in figures for people; and what predicting the mean would reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..metrics import accuracy, balanced_accuracy, mae, r2, rmse
from .target import Classes, Quantities

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .preparation import Part


def measure(target: Classes | Quantities, part: Part, outputs: NDArray[Any]) -> dict[str, Any]:
    """Give the figures of a model's outputs.

    Returns
    -------
    dict of str to float
        Accuracy and balanced accuracy; or RMSE, MAE and R², for several targets a dict of them for
        each target by name.
    """
    if isinstance(target, Classes):
        return {
            "accuracy": accuracy(part.y, outputs),
            "balanced_accuracy": balanced_accuracy(part.y, outputs),
        }
    figures = {}
    for k, name in enumerate(target.names):
        # The network's units are scaled and shifted: R² is the same in both, and exact in neither.
        true = part.y[:, k] * target.scale[k] + target.mean[k]
        predicted = outputs[:, k] * target.scale[k] + target.mean[k]
        figures[name] = {
            "rmse": rmse(true, predicted),
            "mae": mae(true, predicted),
            "r2": r2(true, predicted),
        }
    return figures if len(figures) > 1 else figures[target.names[0]]


def measure_mean(target: Quantities, part: Part) -> dict[str, Any]:
    """Give the figures of predicting the training rows' mean for every row."""
    return measure(target, part, np.zeros_like(part.y))
