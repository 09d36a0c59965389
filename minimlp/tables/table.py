"""Rows of any origin as one thing: named columns, and where each row came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .column import Column

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Table:
    """Columns of equal length.

    Attributes
    ----------
    source : str
        What messages call it.
    columns : dict of str to Column
    numbers : array (rows,) of int
        The number of each row where it came from: from 1 in a file, from 0 in memory.
    """

    source: str
    columns: dict[str, Column]
    numbers: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.numbers)

    def place(self, row: int, column: str) -> str:
        """Name the place of an entry."""
        return f"{self.source}, row {self.numbers[row]}, column {column!r}"

    def take(self, rows: NDArray[np.intp] | slice) -> Table:
        """Give some of the rows."""
        columns = {name: column.take(rows) for name, column in self.columns.items()}
        return Table(self.source, columns, self.numbers[rows])

    def only_complete(self) -> Table:
        """Leave out the rows that lack a value in any column."""
        whole = np.ones(len(self), bool)
        for column in self.columns.values():
            whole &= ~column.missing()
        return self if whole.all() else self.take(np.flatnonzero(whole))
