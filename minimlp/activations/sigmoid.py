"""The sigmoid squeezes any number into (0, 1), and its derivative needs only its result.

    a(h) = 1 / (1 + e⁻ʰ) = ½ + ½·tanh(½·h)        a′(h) = a·(1 − a)

The two forms are the same function; the second cannot overflow, for no h.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..registry import register
from .activation import Activation

if TYPE_CHECKING:
    from numpy.typing import NDArray


@register
class Sigmoid(Activation):
    """a(h) = 1 / (1 + e⁻ʰ), the page's activation.

    Value and derivative are right to 2 eps absolutely for every input, infinities included.

    Examples
    --------
    >>> from minimlp import Sequential, Sigmoid
    >>> Sequential(Sigmoid()).predict([[0.0, 0.3775, -1e4]])
    array([[0.5       , 0.59326999, 0.        ]])
    """

    reads_input = False

    def forward(self, x: NDArray[Any], out: NDArray[Any]) -> None:
        np.multiply(x, 0.5, out=out)
        np.tanh(out, out=out)
        np.multiply(out, 0.5, out=out)
        np.add(out, 0.5, out=out)

    def backward(self, x: NDArray[Any], y: NDArray[Any], dy: NDArray[Any], dx: Any) -> None:
        np.subtract(1, y, out=dx)
        np.multiply(dx, y, out=dx)
        np.multiply(dx, dy, out=dx)
