"""The worked page: two inputs, two hidden units, two outputs, and every weight a short decimal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..activations import Sigmoid
from ..layers import Dense
from ..sequential import Sequential

if TYPE_CHECKING:
    from numpy.typing import NDArray


def worked_example() -> tuple[Sequential, NDArray[np.float64], NDArray[np.float64]]:
    """Make the network of the worked page, with the page's weights, input and target.

    Column j of a weight matrix holds the weights into unit j, so the page's w11, w12 (into h1) and
    w13, w14 (into h2) stand as [[w11, w13], [w12, w14]]. The page trains with learning rate 0.5 and
    leaves the biases as they are: freeze them to follow it.

    Returns
    -------
    model : Sequential
        Dense(2, 2), Sigmoid(), Dense(2, 2), Sigmoid(), in float64.
    x : ndarray (1, 2)
        The inputs i1, i2.
    y : ndarray (1, 2)
        The targets of o1, o2.

    Examples
    --------
    >>> model, x, y = worked_example()
    >>> model.predict(x).round(3)
    array([[0.751, 0.773]])
    """
    hidden, output = Dense(2, 2), Dense(2, 2)
    model = Sequential(hidden, Sigmoid(), output, Sigmoid(), dtype=np.float64, seed=0)
    hidden.weight = np.array([[0.15, 0.25], [0.20, 0.30]])
    hidden.bias = np.array([0.35, 0.35])
    output.weight = np.array([[0.40, 0.50], [0.45, 0.55]])
    output.bias = np.array([0.60, 0.60])
    return model, np.array([[0.05, 0.10]]), np.array([[0.01, 0.99]])
