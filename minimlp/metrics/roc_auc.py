"""The area under the ROC curve: how well the scores put a class's rows above all others.

It is the chance that a row of the class scores higher than a row of another, equal scores counting
one half (Hanley and McNeil, 1982): 1 is a perfect order, ½ none. No threshold is involved.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .pair import as_pair, true_class

if TYPE_CHECKING:
    from numpy.typing import NDArray


def roc_auc(target: Any, prediction: Any) -> float:
    """Area under the ROC curve of class 1, or averaged over several classes, as in scikit-learn.

    Two classes are judged by the score of class 1 alone. Of several, each is set against the rest
    by its own score (``multi_class="ovr"``) and all count alike; one without a row in the target
    does not count. Scores need not be probabilities.

    Parameters
    ----------
    target : array of shape (rows, outputs)
        One-hot rows, or 0 and 1 for a single output; labels (rows,) are accepted.
    prediction : array of shape (rows, outputs)

    Returns
    -------
    float
        nan where all rows are of one class, for nothing is there to be ordered, and where scores
        are nan.

    Examples
    --------
    >>> from minimlp.metrics import roc_auc
    >>> roc_auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    """
    target, prediction = as_pair(target, prediction)
    if np.isnan(prediction).any():
        return math.nan
    true, outputs = true_class(target), prediction.shape[1]
    # Of two classes the last is the one judged, be there one column or two.
    judged = [(1, prediction[:, -1])] if outputs <= 2 else list(enumerate(prediction.T))
    areas = [
        _area(scores[true == label], scores[true != label])
        for label, scores in judged
        if 0 < np.count_nonzero(true == label) < len(true)
    ]
    return float(np.mean(areas)) if areas else math.nan


def _area(scores: NDArray[Any], others: NDArray[Any]) -> float:
    """Give the share of pairs in order, from counts of scores below and not above."""
    # Sorted needles are found several times faster.
    scores, others = np.sort(scores), np.sort(others)
    below = np.sum(np.searchsorted(others, scores, side="left"))
    not_above = np.sum(np.searchsorted(others, scores, side="right"))
    return float(below + not_above) / 2 / (len(scores) * len(others))
