"""Cosine decay: the learning rate falls along half a wave, slowly, then faster, then slowly again.

    η(step) = η₀ · (α + (1 − α) · ½·(1 + cos(π · step / decay_steps)))        then η₀·α for ever

With warm-up it first rises on a straight line from η₀ to the target, and falls from there.
"""

from __future__ import annotations

import math

from ..registry import register
from ..validation import as_count, as_number
from .schedule import Schedule


@register
class CosineDecay(Schedule):
    """Half a wave from η₀, or after a warm-up from its target, down to a share α of it; as Keras.

    Source: Loshchilov & Hutter (2017), "SGDR: stochastic gradient descent with warm restarts",
    eq. 5, without restarts.

    Parameters
    ----------
    initial_learning_rate : float
        η₀, finite, at least 0: where the warm-up begins, or else the decay.
    decay_steps : int
        Steps of the decay, at least 1, after those of the warm-up; E epochs over N rows are
        ``E * math.ceil(N / batch_size)`` steps.
    alpha : float
        α, at least 0: the share that is left in the end.
    warmup_target : float, optional
        Where the warm-up ends and the decay begins, at least 0; None for no warm-up.
    warmup_steps : int
        Steps of the warm-up, at least 0.

    Raises
    ------
    TypeError, ValueError
        A value outside its range, named, or warmup_steps without warmup_target.

    Examples
    --------
    >>> schedule = CosineDecay(0.0, decay_steps=100, warmup_target=0.5, warmup_steps=10)
    >>> [round(schedule(step), 4) for step in (0, 5, 10, 60, 110, 1000)]
    [0.0, 0.25, 0.5, 0.25, 0.0, 0.0]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        alpha: float = 0.0,
        warmup_target: float | None = None,
        warmup_steps: int = 0,
    ) -> None:
        self.initial_learning_rate = as_number(
            "initial_learning_rate", initial_learning_rate, low=0
        )
        self.decay_steps = as_count("decay_steps", decay_steps)
        self.alpha = as_number("alpha", alpha, low=0)
        self.warmup_target = (
            None if warmup_target is None else as_number("warmup_target", warmup_target, low=0)
        )
        self.warmup_steps = as_count("warmup_steps", warmup_steps, low=0)
        if self.warmup_steps and self.warmup_target is None:
            raise ValueError(f"warmup_steps={self.warmup_steps} needs a warmup_target, got None")

    def __call__(self, step: int) -> float:
        start, top = self.initial_learning_rate, self.warmup_target
        if top is None:
            top = start
        if step < self.warmup_steps:
            return start + (top - start) * step / self.warmup_steps
        share = min((step - self.warmup_steps) / self.decay_steps, 1.0)
        wave = 0.5 * (1 + math.cos(math.pi * share))
        return top * (self.alpha + (1 - self.alpha) * wave)
