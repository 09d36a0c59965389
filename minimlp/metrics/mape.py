"""The mean absolute percentage error: how far off a prediction is, as a share of the target."""

from __future__ import annotations

from typing import Any

import numpy as np

from .pair import as_pair


def mape(target: Any, prediction: Any) -> float:
    """Mean of |t − o| / max(|t|, eps) over all entries, as in scikit-learn.

    A share, not a percentage: 0.1 is ten percent (Keras gives 10). `eps` is that of float64,
    2.2e-16, and spares a division by 0: a target of 0 that is not met to the bit makes the figure
    huge, so it suits targets well away from 0.

    Parameters
    ----------
    target, prediction : arrays of shape (rows, outputs)

    Examples
    --------
    >>> from minimlp.metrics import mape
    >>> mape([[2.0, 100.0]], [[1.0, 75.0]])
    0.375
    """
    target, prediction = as_pair(target, prediction)
    # In float64, whatever the model's dtype: the sum runs over a whole epoch.
    error = np.subtract(target, prediction, dtype=np.float64)
    size = np.abs(target, dtype=np.float64)
    error /= np.maximum(size, np.finfo(np.float64).eps, out=size)
    return float(np.mean(np.abs(error, out=error)))
