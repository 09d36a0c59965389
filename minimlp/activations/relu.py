"""The rectifier lets positive numbers through and holds back the rest.

    a(h) = max(h, 0)        a′(h) = 1 where h > 0, else 0

It has a kink at 0, where there is no derivative; 0 is taken, as everyone does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..registry import register
from .activation import Activation

if TYPE_CHECKING:
    from numpy.typing import NDArray


@register
class ReLU(Activation):
    """a(h) = max(h, 0).

    Source: Nair & Hinton (2010), "Rectified linear units improve restricted Boltzmann machines".

    Examples
    --------
    >>> from minimlp import ReLU, Sequential
    >>> Sequential(ReLU()).predict([[-2.0, 0.0, 3.0]])
    array([[0., 0., 3.]])
    """

    reads_input = False

    def forward(self, x: NDArray[Any], out: NDArray[Any]) -> None:
        if x.dtype.kind == "c":
            # Complex numbers compare by their imaginary part where the real parts are equal, which
            # would make the derivative at 0 depend on the direction it is asked for.
            np.multiply(x, x.real > 0, out=out)
        else:
            np.maximum(x, 0, out=out)

    def backward(self, x: NDArray[Any], y: NDArray[Any], dy: NDArray[Any], dx: Any) -> None:
        np.greater(y.real, 0, out=dx)
        np.multiply(dx, dy, out=dx)
