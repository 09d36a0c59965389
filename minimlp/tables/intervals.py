"""Error bars in the units of a table's targets, and how a model's file keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..derivatives.interval import Interval, interval
from ..derivatives.laplace import LaplacePosterior
from ..storage import outline
from .target import Quantities

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from os import PathLike

    from numpy.typing import NDArray

    from ..sequential import Sequential
    from .target import Classes

_ROOT = "table.posterior"  # the name of the array
_LARGEST = 1e150  # whose square is a number
_FIGURES = ("noise", "prior_precision", "effective_parameters", "degrees_of_freedom")


def in_units(
    posterior: LaplacePosterior,
    target: Quantities,
    x: NDArray[np.float64],
    outputs: NDArray[np.float64],
    level: float,
) -> Interval:
    """Give the intervals of encoded inputs, (rows, targets) in the targets' units.

    `outputs` is what the network makes of `x`.
    """
    scale, mean = np.array(target.scale), np.array(target.mean)
    variance = posterior.variance(x) if len(x) else np.empty_like(outputs)
    raw = interval(outputs, variance, posterior.noise, level, posterior.degrees_of_freedom)
    # Not the variance times the scale's square, which may be out of range.
    found = Interval(*(part * scale + mean for part in raw))
    found.parameter_deviation = raw.parameter_deviation * scale
    found.noise_deviation = raw.noise_deviation * scale
    found.mean_lower = raw.mean_lower * scale + mean
    found.mean_upper = raw.mean_upper * scale + mean
    return found


def joined(pieces: Sequence[Interval]) -> Interval:
    """Put intervals of some rows after the other."""
    whole = Interval(*map(np.concatenate, zip(*pieces, strict=True)))
    for name in vars(pieces[0]):
        setattr(whole, name, np.concatenate([getattr(piece, name) for piece in pieces]))
    return whole


def describe_posterior(posterior: LaplacePosterior) -> tuple[dict[str, float], dict[str, Any]]:
    """Give figures for JSON, and arrays by name."""
    return {name: getattr(posterior, name) for name in _FIGURES}, {_ROOT: posterior.root}


def read_posterior(
    path: str | PathLike[str],
    described: Any,
    arrays: Mapping[str, NDArray[Any]],
    model: Sequential,
    target: Classes | Quantities,
) -> LaplacePosterior:
    """Read what `describe_posterior` gave, trusting nothing.

    Raises
    ------
    ValueError
        It is not complete, or does not fit the model.
    """
    size = model.parameters.size
    try:
        if not isinstance(target, Quantities):
            raise ValueError("classes have none")
        figures = {name: described[name] for name in _FIGURES}
        for name, value in figures.items():
            fits = type(value) is float and 0 <= value < _LARGEST
            if not fits or (name in ("noise", "degrees_of_freedom") and value == 0):
                raise ValueError(f"{name} is {value!r:.40}")
        if figures["effective_parameters"] > size:
            raise ValueError(f"{size} parameters, {figures['effective_parameters']} determined")
        shape, dtype = outline(arrays, _ROOT)
        if shape != (size, size) or dtype != np.float64:
            raise ValueError(f"{_ROOT} has shape {shape} and dtype {dtype}")
        root = arrays[_ROOT]
        if not (np.abs(root) < _LARGEST).all():
            raise ValueError(f"{_ROOT} holds numbers out of range")
    except (KeyError, TypeError, ValueError) as error:
        words = " ".join(str(error).split())
        raise ValueError(f"{path}: the model's intervals are damaged: {words:.200}") from None
    own = model.copy(np.float64)
    for layer in own.layers:
        layer.frozen = frozenset()  # training froze none; what is frozen later makes no difference
    return LaplacePosterior(own, root, **figures)
