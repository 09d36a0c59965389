"""RMSprop: every step is divided by the size that its weight's gradients have had of late.

    g = ∂Loss/∂w + λ·w        v ← ρ·v + (1 − ρ)·g²

    u ← μ·u + g / (√v + ε)        w ← w − η·u

Centred, the mean ḡ ← ρ·ḡ + (1 − ρ)·g is taken off, √(v − ḡ²): a spread instead of a size.

What is kept are V = v / (1 − ρ), G = ḡ / (1 − ρ) and U = u·√(1 − ρ): each mean takes a call less.

    V ← ρ·V + g²    U ← μ·U + g / (√V + ε/√(1−ρ))    w ← w − η/√(1−ρ)·U
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..formula import Rule
from ..registry import register
from .blocks import blocks, descend, scratch
from .first_order import FirstOrder
from .settings import Flag, Number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..schedules import Schedule


@register
class RMSprop(FirstOrder):
    """w ← w − η·g / (√v + ε), v the mean of past squared gradients; momentum, centred, decay.

    Same numbers as PyTorch's. Source: Tieleman & Hinton (2012), "Neural networks for machine
    learning", lecture 6.5; Graves (2013), "Generating sequences with recurrent neural networks",
    eq. 38-45, for the centred form.

    Parameters
    ----------
    learning_rate : float or Schedule
        η, finite, at least 0.
    rho : float
        ρ in [0, 1): how slowly the mean of squares forgets. Fixed once training has begun.
    momentum : float
        μ in [0, 1).
    epsilon : float
        ε above 0, outside the root. In float32 ε/√(1−ρ) is never taken for less than 1.2e-38.
    centered : bool
        Divide by the spread of the gradients. Fixed once training has begun.
    weight_decay : float
        λ, finite, at least 0. Acts on biases too.
    clip_norm : float, optional
        c > 0: a longer gradient is first shortened to length c, see `FirstOrder`.

    Raises
    ------
    TypeError, ValueError
        A value outside its range, named.

    Examples
    --------
    >>> import numpy as np
    >>> w = np.zeros(2)
    >>> RMSprop(0.1, rho=0.75).step(w, np.array([0.001, -1000.0]))
    >>> w.round(4)
    array([-0.2,  0.2])
    """

    memory = (*FirstOrder.memory, "mean_square", "velocity")
    rho = Number(below=1, fixed=True)
    momentum = Number(below=1)
    epsilon = Number(positive=True)
    centered = Flag(fixed=True)
    weight_decay = Number()

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-8,
        centered: bool = False,
        weight_decay: float = 0.0,
        *,
        clip_norm: float | None = None,
    ) -> None:
        super().__init__(learning_rate, clip_norm)
        self.rho = rho
        self.momentum = momentum
        self.epsilon = epsilon
        self.centered = centered
        self.weight_decay = weight_decay

    def rule(self) -> Rule:
        steps, g = ([("d", "g + λ * w")], "d") if self.weight_decay else ([], "g")
        steps.append(("v", f"ρ * v + (1 - ρ) * {g}**2"))
        memory = {"v": ("mean_square", 1 - self.rho)}
        size = "sqrt(v)"
        if self.centered:
            steps.append(("q", f"ρ * q + (1 - ρ) * {g}"))
            memory["q"] = ("mean", 1 - self.rho)
            size = "sqrt(max(v - q**2, 0))"
        step = f"{g} / ({size} + ε)"
        if self.momentum:
            steps.append(("u", f"μ * u + {step}"))
            memory["u"] = ("velocity", 1 / math.sqrt(1 - self.rho))
            step = "u"
        steps.append(("w", f"w - η * {step}"))
        return Rule(
            tuple(steps),
            memory=memory,
            letters={"ρ": "rho", "μ": "momentum", "ε": "epsilon", "λ": "weight_decay"},
        )

    def allocate(self, parameters: NDArray[Any]) -> None:
        dtype = parameters.dtype
        self.mean_square = np.zeros_like(parameters)
        self.velocity = np.zeros_like(parameters)
        if self.centered:
            self.memory = (*type(self).memory, "mean")
            self.mean = np.zeros_like(parameters)
        self._scratch = scratch(parameters), scratch(parameters)
        self._rho = np.array(self.rho, dtype)
        self._factor, self._epsilon = np.empty((), dtype), np.empty((), dtype)
        self._smallest = float(np.finfo(dtype).tiny)

    def update(self, parameters: NDArray[Any], gradients: NDArray[Any], rate: NDArray[Any]) -> None:
        momentum, decay, centered = self.momentum, self.weight_decay, self.centered
        unit = math.sqrt(1 - self.rho)
        rho, factor, epsilon = self._rho, self._factor, self._epsilon
        factor.fill(rate.item() / unit)
        epsilon.fill(max(self.epsilon / unit, self._smallest))

        squares, mean = self.mean_square, self.mean if centered else self.mean_square
        for w, g, v, center, u, s, h in blocks(
            parameters, gradients, squares, mean, self.velocity, *self._scratch
        ):
            if decay:
                np.multiply(w, decay, h)
                g = np.add(h, g, h)
            np.multiply(v, rho, v)
            np.multiply(g, g, s)
            np.add(v, s, v)
            if centered:
                np.multiply(center, rho, center)
                np.add(center, g, center)
                self._spread(v, center, s)
            else:
                np.sqrt(v, s)
            np.add(s, epsilon, s)
            np.divide(g, s, s)
            if momentum:
                np.multiply(u, momentum, u)
                np.add(u, s, u)
                np.multiply(u, factor, s)
            else:
                np.multiply(s, factor, s)
            descend(w, s, len(parameters))

    def _spread(self, v: NDArray[Any], center: NDArray[Any], out: NDArray[Any]) -> None:
        """√(V − (1 − ρ)·G²); rounding alone would make a few of the differences negative."""
        np.multiply(center, center, out)
        np.multiply(out, 1 - self.rho, out)
        np.subtract(v, out, out)
        np.maximum(out, 0.0, out=out)
        np.sqrt(out, out)
