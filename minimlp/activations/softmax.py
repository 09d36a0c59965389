"""Softmax turns the outputs of a row into probabilities: positive, of sum 1.

    a_k(h) = e^h_k / Σ_j e^h_j        dx_k = a_k·(dy_k − Σ_j dy_j·a_j)

Each output depends on all inputs of its row. The row's largest is subtracted first, which changes
nothing, for a factor e^−c cancels, and no exponential overflows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numpy import divide, empty, exp, maximum, multiply, subtract

from ..constants import ones
from ..formula import Formula
from ..registry import register
from .activation import Activation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..layers.layer import Call


@register
class Softmax(Activation):
    """a_k(h) = e^h_k / Σ_j e^h_j over the outputs of a row: one probability a class.

    Value and derivative are right to a few eps absolutely; −∞ beside finite inputs is probability
    0.

    Source: Bridle (1990), "Probabilistic interpretation of feedforward classification network
    outputs, with relationships to statistical pattern recognition".

    Raises
    ------
    ValueError
        The width is 1, as the model is made.

    Examples
    --------
    >>> from minimlp import Sequential
    >>> from minimlp.activations import Softmax
    >>> Sequential(Softmax()).predict([[0.0, 1.0, 2.0], [1e4, 1e4, -1e4]]).round(6)
    array([[0.090031, 0.244728, 0.665241],
           [0.5     , 0.5     , 0.      ]])
    """

    reads_input = False
    formula = Formula(
        "exp(h) / total(exp(h))",
        "a * (1 - a)",
        across="-a * b",
        safe_value="exp(h - largest(h)) / total(exp(h - largest(h)))",
    )

    def output_width(self, input_width: int) -> int:
        if input_width == 1:
            raise ValueError(
                "Softmax over 1 output is 1 whatever the input: Sigmoid is for one output"
            )
        return super().output_width(input_width)

    def plan(self, x: NDArray[Any], y: NDArray[Any], dy: Any, dx: Any) -> tuple[Call, Call]:
        rows, width = y.shape
        x_real, summing = x.real, ones(width, y.dtype)
        largest, sums = empty(rows, y.real.dtype), empty(rows, y.dtype)
        largest_column, sum_column = largest[:, None], sums[:, None]

        def forward() -> None:
            maximum.reduce(x_real, 1, out=largest)
            subtract(x, largest_column, y)
            exp(y, y)
            y.dot(summing, sums)
            divide(y, sum_column, y)

        def backward() -> None:
            multiply(dy, y, dx)
            dx.dot(summing, sums)
            subtract(dy, sum_column, dx)
            multiply(dx, y, dx)

        return forward, backward
