"""The paths from a unit to the loss that count most, and how many there are.

The strongest paths are found from the loss back, as the shortest ones are in a map: of all paths
through a unit only the strongest few of each unit behind it can be among the strongest few.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Path(NamedTuple):
    """The units that a path goes through, level by level, and the product of its factors."""

    units: tuple[int, ...]
    product: float


def strongest(
    factors: Sequence[NDArray[Any]], ends: NDArray[Any], unit: int, most: int
) -> tuple[list[Path], int]:
    """Find the paths from one unit with the largest products.

    Parameters
    ----------
    factors : sequence of array
        For each level the derivatives of the next level's units by this level's: (n_next, n), or
        (n,) where each unit has one unit behind it.
    ends : array (n_last,)
        The derivative of the loss by the last level.
    unit : int
        Of the first level.
    most : int
        How many to give.

    Returns
    -------
    paths : list of Path
        The strongest first.
    count : int
        How many there are in all.
    """
    products = ends[:, None].astype(np.float64)  # (units, paths each), the strongest first
    counts = [1] * len(ends)
    turns: list[tuple[NDArray[Any], NDArray[Any]]] = []  # the unit behind, and which of its paths
    for factor in reversed(factors):
        kept = products.shape[1]
        if factor.ndim == 1:
            products = factor[:, None] * products
            n = np.arange(len(factor))[:, None]
            turns.append(
                (np.broadcast_to(n, products.shape), np.arange(kept)[None].repeat(len(n), 0))
            )
            continue
        counts = [sum(counts)] * factor.shape[1]
        width = min(most, len(products) * kept)
        best = np.empty((factor.shape[1], width))
        which = np.empty((factor.shape[1], width), np.int64)
        for k in range(factor.shape[1]):  # one by one: all at once may not fit in memory
            candidates = (factor[:, k, None] * products).reshape(-1)
            sizes = -np.abs(candidates)
            chosen = np.argpartition(sizes, width - 1)[:width]
            order = chosen[np.argsort(sizes[chosen], kind="stable")]
            best[k], which[k] = candidates[order], order
        turns.append((which // kept, which % kept))
        products = best
    turns.reverse()
    paths = []
    for number in range(products.shape[1]):
        units, rank = [unit], number
        for behind, ranks in turns:
            at = units[-1]
            units.append(int(behind[at, rank]))
            rank = int(ranks[at, rank])
        paths.append(Path(tuple(units), float(products[unit, number])))
    return paths, counts[unit]
