"""How far off predictions are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..metrics.pair import as_pair
from .figure import DARK, plain, square_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

_MOST_POINTS = 10_000


def plot_predictions(
    target: Any, prediction: Any, names: Sequence[Any], *, title: str = ""
) -> Figure:
    """Plot predictions against true values, one panel for each target; right is on the diagonal.

    Of more than 10,000 rows as many are drawn, taken at random, always the same; a note says so.
    Values that are not finite, or beyond 1e300, are left out.

    Parameters
    ----------
    target, prediction : arrays of shape (rows, targets)
        Or (rows,) for a single target.
    names : sequence of (targets,) names
    title : str

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = plot_predictions([[1, 5], [2, 6]], [[1.1, 5.2], [1.8, 5.9]], ["width", "height"])
    >>> [axes.get_title() for axes in figure.axes]
    ['width', 'height']
    """
    target, prediction = as_pair(target, prediction)
    rows, panels = prediction.shape
    if len(names) != panels:
        raise ValueError(f"names has {len(names)} names: target has {panels} columns")
    # The fewest rows of at most four, and those as even as can be.
    down = math.ceil(panels / 4)
    across = math.ceil(panels / down)
    figure = square_figure((3.2 * across, 3.3 * down), title)
    if rows > _MOST_POINTS:
        drawn = np.random.default_rng(0).choice(rows, _MOST_POINTS, replace=False)
        target, prediction = target[drawn], prediction[drawn]
        figure.supxlabel(f"{_MOST_POINTS:,} of {rows:,} rows", fontsize=8, color="0.4")
    for k, name in enumerate(names):
        axes = figure.add_subplot(down, across, k + 1)
        _scatter(axes, target[:, k].astype(float), prediction[:, k].astype(float))
        axes.set_title(plain(name, longest=32), fontsize=10, parse_math=False)
    return figure


def _scatter(axes: Any, true: NDArray[Any], predicted: NDArray[Any]) -> None:
    drawable = (np.abs(true) < 1e300) & (np.abs(predicted) < 1e300)
    points = np.stack([true[drawable], predicted[drawable]])
    low, high = (float(points.min()), float(points.max())) if points.size else (0.0, 0.0)
    margin = 0.05 * (high - low or abs(low)) or 0.05  # never nothing, also around one value
    limits = (low - margin, high + margin)
    axes.plot(limits, limits, color="0.6", linewidth=1, linestyle="--", zorder=1)
    size, alpha = (24, 0.6) if len(true) <= 100 else (10, 0.4) if len(true) <= 1000 else (5, 0.15)
    style = {"s": size, "alpha": alpha, "color": DARK, "linewidths": 0}
    axes.scatter(*points, rasterized=True, zorder=2, **style)
    axes.set(xlim=limits, ylim=limits, aspect="equal", xlabel="true", ylabel="predicted")
    axes.locator_params(nbins=5, steps=[1, 2, 5, 10])
    axes.tick_params(labelsize=8)
    axes.grid(color="0.9", linewidth=0.8)
    axes.set_axisbelow(True)
