"""How much each sample counts: its own weight times that of its class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..validation import as_number

if TYPE_CHECKING:
    from numpy.typing import NDArray


def class_weights(class_weight: Any, target: NDArray[Any]) -> NDArray[np.float64]:
    """Give each row the weight of its class.

    Parameters
    ----------
    class_weight : dict of int to float, or "balanced"
        A class that the dict leaves out weighs 1. ``"balanced"`` weighs each class by
        N / (classes · its count), so that all classes count the same.
    target : array (N, n_out)
        One-hot rows, or a single column of 0 and 1.

    Raises
    ------
    TypeError, ValueError
        The targets are no classes, or the dict names one that does not exist.
    """
    classes = _classes_of(target)
    if isinstance(class_weight, str) and class_weight == "balanced":
        present, count = np.unique(classes, return_counts=True)
        weight = np.zeros(int(present.max()) + 1)
        weight[present] = len(classes) / (len(present) * count)
        return weight[classes]
    if not isinstance(class_weight, Mapping):
        raise TypeError(f'class_weight must be a dict or "balanced", got {class_weight!r}')
    number = max(2, target.shape[1])
    weight = np.ones(number)
    for label, value in class_weight.items():
        if label not in range(number):
            raise ValueError(
                f"class_weight names the class {label!r}: classes are 0 to {number - 1}"
            )
        weight[int(label)] = as_number(f"class_weight[{label!r}]", value, low=0)
    return weight[classes]


def _classes_of(target: NDArray[Any]) -> NDArray[np.intp]:
    zero_one = ((target == 0) | (target == 1)).all()
    if zero_one and target.shape[1] == 1:
        return target[:, 0].astype(np.intp)
    if zero_one and (target.sum(axis=1) == 1).all():
        labels: NDArray[np.intp] = np.argmax(target, axis=1)
        return labels
    raise ValueError(
        "class_weight needs targets that are classes: labels, one-hot rows, or 0 and 1"
    )


def row_weights(
    weight: NDArray[np.float64] | None, class_weight: Any, target: NDArray[Any]
) -> NDArray[np.float64] | None:
    """Multiply the samples' weights by those of their classes; None where all count the same."""
    if class_weight is None:
        return weight
    by_class = class_weights(class_weight, target)
    # Scaled first, so that the product stays in range.
    return by_class if weight is None else weight / (weight.max() or 1) * by_class
