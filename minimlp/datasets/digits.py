"""Handwritten digits: small enough to ship, real enough to show that a network learns."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FILE = os.path.join(os.path.dirname(__file__), "digits.npz")
_INK = 16  # the largest pixel value: all 16 dots of a 4 × 4 block


def load_digits() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Load 1,797 images of handwritten digits, 8 × 8 pixels each.

    Returns
    -------
    x : ndarray (1797, 64) of float64
        One image a row, pixels line by line: from 0 (paper) to 1 (ink).
    y : ndarray (1797,) of int64
        The digit on each image, 0 to 9; each about 180 times.

    Notes
    -----
    The test set of *Optical Recognition of Handwritten Digits*, E. Alpaydin and C. Kaynak (1998),
    UCI Machine Learning Repository, https://doi.org/10.24432/C50P49. Licence: CC BY 4.0.

    Examples
    --------
    >>> x, y = load_digits()
    >>> x.shape, y[:10]
    ((1797, 64), array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]))
    """
    with np.load(_FILE, allow_pickle=False) as stored:
        images, labels = stored["images"], stored["labels"]
    return images.reshape(len(images), -1) / _INK, labels.astype(np.int64)
