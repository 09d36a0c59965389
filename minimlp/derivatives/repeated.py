"""The same random draws in every pass, so that a network with chance in it is one function.

A layer that drops units at random has a derivative only while the units it drops stay the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..layers import Layer


class Repeated:
    """The random generators that layers keep, and the states they had."""

    def __init__(self, layers: Iterable[Layer]) -> None:
        kept = [value for layer in layers for value in vars(layer).values()]
        self._sources: list[Any] = [
            value.bit_generator for value in kept if isinstance(value, np.random.Generator)
        ]
        self._states = [source.state for source in self._sources]

    def rewind(self) -> None:
        """Put the generators back, so that the next pass draws what the last one drew."""
        for source, state in zip(self._sources, self._states, strict=True):
            source.state = state
