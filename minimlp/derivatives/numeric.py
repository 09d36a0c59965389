"""Derivatives from values alone: two ways to ask a function how it changes with one number.

Central differences step to both sides, f′(x) ≈ (f(x + h) − f(x − h)) / 2h. The error of the formula
falls with h², that of subtracting two nearly equal numbers grows with 1/h, and the best of both is
near h = ∛eps: five right digits can be relied on.

The complex step goes along the imaginary axis, f(x + ih) = f(x) + ih·f′(x) − …, so that
f′(x) ≈ Im f(x + ih) / h. Nothing is subtracted, and h may be so small that the rest of the series
is nothing: all digits are right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

COMPLEX_STEP = 1e-200  # its square is 0, and so does not tip a branch on x.real at exactly 0
EPS = float(np.finfo(np.float64).eps)
CENTRAL_STEP = float(np.cbrt(EPS))


def complex_step(
    value: Callable[[], Any], array: NDArray[np.complex128], entries: Iterable[int]
) -> NDArray[np.float64]:
    """Differentiate `value`, which reads `array`, by some of its entries.

    Parameters
    ----------
    value : callable
        Gives a complex number that depends on what `array` holds.
    array : complex128 array (n,)
        Each entry is moved and put back.
    entries : iterable of int

    References
    ----------
    Squire & Trapp (1998), "Using complex variables to estimate derivatives of real functions",
    SIAM Review 40, 110-112.
    """
    step = COMPLEX_STEP * np.abs(array).max(initial=1)
    slopes = []
    with np.errstate(under="ignore"):  # products of imaginary parts vanish, as they should
        for entry in entries:
            kept = array[entry]
            array[entry] = kept + 1j * step
            slopes.append(np.imag(value()) / step)
            array[entry] = kept
    return np.array(slopes, np.float64)


def central_differences(
    value: Callable[[], Any], array: NDArray[np.float64], entries: Iterable[int]
) -> NDArray[np.float64]:
    """Differentiate `value`, which reads `array`, by some of its entries; see `complex_step`.

    The step is ∛eps = 6e-6 times the array's largest entry, or longer where rounding would drown so
    short a one: where the entries are tiny, as biases are that have hardly begun to train, or the
    value is large.
    """
    entries = list(entries)
    step = _step(value, array) if entries else 0.0
    slopes = []
    for entry in entries:
        kept = array[entry]
        array[entry] = above = kept + step
        rise = value()
        array[entry] = below = kept - step
        rise -= value()
        slopes.append(rise / (above - below))
        array[entry] = kept
    return np.array(slopes, np.float64)


def _step(value: Callable[[], Any], array: NDArray[np.float64]) -> float:
    """Choose the shortest step that promises six digits along a random line, or else the best."""
    kept, line = array.copy(), np.random.default_rng(0).normal(size=array.shape)

    def rise(step: float) -> Any:
        array[:] = kept + step * line
        above = value()
        array[:] = kept - step * line
        below = value()
        array[:] = kept
        return above - below

    def error(step: float) -> float:
        whole, half = rise(step), rise(step / 2)
        formula, rounding = abs(whole - 2 * half), EPS * abs(value())
        return float((formula + rounding) / abs(whole)) if whole else np.inf

    own = CENTRAL_STEP * (np.abs(array).max(initial=0) or 1)
    if not (rise(own) or rise(CENTRAL_STEP)):
        return float(
            own
        )  # no dependence here, or rounding hides it; a longer step may cross a kink
    steps = sorted({step * 10**k for step in (own, CENTRAL_STEP) for k in range(4)})
    with np.errstate(all="ignore"):  # a step that is too long for the function is not taken
        errors = np.nan_to_num([error(step) for step in steps], nan=np.inf)
    good = np.flatnonzero(errors < 1e-6)
    return float(steps[good[0] if good.size else int(np.argmin(errors))])
