"""What precision, recall and F1 share: the counts of each class, and one figure made of them.

Each is a ratio of counts, one per class; two classes are told by the ratio of class 1 alone,
several by an average.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .pair import as_classes

if TYPE_CHECKING:
    from numpy.typing import NDArray

AVERAGES = ("auto", "macro", "weighted")


class Counts(NamedTuple):
    """Of each class: its rows, the rows predicted to be of it, and those that are both."""

    rows: NDArray[np.intp]
    predicted: NDArray[np.intp]
    found: NDArray[np.intp]


def count_classes(target: Any, prediction: Any) -> Counts:
    """Count rows by class, each (classes,)."""
    true, predicted, classes = as_classes(target, prediction)
    found = true[true == predicted]
    return Counts(*(np.bincount(labels, minlength=classes) for labels in (true, predicted, found)))


def one_figure(
    part: NDArray[np.intp], whole: NDArray[np.intp], counts: Counts, average: str
) -> float:
    """Make one number of part / whole of each class, both (classes,); nothing of nothing is 0."""
    if average not in AVERAGES:
        raise ValueError(f"average must be one of {', '.join(AVERAGES)}, got {average!r:.80}")
    ratio = part / np.maximum(whole, 1)
    if average == "auto" and len(ratio) == 2:
        return float(ratio[1])
    if average == "weighted":
        return float(np.average(ratio, weights=counts.rows))
    return float(np.mean(ratio[counts.rows + counts.predicted > 0]))
