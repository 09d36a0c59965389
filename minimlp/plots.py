"""Pictures for a report: how training went, what was confused, how far off predictions are.

They need matplotlib. Names may be of any kind: they are drawn as plain text, never as formulas.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from .metrics.pair import as_pair
from .validation import as_array

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

# One dark and solid, one lighter and dashed: told apart without colour too.
_TRAINING = {"color": "#1f4e79", "linestyle": "-"}
_VALIDATION = {"color": "#d9730d", "linestyle": "--"}

_MOST_POINTS = 10_000


def figure_class() -> type[Figure]:
    """Give matplotlib's Figure, which needs no window and no global state.

    Raises
    ------
    ImportError
        matplotlib is not installed; the message says how to get it.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(f'plots need matplotlib ({error}): pip install "minimlp[cli]"') from error
    return Figure


def plot_history(
    history: Mapping[str, Sequence[float]], *, validation_label: str = "validation"
) -> Figure:
    """Plot the loss, and beside it each metric, over the epochs.

    Parameters
    ----------
    history : dict of str to list of float
        As in ``History.history``: ``"loss"``, ``"val_loss"``, metrics; one number per epoch, any
        number of epochs.
    validation_label : str
        What the ``val_…`` curves are called in the legend.

    Returns
    -------
    matplotlib.figure.Figure
        ``figure.savefig("curves.png")`` writes it.

    Raises
    ------
    ImportError
        matplotlib is not installed.

    Examples
    --------
    >>> figure = plot_history({"loss": [0.5, 0.2, 0.1], "val_loss": [0.5, 0.3, 0.2]})
    >>> [axes.get_ylabel() for axes in figure.axes]
    ['loss']
    """
    names = ["loss"]
    for key in history:
        name = key.removeprefix("val_")
        if name not in names:
            names.append(name)
    figure = figure_class()(figsize=(4.6 * len(names), 3.6), dpi=150, layout="constrained")
    for place, name in enumerate(names, start=1):
        axes = figure.add_subplot(1, len(names), place)
        curves = {"training": history.get(name), validation_label: history.get(f"val_{name}")}
        _draw(axes, name, {label: list(values) for label, values in curves.items() if values})
    return figure


def _draw(axes: Any, name: str, curves: dict[str, list[float]]) -> None:
    for label, values in curves.items():
        style = _TRAINING if label == "training" else _VALIDATION
        marker = "o" if len(values) == 1 else ""  # a line through one point would not be seen
        epochs = range(1, len(values) + 1)
        axes.plot(epochs, values, label=label, marker=marker, linewidth=1.6, **style)
    longest = max(map(len, curves.values()), default=0)
    axes.set_xlim(0, max(2, 1.02 * longest))
    axes.xaxis.get_major_locator().set_params(integer=True)
    finite = [value for values in curves.values() for value in values if math.isfinite(value)]
    if name == "loss" and finite and min(finite) >= 0 < max(finite):
        axes.set_ylim(0, 1.05 * max(finite))
    axes.set_xlabel("epoch")
    axes.set_ylabel(_plain(name), parse_math=False)
    axes.grid(color="0.9", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    if curves:
        axes.legend(frameon=False)


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
    names = [_plain(name, longest=24) for name in classes]
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
    figure = _figure(extent, title)
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
    figure = _figure((3.2 * across, 3.3 * down), title)
    if rows > _MOST_POINTS:
        drawn = np.random.default_rng(0).choice(rows, _MOST_POINTS, replace=False)
        target, prediction = target[drawn], prediction[drawn]
        figure.supxlabel(f"{_MOST_POINTS:,} of {rows:,} rows", fontsize=8, color="0.4")
    for k, name in enumerate(names):
        axes = figure.add_subplot(down, across, k + 1)
        _scatter(axes, target[:, k].astype(float), prediction[:, k].astype(float))
        axes.set_title(_plain(name, longest=32), fontsize=10, parse_math=False)
    return figure


def _scatter(axes: Any, true: NDArray[Any], predicted: NDArray[Any]) -> None:
    drawable = (np.abs(true) < 1e300) & (np.abs(predicted) < 1e300)
    points = np.stack([true[drawable], predicted[drawable]])
    low, high = (float(points.min()), float(points.max())) if points.size else (0.0, 0.0)
    margin = 0.05 * (high - low or abs(low)) or 0.05  # never nothing, also around one value
    limits = (low - margin, high + margin)
    axes.plot(limits, limits, color="0.6", linewidth=1, linestyle="--", zorder=1)
    size, alpha = (24, 0.6) if len(true) <= 100 else (10, 0.4) if len(true) <= 1000 else (5, 0.15)
    style = {"s": size, "alpha": alpha, "color": _TRAINING["color"], "linewidths": 0}
    axes.scatter(*points, rasterized=True, zorder=2, **style)
    axes.set(xlim=limits, ylim=limits, aspect="equal", xlabel="true", ylabel="predicted")
    axes.locator_params(nbins=5, steps=[1, 2, 5, 10])
    axes.tick_params(labelsize=8)
    axes.grid(color="0.9", linewidth=0.8)
    axes.set_axisbelow(True)


def _figure(extent: tuple[float, float], title: str) -> Figure:
    """Give a figure for square panels; "constrained" would cut off what stands beside them."""
    figure = figure_class()(figsize=extent, dpi=150, layout="compressed")
    if title:
        # matplotlib's own wrapping reads formulas, whatever parse_math says.
        lines = textwrap.fill(_plain(title, longest=120), int(10 * extent[0]))
        figure.suptitle(lines, fontsize=11, parse_math=False)
    return figure


def _plain(name: Any, longest: int | None = None) -> str:
    """Give the name on one line, cut where too long, with "?" for what the font cannot draw."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    text = " ".join(str(name).split())
    if longest is not None and len(text) > longest:
        text = text[: longest - 1] + "…"
    fonts = []
    for family in FontProperties().get_family():
        with suppress(ValueError):  # not installed: matplotlib takes the others
            fonts.append(findfont(FontProperties(family=[family]), fallback_to_default=False))
    drawable: set[int] = set()
    for font in fonts or [findfont(FontProperties())]:
        drawable.update(get_font(font).get_charmap())
    return "".join(character if ord(character) in drawable else "?" for character in text)
