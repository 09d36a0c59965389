"""Top-k accuracy: the share of rows whose class is among the k largest outputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..validation import as_count
from .accuracy import accuracy
from .pair import as_pair, true_class


def top_k_accuracy(target: Any, prediction: Any, *, k: int = 2) -> float:
    """Share of rows whose class has fewer than k classes ahead of it, as in scikit-learn.

    Of equal outputs the last is ahead. So it is with k = 1 the `accuracy` wherever no row has two
    largest outputs: there `accuracy` takes the first.

    Parameters
    ----------
    target : array of shape (rows, outputs)
        One-hot rows, or 0 and 1 for a single output; labels (rows,) are accepted.
    prediction : array of shape (rows, outputs)
    k : int
        At least 1 and below the number of classes; a single output stands for two. Keras's default
        is 5.

    Raises
    ------
    ValueError
        `k` is not below the number of classes: every row would count.

    Examples
    --------
    >>> from minimlp.metrics import top_k_accuracy
    >>> prediction = [[0.5, 0.3, 0.2], [0.5, 0.3, 0.2], [0.5, 0.3, 0.2]]
    >>> top_k_accuracy([0, 1, 2], prediction) == 2 / 3
    True

    Another k in `fit` is a function of one's own:

    >>> def top_5_accuracy(target, prediction):
    ...     return top_k_accuracy(target, prediction, k=5)
    """
    k = as_count("k", k)
    target, prediction = as_pair(target, prediction)
    classes = max(prediction.shape[1], 2)
    if k >= classes:
        raise ValueError(
            f"k must be below the number of classes for top-k accuracy, got {k} for {classes} "
            f"classes: every row would count as found"
        )
    if prediction.shape[1] == 1:
        return accuracy(target, prediction)
    true = true_class(target)[:, np.newaxis]
    own = np.take_along_axis(prediction, true, axis=1)
    # Counted from below, so that nan, which compares with nothing, is never among the best.
    not_ahead = prediction == own
    not_ahead &= np.arange(classes) <= true
    not_ahead |= prediction < own
    return float(np.mean(np.count_nonzero(not_ahead, axis=1) > classes - k))
