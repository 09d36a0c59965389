"""Stochastic gradient descent: every weight takes a step against its own derivative.

    w′ = w − η · ∂Loss/∂w

is the page's update; the gradient of a mini-batch stands in for that of all data. Momentum μ lets a
velocity v gather the steps, weight decay λ pulls every parameter towards 0:

    g = ∂Loss/∂w + λ·w        v ← μ·v + g        w ← w − η·v        (Nesterov: w ← w − η·(g + μ·v))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..formula import Rule
from ..registry import register
from .blocks import FEW, blocks, descend, scratch
from .first_order import FirstOrder
from .settings import Flag, Number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..schedules import Schedule


@register
class SGD(FirstOrder):
    """w ← w − η·g, with momentum, Nesterov's variant and weight decay as PyTorch writes them.

    Sources: Robbins & Monro (1951), "A stochastic approximation method"; Polyak (1964) for
    momentum; Sutskever, Martens, Dahl & Hinton (2013), "On the importance of initialization and
    momentum in deep learning", for Nesterov's.

    Parameters
    ----------
    learning_rate : float or Schedule
        η, finite, at least 0. May be set between steps, as all settings may.
    momentum : float
        μ in [0, 1).
    nesterov : bool
        Look ahead along the velocity; needs momentum.
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
    >>> from minimlp import SGD
    >>> w, g = np.array([0.4]), np.array([0.082167040564])
    >>> SGD(0.5).step(w, g)
    >>> w
    array([0.35891648])
    """

    memory = (*FirstOrder.memory, "velocity")
    momentum = Number(below=1)
    nesterov = Flag()
    weight_decay = Number()

    def __init__(
        self,
        learning_rate: float | Schedule,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
        *,
        clip_norm: float | None = None,
    ) -> None:
        super().__init__(learning_rate, clip_norm)
        self.momentum = momentum
        self.nesterov = nesterov
        self.weight_decay = weight_decay
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov needs a momentum above 0, got momentum=0.0")

    def rule(self) -> Rule:
        steps, g = ([("d", "g + λ * w")], "d") if self.weight_decay else ([], "g")
        if self.momentum:
            steps.append(("v", f"μ * v + {g}"))
        moved = f"({g} + μ * v)" if self.nesterov else "v" if self.momentum else g
        steps.append(("w", f"w - η * {moved}"))
        return Rule(
            tuple(steps),
            memory={"v": ("velocity", 1.0)} if self.momentum else {},
            letters={"λ": "weight_decay", "μ": "momentum"},
        )

    def allocate(self, parameters: NDArray[Any]) -> None:
        self._ahead = np.zeros((), parameters.dtype)
        self._scaled = scratch(parameters)
        self._decayed = np.empty_like(parameters)
        self.velocity = np.zeros_like(parameters)

    def update(self, parameters: NDArray[Any], gradients: NDArray[Any], rate: NDArray[Any]) -> None:
        if self.weight_decay:
            np.multiply(parameters, self.weight_decay, out=self._decayed)
            gradients = np.add(self._decayed, gradients, out=self._decayed)
        if self.momentum:
            velocity = self.velocity
            np.multiply(velocity, self.momentum, out=velocity)
            np.add(velocity, gradients, out=velocity)
            if self.nesterov:
                self._move(parameters, gradients, rate)
                rate = np.multiply(rate, self.momentum, out=self._ahead)
            gradients = velocity
        self._move(parameters, gradients, rate)

    def _move(self, parameters: NDArray[Any], direction: NDArray[Any], rate: NDArray[Any]) -> None:
        """w ← w − η·direction, in blocks: what is scaled is still in the cache when subtracted."""
        if len(parameters) <= FEW:
            np.multiply(direction, rate, self._scaled)
            np.subtract(parameters, self._scaled, parameters)
            return
        for block, part, scaled in blocks(parameters, direction, self._scaled):
            np.multiply(part, rate, scaled)
            descend(block, scaled, len(parameters))
