"""Where in training one is."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass
class Position:
    """What comes next, and what the epoch has summed up so far.

    Attributes
    ----------
    epoch, batch : int
        The next step, from 0. All batches of an epoch may be done before it is closed.
    begun : bool
        Whether the epoch has begun: its order is drawn, and callbacks know of it.
    total : float
        Σ loss · rows of the epoch's steps.
    """

    epoch: int = 0
    batch: int = 0
    begun: bool = False
    total: float = 0.0

    def next_epoch(self) -> None:
        self.epoch, self.batch, self.begun, self.total = self.epoch + 1, 0, False, 0.0

    def copy(self) -> Position:
        return replace(self)
