"""What every metric begins with: two arrays of one shape, or an error that says why not.

Metrics of a classifier go on to the class of each row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..validation import REAL_DTYPES, as_targets

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ROUNDING = 1e-6


def as_pair(target: Any, prediction: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """Give target and prediction the shape (rows, outputs); nothing is stretched to fit.

    Targets may be labels (rows,) where there are several outputs, as in `fit`. Predictions need not
    be finite: a model that has diverged has bad figures, not none.
    """
    outputs = np.asarray(prediction)
    if outputs.dtype.kind not in "bfiu":
        raise TypeError(f"prediction must hold real numbers, got dtype {outputs.dtype}")
    if outputs.ndim == 1:
        outputs = outputs.reshape(-1, 1)
    if outputs.ndim != 2 or not outputs.size:
        raise ValueError(
            f"prediction has shape {np.shape(prediction)}: "
            f"expected (rows, outputs) with at least one of each"
        )
    # Targets that already have the model's dtype stay as they are; a cast would copy them.
    same = getattr(target, "dtype", None) == outputs.dtype and outputs.dtype in REAL_DTYPES
    dtype = outputs.dtype if same else np.dtype(np.float64)
    rows, width = outputs.shape
    return as_targets("target", target, rows, width, dtype), outputs


def class_of(outputs: NDArray[Any]) -> NDArray[np.intp]:
    """Give the class (rows,) that each row of outputs, of targets as well, names.

    The class is the largest of several outputs, the first of equals; a single output stands for
    two classes and is judged at one half.
    """
    if outputs.shape[1] == 1:
        return (outputs[:, 0] > 0.5).astype(np.intp)
    classes: NDArray[np.intp] = outputs.argmax(axis=1)
    return classes


def true_class(target: NDArray[Any]) -> NDArray[np.intp]:
    """Give the class (rows,) that each row of targets names.

    Raises
    ------
    ValueError
        A row of zeros and ones names none, or several; a single output is outside of 0 to 1.
    """
    if target.shape[1] == 1:
        wrong = np.flatnonzero((target[:, 0] < -_ROUNDING) | (target[:, 0] > 1 + _ROUNDING))
        expected = "a class, which of one output is 0 or 1"
    else:
        by_class = np.ascontiguousarray(target.T)  # ten times as fast along whole rows
        largest = by_class.max(axis=0)
        several = (by_class == largest).sum(axis=0) > 1
        wrong = np.flatnonzero(several & ((largest == 1) | (largest == 0)))
        expected = "one class, whose entry is the largest"
    if wrong.size:
        row = int(wrong[0])
        raise ValueError(
            f"target holds {target[row].tolist()!s:.80} in row {row}: expected {expected}"
        )
    return class_of(target)


def as_classes(target: Any, prediction: Any) -> tuple[NDArray[np.intp], NDArray[np.intp], int]:
    """Give true and predicted class of each row, both (rows,), and the number of classes."""
    target, prediction = as_pair(target, prediction)
    return true_class(target), class_of(prediction), max(prediction.shape[1], 2)
