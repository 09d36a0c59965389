"""Data in mini-batches, gathered into arrays that exist.

An epoch walks through all rows, in an order that is shuffled in place. Several small batches are
gathered at once, into one array of which each is a part: a call less for every batch.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ..objective import Objective, Samples
from .generators import generator_state, set_generator

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from ..workspace import Workspace

_AT_ONCE = 16  # batches
_WORTH_IT = 8  # room for one more is made only where it saves so many gathers in each epoch
_BYTES = 1 << 16  # of inputs and targets, to be still in the cache when their batch is taken


class Batch:
    """One mini-batch: what can be done with it, and its outputs then."""

    def __init__(
        self,
        objective: Objective,
        workspace: Workspace,
        target: NDArray[Any],
        weight: NDArray[Any] | None,
    ) -> None:
        self.size = len(target)
        self.outputs, self.value, self.value_and_gradient = objective.plan(
            workspace, target, weight
        )


class Block:
    """Room for `count` mini-batches of `size` rows, which are gathered together.

    All of them share one workspace but for its inputs, since one is done with before the next.
    """

    def __init__(
        self,
        objective: Objective,
        samples: Samples,
        size: int,
        count: int,
        training: Generator | None,
    ) -> None:
        gathered = [array for array in samples if array is not None]
        room = [np.empty((count * size, *array.shape[1:]), array.dtype) for array in gathered]
        self._copied = list(zip(gathered, room, strict=True))
        x, target = room[:2]
        weight = None if samples.weight is None else room[2]
        self._size = size
        workspace = objective.workspace(x[:size], rng=training)
        self._batches = []
        for start in range(0, count * size, size):
            part = slice(start, start + size)
            own = workspace.with_batch(x[part]) if start else workspace
            own_weight = None if weight is None else weight[part]
            self._batches.append(Batch(objective, own, target[part], own_weight))

    def gather(self, rows: NDArray[np.intp]) -> list[Batch]:
        """Copy samples in, whole batches of them, and give these batches."""
        for array, own in self._copied:  # "clip" skips a check of indices that are known to fit
            array.take(rows, 0, own[: len(rows)], "clip")
        return self._batches[: len(rows) // self._size]


class Batches:
    """The mini-batches of one epoch; again and again, without allocating.

    Rows are read when their batches are gathered, up to 16 batches ahead of their step. Each
    epoch's order is drawn from the natural one, so that a generator's state alone brings it back.

    Parameters
    ----------
    objective : Objective
    samples : Samples
    batch_size : int
    rng : Generator or None
        Shuffles the rows anew for every epoch; None keeps their order.
    training : Generator, optional
        What layers draw from that do something else in training.

    Attributes
    ----------
    rows, size, count : int
        Number of rows, of those in a batch, and of batches.
    order : array (rows,) of int
        The rows as this epoch walks through them.
    state : dict or None
        That of the generator before it drew the last order.
    """

    def __init__(
        self,
        objective: Objective,
        samples: Samples,
        batch_size: int,
        rng: Generator | None = None,
        training: Generator | None = None,
    ) -> None:
        self.rows = rows = len(samples.x)
        size = min(batch_size, rows)
        self.count = -(-rows // size)
        self.state: dict[str, Any] | None = None
        self._rng = rng
        self._natural = np.arange(rows)
        self.order = self._natural if rng is None else self._natural.copy()
        self._whole = rows - rows % size
        steps, bytes_each = rows // size, samples.x[:size].nbytes + samples.target[:size].nbytes
        count = max(1, min(_AT_ONCE, steps // _WORTH_IT, _BYTES // bytes_each))
        self.size, self._at_once = size, count * size
        self._block = Block(objective, samples, size, count, training)
        self._rest = Block(objective, samples, rows % size, 1, training) if rows % size else None

    def shuffle(self) -> None:
        """Draw the order of the next epoch."""
        if self._rng is not None:
            self.state = generator_state(self._rng)
            self.order[...] = self._natural
            self._rng.shuffle(self.order)

    def go_back(self, state: dict[str, Any] | None) -> None:
        """Draw the order again that was drawn when the generator was in `state`."""
        if self._rng is not None:
            set_generator(self._rng, state)
            self.shuffle()

    def run(self, first: int = 0) -> Iterator[Batch]:
        """Iterate over the batches, from one on."""
        whole, skipped = self.order[: self._whole], first * self.size
        # Blocks begin where they always do: products of arrays that lie elsewhere may have other
        # bits.
        for start in range(skipped - skipped % self._at_once, self._whole, self._at_once):
            batches = self._block.gather(whole[start : start + self._at_once])
            yield from batches[max(0, skipped - start) // self.size :]
        if self._rest is not None and first < self.count:
            yield from self._rest.gather(self.order[self._whole :])
