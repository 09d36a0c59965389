"""A number times the chance that a standard normal one is smaller.

    a(h) = h·Φ(h) = ½·h·(1 + erf(h/√2))        a′(h) = Φ + h·φ,    φ(h) = e^(−h²/2) / √(2π)

The usual approximation is off by 5e-4 at most. It replaces Φ(h) by a sigmoid,

    a(h) = ½·h·(1 + tanh(w/2)) = h·σ(w)        w = 2·√(2/π)·(h + 0.044715·h³)
    a′(h) = σ + h·σ·(1 − σ)·w′ = (1 + a·e⁻ʷ·w′) / (1 + e⁻ʷ)

The derivatives take what the forward pass has computed on its way.
"""

from __future__ import annotations

from math import pi, sqrt
from typing import TYPE_CHECKING, Any

from numpy import add, copyto, divide, empty_like, exp, maximum, minimum, multiply, square, subtract

from ..constants import constant
from ..formula import Formula
from ..registry import register
from ..validation import as_flag
from .activation import Activation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..layers.layer import Call

LINEAR = -2 * sqrt(2 / pi)
CUBIC = 0.044715 * LINEAR

_TANH = "tanh(sqrt(2 / pi) * (h + 0.044715 * h**3))"
_BY_TANH = Formula(
    f"0.5 * h * (1 + {_TANH})",
    f"0.5 * (1 + {_TANH}) + 0.5 * h * (1 - {_TANH}**2) * sqrt(2 / pi) * (1 + 0.134145 * h**2)",
)
_EXACT = Formula("h * Phi(h)", "Phi(h) + h * exp(-(h**2) / 2) / sqrt(2 * pi)")


@register
class GELU(Activation):
    """a(h) = h·Φ(h), Φ the distribution function of the standard normal distribution.

    Value and derivative are right to a few eps absolutely for every input, infinities included.

    Source: Hendrycks & Gimpel (2016), "Gaussian error linear units (GELUs)".

    Parameters
    ----------
    approximate : bool
        Whether to use the approximation by tanh. The exact form takes several times as long and
        needs SciPy. It cannot be changed afterwards.

    Raises
    ------
    TypeError
        `approximate` is neither True nor False.
    ImportError
        `approximate` is False, and SciPy is not installed: ``pip install "minimlp[scipy]"``.

    Examples
    --------
    >>> from minimlp import Sequential
    >>> from minimlp.activations import GELU
    >>> Sequential(GELU()).predict([[-1.0, 0.0, 3.0]]).round(6)
    array([[-0.158808,  0.      ,  2.996363]])
    """

    def __init__(self, approximate: bool = True) -> None:
        self._approximate = as_flag("approximate", approximate)
        if not self._approximate:
            _distribution()

    @property
    def approximate(self) -> bool:
        """Whether a is the approximation by tanh."""
        return self._approximate

    @property
    def formula(self) -> Formula:  # type: ignore[override]
        return _BY_TANH if self._approximate else _EXACT

    def backward(self, x: NDArray[Any], y: NDArray[Any], dy: NDArray[Any], dx: Any) -> None:
        forward, backward = self.plan(x, empty_like(y), dy, dx)
        forward()
        backward()

    def plan(self, x: NDArray[Any], y: NDArray[Any], dy: Any, dx: Any) -> tuple[Call, Call]:
        real, is_complex = y.real.dtype, y.dtype.kind == "c"
        # Up to it eʷ does not overflow; before it Φ is 0 or 1 to far less than rounding.
        limit = 10 if real.itemsize == 4 else 21
        low, high = constant(-limit, real), constant(limit, real)
        h, bounded = empty_like(y), empty_like(y)  # from below, and from both sides
        x_real, h_real, bounded_real = x.real, h.real, bounded.real
        form = _tanh_form if self._approximate else _exact_form
        value, backward = form(h, bounded, y, dy, dx, high)

        def forward() -> None:
            if is_complex:
                copyto(h, x)  # the other lines bound the real part alone
                copyto(bounded, x)
            maximum(x_real, low, out=h_real)
            minimum(h_real, high, out=bounded_real)
            value()

        return forward, backward


def _tanh_form(
    h: NDArray[Any], bounded: NDArray[Any], y: NDArray[Any], dy: Any, dx: Any, high: NDArray[Any]
) -> tuple[Call, Call]:
    dtype, is_complex = y.dtype, y.dtype.kind == "c"
    one, linear, cubic = constant(1, dtype), constant(LINEAR, dtype), constant(CUBIC, dtype)
    cubic_3 = constant(3 * CUBIC, dtype)
    squares, e, divisor, slope = (empty_like(y) for _ in range(4))  # e is e⁻ʷ
    y_real, dx_real = y.real, None if dx is None else dx.real

    def forward() -> None:
        square(bounded, squares)
        multiply(squares, cubic, e)
        add(e, linear, e)
        multiply(e, bounded, e)
        exp(e, e)
        add(e, one, divisor)
        divide(h, divisor, y)

    def backward() -> None:
        if is_complex:
            copyto(dx, y)
        minimum(y_real, high, out=dx_real)
        multiply(dx, e, dx)
        multiply(squares, cubic_3, slope)
        add(slope, linear, slope)  # −w′
        multiply(dx, slope, dx)
        subtract(one, dx, dx)
        divide(dx, divisor, dx)
        multiply(dx, dy, dx)

    return forward, backward


def _exact_form(
    h: NDArray[Any], bounded: NDArray[Any], y: NDArray[Any], dy: Any, dx: Any, high: NDArray[Any]
) -> tuple[Call, Call]:
    dtype, distribution = y.dtype, _distribution()
    half, height = constant(-0.5, dtype), constant(1 / sqrt(2 * pi), dtype)
    probability = empty_like(y)

    def forward() -> None:
        distribution(h, probability)
        multiply(h, probability, y)

    def backward() -> None:
        square(bounded, dx)
        multiply(dx, half, dx)
        exp(dx, dx)
        multiply(dx, bounded, dx)
        multiply(dx, height, dx)
        add(dx, probability, dx)
        multiply(dx, dy, dx)

    return forward, backward


def _distribution() -> Any:
    """Give Φ(h) = ½·(1 + erf(h/√2)) of SciPy, which is also right where 1 + erf cancels."""
    try:
        from scipy.special import ndtr  # type: ignore[import-untyped]
    except ImportError as error:
        raise ImportError(
            'GELU(approximate=False) needs SciPy: pip install "minimlp[scipy]"'
        ) from error
    return ndtr
