"""The root of the mean squared error: the size of a typical error, in the target's unit."""

from __future__ import annotations

import math
from typing import Any

from .mse import mse


def rmse(target: Any, prediction: Any) -> float:
    """√(mean of (t − o)²), the mean over all rows and outputs.

    Parameters
    ----------
    target, prediction : arrays of shape (rows, outputs)

    Examples
    --------
    >>> from minimlp.metrics import rmse
    >>> rmse([1.0, 2.0], [4.0, 6.0]) == 12.5**0.5
    True
    """
    return math.sqrt(mse(target, prediction))
