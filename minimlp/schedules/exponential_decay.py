"""Exponential decay: the learning rate falls by the same factor every `decay_steps` steps.

η(step) = η₀ · decay_rate^(step / decay_steps)        staircase: ⌊step / decay_steps⌋
"""

from __future__ import annotations

from ..registry import register
from ..validation import as_count, as_flag, as_number
from .schedule import Schedule


@register
class ExponentialDecay(Schedule):
    """η₀ · decay_rate^(step / decay_steps), as Keras has it.

    Parameters
    ----------
    initial_learning_rate : float
        η₀, finite, at least 0.
    decay_steps : int
        Steps, at least 1; ``math.ceil(N / batch_size)`` is an epoch.
    decay_rate : float
        The factor, finite, at least 0; above 1 the rate grows.
    staircase : bool
        Fall all at once after each `decay_steps`, instead of a little with each step.

    Raises
    ------
    TypeError, ValueError
        A value outside its range, named.

    Examples
    --------
    >>> schedule = ExponentialDecay(0.5, decay_steps=100, decay_rate=0.25)
    >>> schedule(0), schedule(50), schedule(100)
    (0.5, 0.25, 0.125)
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
    ) -> None:
        self.initial_learning_rate = as_number(
            "initial_learning_rate", initial_learning_rate, low=0
        )
        self.decay_steps = as_count("decay_steps", decay_steps)
        self.decay_rate = as_number("decay_rate", decay_rate, low=0)
        self.staircase = as_flag("staircase", staircase)

    def __call__(self, step: int) -> float:
        periods = step // self.decay_steps if self.staircase else step / self.decay_steps
        return self.initial_learning_rate * float(self.decay_rate**periods)
