"""The mean absolute error: how far off a prediction is on average, in the target's unit."""

from __future__ import annotations

from typing import Any

import numpy as np

from .pair import as_pair


def mae(target: Any, prediction: Any) -> float:
    """Mean of |t − o| over all entries: one row far off counts less than in `rmse`.

    Parameters
    ----------
    target, prediction : arrays of shape (rows, outputs)

    Examples
    --------
    >>> from minimlp.metrics import mae
    >>> mae([[0.0, 1.0]], [[0.5, 1.0]])
    0.25
    """
    target, prediction = as_pair(target, prediction)
    # In float64, whatever the model's dtype: the sum runs over a whole epoch.
    error = np.subtract(target, prediction, dtype=np.float64)
    return float(np.mean(np.abs(error, out=error)))
