"""Smaller steps when large ones lead nowhere.

η ← max(η · factor, min_lr)    after `patience` epochs in which the watched figure got no better
"""

from __future__ import annotations

from typing import Any

from ..validation import as_count, as_number
from .call import ShownAsCall
from .monitor import as_mode, as_monitor, check_measured, improves
from .rate import check_rate
from .taken import taken


class ReduceLROnPlateau(ShownAsCall):
    """Lower the optimizer's learning rate when a figure has stopped improving, as Keras does.

    It adds ``"learning_rate"`` to the history: the rate with which the epoch was trained.

    Parameters
    ----------
    monitor : str
        The figure: ``"loss"``, a metric's name, either with ``"val_"`` in front.
    factor : float
        What the rate is multiplied by, in [0, 1).
    patience : int
        Epochs without improvement after which it is, at least 0.
    mode : str
        ``"min"``, ``"max"``, or ``"auto"``: more is better where `monitor` ends in accuracy,
        precision, recall, f1, auc or r2, less where in loss, error, mse, rmse, mae or mape; other
        names are refused. NaN is never better.
    min_delta : float
        Only what is better by more than this is an improvement; at least 0.
    cooldown : int
        Epochs after a reduction in which nothing is waited for, at least 0.
    min_lr : float
        The rate goes no lower, at least 0.

    Attributes
    ----------
    best : float or None
        The best figure so far.
    wait : int
        Epochs without improvement since, or since the last reduction.

    Raises
    ------
    TypeError, ValueError
        An argument outside its range, named; before the first step, a `monitor` that training does
        not measure, or an optimizer without a learning rate of its own to set.

    Examples
    --------
    >>> from minimlp import SGD, Dense, Sequential
    >>> from minimlp.callbacks import ReduceLROnPlateau
    >>> model, optimizer = Sequential(Dense(1, 1), seed=0), SGD(0.5)
    >>> history = model.fit(
    ...     [[0.0], [1.0]], [1.0, 3.0], optimizer=optimizer, epochs=200,
    ...     callbacks=[ReduceLROnPlateau("loss", factor=0.5, patience=5)],
    ... )
    >>> optimizer.learning_rate < 0.5
    True
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        self.monitor = as_monitor(monitor)
        self.factor = as_number("factor", factor, low=0, below=1)
        self.patience = as_count("patience", patience, low=0)
        self.mode = as_mode(mode)
        self.min_delta = as_number("min_delta", min_delta, low=0)
        self.cooldown = as_count("cooldown", cooldown, low=0)
        self.min_lr = as_number("min_lr", min_lr, low=0)
        self._reset()

    def _reset(self) -> None:
        self.best: float | None = None
        self.wait = 0
        self._cooling = 0

    def on_train_begin(self) -> None:
        check_measured("ReduceLROnPlateau", self.monitor, self.mode, self.names)
        check_rate("ReduceLROnPlateau", self.optimizer)
        self._reset()

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        value = logs[self.monitor]
        logs["learning_rate"] = rate = float(self.optimizer.learning_rate)
        if self._cooling:
            self._cooling -= 1
        if improves(value, self.best, self.monitor, self.mode, self.min_delta):
            self.best, self.wait = float(value), 0
        elif not self._cooling:
            self.wait += 1
            if self.wait >= self.patience and rate > self.min_lr:
                self.optimizer.learning_rate = max(rate * self.factor, self.min_lr)
                self._cooling, self.wait = self.cooldown, 0

    def state(self) -> dict[str, Any]:
        return {
            "best": self.best,
            "wait": self.wait,
            "cooling": self._cooling,
            "learning_rate": float(self.optimizer.learning_rate),
        }

    def restore(self, state: dict[str, Any]) -> None:
        self.best = taken(state, "best", float, None)
        self.wait, self._cooling = taken(state, "wait", int), taken(state, "cooling", int)
        self.optimizer.learning_rate = state["learning_rate"]
