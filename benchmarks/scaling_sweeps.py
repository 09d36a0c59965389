"""What grows in scaling.py, and what is found of each competitor."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from peers.task import Task


class Sweep(NamedTuple):
    """One size grows, the others stay; `shape` gives widths and batch of a size."""

    net: str
    axis: str
    sizes: list[int]
    shape: Callable[[int], tuple[tuple[int, ...], int]]

    def task(self, size: int) -> Task:
        """Make the task; 128 steps an epoch, or so few that an epoch takes about a second."""
        from peers.task import Task

        widths, batch = self.shape(size)
        steps = 128 if max(widths) <= 512 else 8
        return Task(widths, batch, rows=max(batch, min(4096, steps * batch)))


class Curve(NamedTuple):
    """Seconds a step of one competitor: of each size all rounds, and the slopes at both ends."""

    rounds: list[list[float]]
    small: float
    large: float

    @property
    def times(self) -> list[float]:
        return [median(rounds) for rounds in self.rounds]
