"""The confusion matrix: which class was taken for which, and how often.

entry (i, j) = number of rows of class i that were predicted to be of class j
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .pair import as_classes

if TYPE_CHECKING:
    from numpy.typing import NDArray


def confusion_matrix(target: Any, prediction: Any) -> NDArray[np.intp]:
    """Count the rows by true class, down, and predicted class, across.

    The class is the largest of several outputs, and above one half for a single output. No metric
    for `fit`: it is not a single number.

    Parameters
    ----------
    target : array of shape (rows, outputs)
        One-hot rows, or 0 and 1 for a single output; labels (rows,) are accepted.
    prediction : array of shape (rows, outputs)

    Returns
    -------
    array of int, shape (outputs, outputs)
        (2, 2) for a single output.

    Examples
    --------
    >>> from minimlp.metrics import confusion_matrix
    >>> confusion_matrix([0, 0, 0, 1], [0.1, 0.2, 0.7, 0.9])
    array([[2, 1],
           [0, 1]])
    """
    true, predicted, classes = as_classes(target, prediction)
    counts = np.bincount(true * classes + predicted, minlength=classes**2)
    return counts.reshape(classes, classes)
