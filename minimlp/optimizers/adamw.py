"""AdamW: Adam with a weight decay of its own, beside the gradient instead of within it.

    w ← (1 − η·λ)·w        and then Adam's step

Within the gradient, λ·w would be divided by √v̂ too, and weights with large gradients would hardly
decay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..formula import Rule
from ..registry import register
from .adam import Adam
from .settings import Number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..schedules import Schedule


@register
class AdamW(Adam):
    """w ← (1 − η·λ)·w − η·m̂ / (√v̂ + ε): `Adam`, and every parameter shrinks a little.

    Same numbers as PyTorch's. Source: Loshchilov & Hutter (2019), "Decoupled weight decay
    regularization", algorithm 2; as usual, λ is multiplied by η itself.

    Parameters
    ----------
    learning_rate : float or Schedule
        η, finite, at least 0.
    beta_1, beta_2, epsilon, amsgrad, clip_norm
        As for `Adam`.
    weight_decay : float
        λ, finite, at least 0. Acts on biases too.

    Raises
    ------
    TypeError, ValueError
        A value outside its range, named.

    Examples
    --------
    >>> import numpy as np
    >>> w = np.array([1.0, 1.0])
    >>> AdamW(0.5, weight_decay=0.1).step(w, np.array([0.0, 2.0]))
    >>> w.round(4)
    array([0.95, 0.45])
    """

    weight_decay = Number()

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.01,
        amsgrad: bool = False,
        *,
        clip_norm: float | None = None,
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, clip_norm=clip_norm)
        self.weight_decay = weight_decay

    def allocate(self, parameters: NDArray[Any]) -> None:
        super().allocate(parameters)
        self._shrink = np.empty((), parameters.dtype)

    def rule(self) -> Rule:
        return self._rule("(1 - η * λ) * w")

    def update(self, parameters: NDArray[Any], gradients: NDArray[Any], rate: NDArray[Any]) -> None:
        if self.weight_decay:
            self._shrink.fill(1 - rate.item() * self.weight_decay)
            np.multiply(parameters, self._shrink, parameters)
        super().update(parameters, gradients, rate)
