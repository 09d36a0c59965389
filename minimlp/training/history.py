"""What training leaves behind: one number per epoch for everything that was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class History:
    """The figures of one `fit`, as in Keras.

    Attributes
    ----------
    history : dict of str to list of float
        One value per epoch under ``"loss"`` and under each metric's name, and where there were
        validation data under the same names with ``"val_"`` in front.
    epoch : list of int
        The epochs that were finished, from 0.
    stopped_because : str or None
        Why training ended before its last epoch; None where it did not.
    diverged : bool
        Whether that was because a loss or parameter became NaN or infinite. The model then has the
        parameters of the last epoch that was finite.

    Examples
    --------
    >>> from minimlp.training.history import History
    >>> history = History()
    >>> history.record(0, {"loss": 0.5, "accuracy": 0.75})
    >>> history.record(1, {"loss": 0.25, "accuracy": 1.0})
    >>> history.history["loss"]
    [0.5, 0.25]
    >>> history
    History(epochs=2, loss=0.25, accuracy=1)
    """

    def __init__(self) -> None:
        self.history: dict[str, list[float]] = {}
        self.epoch: list[int] = []
        self.stopped_because: str | None = None
        self.diverged = False

    def record(self, epoch: int, logs: Mapping[str, float]) -> None:
        """Append one epoch's figures."""
        self.epoch.append(epoch)
        for name, value in logs.items():
            self.history.setdefault(name, []).append(float(value))

    def __repr__(self) -> str:
        words = [f"epochs={len(self.epoch)}"]
        words += [f"{name}={values[-1]:.4g}" for name, values in self.history.items()]
        if self.stopped_because is not None:
            words.append(f"stopped_because={self.stopped_because!r}")
        return f"History({', '.join(words)})"
