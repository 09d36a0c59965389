"""The hyperbolic tangent: a sigmoid around zero, from −1 to 1.

a(h) = tanh(h)        a′(h) = 1 − a²
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..registry import register
from .activation import Activation

if TYPE_CHECKING:
    from numpy.typing import NDArray


@register
class Tanh(Activation):
    """a(h) = tanh(h).

    Examples
    --------
    >>> from minimlp import Sequential, Tanh
    >>> Sequential(Tanh()).predict([[0.0, 1.0, -1e4]]).round(6)
    array([[ 0.      ,  0.761594, -1.      ]])
    """

    reads_input = False

    def forward(self, x: NDArray[Any], out: NDArray[Any]) -> None:
        np.tanh(x, out=out)

    def backward(self, x: NDArray[Any], y: NDArray[Any], dy: NDArray[Any], dx: Any) -> None:
        np.multiply(y, y, out=dx)
        np.subtract(1, dx, out=dx)
        np.multiply(dx, dy, out=dx)
