"""Accuracy: the share of rows whose class was found."""

from __future__ import annotations

from typing import Any

import numpy as np

from .pair import as_classes


def accuracy(target: Any, prediction: Any) -> float:
    """Share of rows where target and prediction name the same class.

    The class is the largest of several outputs, and above one half for a single output.

    Parameters
    ----------
    target : array of shape (rows, outputs)
        One-hot rows, or 0 and 1 for a single output; labels (rows,) are accepted.
    prediction : array of shape (rows, outputs)

    Examples
    --------
    >>> from minimlp.metrics import accuracy
    >>> accuracy([[1, 0], [0, 1]], [[0.9, 0.2], [0.6, 0.4]])
    0.5
    """
    true, predicted, _ = as_classes(target, prediction)
    return float(np.mean(true == predicted))
