"""Numbers that run away are noticed at once, and the model is put back to where it was sound."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..objective import Model
    from ..optimizers import Optimizer


BEFORE_ANY_STEP = "before any step: inputs, targets or first weights are too large"


class LastFinite:
    """The parameters after the last epoch that was finite in all its numbers.

    Attributes
    ----------
    parameters : array (P,)
    """

    def __init__(self, model: Model) -> None:
        self.parameters: NDArray[Any] = model.parameters.copy()

    def keep(self, model: Model) -> None:
        """Take the parameters as they are for sound ones."""
        np.copyto(self.parameters, model.parameters)

    def put_back(self, model: Model, optimizer: Optimizer) -> None:
        """Give the model these parameters; the optimizer forgets what led away from them."""
        np.copyto(model.parameters, self.parameters)
        optimizer.restart()


def is_finite(model: Model) -> bool:
    """Tell whether all parameters are numbers."""
    parameters = model.parameters
    with np.errstate(over="ignore", invalid="ignore"):  # of squares, where no parameter is
        if math.isfinite(float(parameters.dot(parameters))):
            return True
    return bool(np.isfinite(parameters).all())


def divergence(what: str, value: float, epoch: int, batch: int | None, optimizer: Any) -> str:
    """Say what became NaN or infinite, when, and the likely cause.

    Parameters
    ----------
    what : str
        Such as "the loss".
    epoch, batch : int
        Counted from 0; None for a figure of the whole epoch.
    """
    where = f"epoch {epoch + 1}" + (f", batch {batch + 1}" if batch is not None else "")
    if epoch == 0 and batch == 0:
        cause = BEFORE_ANY_STEP
    else:
        rate = getattr(optimizer, "rate", None)
        cause = "the learning rate is probably too high"
        if rate is not None:
            cause = f"the learning rate, {rate:.3g}, is probably too high"
        cause += "; a lower one, clip_norm=1.0 or inputs of mean 0 and deviation 1 help"
    return f"{_became(what, value)} in {where}: {cause}"


def solver_divergence(what: str, value: float, epoch: int, *, started: bool) -> str:
    """Say the same of a solver, which chooses its steps by itself.

    Parameters
    ----------
    what, value, epoch
        As above.
    started : bool
        Whether the loss was a number once.
    """
    cause = "a step went too far; inputs of mean 0 and deviation 1, or a penalty, help"
    cause = cause if started else BEFORE_ANY_STEP
    return f"{_became(what, value)} in epoch {epoch + 1}: {cause}"


def _became(what: str, value: float) -> str:
    return f"{what} became {'NaN' if math.isnan(value) else value}"
