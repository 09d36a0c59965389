"""Log loss, the cross-entropy: how surprised the predicted probabilities are by what is true.

    −Σ_k t_k log p_k of a row, averaged over the rows

0 is certainty in what is true; always giving n classes the same probability is log n.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .pair import as_pair


def log_loss(target: Any, prediction: Any) -> float:
    """Mean of −log of the probability given to the true class, as in scikit-learn.

    Probabilities are clipped to [eps, 1 − eps], eps being that of the prediction's dtype. Otherwise
    a single row whose class was given probability 0 would make the figure infinite; clipped, it
    costs −log eps, 36 in float64 and 16 in float32. Rows are not scaled to sum to 1: what is no
    probability gives a number without meaning.

    Parameters
    ----------
    target : array of shape (rows, outputs)
        Probabilities of the classes: one-hot rows, or 0 and 1 for a single output, or anything
        between; labels (rows,) are accepted.
    prediction : array of shape (rows, outputs)
        Probabilities, rows of sum 1; for a single output the probability p of class 1, beside which
        class 0 has 1 − p.

    Examples
    --------
    >>> from minimlp.metrics import log_loss
    >>> round(log_loss([0, 1], [[0.75, 0.25], [0.5, 0.5]]), 6)  # (log 4/3 + log 2) / 2
    0.490415
    """
    target, prediction = as_pair(target, prediction)
    eps = np.finfo(prediction.dtype if prediction.dtype.kind == "f" else np.float64).eps
    # In float64, whatever the model's dtype: the sum runs over a whole epoch.
    p = np.clip(prediction, eps, 1 - eps, dtype=np.float64)
    surprise = target * np.log(p)
    if prediction.shape[1] == 1:
        surprise += (1 - target) * np.log1p(-p)
    return -float(np.sum(surprise)) / len(p)
