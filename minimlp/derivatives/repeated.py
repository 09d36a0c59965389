"""The same random draws in every pass, so that a network with chance in it is one function.

A layer that drops units at random has a derivative only while the units it drops stay the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ..layers import Layer
from ..registry import Component

if TYPE_CHECKING:
    from numpy.random import Generator


class Repeated:
    """The generators that layers keep, in attributes, lists or layers within, and their states."""

    def __init__(self, layers: Iterable[Layer | Generator | None]) -> None:
        self._sources = list(bit_generators(list(layers)))
        self._states = [source.state for source in self._sources]

    def rewind(self) -> None:
        """Put the generators back, so that the next pass draws what the last one drew."""
        for source, state in zip(self._sources, self._states, strict=True):
            source.state = state


def bit_generators(value: Any, seen: set[int] | None = None) -> Iterator[Any]:
    """Find the bit generators that a piece keeps, in attributes, lists or pieces within."""
    seen = set() if seen is None else seen
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, np.random.Generator):
        yield value.bit_generator
    within = vars(value) if isinstance(value, Component) else value
    if isinstance(within, dict):
        within = list(within.values())
    if isinstance(within, list | tuple):
        for item in within:
            yield from bit_generators(item, seen)
