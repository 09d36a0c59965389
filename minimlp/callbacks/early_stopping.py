"""Stop when nothing gets better, and keep the best that was.

After each epoch the watched figure either beats the best so far, or one more epoch was waited; at
`patience` of them training ends, and the weights go back to those of the best epoch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..validation import as_count, as_flag, as_number
from .call import ShownAsCall
from .monitor import as_mode, as_monitor, check_measured, improves
from .taken import taken

if TYPE_CHECKING:
    from numpy.typing import NDArray


class EarlyStopping(ShownAsCall):
    """End training when a figure has stopped improving, by Keras 3's rules.

    Source: Prechelt (1998), "Early stopping — but when?".

    Parameters
    ----------
    monitor : str
        The figure: ``"loss"``, a metric's name, either with ``"val_"`` in front.
    min_delta : float
        Only what is better by more than this is an improvement; at least 0.
    patience : int
        Epochs without improvement after which training ends, at least 0; with 0 and with 1 the
        first one ends it. The very first epoch never does.
    mode : str
        ``"min"``, ``"max"``, or ``"auto"``: more is better where `monitor` ends in accuracy,
        precision, recall, f1, auc or r2, less where in loss, error, mse, rmse, mae or mape; other
        names are refused. NaN is never better.
    start_from_epoch : int
        Epochs at the start that are not looked at, at least 0.
    restore_best_weights : bool
        Whether `on_train_end` puts back the weights of the best epoch, also where training ended
        for another reason. Unlike in Keras it does unless told otherwise.

    Attributes
    ----------
    best : float or None
        The best figure so far; None before the first improvement.
    best_epoch : int or None
        Its epoch, from 0.
    wait : int
        Epochs since.

    Raises
    ------
    TypeError, ValueError
        An argument outside its range, named; before the first step, a `monitor` that training does
        not measure.

    Examples
    --------
    >>> from minimlp import SGD, Dense, Sequential
    >>> from minimlp.callbacks import EarlyStopping
    >>> model = Sequential(Dense(1, 1), seed=0)
    >>> history = model.fit(
    ...     [[0.0], [1.0]], [1.0, 3.0], optimizer=SGD(0.5), epochs=1000,
    ...     callbacks=[EarlyStopping("loss", min_delta=1e-6, patience=3)],
    ... )
    >>> len(history.epoch) < 1000
    True
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0.0,
        patience: int = 0,
        mode: str = "auto",
        start_from_epoch: int = 0,
        restore_best_weights: bool = True,
    ) -> None:
        self.monitor = as_monitor(monitor)
        self.min_delta = as_number("min_delta", min_delta, low=0)
        self.patience = as_count("patience", patience, low=0)
        self.mode = as_mode(mode)
        self.start_from_epoch = as_count("start_from_epoch", start_from_epoch, low=0)
        self.restore_best_weights = as_flag("restore_best_weights", restore_best_weights)
        self._reset()

    def _reset(self) -> None:
        self.reason = None
        self.best: float | None = None
        self.best_epoch: int | None = None
        self.wait = 0
        self._weights: NDArray[Any] | None = None

    def on_train_begin(self) -> None:
        check_measured("EarlyStopping", self.monitor, self.mode, self.names)
        self._reset()
        if self.restore_best_weights:
            self._weights = np.empty_like(self.model.parameters)

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        if epoch < self.start_from_epoch:
            return
        value = logs[self.monitor]
        better = improves(value, self.best, self.monitor, self.mode, self.min_delta)
        if better or self.best_epoch is None:  # the first weights are the best there are
            self.best_epoch = epoch
            if self._weights is not None:
                np.copyto(self._weights, self.model.parameters)
        self.wait += 1
        self.reason = None
        if better:
            self.best, self.wait = float(value), 0
        elif self.wait >= self.patience and epoch > 0:
            self.reason = self._in_words(self.best_epoch)
            self.model.stop_training = True

    def _in_words(self, best_epoch: int) -> str:
        epochs = "1 epoch" if self.wait == 1 else f"{self.wait} epochs"
        when = "it never did" if self.best is None else f"best: epoch {best_epoch + 1}"
        return f"{self.monitor} has not improved for {epochs} ({when})"

    def on_train_end(self) -> None:
        if self._weights is not None and self.best_epoch is not None:
            np.copyto(self.model.parameters, self._weights)

    def state(self) -> dict[str, Any]:
        return {
            "wait": self.wait,
            "best": self.best,
            "best_epoch": self.best_epoch,
            "best_weights": None if self.best_epoch is None else self._weights,
            "reason": self.reason,
        }

    def restore(self, state: dict[str, Any]) -> None:
        self.wait, self.best = taken(state, "wait", int), taken(state, "best", float, None)
        self.best_epoch = taken(state, "best_epoch", int, None)
        self.reason = taken(state, "reason", str, None)
        if self._weights is not None and state["best_weights"] is not None:
            np.copyto(self._weights, state["best_weights"])
