"""A line of a table for every epoch, on the disk as soon as the epoch is over.

The file is opened for each line and closed again: nothing stays open or unwritten, however training
ends. A run that was killed may have written a line more than its last checkpoint knows of; resumed,
it cuts the file back to the lines of the epochs that were finished, in one move.
"""

from __future__ import annotations

import io
import os
from typing import Any

from ..storage import write_atomic
from ..validation import as_flag
from .call import ShownAsCall
from .taken import taken


class CSVLogger(ShownAsCall):
    """Write each epoch's figures to a CSV file, as in Keras.

    The first line names the columns: ``epoch`` (from 0), then the figures in alphabetical order.
    What a later callback adds to the figures is not among them: put this one last.

    Parameters
    ----------
    filename : str or os.PathLike
        The file, used as given.
    separator : str
        One character between columns.
    append : bool
        Whether to go on in a file that is there, which must have the same columns; otherwise it is
        written anew. Resumed training goes on in its own file either way.

    Raises
    ------
    TypeError, ValueError
        An argument that does not fit, named; before the first step, a file to append to whose
        columns are others, or one shorter than it was when training was interrupted.
    OSError
        The file cannot be written; before the first step.

    Examples
    --------
    >>> import os, tempfile
    >>> from minimlp import Dense, Sequential, Zeros
    >>> from minimlp.callbacks import CSVLogger
    >>> model = Sequential(Dense(1, 1, weight_initializer=Zeros()))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "log.csv")
    ...     history = model.fit([[0.0]], [2.0], callbacks=[CSVLogger(path)])
    ...     with open(path) as file:
    ...         print(file.read())
    epoch,loss
    0,2.0
    """

    def __init__(
        self, filename: str | os.PathLike[str], separator: str = ",", append: bool = False
    ) -> None:
        try:
            self.filename = os.fsdecode(filename)
        except TypeError:
            raise TypeError(
                f"filename must be a str or os.PathLike, got {filename!r:.80}"
            ) from None
        if not isinstance(separator, str):
            raise TypeError(f"separator must be a character, got {separator!r:.80}")
        if len(separator) != 1 or separator in '\r\n"':
            raise ValueError(
                f"separator must be one character, no quote or line end, got {separator!r:.80}"
            )
        self.separator = separator
        self.append = as_flag("append", append)
        self._lines = 0  # of the file, those that count
        self._columns: list[str] | None = None  # after "epoch"; None before the first epoch

    def on_train_begin(self) -> None:
        # The file is left alone until it is known whether training resumes.
        there = self.append and os.path.exists(self.filename)
        self._lines = len(self._read()) if there else 0
        self._columns = None
        target = os.path.realpath(self.filename)
        new = not os.path.exists(target)
        with open(target, "ab"):  # raises what would be raised later
            pass
        if new:
            os.unlink(target)

    def on_epoch_begin(self, epoch: int, logs: dict[str, float]) -> None:
        if self._columns is None:
            self._begin()

    def _begin(self) -> None:
        """Make the file, or go on behind the lines of an earlier training."""
        import csv

        if not self._lines:
            with open(self.filename, "wb"):
                return
        lines = self._read()
        self._columns = next(csv.reader([lines[0].decode()], delimiter=self.separator))[1:]
        self._check_columns(self.names)
        with open(self.filename, "ab") as file:
            if not lines[-1].endswith(b"\n"):
                file.write(b"\n")

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        if self._columns is None:
            self._columns = sorted(logs)
        self._check_columns(tuple(logs))
        rows: list[list[Any]] = [[epoch, *(logs.get(name, "NA") for name in self._columns)]]
        if not self._lines:
            rows.insert(0, ["epoch", *self._columns])
        self._write(rows)
        self._lines += len(rows)

    def _write(self, rows: list[list[Any]]) -> None:
        import csv

        text = io.StringIO()
        csv.writer(text, delimiter=self.separator, lineterminator="\n").writerows(rows)
        with open(self.filename, "ab") as file:
            file.write(text.getvalue().encode())

    def _check_columns(self, names: tuple[str, ...]) -> None:
        columns = self._columns or []
        missing = [name for name in names if name not in columns]
        if missing:
            raise ValueError(
                f"{self.filename} has no column {missing[0]!r}: its columns are "
                f"{', '.join(['epoch', *columns])}; write to another file"
            )

    def _read(self) -> list[bytes]:
        with open(self.filename, "rb") as file:
            return file.readlines()

    def state(self) -> dict[str, Any]:
        return {"lines": self._lines, "columns": self._columns}

    def restore(self, state: dict[str, Any]) -> None:
        self._lines, self._columns = taken(state, "lines", int), taken(state, "columns", list, None)
        if not all(isinstance(name, str) for name in self._columns or ()):
            raise ValueError(f"the state of a CSVLogger has columns {self._columns!r:.80}")
        if os.path.exists(self.filename):
            self._cut(self._lines)
        else:
            self._lines = 0  # somebody took it away: what comes gets a file of its own

    def _cut(self, wanted: int) -> None:
        lines = self._read()
        if len(lines) < wanted:
            raise ValueError(
                f"{self.filename} has {len(lines)} of the {wanted} lines that were there when "
                f"training was interrupted: put it back, or move it away to start a new one"
            )
        if len(lines) > wanted:
            write_atomic(self.filename, lambda file: file.writelines(lines[:wanted]))
