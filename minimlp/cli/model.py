"""The model a command is given: a file, or the folder of a run."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from .parser import CommandError, errors_in_one_line

if TYPE_CHECKING:
    from ..sequential import Sequential
    from ..tables import TableModel


def model_path(name: str) -> Path:
    """Give the model file that a file's or a folder's name means."""
    path = Path(name)
    return path / "model.npz" if path.is_dir() else path


def load_table_model(name: str) -> TableModel:
    """Load a table's model.

    Raises
    ------
    CommandError
        The file is something else, or damaged.
    OSError
        It cannot be read.
    """
    from ..tables import TableModel

    with errors_in_one_line():
        return TableModel.load(model_path(name))


def load_any_model(name: str) -> tuple[TableModel | None, Sequential]:
    """Load a model, and the table's model that it belongs to if there is one.

    Raises
    ------
    CommandError
        The file is something else, or damaged.
    OSError
        It cannot be read.
    """
    from ..sequential import Sequential
    from ..storage import read_archive
    from ..tables import TableModel

    path = model_path(name)
    with errors_in_one_line():
        if "table" not in read_archive(path)[0]:
            return None, Sequential.load(path)
        table = TableModel.load(path)
        return table, table.model


@contextlib.contextmanager
def overflow_refused(name: str) -> Iterator[None]:
    """Say in one line that a table holds numbers too large to calculate with.

    Raises
    ------
    CommandError
    """
    import numpy as np

    try:
        with np.errstate(over="raise", invalid="raise"):
            yield
    except FloatingPointError as error:
        raise CommandError(f"{name}: a number is too large for the model ({error})") from error
