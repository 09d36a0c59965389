"""From columns to numbers: how each column of a table becomes inputs of a network.

A number is one input. Text and booleans are one-hot: an input for each value, 1 where the row has
it and 0 elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .column import Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .table import Table

MOST_VALUES = 100


class Feature(NamedTuple):
    """A column that the network reads.

    Attributes
    ----------
    name : str
    kind : {"number", "text", "boolean"}
    values : tuple of str
        What a column of text or booleans may hold, one input for each; none for numbers.
    """

    name: str
    kind: Kind
    values: tuple[str, ...]

    @property
    def width(self) -> int:
        """Number of inputs."""
        return len(self.values) or 1


def find_features(table: Table, names: Sequence[str], categorical: Sequence[str]) -> list[Feature]:
    """Find out what each column is, and which values it has; constant ones are left out.

    Raises
    ------
    ValueError
        A column holds text of too many values, or infinity.
    """
    found = []
    for name in names:
        column = table.columns[name]
        if column.numeric and name not in categorical:
            if len(np.unique(finite(table, name))) > 1:
                found.append(Feature(name, "number", ()))
            continue
        if column.numeric:
            check_exact(table, name)
        values = sorted(set(column.words()), key=str)
        if len(values) > MOST_VALUES:
            raise ValueError(
                f"{table.source}: column {name!r} has {len(values):,} different values such as "
                f"{values[0]!r:.40}: expected at most {MOST_VALUES}; {offer('drop', name)}"
            )
        if len(values) > 1:
            kind: Kind = "boolean" if column.kind == "boolean" else "text"
            found.append(Feature(name, kind, tuple(map(str, values))))
    return found


def encode(table: Table, features: Sequence[Feature]) -> NDArray[np.float64]:
    """Make the inputs: an array (rows, inputs).

    Raises
    ------
    ValueError
        A value is missing or infinite, or was not seen in training, or the kind of a column has
        changed; the message names row and column.
    """
    x = np.zeros((len(table), sum(feature.width for feature in features)))
    start = 0
    for feature in features:
        check_present(table, feature.name)
        if feature.kind == "number":
            x[:, start] = finite(table, feature.name)
        else:
            x[np.arange(len(x)), start + _indices(table, feature)] = 1
        start += feature.width
    return x


def check_no_dates(table: Table, name: str) -> None:
    """Refuse dates."""
    column = table.columns[name]
    if column.kind == "date":
        raise ValueError(
            f"{table.source}: column {name!r} holds dates such as {_first(column.values)!r}: make "
            f"numbers of them, such as days since one day; {offer('drop', name)}"
        )


def check_present(table: Table, name: str) -> None:
    """Refuse missing values."""
    if table.columns[name].lacks_values():
        missing = table.columns[name].missing()
        row, count = int(np.flatnonzero(missing)[0]), int(missing.sum())
        more = f" ({count:,} in this column)" if count > 1 else ""
        raise ValueError(
            f"{table.place(row, name)}: the value is missing{more}; fill it in, or leave such rows "
            f"out with drop_missing=True or --drop-missing"
        )


def finite(table: Table, name: str) -> NDArray[np.float64]:
    """Give a column of numbers, none of them infinite."""
    values = table.columns[name].values
    if not isinstance(values, np.ndarray):
        where = table.place(0, name) if len(table) else table.source
        raise ValueError(
            f"{where}: {_first(values)!r:.40} is {table.columns[name].kind}, "
            f"the column held numbers in training"
        )
    infinite = np.flatnonzero(np.isinf(values))
    if infinite.size:
        row = int(infinite[0])
        raise ValueError(f"{table.place(row, name)}: {values[row]} is not finite")
    return values


def check_exact(table: Table, name: str) -> None:
    """Refuse numbers as names where they are so large that two of them may be one."""
    large = np.flatnonzero(np.abs(finite(table, name)) >= 2.0**53)
    if large.size:
        raise ValueError(
            f"{table.place(int(large[0]), name)}: a number of 2^53 or more is no name: "
            f"make text of the column"
        )


def _indices(table: Table, feature: Feature) -> NDArray[np.intp]:
    index: dict[Any, int] = {value: i for i, value in enumerate(feature.values)}
    words = table.columns[feature.name].words()
    found = np.fromiter(map(index.get, words, repeat(-1)), np.intp, len(words))
    unseen = np.flatnonzero(found < 0)
    if unseen.size:
        row = int(unseen[0])
        known = ", ".join(f"{value!r:.40}" for value in feature.values[:10])
        more = ", ..." if len(feature.values) > 10 else ""
        raise ValueError(
            f"{table.place(row, feature.name)}: {words[row]!r:.40} was not seen in training; "
            f"known are {known}{more}"
        )
    return found


def offer(option: str, column: str) -> str:
    """Say how to treat a column, in Python and on the command line."""
    word = column if column.isidentifier() else repr(column)
    effect = {"drop": "leaves the column out", "categorical": "takes its values as words"}[option]
    return f"{option}={column!r} or --{option} {word} {effect}"


def _first(values: Any) -> Any:
    return next((value for value in values if value is not None), None)
