"""Where the weights start.

A layer's outputs are sums over its inputs, so the wider the layer, the smaller its weights must be
for signals to keep their size on the way forward and gradients on the way back. Each rule below
says how small.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from .registry import Component, register
from .validation import as_number

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray


class Initializer(Component):
    """Draws a weight matrix: ``initializer(rng, (n_in, n_out))`` gives an array of that shape."""

    def __call__(self, rng: Generator, shape: tuple[int, int]) -> NDArray[Any]:
        """Draw a float64 array of `shape`, (n_in, n_out), from `rng`."""
        raise NotImplementedError(f"{type(self).__name__} does not define __call__")


@register
class GlorotUniform(Initializer):
    """Uniform on ±√(6 / (n_in + n_out)): for sigmoid and tanh, and a safe start everywhere.

    Source: Glorot & Bengio (2010), "Understanding the difficulty of training deep feedforward
    neural networks", eq. 16.
    """

    def __call__(self, rng: Generator, shape: tuple[int, int]) -> NDArray[Any]:
        limit = sqrt(6 / (shape[0] + shape[1]))
        return rng.uniform(-limit, limit, shape)


@register
class HeNormal(Initializer):
    """Normal with variance 2 / n_in: for ReLU, which drops half of the signal.

    Source: He, Zhang, Ren & Sun (2015), "Delving deep into rectifiers", eq. 10.
    """

    def __call__(self, rng: Generator, shape: tuple[int, int]) -> NDArray[Any]:
        return rng.normal(0.0, sqrt(2 / shape[0]), shape)


@register
class LeCunNormal(Initializer):
    """Normal with variance 1 / n_in: outputs as large as the inputs.

    Source: LeCun, Bottou, Orr & Müller (1998), "Efficient BackProp", section 4.6.
    """

    def __call__(self, rng: Generator, shape: tuple[int, int]) -> NDArray[Any]:
        return rng.normal(0.0, sqrt(1 / shape[0]), shape)


@register
class Normal(Initializer):
    """Normal around 0 with one standard deviation for every layer.

    Source: Krizhevsky, Sutskever & Hinton (2012), "ImageNet classification with deep convolutional
    neural networks", section 5, with standard deviation 0.01.

    Parameters
    ----------
    standard_deviation : float
        Finite, at least 0.
    """

    def __init__(self, standard_deviation: float = 0.01) -> None:
        self.standard_deviation = as_number("standard_deviation", standard_deviation, low=0)

    def __call__(self, rng: Generator, shape: tuple[int, int]) -> NDArray[Any]:
        return rng.normal(0.0, self.standard_deviation, shape)


@register
class Zeros(Initializer):
    """All zero: fit for an output layer only, since hidden units that start equal stay equal.

    Source: Rumelhart, Hinton & Williams (1986), "Learning internal representations by error
    propagation", the section on symmetry breaking.
    """

    def __call__(self, rng: Generator, shape: tuple[int, int]) -> NDArray[Any]:
        return np.zeros(shape)
