"""A callback is told what training does, and may look, write down, or end it."""

from __future__ import annotations

from typing import Any


class Callback:
    """Keras's hooks, each doing nothing until a subclass says what.

    A hook that sets ``self.model.stop_training = True`` ends training at the next step.

    Attributes
    ----------
    model : object
        The model in training. `fit` sets it before `on_train_begin`.

    Examples
    --------
    Stop when the loss is small enough:

    >>> from minimlp import SGD, Callback, Dense, Sequential
    >>> class StopBelow(Callback):
    ...     def __init__(self, loss):
    ...         self.loss = loss
    ...
    ...     def on_epoch_end(self, epoch, logs):
    ...         if logs["loss"] < self.loss:
    ...             self.model.stop_training = True
    >>> model = Sequential(Dense(1, 1), seed=0)
    >>> history = model.fit(
    ...     [[0.0], [1.0]], [1.0, 3.0], optimizer=SGD(0.5), epochs=1000, callbacks=[StopBelow(1e-6)]
    ... )
    >>> len(history.epoch) < 1000, history.history["loss"][-1] < 1e-6
    (True, True)
    """

    model: Any = None

    def on_train_begin(self) -> None:
        """Before the first epoch."""

    def on_train_end(self) -> None:
        """After the last epoch, also when training was stopped."""

    def on_epoch_begin(self, epoch: int, logs: dict[str, float]) -> None:
        """Before an epoch; `epoch` counts from 0, `logs` is empty."""

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        """After an epoch; `logs` holds what `History` records of it: loss, metrics, ``val_…``."""

    def on_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        """After a step; `logs` holds the batch's ``"loss"`` and its number of rows, ``"size"``."""
