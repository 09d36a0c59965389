"""What a table's model predicts: one of some classes, or quantities in their own units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from ..layers import Normalization
from .column import Column, Kind
from .features import MOST_VALUES, check_exact, check_present, finite

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .table import Table

Task = Literal["classification", "regression"]

_FEW = 20  # distinct whole numbers that may still be classes
_ROWS_A_CLASS = 3  # on average at least, for whole numbers to be classes


@dataclass(frozen=True)
class Classes:
    """A target that is one of some classes.

    Attributes
    ----------
    name : str
    labels : tuple of str, int, float or bool
        In ascending order; the network has an output for each.
    """

    name: str
    labels: tuple[Any, ...]

    task: ClassVar[Task] = "classification"

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name,)

    @property
    def kind(self) -> Kind:
        """The kind of the labels."""
        first = self.labels[0]
        if isinstance(first, bool):
            return "boolean"
        return "text" if isinstance(first, str) else "number"

    @property
    def outputs(self) -> int:
        return len(self.labels)

    def encode(self, table: Table) -> NDArray[np.float64]:
        """Give one-hot rows (rows, classes).

        Raises
        ------
        ValueError
            A value is missing or none of the classes.
        """
        check_present(table, self.name)
        values = _labels(table.columns[self.name])
        index = {_key(label): i for i, label in enumerate(self.labels)}
        y = np.zeros((len(table), len(self.labels)))
        for row, value in enumerate(values):
            place = index.get(_key(value))
            if place is None:
                known = ", ".join(map(repr, self.labels[:10]))
                raise ValueError(
                    f"{table.place(row, self.name)}: the class {value!r:.40} was not seen in "
                    f"training; known are {known}{', ...' if len(self.labels) > 10 else ''}"
                )
            y[row, place] = 1
        return y

    def decode(self, outputs: NDArray[Any]) -> NDArray[Any]:
        """Give the class of the largest output: an array (rows,) of labels."""
        predicted: NDArray[Any] = np.array(self.labels)[outputs.argmax(axis=1)]
        return predicted


@dataclass(frozen=True)
class Quantities:
    """One target or several that are numbers.

    Attributes
    ----------
    names : tuple of str
    mean, scale : tuple of float
        Of each, in training: the network predicts (value − mean) / scale.
    """

    names: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]

    task: ClassVar[Task] = "regression"
    kind: Kind = "number"

    @property
    def outputs(self) -> int:
        return len(self.names)

    def values(self, table: Table) -> NDArray[np.float64]:
        """Give the targets in their units (rows, targets).

        Raises
        ------
        ValueError
            A value is missing, infinite or no number.
        """
        return _quantities(table, self.names)

    def encode(self, table: Table) -> NDArray[np.float64]:
        """Give the targets as the network learns them (rows, targets)."""
        return (self.values(table) - self.mean) / self.scale

    def decode(self, outputs: NDArray[Any]) -> NDArray[np.float64]:
        """Give outputs in the targets' units: (rows,) for one target, (rows, targets) for more."""
        values: NDArray[np.float64] = outputs * self.scale + self.mean
        return values[:, 0] if len(self.names) == 1 else values


def find_task(table: Table, names: Sequence[str]) -> Task:
    """Tell the task from the targets.

    Text, booleans and whole numbers of few values are classes, if there is one target; everything
    else is a quantity.
    """
    if len(names) > 1:
        return "regression"
    column = table.columns[names[0]]
    if not column.numeric:
        return "classification"
    values = np.unique(np.asarray(column.values))
    few = len(values) <= _FEW and _ROWS_A_CLASS * len(values) <= len(table)
    return "classification" if column.kind == "integer" and few else "regression"


def find_classes(table: Table, name: str) -> Classes:
    """Learn the classes of a target.

    Raises
    ------
    ValueError
        There is one class or too many, a class has one row, or a value is missing.
    """
    check_present(table, name)
    column = table.columns[name]
    if column.kind == "date":
        raise ValueError(f"{table.source}: the target {name!r} holds dates, expected classes")
    if column.numeric:
        check_exact(table, name)
    values = _labels(column)
    count: dict[Any, int] = {}
    for value in values:
        count[value] = count.get(value, 0) + 1
    labels = tuple(sorted(count))
    where = f"{table.source}: the target {name!r}"
    if len(labels) == 1:
        raise ValueError(f"{where} is {labels[0]!r:.40} in every row: expected two classes or more")
    if len(labels) > MOST_VALUES:
        raise ValueError(
            f"{where} has {len(labels):,} different values: expected at most {MOST_VALUES} classes"
        )
    for label in labels:
        if count[label] == 1:
            place = table.place(values.index(label), name)
            raise ValueError(
                f"{place}: the class {label!r:.40} has this row alone: expected at least two, "
                f"one to learn from and one to be tested on"
            )
    return Classes(name, labels)


def find_quantities(table: Table, names: Sequence[str]) -> Quantities:
    """Learn mean and scale of each target.

    Raises
    ------
    ValueError
        A target is constant or no number, or a value is missing or infinite.
    """
    values = _quantities(table, names)
    for name, column in zip(names, values.T, strict=True):
        if (column == column[0]).all():
            raise ValueError(
                f"{table.source}: the target {name!r} is {column[0]:g} in every row: "
                f"there is nothing to learn"
            )
    normalization = Normalization(len(names))  # its mean and deviation do not overflow
    normalization.adapt(values)
    mean, scale = normalization.mean.tolist(), normalization.scale.tolist()
    return Quantities(tuple(names), tuple(mean), tuple(scale))


def _quantities(table: Table, names: Sequence[str]) -> NDArray[np.float64]:
    for name in names:
        check_present(table, name)
        if not table.columns[name].numeric:
            kind = table.columns[name].kind
            raise ValueError(
                f"{table.place(0, name)}: {table.columns[name].values[0]!r:.40} is {kind}: "
                f"a regression needs targets that are numbers"
            )
    return np.stack([finite(table, name) for name in names], axis=1)


def _labels(column: Column) -> list[Any]:
    """Give the values as labels: integers, floats, text or booleans."""
    if isinstance(column.values, np.ndarray):
        values: list[Any] = column.values.tolist()
        return [int(value) for value in values] if column.kind == "integer" else values
    if column.kind == "boolean":
        truth = {"false": False, "true": True}  # another word in a file stays, and is no class
        return [truth.get(value or "", value) for value in column.values]
    return list(column.values)


def _key(label: Any) -> tuple[bool, Any]:
    """Tell booleans from the numbers they equal."""
    return isinstance(label, bool), label
