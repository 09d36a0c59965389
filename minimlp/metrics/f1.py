"""F1: precision and recall in one number, high only where both are (van Rijsbergen, 1979).

F1 = 2 · precision · recall / (precision + recall)
   = 2 · rows found / (rows of the class + rows predicted to be of it)
"""

from __future__ import annotations

from typing import Any

from .counts import count_classes, one_figure


def f1(target: Any, prediction: Any, *, average: str = "auto") -> float:
    """Harmonic mean of precision and recall of a class, as in scikit-learn.

    The class is the largest of several outputs, and above one half for a single output. A class
    of which no row is found has F1 0. Over several classes it is the average of their F1, not the
    F1 of the averages.

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
    >>> from minimlp.metrics import f1
    >>> f1([0, 0, 1, 1], [0.1, 0.6, 0.7, 0.8])
    0.8
    """
    counts = count_classes(target, prediction)
    return one_figure(2 * counts.found, counts.rows + counts.predicted, counts, average)
