"""Stochastic gradient descent: every weight takes a step against its own derivative.

    w′ = w − η · ∂Loss/∂w

is the page's update; the gradient of a mini-batch stands in for that of all data. Momentum μ lets a
velocity v gather the steps, weight decay λ pulls every parameter towards 0:

    g = ∂Loss/∂w + λ·w        v ← μ·v + g        w ← w − η·v        (Nesterov: w ← w − η·(g + μ·v))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..registry import register
from ..validation import as_flag, as_number
from .optimizer import Optimizer

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BLOCK = 1 << 16  # entries: 256 KB in float32, a part of the second cache

# Up to _FEW parameters the number of calls counts. Beyond it, products are shared among processors,
# and what another one has read is slow to write to, twice as slow as by a plain copy; beyond
# _COPIED it is no longer in that one's cache.
_FEW = 1 << 13
_COPIED = 1 << 18


@register
class SGD(Optimizer):
    """w ← w − η·g, with momentum, Nesterov's variant and weight decay as PyTorch writes them.

    Sources: Robbins & Monro (1951), "A stochastic approximation method"; Polyak (1964) for
    momentum; Sutskever, Martens, Dahl & Hinton (2013), "On the importance of initialization and
    momentum in deep learning", for Nesterov's.

    Parameters
    ----------
    learning_rate : float
        η, finite, at least 0. May be set between steps.
    momentum : float
        μ in [0, 1).
    nesterov : bool
        Look ahead along the velocity; needs momentum.
    weight_decay : float
        λ, finite, at least 0. Acts on biases too.

    Raises
    ------
    TypeError, ValueError
        A value outside its range, named.

    Examples
    --------
    >>> import numpy as np
    >>> from minimlp import SGD
    >>> w, g = np.array([0.4]), np.array([0.082167040564])
    >>> SGD(0.5).step(w, g)
    >>> w
    array([0.35891648])
    """

    def __init__(
        self,
        learning_rate: float,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        self.learning_rate = learning_rate
        self.momentum = as_number("momentum", momentum, low=0, below=1)
        self.nesterov = as_flag("nesterov", nesterov)
        self.weight_decay = as_number("weight_decay", weight_decay, low=0)
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov needs a momentum above 0, got momentum=0.0")

    @property
    def learning_rate(self) -> float:
        """η. A Python float whatever it is set to: a NumPy scalar would promote float32 vectors."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self._learning_rate = as_number("learning_rate", value, low=0)

    def allocate(self, parameters: NDArray[Any]) -> None:
        self._rate, self._ahead = (np.zeros((), parameters.dtype) for _ in range(2))
        self._rate_is = 0.0
        self._scaled = np.empty_like(parameters[:_BLOCK])
        self._decayed = np.empty_like(parameters)
        self._velocity = np.zeros_like(parameters)

    def step(self, parameters: NDArray[Any], gradients: NDArray[Any]) -> None:
        """Update `parameters` in place; `gradients` is only read.

        The optimizer belongs to the vector of its first step; another raises `ValueError`.
        """
        if self._vector is not parameters:
            self.attach(parameters)
        rate = self._rate  # an array, since a Python float takes a small vector twice the time
        if self.learning_rate != self._rate_is:
            self._rate_is = self.learning_rate
            rate.fill(self._rate_is)
        if self.weight_decay:
            np.multiply(parameters, self.weight_decay, out=self._decayed)
            gradients = np.add(self._decayed, gradients, out=self._decayed)
        if self.momentum:
            velocity = self._velocity
            np.multiply(velocity, self.momentum, out=velocity)
            np.add(velocity, gradients, out=velocity)
            if self.nesterov:
                self._move(parameters, gradients, rate)
                rate = np.multiply(rate, self.momentum, out=self._ahead)
            gradients = velocity
        self._move(parameters, gradients, rate)

    def _move(self, parameters: NDArray[Any], direction: NDArray[Any], rate: NDArray[Any]) -> None:
        """w ← w − η·direction, in blocks: what is scaled is still in the cache when subtracted."""
        scaled, size = self._scaled, len(self._scaled)
        if len(parameters) <= _FEW:
            np.multiply(direction, rate, scaled)
            np.subtract(parameters, scaled, parameters)
            return
        copied = len(parameters) <= _COPIED
        for start in range(0, len(parameters), size):
            block = parameters[start : start + size]
            step = scaled[: len(block)]
            np.multiply(direction[start : start + size], rate, step)
            np.subtract(block, step, step if copied else block)
            if copied:
                block[...] = step
