"""Numbers that run away are noticed: training ends, and the model is refused."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .callback import Callback

if TYPE_CHECKING:
    from ..objective import Model


class StopAtNaN(Callback):
    """Ends training after an epoch whose loss is not finite."""

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        if not math.isfinite(logs["loss"]):
            self.model.stop_training = True


def check_finite(model: Model) -> None:
    """Refuse a model that lost its numbers.

    Raises
    ------
    FloatingPointError
        A parameter is NaN or infinite.
    """
    if not math.isfinite(float(abs(model.parameters).max())):
        raise FloatingPointError("weights are no longer finite")
