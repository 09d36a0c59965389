"""Choices made from bytes: the same bytes are the same case, on every machine.

The bytes are used up first, so that a tool that changes them changes single choices; what they
leave open is drawn from a generator that they seed.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Choices:
    """What a case is made of.

    Parameters
    ----------
    data : bytes
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._used = 0
        self._random = random.Random(data)

    def below(self, count: int) -> int:
        """Give a whole number from 0 to `count` − 1."""
        size = max(1, (count.bit_length() + 7) // 8)
        piece = self._data[self._used : self._used + size]
        self._used += size
        return int.from_bytes(piece, "big") % count if piece else self._random.randrange(count)

    def one_in(self, count: int) -> bool:
        return self.below(count) == 0

    def pick(self, items: Sequence[T]) -> T:
        return items[self.below(len(items))]

    def bytes(self, count: int) -> bytes:
        return self._random.randbytes(count)
