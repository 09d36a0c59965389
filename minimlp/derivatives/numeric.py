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

COMPLEX_STEP = 1e-100  # its square, too, can be held: products of two steps do not underflow
CENTRAL_STEP = float(np.cbrt(np.finfo(np.float64).eps))


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
    slopes = []
    for entry in entries:
        kept = array[entry]
        array[entry] = kept + 1j * COMPLEX_STEP
        slopes.append(np.imag(value()) / COMPLEX_STEP)
        array[entry] = kept
    return np.array(slopes, np.float64)


def central_differences(
    value: Callable[[], Any], array: NDArray[np.float64], entries: Iterable[int]
) -> NDArray[np.float64]:
    """Differentiate `value`, which reads `array`, by some of its entries; see `complex_step`.

    The step is ∛eps = 6e-6 times the array's largest entry, so that it suits numbers of any size.
    """
    step = CENTRAL_STEP * (np.abs(array).max(initial=0) or 1)
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
