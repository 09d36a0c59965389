"""Set some rows aside: any of them, or so that each class keeps its share.

In a stratified split, of a class with n members, fraction·n go aside. What the rounding down leaves
over goes to the classes with the largest remainders, one row each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..validation import as_count, as_number

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray


def stratified_split(
    labels: Any, fraction: float, rng: Generator
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Split row numbers in two, each class in proportion.

    Parameters
    ----------
    labels : array of shape (rows,)
        The class of each row: numbers or text.
    fraction : float
        The share to set aside, between 0 and 1.
    rng : numpy.random.Generator
        Chooses the rows.

    Returns
    -------
    rest, part : arrays of int
        Row numbers in ascending order; `part` is what was set aside. A class of two rows or more is
        in both, even if its share is below one row; a class of one row stays in `rest`.

    Raises
    ------
    TypeError
        `fraction` is not a number, or the labels cannot be compared.
    ValueError
        `fraction` is outside (0, 1), `labels` is not one-dimensional or is empty, or no class has
        two rows.

    Examples
    --------
    >>> import numpy as np
    >>> from minimlp.training.split import stratified_split
    >>> labels = np.array(["cat"] * 8 + ["dog"] * 4)
    >>> rest, part = stratified_split(labels, 0.25, np.random.default_rng(0))
    >>> labels[part].tolist()
    ['cat', 'cat', 'dog']
    """
    fraction = _fraction(fraction)
    values = np.asarray(labels)
    if values.ndim != 1 or not values.size:
        raise ValueError(f"labels has shape {values.shape}: expected (rows,) with at least one row")
    try:
        _, classes, sizes = np.unique(values, return_inverse=True, return_counts=True)
    except TypeError as error:
        raise TypeError(f"labels must be all numbers or all text: {error}") from None
    if sizes.max() < 2:
        raise ValueError(f"labels has {values.size} rows, no two of a class: nothing to split")

    members = np.argsort(classes, kind="stable")
    chosen = [
        rng.permutation(rows)[:count]
        for rows, count in zip(
            np.split(members, np.cumsum(sizes)[:-1]), _shares(sizes, fraction), strict=True
        )
    ]
    aside = np.zeros(values.size, bool)
    aside[np.concatenate(chosen)] = True
    return np.flatnonzero(~aside), np.flatnonzero(aside)


def random_split(
    rows: int, fraction: float, rng: Generator
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Split row numbers in two by chance.

    Parameters
    ----------
    rows : int
    fraction : float
        The share to set aside, between 0 and 1.
    rng : numpy.random.Generator
        Chooses the rows.

    Returns
    -------
    rest, part : arrays of int
        Row numbers in ascending order; neither is empty, even if a share is below one row.

    Raises
    ------
    TypeError, ValueError
        `fraction` is no number between 0 and 1, or there are less than two rows.
    """
    fraction = _fraction(fraction)
    if as_count("rows", rows) < 2:
        raise ValueError(f"rows is {rows}: nothing to split")
    aside = np.zeros(rows, bool)
    aside[rng.permutation(rows)[: min(max(1, round(rows * fraction)), rows - 1)]] = True
    return np.flatnonzero(~aside), np.flatnonzero(aside)


def _fraction(value: Any) -> float:
    fraction = as_number("fraction", value, low=0, below=1)
    if fraction == 0:
        raise ValueError("fraction must be above 0 and below 1, got 0.0")
    return fraction


def _shares(sizes: NDArray[np.intp], fraction: float) -> NDArray[np.intp]:
    """Count the rows to take of each class, by largest remainder."""
    exact = sizes * fraction
    most = sizes - 1
    least = np.minimum(1, most)
    counts: NDArray[np.intp] = np.clip(np.floor(exact).astype(np.intp), least, most)
    left = max(0, round(int(sizes.sum()) * fraction) - int(counts.sum()))
    remainders = np.where(counts < np.minimum(exact, most), exact - counts, 0)
    largest = np.argsort(-remainders, kind="stable")[:left]
    counts[largest[remainders[largest] > 0]] += 1
    return counts
