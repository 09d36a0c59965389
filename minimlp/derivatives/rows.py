"""A backward pass that keeps apart, row by row, what a training step sums over the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..parameters import layout
from ..validation import as_count
from ..workspace import Workspace

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..layers import Layer

BATCH_SIZE = 256


class RowWise(NamedTuple):
    """A derivative with one entry a row, found for some rows at a time.

    ``fill(rows, out)`` writes that of a slice of the rows.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fill: Callable[[slice, NDArray[Any]], None]

    def whole(self, batch_size: int) -> NDArray[Any]:
        """Give it for all rows, `batch_size` at a time."""
        slices = self._slices(batch_size)
        out = np.empty(self.shape, self.dtype)
        for rows in slices:
            self.fill(rows, out[rows])
        return out

    def chunks(self, batch_size: int) -> Iterator[NDArray[Any]]:
        """Give it for `batch_size` rows after the other, each time in a new array."""
        return map(self._part, self._slices(batch_size))

    def _part(self, rows: slice) -> NDArray[Any]:
        out = np.empty((rows.stop - rows.start, *self.shape[1:]), self.dtype)
        self.fill(rows, out)
        return out

    def _slices(self, batch_size: int) -> list[slice]:
        total, size = self.shape[0], as_count("batch_size", batch_size)
        return [slice(start, min(start + size, total)) for start in range(0, total, size)]


def forward_rows(
    layers: Sequence[Layer], x: NDArray[Any], *, input_gradient: bool = False
) -> Workspace:
    """Run the chain over `x`, for several passes back over the same outputs."""
    workspace = Workspace(layers, x, input_gradient=input_gradient)
    workspace.forward()
    for output in workspace.outputs:
        output.flags.writeable = False  # one that a pass back writes over would spoil the next
    return workspace


def per_row_pass(layers: Sequence[Layer], workspace: Workspace, out: NDArray[Any]) -> None:
    """Run the chain rule from ``workspace.deltas[-1]`` back; each row's gradient goes into out."""
    views: list[dict[str, NDArray[Any]]] = [{} for _ in layers]
    for part in layout(layers):
        views[part.position][part.name] = out[:, part.slice].reshape(len(out), *part.shape)
    # The steps go from the last layer back, and may end before the first ones.
    for (layer, x, y, dy, dx), own in zip(workspace.backward_steps, reversed(views), strict=False):
        if own:
            layer.per_sample_gradients(x, y, dy, own)
            for name in layer.frozen:
                own[name].fill(0)
        if dx is not None:
            layer.backward(x, y, dy, dx)
