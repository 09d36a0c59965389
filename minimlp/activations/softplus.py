"""A rectifier without a corner: nearly 0 for negative numbers, nearly h for positive ones.

    a(h) = ln(1 + eʰ) = max(h, 0) + ln(1 + e^−|h|)        a′(h) = σ(h) = 1 − e⁻ᵃ

The second form of a is the same function and cannot overflow, for no h.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numpy import absolute, add, empty_like, exp, expm1, log1p, maximum, multiply, negative, where

from ..constants import constant
from ..formula import Formula
from ..registry import register
from .activation import Activation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..layers.layer import Call


@register
class Softplus(Activation):
    """a(h) = ln(1 + eʰ), positive: for an output such as a scale or a rate.

    Value and derivative are right to a few eps of themselves, infinities included.

    Source: Dugas, Bengio, Bélisle, Nadeau & Garcia (2001), "Incorporating second-order functional
    knowledge for better option pricing".

    Examples
    --------
    >>> from minimlp import Sequential
    >>> from minimlp.activations import Softplus
    >>> Sequential(Softplus()).predict([[-1e4, 0.0, 3.0]]).round(6)
    array([[0.      , 0.693147, 3.048587]])
    """

    reads_input = False
    formula = Formula(
        "ln(1 + exp(h))",
        "1 / (1 + exp(-h))",
        safe_value="max(h, 0) + ln(1 + exp(-abs(h)))",
    )

    def plan(self, x: NDArray[Any], y: NDArray[Any], dy: Any, dx: Any) -> tuple[Call, Call]:
        zero, part = constant(0, y.real.dtype), empty_like(y)

        def forward() -> None:
            absolute(x, part)
            negative(part, part)
            exp(part, part)
            log1p(part, part)
            maximum(x, zero, out=y)
            add(y, part, y)

        def forward_complex() -> None:
            positive = x.real > 0
            multiply(x, where(positive, -1, 1), part)
            exp(part, part)
            log1p(part, part)
            multiply(x, positive, y)
            add(y, part, y)

        def backward() -> None:
            negative(y, dx)
            expm1(dx, dx)
            negative(dx, dx)
            multiply(dx, dy, dx)

        return forward_complex if y.dtype.kind == "c" else forward, backward
