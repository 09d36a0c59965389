"""Nadam: Adam that looks ahead along its mean, as Nesterov's momentum does.

    m ← β₁·m + (1 − β₁)·g        v ← β₂·v + (1 − β₂)·g²        v̂ = v / (1 − β₂ᵗ)

    μₜ = β₁·(1 − ½·0.96^(t·ψ))        Πₜ = μ₁·μ₂ ⋯ μₜ

    w ← w − η·((1 − μₜ)/(1 − Πₜ)·g + μₜ₊₁/(1 − Πₜ₊₁)·m) / (√v̂ + ε)

As in Adam, what is kept are M = m / (1 − β₁) and V = v / (1 − β₂); with s as there,

    w ← w − a·(g + b·M) / (√V + ε·s)

    a = η·s·(1 − μₜ)/(1 − Πₜ)        b = (1 − β₁)·μₜ₊₁/(1 − Πₜ₊₁) · (1 − Πₜ)/(1 − μₜ)
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..formula import Rule
from ..registry import register
from .blocks import blocks, descend, scratch
from .first_order import FirstOrder
from .settings import Number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..schedules import Schedule


@register
class Nadam(FirstOrder):
    """`Adam` with Nesterov's momentum: the gradient counts at once, the mean as of the next step.

    Same numbers as PyTorch's. Source: Dozat (2016), "Incorporating Nesterov momentum into Adam".

    Parameters
    ----------
    learning_rate : float or Schedule
        η, finite, at least 0.
    beta_1, beta_2 : float
        β₁ and β₂ in [0, 1). Fixed once training has begun.
    epsilon : float
        ε above 0, see `Adam`.
    momentum_decay : float
        ψ, finite, at least 0: how fast μ rises from about β₁/2 to β₁.
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
    >>> nadam = Nadam(0.1)
    >>> for _ in range(2):
    ...     nadam.step(w, np.array([1.0, -0.01]))
    >>> w.round(4)
    array([-0.184,  0.184])
    """

    memory = (*FirstOrder.memory, "first_moment", "second_moment", "momentum_product")
    beta_1 = Number(below=1, fixed=True)
    beta_2 = Number(below=1, fixed=True)
    epsilon = Number(positive=True)
    momentum_decay = Number()

    def __init__(
        self,
        learning_rate: float | Schedule = 0.002,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        momentum_decay: float = 0.004,
        *,
        clip_norm: float | None = None,
    ) -> None:
        super().__init__(learning_rate, clip_norm)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.momentum_decay = momentum_decay

    def rule(self) -> Rule:
        return Rule(
            (
                ("m", "β1 * m + (1 - β1) * g"),
                ("v", "β2 * v + (1 - β2) * g**2"),
                ("w", "w - η * (M * m / (1 - P * M) + (1 - N) * g / (1 - P)) / (sqrt(v / B) + ε)"),
            ),
            memory={
                "m": ("first_moment", 1 - self.beta_1),
                "v": ("second_moment", 1 - self.beta_2),
            },
            shared=(
                ("t", "t + 1"),
                ("N", "β1 * (1 - 0.5 * 0.96**(t * ψ))"),  # momentum now, and at the next step
                ("M", "β1 * (1 - 0.5 * 0.96**((t + 1) * ψ))"),
                ("P", "P * N"),
                ("B", "1 - β2**t"),
            ),
            shared_memory={"t": "steps", "P": "momentum_product"},
            letters={
                "β1": "beta_1",
                "β2": "beta_2",
                "ε": "epsilon",
                "ψ": "momentum_decay",
            },
        )

    def allocate(self, parameters: NDArray[Any]) -> None:
        dtype = parameters.dtype
        self.first_moment = np.zeros_like(parameters)
        self.second_moment = np.zeros_like(parameters)
        self.momentum_product = 1.0
        self._scratch = scratch(parameters), scratch(parameters)
        self._betas = np.array(self.beta_1, dtype), np.array(self.beta_2, dtype)
        self._numbers = np.empty((), dtype), np.empty((), dtype), np.empty((), dtype)
        self._smallest = float(np.finfo(dtype).tiny)

    def update(self, parameters: NDArray[Any], gradients: NDArray[Any], rate: NDArray[Any]) -> None:
        t = self.steps
        now, after = self._momentum(t), self._momentum(t + 1)
        self.momentum_product = product = self.momentum_product * now
        scale = math.sqrt((1 - self.beta_2**t) / (1 - self.beta_2))
        ahead = (1 - self.beta_1) * after / (1 - product * after)
        (beta_1, beta_2), (a, b, epsilon) = self._betas, self._numbers
        a.fill(rate.item() * scale * (1 - now) / (1 - product))
        b.fill(ahead * (1 - product) / (1 - now))
        epsilon.fill(max(self.epsilon * scale, self._smallest))

        first, second = self.first_moment, self.second_moment
        for w, g, m, v, s, n in blocks(parameters, gradients, first, second, *self._scratch):
            np.multiply(m, beta_1, m)
            np.add(m, g, m)
            np.multiply(v, beta_2, v)
            np.multiply(g, g, s)
            np.add(v, s, v)
            np.sqrt(v, s)
            np.add(s, epsilon, s)
            np.multiply(m, b, n)
            np.add(n, g, n)
            np.divide(n, s, s)
            np.multiply(s, a, s)
            descend(w, s, len(parameters))

    def _momentum(self, t: int) -> float:
        return self.beta_1 * (1 - 0.5 * math.pow(0.96, t * self.momentum_decay))
