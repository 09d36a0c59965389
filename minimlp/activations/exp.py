"""The exponential makes any number positive: the output layer for rates and counts.

a(h) = eʰ        a′(h) = a
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numpy import exp, multiply

from ..formula import Formula
from ..registry import register
from .activation import Activation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..layers.layer import Call


@register
class Exp(Activation):
    """a(h) = eʰ, the inverse of the logarithm that links counts to a sum.

    It really is infinite, with NumPy's warning of an overflow, where h is above 709, or above 88 in
    float32.

    Source: Nelder & Wedderburn (1972), "Generalized linear models".

    Examples
    --------
    >>> from minimlp import Sequential
    >>> from minimlp.activations import Exp
    >>> Sequential(Exp()).predict([[-1e4, 0.0, 1.0]]).round(6)
    array([[0.      , 1.      , 2.718282]])
    """

    reads_input = False
    formula = Formula("exp(h)", "a")

    def plan(self, x: NDArray[Any], y: NDArray[Any], dy: Any, dx: Any) -> tuple[Call, Call]:
        def forward() -> None:
            exp(x, y)

        def backward() -> None:
            multiply(y, dy, dx)

        return forward, backward
