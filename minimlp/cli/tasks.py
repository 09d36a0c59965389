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
    train, test : array of int
        Which rows train and which are held out.
    outputs : int
        How many classes there are.
    """

    data: str
    rows: str
    x: NDArray[Any]
    y: NDArray[Any]
    train: NDArray[Any]
    test: NDArray[Any]
    outputs: int


def digits_task(seed: int) -> Task:
    """Hold out a fifth of the embedded digits, a fifth of each."""
    from ..datasets import load_digits
    from ..training.split import stratified_split
    from ..validation import as_generator

    x, y = load_digits()
    train, test = stratified_split(y, _HELD_OUT, as_generator(seed))
    data = "handwritten digits (UCI, embedded), images of 8 x 8 pixels"
    return Task(data, "images", x, y, train, test, outputs=10)
