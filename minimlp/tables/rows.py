"""The door for tables: a path, a frame, a dict of columns or a list of dicts becomes a `Table`."""

from __future__ import annotations

import contextlib
import difflib
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from .column import Column, Kind, as_column
from .files import TableFile, import_polars, open_table
from .inference import infer, read_as
from .table import Table

if TYPE_CHECKING:
    import polars

_MEMORY = "rows"
_PIECE = 1 << 16  # rows


class Rows(Protocol):
    """A table whose columns are known and whose rows are not yet read."""

    name: str
    columns: list[str]

    def whole(self, columns: Iterable[str], categorical: Collection[str]) -> Table:
        """Read all rows, and find what kind each column is of."""

    def pieces(self, kinds: Mapping[str, Kind]) -> Iterator[Table]:
        """Read some thousand rows at a time, of columns whose kinds are known."""


@contextlib.contextmanager
def open_rows(rows: Any, separator: str | None = None) -> Iterator[Rows]:
    """Open rows of any origin.

    Parameters
    ----------
    rows : path, polars or pandas DataFrame, dict of columns, or list of dicts
        An open binary file is read like a path.
    separator : str, optional
        Of a text file; see `open_table`.

    Raises
    ------
    TypeError, ValueError, OSError
        It is none of these, or cannot be read.
    """
    if isinstance(rows, str | os.PathLike) or hasattr(rows, "readinto"):
        with open_table(rows, separator) as file:
            yield FileRows(file)
    else:
        yield _Memory(_as_columns(rows), isinstance(rows, Sequence) and not rows)


def need_columns(rows: Rows, wanted: Iterable[str]) -> None:
    """Refuse columns that are not there, and offer near names.

    Raises
    ------
    ValueError
        A column is missing.
    """
    if isinstance(rows, _Memory) and rows.nothing:
        return
    for column in wanted:
        if not rows.columns:
            raise ValueError(f"{rows.name} has no columns, {column!r} is needed")
        if column not in rows.columns:
            near = difflib.get_close_matches(column, rows.columns, n=3, cutoff=0.5) or [
                name for name in rows.columns if name.casefold() == column.casefold()
            ]
            listed = near or rows.columns[:20]
            offer = "did you mean" if near else "there are"
            more = "" if near or len(rows.columns) <= 20 else f" and {len(rows.columns) - 20} more"
            names = ", ".join(map(repr, listed))
            raise ValueError(f"{rows.name} has no column {column!r}: {offer} {names}{more}")


class FileRows:
    """The rows of a file."""

    def __init__(self, file: TableFile) -> None:
        self.name = file.name
        self.columns = file.columns
        self._file = file

    def whole(self, columns: Iterable[str], categorical: Collection[str]) -> Table:
        wanted = list(columns)
        frames = [frame.select(wanted) for frame in self._file.frames()]
        if not any(frame.height for frame in frames):
            raise ValueError(f"{self.name} has a header and no rows")
        frame = import_polars().concat(frames)
        numbers = np.arange(1, frame.height + 1)
        place = Table(self.name, {}, numbers).place
        read = {
            name: infer(frame[name], place, name in categorical)
            if self._file.text
            else as_column(name, frame[name])
            for name in wanted
        }
        return Table(self.name, read, numbers)

    def pieces(self, kinds: Mapping[str, Kind]) -> Iterator[Table]:
        for table, _ in self.pieces_and_frames(kinds):
            yield table

    def pieces_and_frames(
        self, kinds: Mapping[str, Kind], keep: Collection[str] = ()
    ) -> Iterator[tuple[Table, polars.DataFrame]]:
        """Give each piece beside its frame, in which the columns to `keep` are as in the file."""
        first = 1
        as_numbers = {name for name, kind in kinds.items() if kind == "number"} - {*keep}
        for frame in self._file.frames(as_numbers):
            numbers = np.arange(first, first + frame.height)
            place = Table(self.name, {}, numbers).place
            read = {
                name: read_as(kind, frame[name], place)
                if self._file.text
                else as_column(name, frame[name])
                for name, kind in kinds.items()
            }
            yield Table(self.name, read, numbers), frame
            first += frame.height


class _Memory:
    def __init__(self, columns: Mapping[str, Any], nothing: bool) -> None:
        self.name = _MEMORY
        self.columns = list(columns)
        self._values = columns
        self.nothing = nothing  # an empty list: no rows, of whatever columns

    def whole(self, columns: Iterable[str], categorical: Collection[str]) -> Table:
        table = self._table(columns)
        if not len(table):
            raise ValueError(f"{self.name} has columns and no rows")
        return table

    def pieces(self, kinds: Mapping[str, Kind]) -> Iterator[Table]:
        table = self._table(kinds)
        if len(table) <= _PIECE:
            yield table
            return
        for start in range(0, len(table), _PIECE):
            yield table.take(slice(start, start + _PIECE))

    def _table(self, columns: Iterable[str]) -> Table:
        read: dict[str, Column] = {}
        rows, first = 0, ""
        for name in columns:
            read[name] = as_column(name, [] if self.nothing else self._values[name])
            size = len(read[name].values)
            if not first:
                rows, first = size, name
            elif size != rows:
                raise ValueError(
                    f"columns have different lengths: {first!r} has {rows}, {name!r} has {size}"
                )
        return Table(self.name, read, np.arange(rows))


def _as_columns(rows: Any) -> Mapping[str, Any]:
    """Give the columns by name; their values are checked when they are wanted."""
    module = type(rows).__module__.partition(".")[0]
    columns: list[tuple[Any, Any]]
    if module in ("pandas", "polars") and type(rows).__name__ == "DataFrame":
        column = rows.to_series if module == "polars" else lambda i: rows.iloc[:, i]
        columns = [(name, column(i)) for i, name in enumerate(rows.columns)]
    elif isinstance(rows, Mapping):
        columns = [*rows.items()]
    elif isinstance(rows, Sequence) and all(isinstance(row, Mapping) for row in rows):
        names = dict.fromkeys(name for row in rows for name in row)
        columns = [(name, [row.get(name) for row in rows]) for name in names]
    else:
        raise TypeError(
            f"rows is a {type(rows).__name__}: expected a path, a polars or pandas DataFrame, "
            f"a dict of columns or a list of dicts"
        )
    named: dict[str, Any] = {}
    for i, (key, values) in enumerate(columns):
        name = str(key)
        if not name.strip():
            raise ValueError(f"rows has a column without a name, number {i}")
        if name in named:
            raise ValueError(f"rows has two columns named {name!r}")
        named[name] = values
    return named
