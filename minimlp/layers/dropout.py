"""In training, each unit is left out now and then, so that none can rely on another.

Each number of a batch is kept with probability 1 − rate, and then divided by it, so that the sum
that the next layer sees is the same on average; otherwise it is 0. Outside training nothing is left
out, and nothing needs to be scaled ("inverted" dropout).

    y = x · m / (1 − rate)        dx = dy · m / (1 − rate)        m = 0 or 1, drawn for each pass
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..constants import constant
from ..formula import Formula
from ..registry import register
from ..validation import as_number
from .layer import Call, Layer

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray


@register
class Dropout(Layer):
    """Sets a random share of the numbers to 0 in `fit` and in ``forward(x, training=True)``.

    It draws from the model's generator, so that ``Sequential(seed=0)`` repeats a run. Predictions,
    `evaluate`, and derivatives are those of the whole network; only `check_gradients` looks at one
    with units left out, always the same ones.

    Source: Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov (2014), "Dropout: a simple way
    to prevent neural networks from overfitting".

    Parameters
    ----------
    rate : float
        Share that is left out, in [0, 1).

    Raises
    ------
    TypeError, ValueError
        `rate` is no number in [0, 1).

    Examples
    --------
    >>> from minimlp import Sequential
    >>> from minimlp.layers import Dropout
    >>> model = Sequential(Dropout(0.5), seed=0)
    >>> model.forward([[1.0, 1.0, 1.0, 1.0]])
    array([[1., 1., 1., 1.]])
    >>> model.forward([[1.0, 1.0, 1.0, 1.0]], training=True)
    array([[2., 0., 0., 0.]])
    """

    reads_input = False
    reads_output = False
    in_place = True
    formula = Formula("h", "1", name="d")  # nothing is left out when one step is looked at

    def __init__(self, rate: float) -> None:
        self.rate = as_number("rate", rate, low=0, below=1)

    def forward(self, x: NDArray[Any], out: NDArray[Any]) -> None:
        if out is not x:
            out[...] = x

    def backward(
        self, x: NDArray[Any], y: NDArray[Any], dy: NDArray[Any], dx: NDArray[Any] | None
    ) -> None:
        if dx is not None:
            dx[...] = dy

    def training_plan(
        self, x: NDArray[Any], y: NDArray[Any], dy: Any, dx: NDArray[Any] | None, rng: Generator
    ) -> tuple[Call, Call]:
        factor = np.empty_like(x.real, order="C")
        dtype = factor.dtype

        def forward() -> None:
            rng.random(dtype=dtype, out=factor)
            np.greater_equal(factor, constant(self.rate, dtype), out=factor)
            np.multiply(factor, constant(1 / (1 - self.rate), dtype), factor)
            np.multiply(x, factor, y)

        def backward() -> None:
            self.backward(x, y, dy, dx)
            if dx is not None:
                np.multiply(dx, factor, dx)

        return forward, backward
