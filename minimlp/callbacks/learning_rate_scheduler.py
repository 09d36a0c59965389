"""A learning rate for every epoch, from a function of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..validation import as_number
from .call import ShownAsCall
from .rate import check_rate

if TYPE_CHECKING:
    from collections.abc import Callable


class LearningRateScheduler(ShownAsCall):
    """Set the optimizer's learning rate before each epoch, as in Keras.

    It adds ``"learning_rate"`` to the history: the rate with which the epoch was trained.

    Parameters
    ----------
    schedule : callable
        ``schedule(epoch, lr)``, with the epoch from 0 and the rate so far, gives the rate of the
        epoch: a finite number, at least 0. Where training resumes, `lr` is what it was; anything
        else the function remembers is its own.

    Raises
    ------
    TypeError, ValueError
        `schedule` cannot be called, or gives no such number; before the first step, the optimizer
        has no learning rate of its own to set.

    Examples
    --------
    >>> from minimlp import SGD, Dense, Sequential
    >>> from minimlp.callbacks import LearningRateScheduler
    >>> model = Sequential(Dense(1, 1), seed=0)
    >>> halved = LearningRateScheduler(lambda epoch, lr: lr / 2 if epoch else lr)
    >>> history = model.fit(
    ...     [[0.0], [1.0]], [1.0, 3.0], optimizer=SGD(0.5), epochs=3, callbacks=[halved]
    ... )
    >>> history.history["learning_rate"]
    [0.5, 0.25, 0.125]
    """

    def __init__(self, schedule: Callable[[int, float], float]) -> None:
        if not callable(schedule):
            raise TypeError(f"schedule must be a function of epoch and lr, got {schedule!r:.80}")
        self.schedule = schedule

    def on_train_begin(self) -> None:
        check_rate("LearningRateScheduler", self.optimizer)

    def on_epoch_begin(self, epoch: int, logs: dict[str, float]) -> None:
        rate = self.schedule(epoch, float(self.optimizer.learning_rate))
        self.optimizer.learning_rate = as_number(f"schedule({epoch}, lr)", rate, low=0)

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        logs["learning_rate"] = float(self.optimizer.learning_rate)

    def state(self) -> dict[str, Any]:
        return {"learning_rate": float(self.optimizer.learning_rate)}

    def restore(self, state: dict[str, Any]) -> None:
        self.optimizer.learning_rate = state["learning_rate"]
