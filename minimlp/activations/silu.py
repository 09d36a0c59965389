"""A number times its own sigmoid: nearly 0 for very negative numbers, nearly h for large ones.

    a(h) = h·σ(h) = h / (1 + e⁻ʰ)        a′(h) = σ + h·σ·(1 − σ) = (1 + a·e⁻ʰ) / (1 + e⁻ʰ)

It dips to −0.28 at h = −1.28. The derivative takes its exponential from the forward pass.
"""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, Any

from numpy import add, copyto, divide, empty_like, exp, finfo, maximum, minimum, multiply, negative

from ..constants import constant
from ..formula import Formula
from ..registry import register
from .activation import Activation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..layers.layer import Call


@register
class SiLU(Activation):
    """a(h) = h·σ(h), also known as Swish.

    Value and derivative are right to a few eps absolutely for every input, infinities included.

    Sources: Hendrycks & Gimpel (2016), "Gaussian error linear units (GELUs)"; Elfwing, Uchibe &
    Doya (2018), "Sigmoid-weighted linear units for neural network function approximation in
    reinforcement learning".

    Examples
    --------
    >>> from minimlp import Sequential
    >>> from minimlp.activations import SiLU
    >>> Sequential(SiLU()).predict([[-1.0, 0.0, 3.0]]).round(6)
    array([[-0.268941,  0.      ,  2.857722]])
    """

    formula = Formula("h / (1 + exp(-h))", "1 / (1 + exp(-h)) + a * (1 - 1 / (1 + exp(-h)))")

    def backward(self, x: NDArray[Any], y: NDArray[Any], dy: NDArray[Any], dx: Any) -> None:
        forward, backward = self.plan(x, empty_like(y), dy, dx)
        forward()
        backward()

    def plan(self, x: NDArray[Any], y: NDArray[Any], dy: Any, dx: Any) -> tuple[Call, Call]:
        real, is_complex = y.real.dtype, y.dtype.kind == "c"
        # Beyond it e⁻ʰ overflows; before it all that is left of a or 1 − σ is less than rounding.
        limit = log(finfo(real).max) - 1
        one, low, high = constant(1, y.dtype), constant(-limit, real), constant(limit, real)
        h, e, divisor = empty_like(y), empty_like(y), empty_like(y)  # e is e⁻ʰ
        x_real, y_real, h_real = x.real, y.real, h.real
        dx_real = None if dx is None else dx.real

        def forward() -> None:
            if is_complex:
                copyto(h, x)  # the next line bounds the real part alone
            maximum(x_real, low, out=h_real)
            negative(h, e)
            exp(e, e)
            add(e, one, divisor)
            divide(h, divisor, y)

        def backward() -> None:
            if is_complex:
                copyto(dx, y)
            minimum(y_real, high, out=dx_real)  # for ∞·0 is not 0
            multiply(dx, e, dx)
            add(dx, one, dx)
            divide(dx, divisor, dx)
            multiply(dx, dy, dx)

        return forward, backward
