"""The plain mean squared error: the mean of (t − o)² over all rows and outputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from .pair import as_pair


def mse(target: Any, prediction: Any) -> float:
    """Mean of (t − o)² over all entries, as in Keras, PyTorch and scikit-learn.

    The loss `MSE` halves the squares and sums them over the outputs: it is outputs/2 times this.

    Parameters
    ----------
    target, prediction : arrays of shape (rows, outputs)

    Examples
    --------
    >>> from minimlp.metrics import mse
    >>> mse([[0.0, 1.0]], [[0.5, 1.0]])
    0.125
    """
    target, prediction = as_pair(target, prediction)
    # In float64, whatever the model's dtype: the sum runs over a whole epoch.
    error = np.subtract(target, prediction, dtype=np.float64)
    return float(np.mean(np.square(error, out=error)))
