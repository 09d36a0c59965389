"""How training went: loss and metrics, epoch by epoch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .figure import DARK, LIGHT, figure_class, plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# One dark and solid, one lighter and dashed: told apart without colour too.
_TRAINING = {"color": DARK, "linestyle": "-"}
_VALIDATION = {"color": LIGHT, "linestyle": "--"}
_COLUMNS = 4  # of panels side by side
_DECADES = 1e4  # what falls or rises by more than this factor is drawn on a logarithmic scale


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
    columns = min(len(names), _COLUMNS)
    lines = math.ceil(len(names) / columns)
    figure = figure_class()(figsize=(4.6 * columns, 3.6 * lines), dpi=150, layout="constrained")
    for place, name in enumerate(names, start=1):
        axes = figure.add_subplot(lines, columns, place)
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
    if finite and 0 < min(finite) < max(finite) / _DECADES:
        axes.set_yscale("log")
    elif name == "loss" and finite and min(finite) >= 0 < max(finite):
        axes.set_ylim(0, 1.05 * max(finite))
    axes.set_xlabel("epoch")
    axes.set_ylabel(plain(name), parse_math=False)
    axes.grid(color="0.9", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    if curves:
        axes.legend(frameon=False)
