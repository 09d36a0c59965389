"""The progress bar: how far training is, how fast, and how well.

It is drawn by tqdm, which is an extra: without it training is silent, and nothing here imports it
before a bar is wanted.
"""

from __future__ import annotations

import sys
from typing import Any

from ..callbacks import Callback


class ProgressBar(Callback):
    """One bar over all samples of all epochs, with samples/s, loss and metrics.

    Parameters
    ----------
    epochs : int
        Epochs to come.
    rows : int
        Samples in each.
    """

    def __init__(self, epochs: int, rows: int) -> None:
        self.epochs = epochs
        self.rows = rows
        self._bar: Any = None

    def on_train_begin(self) -> None:
        self.close()
        self._bar = _bar_class()(
            total=self.epochs * self.rows,
            unit=" samples",
            unit_scale=True,
            dynamic_ncols=True,
            bar_format="{desc}{bar} {remaining} left, {rate_fmt}{postfix}",
        )

    def on_epoch_begin(self, epoch: int, logs: dict[str, float]) -> None:
        resumed = epoch * self.rows - self._bar.n
        if resumed > 0:  # what an earlier call has done counts, but not to the speed
            self._bar.n += resumed
            self._bar.initial += resumed
        # Drawing costs more than a small epoch: tqdm redraws when its interval is over.
        self._bar.set_description(f"epoch {epoch + 1}/{self.epochs}", refresh=False)

    def on_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        self._bar.update(logs["size"])

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        # A terminal has 80 columns: of a metric only what validation says, where there is any.
        losses = [name for name in ("loss", "val_loss") if name in logs]
        metrics = [name for name in logs if name not in losses and f"val_{name}" not in logs]
        words = ", ".join(f"{name}={logs[name]:.3g}" for name in losses + metrics)
        self._bar.set_postfix_str(words, refresh=False)

    def on_train_end(self) -> None:
        self.close()

    def close(self) -> None:
        """Draw the bar a last time and leave it; nothing where there is none."""
        bar, self._bar = self._bar, None
        if bar is not None:
            bar.close()


def make_progress(progress: bool | None, epochs: int, rows: int) -> ProgressBar | None:
    """Make the bar that `fit` was asked for, or none.

    Parameters
    ----------
    progress : bool or None
        True shows one always, False never; None shows one where tqdm is installed and somebody
        watches: in a terminal or a notebook.
    epochs, rows : int
        What is to come: epochs, and samples in each.

    Raises
    ------
    TypeError
        `progress` is something else.
    ImportError
        `progress` is True and tqdm is not installed.
    """
    if progress is not None and not isinstance(progress, bool):
        raise TypeError(f"progress must be True, False or None, got {progress!r}")
    if progress is False or (progress is None and not _is_watched()):
        return None
    try:
        import tqdm  # noqa: F401
    except ImportError as error:
        if progress is None:
            return None
        raise ImportError(
            'progress=True needs tqdm, which is not installed: pip install "minimlp[cli]"'
        ) from error
    return ProgressBar(epochs, rows)


def _in_notebook() -> bool:
    return "ipykernel" in sys.modules


def _is_watched() -> bool:
    # A program without a console (pythonw) has no stderr at all.
    return _in_notebook() or (sys.stderr is not None and sys.stderr.isatty())


def _bar_class() -> Any:
    from importlib.util import find_spec

    # Without ipywidgets tqdm's notebook bar raises; the text bar is readable in a notebook too.
    if _in_notebook() and find_spec("ipywidgets") is not None:
        from tqdm.notebook import tqdm
    else:
        from tqdm import tqdm
    return tqdm
