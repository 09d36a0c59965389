"""Running the chain forward alone, for any number of rows and from several threads at once."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .parameters import output_width
from .workspace import Workspace

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .layers import Layer

_FEW = 32  # rows: beyond, the arithmetic outweighs the making of arrays
_KEPT = 1 << 16  # entries of all arrays that a thread keeps from one prediction to the next


class Prediction(threading.local):
    """Outputs of a chain of layers; each thread keeps its arrays for predictions of few rows.

    Parameters
    ----------
    layers : sequence of Layer
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._layers = layers
        self._few: tuple[NDArray[Any], Workspace] | None = None

    def run(self, x: NDArray[Any], size: int) -> NDArray[Any]:
        """Give the outputs of checked inputs, at most `size` rows at a time; the caller's own."""
        if len(x) > min(size, _FEW):
            return self._in_chunks(x, size)
        few, self._few = self._few, None  # an error or a signal in between leaves none behind
        if few is None or few[0].shape != x.shape:
            batch = np.empty_like(x)
            few = batch, Workspace(self._layers, _read_only(batch), backward=False)
            if sum(array.size for array in few[1].outputs) > _KEPT:
                return self._in_chunks(x, size)
        batch, workspace = few
        batch[...] = x
        outputs = workspace.forward().copy()
        self._few = few
        return outputs

    def _in_chunks(self, x: NDArray[Any], size: int) -> NDArray[Any]:
        x = _read_only(x)  # it may be the caller's own array
        if len(x) <= size:
            return Workspace(self._layers, x, backward=False).forward()
        outputs = np.empty((len(x), output_width(self._layers, x.shape[1])), x.dtype)
        workspace = None
        for start in range(0, len(x), size):
            chunk = x[start : start + size]
            if workspace is None or len(chunk) != size:
                workspace = Workspace(self._layers, chunk, backward=False)
            else:
                workspace = workspace.with_batch(chunk)
            outputs[start : start + size] = workspace.forward()
        return outputs


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    array = array.view()
    array.flags.writeable = False
    return array
