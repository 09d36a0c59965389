"""Penalties keep weights small: what is added to the loss for each weight, whatever the data.

They are functions of the flat vector over the weights, every parameter that is not a bias:

    L2: λ·Σ w²        L1: λ·Σ |w|        ElasticNet: λ₁·Σ |w| + λ₂·Σ w²

L2 pulls each weight towards 0 in proportion to its size; L1 pulls all with the same force, so that
many end at 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .constants import constant
from .parameters import layout
from .registry import Component, register
from .validation import as_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .layers import Layer


class Penalty(Component):
    """Base of every penalty; one of one's own defines `value_and_gradient`."""

    def value_and_gradient(self, weights: NDArray[Any], out: NDArray[Any]) -> Any:
        """Write the derivative by each weight into `out`, and give the value.

        Parameters
        ----------
        weights : array (P,)
            The flat vector with 0 in the place of each bias, which must give 0 there. Complex for
            derivatives: branch on ``weights.real``.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define value_and_gradient")


@register
class ElasticNet(Penalty):
    """λ₁·Σ |w| + λ₂·Σ w², as Keras's ``L1L2``.

    Source: Zou & Hastie (2005), "Regularization and variable selection via the elastic net".

    Parameters
    ----------
    l1, l2 : float
        λ₁ and λ₂, finite, at least 0.

    Examples
    --------
    >>> from minimlp import Dense, Sequential
    >>> from minimlp.penalties import ElasticNet
    >>> model = Sequential(Dense(1, 1, bias=False))
    >>> model.parameters = [-3.0]
    >>> model.evaluate([[1.0]], [[-3.0]], penalty=ElasticNet(l1=0.1, l2=0.01))
    {'loss': 0.39}
    """

    def __init__(self, l1: float, l2: float) -> None:
        self.l1 = as_number("l1", l1, low=0)
        self.l2 = as_number("l2", l2, low=0)

    def value_and_gradient(self, weights: NDArray[Any], out: NDArray[Any]) -> Any:
        np.sign(weights.real, out)
        np.multiply(out, constant(self.l1, out.dtype), out)
        value = weights.dot(out) + self.l2 * weights.dot(weights)
        out += constant(2 * self.l2, out.dtype) * weights
        return value


@register
class L1(Penalty):
    """λ·Σ |w|; at 0, where it bends, the derivative is 0.

    Source: Tibshirani (1996), "Regression shrinkage and selection via the lasso".

    Parameters
    ----------
    l1 : float
        λ, finite, at least 0.
    """

    def __init__(self, l1: float) -> None:
        self.l1 = as_number("l1", l1, low=0)

    def value_and_gradient(self, weights: NDArray[Any], out: NDArray[Any]) -> Any:
        np.sign(weights.real, out)
        np.multiply(out, constant(self.l1, out.dtype), out)
        return weights.dot(out)


@register
class L2(Penalty):
    """λ·Σ w², as in Keras; a `weight_decay` of 2·λ in `SGD` does the same to the weights.

    Source: Hoerl & Kennard (1970), "Ridge regression".

    Parameters
    ----------
    l2 : float
        λ, finite, at least 0.
    """

    def __init__(self, l2: float) -> None:
        self.l2 = as_number("l2", l2, low=0)

    def value_and_gradient(self, weights: NDArray[Any], out: NDArray[Any]) -> Any:
        np.multiply(weights, constant(2 * self.l2, out.dtype), out)
        return weights.dot(out) * 0.5


class PenaltyTerm:
    """What a penalty adds to the loss and the gradient of a model.

    Parameters
    ----------
    penalty : Penalty
    layers : sequence of Layer
    parameters, gradients : array (P,)
        The flat vectors of `layers`.
    """

    def __init__(
        self,
        penalty: Penalty,
        layers: Sequence[Layer],
        parameters: NDArray[Any],
        gradients: NDArray[Any],
    ) -> None:
        self._penalty, self._layers = penalty, layers
        self._parameters, self._gradients = parameters, gradients
        self._is_weight = is_weight(layers, parameters)
        self._weights, self._slopes = np.empty_like(parameters), np.empty_like(parameters)
        self._number = complex if parameters.dtype.kind == "c" else float

    def value(self) -> Any:
        """Give the penalty of the model as it is."""
        np.multiply(self._parameters, self._is_weight, self._weights)
        return self._number(self._penalty.value_and_gradient(self._weights, self._slopes))

    def add_gradient(self) -> Any:
        """Give the penalty, and add its derivative to the gradients of all that trains."""
        value = self.value()
        np.add(self._gradients, self._slopes, self._gradients)
        for layer in self._layers:
            if layer.frozen:
                layer.clear_frozen_gradients()
        return value


def is_weight(layers: Sequence[Layer], parameters: NDArray[Any]) -> NDArray[Any]:
    """Give an array like `parameters` with 0 in the place of each bias, and 1 elsewhere."""
    found = np.ones_like(parameters)
    for part in layout(layers):
        if part.name == "bias":
            found[part.slice] = 0
    return found
