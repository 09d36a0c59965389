"""Step decay: the learning rate stays for a while, then falls by a factor, again and again.

η(step) = η₀ · γ^⌊step / step_size⌋
"""

from __future__ import annotations

from ..registry import register
from ..validation import as_count, as_number
from .schedule import Schedule


@register
class StepDecay(Schedule):
    """η₀ · γ^⌊step / step_size⌋, PyTorch's StepLR counted in steps.

    Parameters
    ----------
    initial_learning_rate : float
        η₀, finite, at least 0.
    step_size : int
        Steps between two falls, at least 1; ``10 * math.ceil(N / batch_size)`` is ten epochs.
    gamma : float
        γ, finite, at least 0.

    Raises
    ------
    TypeError, ValueError
        A value outside its range, named.

    Examples
    --------
    >>> schedule = StepDecay(0.5, step_size=100, gamma=0.5)
    >>> schedule(0), schedule(99), schedule(100), schedule(200)
    (0.5, 0.5, 0.25, 0.125)
    """

    def __init__(self, initial_learning_rate: float, step_size: int, gamma: float = 0.1) -> None:
        self.initial_learning_rate = as_number(
            "initial_learning_rate", initial_learning_rate, low=0
        )
        self.step_size = as_count("step_size", step_size)
        self.gamma = as_number("gamma", gamma, low=0)

    def __call__(self, step: int) -> float:
        return self.initial_learning_rate * float(self.gamma ** (step // self.step_size))
