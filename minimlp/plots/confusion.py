"""Which class was taken for which."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..validation import as_array
from .figure import plain, square_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray


def plot_confusion_matrix(matrix: Any, classes: Sequence[Any], *, title: str = "") -> Figure:
    """Show which class was taken for which: true classes down, predicted across.

    The colour is the share of the row's true class. The counts are written where there is room; of
    more than 20 classes, only those above zero.

    Parameters
    ----------
    matrix : array of int, shape (classes, classes)
        As `minimlp.metrics.confusion_matrix` counts it.
    classes : sequence of (classes,) names
        Long ones are cut; with many classes only every second, third, … is written.
    title : str

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = plot_confusion_matrix([[7, 1], [0, 2]], ["cat", "dog"])
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['7', '1', '0', '2']
    """
    counts = as_array("matrix", matrix, np.dtype(np.float64))
    names = [plain(name, longest=24) for name in classes]
    if counts.shape != (len(names), len(names)) or not names:
        raise ValueError(
            f"matrix has shape {counts.shape}: expected (classes, classes), "
            f"and classes has {len(names)} names"
        )
    if (counts < 0).any() or (counts % 1).any():
        raise ValueError("matrix must hold counts: whole numbers of at least 0")
    rows = counts.sum(axis=1, keepdims=True)
    shares = counts / np.where(rows, rows, 1)
    side = min(9.0, max(3.0, 0.45 * len(names)))  # inches; the rest is in points, 72 to an inch
    cell = 72 * side / len(names)
    size = min(9.0, max(6.0, 0.7 * cell))
    step = math.ceil(1.2 * size / cell)
    length = 0.65 * size * max(map(len, names))
    turned = length > 0.85 * cell * step
    extent = (side + length / 72 + 1.3, side + (length if turned else size) / 72 + 0.8)
    figure = square_figure(extent, title)
    axes: Any = figure.add_subplot()
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    places, style = range(0, len(names), step), {"fontsize": size, "parse_math": False}
    axes.set_xticks(places, names[::step], rotation=90 * turned, **style)
    axes.set_yticks(places, names[::step], **style)
    axes.set(xlabel="predicted", ylabel="true")
    # Inset, so that it is as high as the matrix.
    bar = figure.colorbar(image, cax=axes.inset_axes((1.03, 0, 0.2 / side, 1)))
    bar.set_label("share of the true class")
    _write_counts(axes, counts, shares, cell)
    return figure


def _write_counts(axes: Any, counts: NDArray[Any], shares: NDArray[Any], cell: float) -> None:
    size = min(9.0, 0.5 * cell, 0.8 * cell / (0.64 * len(f"{counts.max():.0f}")))
    if size < 5:
        return
    for (row, column), count in np.ndenumerate(counts):
        if not count and len(counts) > 20:
            continue
        colour = "white" if shares[row, column] > 0.7 else "black" if count else "0.65"
        style = {"color": colour, "fontsize": size, "ha": "center", "va": "center"}
        # Numbers lie within the axes: the layout need not measure thousands of them.
        axes.text(column, row, f"{count:.0f}", **style).set_in_layout(False)
