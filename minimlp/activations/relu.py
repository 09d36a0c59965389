"""The rectifier lets positive numbers through and holds back the rest.

    a(h) = max(h, 0)        a′(h) = 1 where h > 0, else 0

It has a kink at 0, where there is no derivative; 0 is taken, as everyone does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import greater, maximum, multiply

from ..constants import constant
from ..formula import Formula
from ..registry import register
from .activation import Activation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..layers.layer import Call


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
    formula = Formula("max(h, 0)", "1 if h > 0 else 0")

    def plan(self, x: NDArray[Any], y: NDArray[Any], dy: Any, dx: Any) -> tuple[Call, Call]:
        zero, y_real = constant(0, y.real.dtype), y.real
        zeros = np.zeros(
            x.shape, x.dtype
        )  # with a single one NumPy takes two to three times as long

        def forward() -> None:
            maximum(x, zeros, out=y)

        def forward_complex() -> None:
            # Complex numbers compare by their imaginary part where the real parts are equal, which
            # would make the derivative at 0 depend on the direction it is asked for.
            multiply(x, x.real > 0, y)

        def backward() -> None:
            greater(y_real, zero, dx)
            multiply(dx, dy, dx)

        return forward_complex if x.dtype.kind == "c" else forward, backward
