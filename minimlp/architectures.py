"""The usual chain in one call."""

from __future__ import annotations

import copy
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from .activations import Activation, Sigmoid
from .layers import Dense, Layer
from .sequential import Sequential

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


def mlp(
    *widths: int,
    hidden: type[Activation] | Activation = Sigmoid,
    output: type[Activation] | Activation,
    dtype: DTypeLike = np.float64,
    seed: Any = None,
) -> Sequential:
    """Chain Dense layers of the given widths, each with an activation behind it.

    Parameters
    ----------
    *widths : int
        Inputs, hidden layers, outputs; at least two.
    hidden, output : Activation, or its class
        The activation behind every hidden layer, and the one behind the last.
    dtype, seed
        As for `Sequential`.

    Raises
    ------
    TypeError, ValueError
        Fewer than two widths, one that is no size, or something that is no activation.

    Examples
    --------
    >>> from minimlp import Identity, Tanh, mlp
    >>> mlp(4, 8, 1, hidden=Tanh, output=Identity)
    Sequential(Dense(4, 8), Tanh(), Dense(8, 1), Identity())
    """
    if len(widths) < 2:
        raise ValueError(f"mlp needs at least two widths, inputs and outputs, got {widths}")
    for name, given in (("hidden", hidden), ("output", output)):
        _activation(name, given)
    layers: list[Layer] = []
    for i, (n_in, n_out) in enumerate(pairwise(widths)):
        last = i == len(widths) - 2
        layers += [
            Dense(n_in, n_out),
            _activation("output", output) if last else _activation("hidden", hidden),
        ]
    return Sequential(*layers, dtype=dtype, seed=seed)


def _activation(name: str, given: Any) -> Activation:
    made = given() if isinstance(given, type) and issubclass(given, Activation) else given
    if not isinstance(made, Activation):
        raise TypeError(f"{name} must be an Activation such as Sigmoid, got {given!r}")
    return copy.deepcopy(made)
