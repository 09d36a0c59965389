"""Balanced accuracy: accuracy where every class counts alike, however many rows it has.

mean over the classes k of (rows of class k that were found) / (rows of class k)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .pair import as_classes


def balanced_accuracy(target: Any, prediction: Any) -> float:
    """Share of rows found in each class, averaged over the classes, as in scikit-learn.

    A class without a row in the target does not count. The class is the largest of several
    outputs, and above one half for a single output.

    Parameters
    ----------
    target : array of shape (rows, outputs)
        One-hot rows, or 0 and 1 for a single output; labels (rows,) are accepted.
    prediction : array of shape (rows, outputs)

    Examples
    --------
    >>> from minimlp.metrics import balanced_accuracy
    >>> balanced_accuracy([0, 0, 0, 1], [0.1, 0.2, 0.3, 0.4])
    0.5
    """
    true, predicted, classes = as_classes(target, prediction)
    rows = np.bincount(true, minlength=classes)
    found = np.bincount(true[true == predicted], minlength=classes)
    present = rows > 0
    return float(np.mean(found[present] / rows[present]))
