"""What there is to learn: rows that train, rows that test, and where they come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HELD_OUT = 0.2


@dataclass(frozen=True)
class Task:
    """Data to learn from and data to be tested on.

    Attributes
    ----------
    data : str
        Where the rows come from, for people.
    rows : str
        What one row is, in the plural.
    x, y : array (rows, features), array (rows,)
        All rows and their labels.
    train, validation, test : array of int
        Which rows train, which decide when to stop, and which are only measured.
    outputs : int
        How many classes there are.
    """

    data: str
    rows: str
    x: NDArray[Any]
    y: NDArray[Any]
    train: NDArray[Any]
    validation: NDArray[Any]
    test: NDArray[Any]
    outputs: int

    @property
    def parts(self) -> dict[str, NDArray[Any]]:
        """The rows for each purpose that has some."""
        parts = {"training": self.train, "validation": self.validation, "test": self.test}
        return {name: rows for name, rows in parts.items() if len(rows)}


def digits_task(seed: int, validation: float = 0.0) -> Task:
    """Hold out a fifth of the embedded digits, a fifth of each, and perhaps some to validate.

    Parameters
    ----------
    seed : int
        Chooses the rows.
    validation : float
        Share of all rows, at least 0 and below 0.8.

    Raises
    ------
    ValueError
        No rows are left to train on.
    """
    from ..datasets import load_digits
    from ..training.split import stratified_split
    from ..validation import as_generator

    if validation + _HELD_OUT >= 1:
        raise ValueError(
            f"validation {validation:g} leaves no rows to train on: {_HELD_OUT:g} are for the test"
        )
    x, y = load_digits()
    rng = as_generator(seed)
    train, test = stratified_split(y, _HELD_OUT, rng)
    judge = train[:0]
    if validation:
        rest, part = stratified_split(y[train], validation * len(y) / len(train), rng)
        train, judge = train[rest], train[part]
    data = "handwritten digits (UCI, embedded), images of 8 x 8 pixels"
    return Task(data, "images", x, y, train, judge, test, outputs=10)
