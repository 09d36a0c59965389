"""The sigmoid squeezes any number into (0, 1), and its derivative needs only its result.

    a(h) = 1 / (1 + e⁻ʰ) = ½ + ½·tanh(½·h)        a′(h) = a·(1 − a) = a − a²

The two forms are the same function; the second cannot overflow, for no h.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numpy import add, multiply, square, subtract, tanh

from ..constants import constant
from ..formula import Formula
from ..registry import register
from .activation import Activation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..layers.layer import Call


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
    formula = Formula("1 / (1 + exp(-h))", "a * (1 - a)")

    def plan(self, x: NDArray[Any], y: NDArray[Any], dy: Any, dx: Any) -> tuple[Call, Call]:
        half = constant(0.5, y.dtype)

        def forward() -> None:
            multiply(x, half, y)
            tanh(y, y)
            multiply(y, half, y)
            add(y, half, y)

        def backward() -> None:
            square(y, dx)
            subtract(y, dx, dx)
            multiply(dx, dy, dx)

        return forward, backward
