"""The model as it was after each epoch, or after the best one, in a file of its own."""

from __future__ import annotations

import os
from typing import Any

from ..validation import as_flag
from .call import ShownAsCall
from .monitor import as_mode, as_monitor, check_measured, improves
from .taken import taken
from .template import as_template, check_filled, fill


class ModelCheckpoint(ShownAsCall):
    """Write the model with ``model.save`` after an epoch, as in Keras.

    The file holds the model alone, for `Sequential.load`; missing folders are made. It replaces an
    older one in one move.

    Parameters
    ----------
    filepath : str or os.PathLike
        The file, used as given but for placeholders: ``{epoch:02d}`` (from 1), and the name of any
        figure that training measures, as ``{val_loss:.2f}``.
    monitor : str
        The figure that says what is best; looked at with `save_best_only` alone.
    save_best_only : bool
        Write only after an epoch that is better than all before it.
    mode : str
        ``"min"``, ``"max"``, or ``"auto"``: more is better where `monitor` ends in accuracy,
        precision, recall, f1, auc or r2, less where in loss, error, mse, rmse, mae or mape; other
        names are refused. NaN is never better.

    Attributes
    ----------
    best : float or None
        The best figure so far; None without `save_best_only`.

    Raises
    ------
    TypeError, ValueError
        An argument outside its range, named; before the first step, a placeholder or `monitor`
        that training does not measure; after an epoch, a layer that is not registered.
    OSError
        The file cannot be written.

    Examples
    --------
    >>> import os, tempfile
    >>> from minimlp import Dense, Sequential
    >>> from minimlp.callbacks import ModelCheckpoint
    >>> model = Sequential(Dense(1, 1), seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "model-{epoch:02d}.npz")
    ...     history = model.fit([[1.0]], [2.0], epochs=2, callbacks=[ModelCheckpoint(path)])
    ...     sorted(os.listdir(folder))
    ['model-01.npz', 'model-02.npz']
    """

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        save_best_only: bool = False,
        mode: str = "auto",
    ) -> None:
        self.filepath = as_template(filepath)
        self.monitor = as_monitor(monitor)
        self.save_best_only = as_flag("save_best_only", save_best_only)
        self.mode = as_mode(mode)
        self.best: float | None = None

    def on_train_begin(self) -> None:
        check_filled(self.filepath, self.names)
        if self.save_best_only:
            check_measured("ModelCheckpoint", self.monitor, self.mode, self.names)
        self.best = None

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        if self.save_best_only:
            value = logs[self.monitor]
            if not improves(value, self.best, self.monitor, self.mode):
                return
            self.best = float(value)
        path = fill(self.filepath, epoch, logs)
        folder = os.path.dirname(path)
        if folder:
            os.makedirs(folder, exist_ok=True)
        self.model.save(path)

    def state(self) -> dict[str, Any]:
        return {"best": self.best}

    def restore(self, state: dict[str, Any]) -> None:
        self.best = taken(state, "best", float, None)
