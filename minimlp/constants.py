"""Numbers as NumPy likes them: for small arrays, a Python number doubles the time of a call."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@lru_cache(maxsize=64)
def constant(value: float, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Give `value` as an array without axes, of the dtype of what it is combined with."""
    return _read_only(np.array(value, dtype))


@lru_cache(maxsize=16)
def ones(rows: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Give ones, whose product with δ sums its rows several times faster than ``np.sum``."""
    return _read_only(np.ones(rows, dtype))


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False
    return array
