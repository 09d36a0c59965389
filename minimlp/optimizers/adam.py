"""Adam: every weight has a step of its own, from the mean and the size of its past gradients.

    m ← β₁·m + (1 − β₁)·g         m̂ = m / (1 − β₁ᵗ)
    v ← β₂·v + (1 − β₂)·g²        v̂ = v / (1 − β₂ᵗ)        w ← w − η·m̂ / (√v̂ + ε)

What is kept are M = m / (1 − β₁) and V = v / (1 − β₂): each moment takes a call less, and all that
changes with t is in two numbers, s and k.

    M ← β₁·M + g    V ← β₂·V + g²    w ← w − k·M / (√V + ε·s)

    s = √((1 − β₂ᵗ) / (1 − β₂))      k = η·s·(1 − β₁) / (1 − β₁ᵗ)
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
class Adam(FirstOrder):
    """w ← w − η·m̂ / (√v̂ + ε), m̂ and v̂ the means of past gradients and of their squares.

    Same numbers as PyTorch's. Source: Kingma & Ba (2015), "Adam: a method for stochastic
    optimization", algorithm 1; Reddi, Kale & Kumar (2018), "On the convergence of Adam and beyond",
    for AMSGrad.

    Parameters
    ----------
    learning_rate : float or Schedule
        η, finite, at least 0.
    beta_1, beta_2 : float
        β₁ and β₂ in [0, 1): how slowly the two means forget. Fixed once training has begun.
    epsilon : float
        ε above 0: where gradients are much smaller, so are steps. In float32 √V + ε·s is never
        taken for less than 1.2e-38, so that 0 is not divided by 0.
    amsgrad : bool
        Divide by the largest V so far, so that no step grows again. Fixed once training has begun.
    clip_norm : float, optional
        c > 0: a longer gradient is first shortened to length c, see `FirstOrder`.

    Raises
    ------
    TypeError, ValueError
        A value outside its range, named.

    Examples
    --------
    The first step is η against the gradient's sign, whatever its size:

    >>> import numpy as np
    >>> w = np.zeros(2)
    >>> Adam(0.5).step(w, np.array([0.001, -1000.0]))
    >>> w.round(4)
    array([-0.5,  0.5])
    """

    memory = (*FirstOrder.memory, "first_moment", "second_moment")
    beta_1 = Number(below=1, fixed=True)
    beta_2 = Number(below=1, fixed=True)
    epsilon = Number(positive=True)
    amsgrad = Flag(fixed=True)

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        amsgrad: bool = False,
        *,
        clip_norm: float | None = None,
    ) -> None:
        super().__init__(learning_rate, clip_norm)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.amsgrad = amsgrad

    def rule(self) -> Rule:
        return self._rule("w")

    def _rule(self, start: str) -> Rule:
        """Give the step from where it starts: w, or what decay has left of it."""
        steps = [("m", "β1 * m + (1 - β1) * g"), ("v", "β2 * v + (1 - β2) * g**2")]
        memory = {
            "m": ("first_moment", 1 - self.beta_1),
            "v": ("second_moment", 1 - self.beta_2),
        }
        top = "v"
        if self.amsgrad:
            top = "u"
            steps.append(("u", "max(u, v)"))
            memory["u"] = ("largest_second_moment", 1 - self.beta_2)
        step = f"{start} - η * (m / (1 - β1**t)) / (sqrt({top} / (1 - β2**t)) + ε)"
        return Rule(
            (*steps, ("w", step)),
            memory=memory,
            shared=(("t", "t + 1"),),
            shared_memory={"t": "steps"},
            letters={"β1": "beta_1", "β2": "beta_2", "ε": "epsilon", "λ": "weight_decay"},
        )

    def allocate(self, parameters: NDArray[Any]) -> None:
        dtype = parameters.dtype
        self.first_moment = np.zeros_like(parameters)
        self.second_moment = np.zeros_like(parameters)
        if self.amsgrad:
            self.memory = (*type(self).memory, "largest_second_moment")
            self.largest_second_moment = np.zeros_like(parameters)
        self._scratch = scratch(parameters)
        self._betas = np.array(self.beta_1, dtype), np.array(self.beta_2, dtype)
        self._factor, self._epsilon = np.empty((), dtype), np.empty((), dtype)
        self._smallest = float(np.finfo(dtype).tiny)

    def update(self, parameters: NDArray[Any], gradients: NDArray[Any], rate: NDArray[Any]) -> None:
        t, amsgrad = self.steps, self.amsgrad
        scale = math.sqrt((1 - self.beta_2**t) / (1 - self.beta_2))
        k = rate.item() * scale * (1 - self.beta_1) / (1 - self.beta_1**t)
        self._factor.fill(k)
        self._epsilon.fill(max(self.epsilon * scale, self._smallest))
        (beta_1, beta_2), factor, epsilon = self._betas, self._factor, self._epsilon

        first, second = self.first_moment, self.second_moment
        largest = self.largest_second_moment if amsgrad else second
        for w, g, m, v, top, s in blocks(
            parameters, gradients, first, second, largest, self._scratch
        ):
            np.multiply(m, beta_1, m)
            np.add(m, g, m)
            np.multiply(v, beta_2, v)
            np.square(g, s)
            np.add(v, s, v)
            if amsgrad:
                np.maximum(top, v, out=top)
            np.sqrt(top, s)
            np.add(s, epsilon, s)
            np.divide(m, s, s)
            np.multiply(s, factor, s)
            descend(w, s, len(parameters))
