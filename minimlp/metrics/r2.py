"""R², the coefficient of determination: the share of the target's variance that is explained.

    R² = 1 − Σ (t − o)² / Σ (t − t̄)²

1 is perfect, 0 no better than always saying the mean t̄, and below 0 worse than that.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .pair import as_pair


def r2(target: Any, prediction: Any) -> float:
    """R² of each output, averaged over the outputs, as in scikit-learn.

    An output whose target is constant (also: a single row) has no variance to explain: it counts 1
    where every prediction is right to the bit, else 0.

    Parameters
    ----------
    target, prediction : arrays of shape (rows, outputs)

    Examples
    --------
    >>> from minimlp.metrics import r2
    >>> r2([1.0, 2.0, 3.0], [1.0, 2.0, 4.0])
    0.5
    """
    target, prediction = as_pair(target, prediction)
    target = target.astype(np.float64)
    unexplained = np.sum((target - prediction) ** 2, axis=0)
    variation = np.sum((target - target.mean(axis=0)) ** 2, axis=0)
    # The mean of equal numbers may differ from them in the last bit.
    constant = (target == target[0]).all(axis=0) | (variation == 0)
    explained = 1 - unexplained / np.where(constant, 1, variation)
    return float(np.mean(np.where(constant, unexplained == 0, explained)))
