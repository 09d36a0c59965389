"""Every unit sums its weighted inputs and adds its bias.

The page writes one unit at a time, h₁ = i₁·w₁₁ + i₂·w₁₂ + b₁. With one sample a row and the weights
into unit j as column j, all units of all samples are one product:

    h = x·W + b

Backward, a weight reaches the loss only through its unit, so ∂Loss/∂w₁₁ = δ_h₁ · x₁, summed over
the samples; and an input reaches it through every unit, so its derivative sums over all paths:

    ∂Loss/∂W = xᵀ·δ        ∂Loss/∂b = Σ_rows δ        ∂Loss/∂x = δ·Wᵀ

One sample's own part of the first is the outer product of its row of x and its row of δ.

A bias is the weight of an input that is always 1. It lies behind the weights in the flat vector, as
one more row of their matrix, so a small layer trains with one product for both:

    h = [x 1]·[W; b]        ∂Loss/∂[W; b] = [x 1]ᵀ·δ
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..constants import ones
from ..initializers import GlorotUniform, Initializer
from ..registry import register
from ..validation import as_count, as_flag
from .layer import Call, Layer

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

_SMALL = 1 << 13  # entries of x; with more of them, copying x costs what adding the bias does


@register
class Dense(Layer):
    """h = x·W + b: a fully connected layer.

    Parameters
    ----------
    n_in, n_out : int
        Number of inputs and of units, at least 1.
    bias : bool
        Whether each unit adds a trained bias, which starts at 0.
    weight_initializer : Initializer
        Draws the first weights.

    Attributes
    ----------
    weight : array (n_in, n_out)
        ``weight[i, j]`` leads from input i to unit j. A view of ``model.parameters``.
    bias : array (n_out,) or None
        The biases, a view of ``model.parameters``; None for a layer without.

    Raises
    ------
    TypeError, ValueError
        A size is not a whole number of at least 1, or the initializer is none.

    Examples
    --------
    >>> from minimlp import Dense, Sequential
    >>> layer = Dense(2, 1)
    >>> model = Sequential(layer, seed=0)
    >>> layer.weight = [[3.0], [4.0]]
    >>> layer.bias = [0.5]
    >>> model.predict([[1.0, 10.0]])
    array([[43.5]])
    """

    reads_output = False
    kept_as = MappingProxyType({"bias": "has_bias"})  # `bias` itself is the array
    weight: NDArray[Any]
    bias: Any

    def __init__(
        self,
        n_in: int,
        n_out: int,
        *,
        bias: bool = True,
        weight_initializer: Initializer = GlorotUniform(),  # noqa: B008  (it holds no state)
    ) -> None:
        self.n_in = self.width = as_count("n_in", n_in)
        self.n_out = as_count("n_out", n_out)
        self.has_bias = as_flag("bias", bias)
        if not self.has_bias:
            self.bias = None
        if not isinstance(weight_initializer, Initializer):
            raise TypeError(
                f"weight_initializer must be an Initializer such as GlorotUniform(), "
                f"got {weight_initializer!r}"
            )
        self.weight_initializer = weight_initializer

    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        shapes: dict[str, tuple[int, ...]] = {"weight": (self.n_in, self.n_out)}
        if self.has_bias:
            shapes["bias"] = (self.n_out,)
        return shapes

    def initialize(self, rng: Generator) -> None:
        self.weight[...] = self.weight_initializer(rng, (self.n_in, self.n_out))

    def output_width(self, input_width: int) -> int:
        super().output_width(input_width)
        return self.n_out

    def forward(self, x: NDArray[Any], out: NDArray[Any]) -> None:
        x.dot(self.weight, out)
        if self.has_bias:
            out += self.bias

    def backward(
        self, x: NDArray[Any], y: NDArray[Any], dy: NDArray[Any], dx: NDArray[Any] | None
    ) -> None:
        x.T.dot(dy, self.weight_gradient)
        if self.has_bias:
            ones(len(dy), dy.dtype).dot(dy, self.bias_gradient)
        if dx is not None:
            dy.dot(self.weight.T, dx)

    def plan(
        self, x: NDArray[Any], y: NDArray[Any], dy: Any, dx: NDArray[Any] | None
    ) -> tuple[Call, Call]:
        if not self.has_bias or x.size > _SMALL:
            return super().plan(x, y, dy, dx)
        x_1 = np.ones((len(x), self.n_in + 1), x.dtype)
        x_part, transposed, weight_transposed = x_1[:, :-1], x_1.T, self.weight.T
        both = self._own_parameters.reshape(-1, self.n_out)
        both_gradient = self._own_gradients.reshape(-1, self.n_out)

        def forward() -> None:
            x_part[...] = x  # faster than np.copyto, for few rows
            x_1.dot(both, y)

        def backward() -> None:
            transposed.dot(dy, both_gradient)
            if dx is not None:
                dy.dot(weight_transposed, dx)

        return forward, backward

    def per_sample_gradients(
        self,
        x: NDArray[Any],
        y: NDArray[Any],
        dy: NDArray[Any],
        out: dict[str, NDArray[Any]],
    ) -> None:
        np.einsum("bi,bj->bij", x, dy, out=out["weight"])
        if self.has_bias:
            np.copyto(out["bias"], dy)
