"""Precision: how far a predicted class can be believed.

rows of the class that were found / rows that were predicted to be of it
"""

from __future__ import annotations

from typing import Any

from .counts import count_classes, one_figure


def precision(target: Any, prediction: Any, *, average: str = "auto") -> float:
    """Share of the rows predicted to be of a class that are of it, as in scikit-learn.

    The class is the largest of several outputs, and above one half for a single output. A class
    that is never predicted has precision 0.

    Parameters
    ----------
    target : array of shape (rows, outputs)
        One-hot rows, or 0 and 1 for a single output; labels (rows,) are accepted.
    prediction : array of shape (rows, outputs)
    average : "auto", "macro" or "weighted"
        ``"macro"`` is the plain mean over the classes, without those that neither target nor
        prediction holds; ``"weighted"`` counts each class by its rows. ``"auto"`` takes class 1
        alone of two classes (or a single output) and ``"macro"`` of several.

    Raises
    ------
    ValueError
        `average` is something else.

    Examples
    --------
    >>> from minimlp.metrics import precision
    >>> precision([0, 0, 1, 1], [0.1, 0.6, 0.7, 0.8]) == 2 / 3
    True
    """
    counts = count_classes(target, prediction)
    return one_figure(counts.found, counts.predicted, counts, average)
