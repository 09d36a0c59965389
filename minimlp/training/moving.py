"""What training itself may change of the call's settings, to be put back where it breaks off.

A callback may have lowered the learning rate since the last checkpoint was written. With what the
checkpoint knows, the same objects can be given to the same call once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..objective import Model
    from ..optimizers import Optimizer
    from ..solvers import Solver


class Moving:
    """The learning rate, what is frozen, and the layers' own arrays, as they are now."""

    def __init__(self, model: Model, optimizer: Optimizer | Solver) -> None:
        self._optimizer = optimizer
        self._rate = getattr(optimizer, "learning_rate", None)
        self._frozen = [(layer, layer.frozen) for layer in model.layers]
        arrays = [getattr(layer, name) for layer in model.layers for name in layer.state_names]
        self._arrays = [(array, array.copy()) for array in arrays]

    def put_back(self) -> None:
        """Make everything as it was."""
        if self._rate is not None:
            self._optimizer.learning_rate = self._rate  # type: ignore[union-attr]
        for layer, names in self._frozen:
            layer.frozen = names
        for array, kept in self._arrays:
            array[...] = kept
