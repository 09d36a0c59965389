"""Targets that a loss has a meaning for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


_ROUNDING = 1e-6  # what shares and rates may be off by that somebody computed


def check_within(name: str, target: NDArray[Any], low: float, high: float, what: str) -> None:
    """Refuse an entry below `low` or above `high` by more than rounding.

    `what` says what the loss takes.

    Raises
    ------
    ValueError
        With the first such entry and its place.
    """
    outside = (target < low - _ROUNDING) | (target > high + _ROUNDING)
    if outside.any():
        row, column = (int(i) for i in np.argwhere(outside)[0])
        raise ValueError(
            f"{name} holds {target[row, column]} at row {row}, column {column}: {what}"
        )


def check_sums(name: str, target: NDArray[Any], what: str) -> None:
    """Refuse a row whose entries do not sum to 1, but for rounding.

    Raises
    ------
    ValueError
        With the first such row.
    """
    sums = target.sum(axis=1, dtype=np.float64)
    wrong = np.flatnonzero(np.abs(sums - 1) > _ROUNDING)
    if wrong.size:
        row = int(wrong[0])
        raise ValueError(f"{name} has the sum {sums[row]:.9g} in row {row}: {what}")
