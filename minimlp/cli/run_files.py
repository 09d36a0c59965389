"""What every run has in common: numbers that must stay finite, and the files it leaves."""

from __future__ import annotations

import contextlib
import functools
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from .parser import CommandError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..training import History


class Saved(Protocol):
    """A model that can be written to a file."""

    def save(self, path: Path) -> None: ...


@contextlib.contextmanager
def overflow_is_told(advice: str) -> Iterator[None]:
    """Say in one line that training diverged, instead of NumPy's warnings.

    Raises
    ------
    CommandError
    """
    logging.captureWarnings(True)
    try:
        yield
    except (RuntimeWarning, FloatingPointError) as error:  # where Python was told to raise warnings
        message = f"training diverged, nothing is written ({error}): {advice}"
        raise CommandError(message) from error
    finally:
        logging.captureWarnings(False)


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
