"""What every run has in common: what it says while it trains and at its end, and its files."""

from __future__ import annotations

import contextlib
import functools
import json
import sys
import textwrap
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from .parser import DIVERGED, INTERRUPTED, CommandError
from .words import words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..training import History


class Saved(Protocol):
    """A model that can be written to a file."""

    def save(self, path: Path) -> None: ...


@contextlib.contextmanager
def warnings_in_one_line() -> Iterator[None]:
    """Tell a warning in one line; none of those of NumPy, since `fit` says itself what diverges."""

    def tell(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
        if "encountered in" not in str(message) and sys.stderr is not None:
            with contextlib.suppress(OSError):
                print("minimlp: note:", words(" ".join(str(message).split())), file=sys.stderr)

    with warnings.catch_warnings():
        warnings.simplefilter("default", RuntimeWarning)  # not an error, whatever Python was told
        warnings.showwarning = tell
        yield


def status_of(history: History) -> int:
    """Give the exit status of a run.

    Raises
    ------
    CommandError
        It diverged: with status 1.
    """
    if history.diverged:
        kept = f"the network of epoch {len(history.epoch)} is kept"
        raise CommandError(
            f"{history.stopped_because}; {kept if history.epoch else 'nothing is written'}",
            DIVERGED,
        )
    return INTERRUPTED if is_interrupted(history) else 0


def is_interrupted(history: History) -> bool:
    """Tell whether somebody stopped the run, which then can go on."""
    return (history.stopped_because or "").startswith("interrupted")


def how_it_ended(history: History, seconds: float) -> str:
    """Say how long training took, and why it ended early where it did."""
    line = f"trained {len(history.epoch):,} epochs in {seconds:.2f} s"
    if history.stopped_because is not None:
        line += f"; {history.stopped_because}"
    if is_interrupted(history):
        line += ", the network is kept as it was then"
    return textwrap.fill(line, 80, subsequent_indent=" " * 2)


def go_on(folder: Path, history: History) -> str:
    """Say how an interrupted run goes on; nothing of another."""
    if not is_interrupted(history):
        return ""
    return f"\nminimlp train --resume {words(folder)} goes on\n"


def need_matplotlib() -> None:
    """Find out before the work whether pictures can be made."""
    from ..plots import figure_class

    try:
        figure_class()
    except ImportError as error:
        raise CommandError(str(error)) from error


def write_run(
    folder: Path, model: Saved, history: History, validation_label: str, **pictures: Figure
) -> None:
    """Write a run's files, each whole or not at all; the model first.

    They are ``model.npz``, ``history.json``, ``curves.png``, and a file for each of `pictures`.
    """
    from ..plots import plot_history
    from ..storage import write_atomic

    for left in folder.glob(f".minimlp-{'?' * 16}.tmp"):  # by a process that was killed
        left.unlink(missing_ok=True)
    figures = (json.dumps(history.history, indent=1) + "\n").encode()
    pictures = {
        "curves": plot_history(history.history, validation_label=validation_label),
        **pictures,
    }

    def write_history(file: BinaryIO) -> None:
        file.write(figures)

    def write_picture(file: BinaryIO, picture: Any) -> None:
        picture.savefig(file, format="png")

    model.save(folder / "model.npz")
    write_atomic(folder / "history.json", write_history)
    for name, picture in pictures.items():
        write_atomic(folder / f"{name}.png", functools.partial(write_picture, picture=picture))
