"""A rectifier that lets a little of the negative numbers through, so that no unit dies.

    a(h) = max(h, s·h)        a′(h) = 1 where h > 0, else s        0 < s < 1

A unit of ReLU that is off for all samples has derivative 0 and never learns again; here it has s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numpy import empty_like, greater, maximum, multiply

from ..constants import constant
from ..formula import Formula
from ..registry import register
from ..validation import as_number
from .activation import Activation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..layers.layer import Call


@register
class LeakyReLU(Activation):
    """a(h) = h where h > 0, else s·h.

    At 0, where there is no derivative, s is taken.

    Source: Maas, Hannun & Ng (2013), "Rectifier nonlinearities improve neural network acoustic
    models".

    Parameters
    ----------
    negative_slope : float
        s, in (0, 1).

    Raises
    ------
    TypeError, ValueError
        `negative_slope` is not a number in (0, 1).

    Examples
    --------
    >>> from minimlp import Sequential
    >>> from minimlp.activations import LeakyReLU
    >>> Sequential(LeakyReLU(0.1)).predict([[-2.0, 0.0, 3.0]])
    array([[-0.2,  0. ,  3. ]])
    """

    reads_input = False
    formula = Formula("h if h > 0 else s * h", "1 if h > 0 else s", letters={"s": "negative_slope"})

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = as_number("negative_slope", negative_slope, low=0, below=1)
        if not self.negative_slope:
            raise ValueError("negative_slope must be above 0, got 0: that is ReLU()")

    def plan(self, x: NDArray[Any], y: NDArray[Any], dy: Any, dx: Any) -> tuple[Call, Call]:
        real = y.real.dtype
        zero, part = constant(0, real), empty_like(y)
        x_real, y_real, part_real = x.real, y.real, part.real
        dx_real: Any = None if dx is None else dx.real

        def forward() -> None:
            multiply(x, constant(self.negative_slope, real), part)
            maximum(x, part, out=y)

        def forward_complex() -> None:
            greater(x_real, zero, part)
            maximum(part_real, constant(self.negative_slope, real), out=part_real)
            multiply(x, part, y)

        def backward() -> None:
            greater(y_real, zero, dx)
            maximum(dx_real, constant(self.negative_slope, real), out=dx_real)
            multiply(dx, dy, dx)

        return forward_complex if y.dtype.kind == "c" else forward, backward
