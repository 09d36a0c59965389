"""A rectifier with a smooth foot: negative numbers end at −α instead of 0.

    a(h) = h             a′(h) = 1                    where h > 0
    a(h) = α·(eʰ − 1)    a′(h) = α·eʰ = a(h) + α      else

Outputs of both signs keep the mean of what a layer hands on nearer to 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numpy import add, copyto, empty_like, expm1, greater, less_equal, maximum, minimum, multiply

from ..constants import constant
from ..formula import Formula
from ..registry import register
from ..validation import as_number
from .activation import Activation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..layers.layer import Call


@register
class ELU(Activation):
    """a(h) = h where h > 0, else α·(eʰ − 1).

    With α = 1 the derivative has no jump at 0; with another, α is taken there. Value and derivative
    are right to a few eps of the larger of 1 and α, infinities included.

    Source: Clevert, Unterthiner & Hochreiter (2016), "Fast and accurate deep network learning by
    exponential linear units (ELUs)".

    Parameters
    ----------
    alpha : float
        α, at least 0.

    Raises
    ------
    TypeError, ValueError
        `alpha` is not a finite number of at least 0.

    Examples
    --------
    >>> from minimlp import Sequential
    >>> from minimlp.activations import ELU
    >>> Sequential(ELU()).predict([[-1e4, -1.0, 3.0]]).round(6)
    array([[-1.      , -0.632121,  3.      ]])
    """

    reads_input = False
    formula = Formula(
        "h if h > 0 else α * (exp(h) - 1)", "1 if h > 0 else a + α", letters={"α": "alpha"}
    )

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = as_number("alpha", alpha, low=0)

    def plan(self, x: NDArray[Any], y: NDArray[Any], dy: Any, dx: Any) -> tuple[Call, Call]:
        dtype, is_complex = y.dtype, y.dtype.kind == "c"
        zero, x_real, y_real = constant(0, y.real.dtype), x.real, y.real
        part = empty_like(y)

        def forward() -> None:
            alpha = self.alpha
            minimum(x, zero, out=part)
            expm1(part, part)
            if alpha == 1:  # eʰ − 1 is then nowhere below h, and the larger is the right one
                maximum(x, part, out=y)
            else:
                multiply(part, constant(alpha, dtype), part)
                maximum(x, zero, out=y)
                add(y, part, y)

        def forward_complex() -> None:
            negative = less_equal(x_real, zero)
            multiply(x, negative, part)
            expm1(part, part)
            multiply(part, constant(self.alpha, dtype), part)
            copyto(y, x)
            copyto(y, part, where=negative)

        def backward() -> None:
            alpha = self.alpha
            if is_complex:
                multiply(y, less_equal(y_real, zero), dx)
            else:
                minimum(y, zero, out=dx)
            add(dx, constant(alpha, dtype), dx)
            if alpha != 1:  # it is α where h > 0, and shall be 1
                greater(y_real, zero, part)
                multiply(part, constant(1 - alpha, dtype), part)
                add(dx, part, dx)
            multiply(dx, dy, dx)

        return forward_complex if is_complex else forward, backward
