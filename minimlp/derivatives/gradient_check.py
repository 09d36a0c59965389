"""What a gradient check found: one line for each array, and a verdict."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .analytic import Sources


@dataclass(frozen=True)
class ArrayCheck:
    """One array of derivatives, compared entry by entry.

    Attributes
    ----------
    name : str
        Such as ``layers[2].weight``; ``x`` for the inputs.
    shape : tuple of int
    checked : int
        How many of its entries were compared; 0 for a frozen array.
    error : float
        max|analytic − numeric| / max|numeric| over those entries; where all numeric derivatives are
        0, max|analytic|.
    worst : tuple of int
        Index of the entry that is furthest off.
    analytic, numeric : float
        The two derivatives there.
    source : str
        The code that gave the analytic one: ``fit``, ``backward`` or ``per_sample_gradients``.
    largest : float
        max|numeric| over the entries that were compared.
    """

    name: str
    shape: tuple[int, ...]
    checked: int
    error: float = 0.0
    worst: tuple[int, ...] = ()
    analytic: float = 0.0
    numeric: float = 0.0
    source: str = ""
    largest: float = 0.0

    @property
    def size(self) -> int:
        """Number of entries of the array."""
        return math.prod(self.shape)

    @property
    def entry(self) -> str:
        """The furthest entry as it is written in Python, such as ``layers[2].weight[3, 1]``."""
        return f"{self.name}[{', '.join(map(str, self.worst))}]" if self.worst else self.name


def compare(
    name: str,
    shape: tuple[int, ...],
    sources: Sources,
    entries: NDArray[np.intp],
    numeric: NDArray[np.float64],
) -> ArrayCheck:
    """Compare the chosen entries of an array, as several sources give it, with numeric ones."""
    gradients = np.array([gradient[entries] for _, gradient in sources])
    differences = np.abs(gradients - numeric)
    ranked = np.nan_to_num(differences, nan=np.inf)
    peaks = ranked.max(axis=1)
    source = int(np.argmax(peaks >= peaks.max() * (1 - 1e-6)))  # the first of those as far off
    entry = int(np.argmax(ranked[source]))
    largest = float(np.abs(numeric).max())
    return ArrayCheck(
        name,
        shape,
        checked=len(entries),
        error=float(differences[source, entry]) / (largest or 1),
        worst=tuple(int(i) for i in np.unravel_index(entries[entry], shape)),
        analytic=float(gradients[source, entry]),
        numeric=float(numeric[entry]),
        largest=largest,
        source=sources[source][0],
    )


@dataclass(frozen=True, repr=False)
class GradientCheck:
    """The outcome of `check_gradients`: true when all derivatives agree; printed, a table.

    Attributes
    ----------
    method : str
        How the numeric derivatives were found: ``complex-step`` or ``central``.
    tolerance : float
        The largest error that counts as agreement.
    arrays : tuple of ArrayCheck
        Every array of parameters in order, frozen ones too, then the inputs.
    note : str
        Why another method was used than was asked for, or that a sample was checked.
    """

    method: str
    tolerance: float
    arrays: tuple[ArrayCheck, ...]
    note: str = ""

    def __bool__(self) -> bool:
        return all(self._agrees(array) for array in self.arrays)

    @property
    def max_error(self) -> float:
        """The largest error of all arrays; NaN if one is."""
        return self._furthest.error

    @property
    def worst(self) -> str:
        """The entry with the largest error, such as ``layers[2].weight[3, 1]``."""
        return self._furthest.entry

    @property
    def _furthest(self) -> ArrayCheck:
        compared = [array for array in self.arrays if array.checked]
        return max(compared, key=lambda array: math.inf if math.isnan(array.error) else array.error)

    def _agrees(self, array: ArrayCheck) -> bool:
        return not array.checked or array.error <= self.tolerance

    def __str__(self) -> str:
        worst = self._furthest
        verdict = "all derivatives agree" if self else "DERIVATIVES DISAGREE"
        table = [("array", "shape", "checked", "error", ""), *map(self._row, self.arrays)]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = [
            f"{verdict}: {self.method}, largest error {self.max_error:.1e}, "
            f"tolerance {self.tolerance:.2g}",
            *_aligned(table, widths),
            f"worst at {self.worst}: {worst.analytic:.15g} by {worst.source}, "
            f"{worst.numeric:.15g} by {self.method}",
        ]
        return "\n".join(lines + [self.note] * bool(self.note))

    __repr__ = __str__

    def _row(self, array: ArrayCheck) -> tuple[str, ...]:
        if not array.checked:
            why = "frozen, skipped" if array.size else "empty"
            return array.name, str(array.shape), f"0 of {array.size}", "", why
        counted = f"{array.checked} of {array.size}"
        verdict = "" if self._agrees(array) else f"differs, most at {array.entry}"
        return array.name, str(array.shape), counted, f"{array.error:.1e}", verdict


def _aligned(table: list[tuple[str, ...]], widths: list[int]) -> Iterator[str]:
    for row in table:
        cells = zip(row, widths, strict=True)
        yield "  " + "  ".join(cell.ljust(width) for cell, width in cells).rstrip()
