"""The root of the mean squared error: the size of a typical error, in the target's unit."""

from __future__ import annotations

from typing import Any

import numpy as np

from .pair import as_pair


def rmse(target: Any, prediction: Any) -> float:
    """√(mean of (t − o)² over the rows) of each output, averaged over the outputs.

    As in scikit-learn: outputs in different units do not mix. Keras takes one root of the mean over
    everything.

    Parameters
    ----------
    target, prediction : arrays of shape (rows, outputs)

    Examples
    --------
    >>> from minimlp.metrics import rmse
    >>> rmse([1.0, 2.0], [4.0, 6.0]) == 12.5**0.5
    True
    """
    target, prediction = as_pair(target, prediction)
    difference = prediction.astype(np.float64) - target
    return float(np.sqrt(np.mean(difference * difference, axis=0)).mean())
