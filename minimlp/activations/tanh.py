"""The hyperbolic tangent: a sigmoid around zero, from −1 to 1.

a(h) = tanh(h)        a′(h) = 1 − a²
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numpy import multiply, square, subtract, tanh

from ..constants import constant
from ..formula import Formula
from ..registry import register
from .activation import Activation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..layers.layer import Call


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
    formula = Formula("tanh(h)", "1 - a**2")

    def plan(self, x: NDArray[Any], y: NDArray[Any], dy: Any, dx: Any) -> tuple[Call, Call]:
        one = constant(1, y.dtype)

        def forward() -> None:
            tanh(x, y)

        def backward() -> None:
            square(y, dx)
            subtract(one, dx, dx)
            multiply(dx, dy, dx)

        return forward, backward
