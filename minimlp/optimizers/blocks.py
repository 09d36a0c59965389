"""Long vectors are worked through in blocks: what a call writes is in the cache for the next one.

A rule of ten calls would otherwise fetch a long vector from memory ten times.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector: TypeAlias = NDArray[Any]

BLOCK = 1 << 16  # entries: 256 KB in float32, a part of the second cache

# Up to FEW parameters the number of calls counts. Beyond it, products are shared among processors,
# and what another one has read is slow to write to, twice as slow as by a plain copy; beyond
# _COPIED it is no longer in that one's cache.
FEW = 1 << 13
_COPIED = 1 << 18


def scratch(parameters: Vector) -> Vector:
    """Make room for what lies between the calls on one block."""
    return np.empty_like(parameters[:BLOCK])


def blocks(parameters: Vector, *others: Vector) -> Iterable[tuple[Vector, ...]]:
    """Cut vectors (P,) into blocks side by side; a `scratch` serves every block anew."""
    if len(parameters) <= BLOCK:
        return ((parameters, *others),)
    return _cut(parameters, *others)


def _cut(*vectors: Vector) -> Iterator[tuple[Vector, ...]]:
    length = len(vectors[0])
    for start in range(0, length, BLOCK):
        size = min(BLOCK, length - start)
        yield tuple(
            vector[start : start + size] if len(vector) == length else vector[:size]
            for vector in vectors
        )


def descend(block: Vector, step: Vector, length: int) -> None:
    """Take `step` from a block of a vector of `length` entries; `step` is overwritten."""
    if FEW < length <= _COPIED:
        np.subtract(block, step, step)
        block[...] = step
    else:
        np.subtract(block, step, block)
