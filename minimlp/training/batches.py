"""Data in mini-batches, gathered into arrays that exist.

An epoch walks through all rows, in an order that is shuffled in place. All batches but the last
have one size, so two workspaces serve every epoch.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ..objective import Objective, Samples

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray


class Batch:
    """Room for one mini-batch: a workspace for its inputs, targets and weights beside it."""

    def __init__(self, objective: Objective, samples: Samples, size: int) -> None:
        self.size = size
        self.samples = samples
        self.workspace = objective.workspace(size, samples.x.shape[1])
        self.target = np.empty((size, samples.target.shape[1]), samples.target.dtype)
        self.weight = None if samples.weight is None else np.empty(size, samples.weight.dtype)
        self.rows: NDArray[np.intp] = np.empty(0, np.intp)

    def gather(self, rows: NDArray[np.intp]) -> None:
        """Copy the samples of `rows` in; "clip" skips a check of indices that are known to fit."""
        self.rows = rows
        self.samples.x.take(rows, 0, self.workspace.outputs[0], "clip")
        self.samples.target.take(rows, 0, self.target, "clip")
        if self.weight is not None and self.samples.weight is not None:
            self.samples.weight.take(rows, 0, self.weight, "clip")


class Batches:
    """Iterates over the mini-batches of one epoch; again and again, without allocating.

    Parameters
    ----------
    objective : Objective
    samples : Samples
    batch_size : int
    rng : Generator or None
        Shuffles the rows anew for every epoch; None keeps their order.
    """

    def __init__(
        self, objective: Objective, samples: Samples, batch_size: int, rng: Generator | None = None
    ) -> None:
        rows = len(samples.x)
        self.batch_size = min(batch_size, rows)
        self._rng = rng
        self._order = np.arange(rows)
        self._full = Batch(objective, samples, self.batch_size)
        rest = rows % self.batch_size
        self._last = Batch(objective, samples, rest) if rest else self._full

    def __iter__(self) -> Iterator[Batch]:
        if self._rng is not None:
            self._rng.shuffle(self._order)
        order, size = self._order, self.batch_size
        for start in range(0, len(order), size):
            rows = order[start : start + size]
            batch = self._full if len(rows) == size else self._last
            batch.gather(rows)
            yield batch
