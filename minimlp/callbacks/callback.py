"""A callback is told what training does, and may look, write down, or end it."""

from __future__ import annotations

from typing import Any


class Callback:
    """Keras's hooks, each doing nothing until a subclass says what.

    A hook that sets ``self.model.stop_training = True`` ends training at the next step, and may say
    why in ``self.reason``. One that writes into the ``logs`` of `on_epoch_end` adds to the history.

    `fit` calls `on_train_begin`, where training resumes `restore`, the hooks of the epochs, and
    `on_train_end`; the last also where a finished checkpoint leaves no epoch to run.

    Attributes
    ----------
    model : object
        The model in training. `fit` sets it, and the next two, before `on_train_begin`.
    optimizer : object
        The optimizer in use.
    names : tuple of str
        What `logs` of `on_epoch_end` will hold: ``"loss"``, metrics, ``"val_loss"``, ``"val_…"``.
    reason : str or None
        Why this callback stopped training, in words, for ``history.stopped_because``.

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
    optimizer: Any = None
    names: tuple[str, ...] = ()
    reason: str | None = None

    def __repr__(self) -> str:
        return type(self).__name__

    def on_train_begin(self) -> None:
        """Before the first epoch."""

    def on_train_end(self) -> None:
        """After the last epoch, also when training was stopped."""

    def on_epoch_begin(self, epoch: int, logs: dict[str, float]) -> None:
        """Before an epoch; `epoch` counts from 0, `logs` is empty."""

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        """After an epoch; `logs` holds what `History` will record: loss, metrics, ``val_…``."""

    def on_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        """After a step; `logs` holds the batch's ``"loss"`` and its number of rows, ``"size"``."""

    def state(self) -> dict[str, Any]:
        """Give everything it remembers that resumed training needs to go on bit for bit.

        Returns
        -------
        dict of str to number, str, bool, None, list of those, or NumPy array
            Asked for between any two steps. An array may be the callback's own: it is written down
            or copied before the next hook runs.
        """
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave; called after `on_train_begin` where training resumes.

        Where it does within an epoch, its `on_epoch_begin` is not called again.
        """
