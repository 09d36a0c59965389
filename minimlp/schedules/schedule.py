"""A schedule tells how large a step to take, from how many steps were taken before.

    η = schedule(step),   step = 0, 1, 2, …

It remembers nothing: an optimizer that goes on after 1,000 steps asks for step 1,000. Schedules
count steps, not epochs: an epoch over N rows is ⌈N / batch_size⌉ steps.
"""

from __future__ import annotations

import math
from typing import Any

from ..registry import Component


class Schedule(Component):
    """Base of every schedule; one of one's own defines `__call__`.

    Steps are those of the optimizer, one a batch: ``math.ceil(N / batch_size)`` in an epoch over N
    rows, so that E epochs are E times as many.

    Examples
    --------
    >>> from minimlp.optimizers import SGD
    >>> class Halving(Schedule):
    ...     def __call__(self, step):
    ...         return 0.5**step
    >>> sgd = SGD(Halving())
    >>> sgd.rate
    1.0
    >>> sgd.steps = 3
    >>> sgd.rate
    0.125
    """

    def __call__(self, step: int) -> float:
        """Give the learning rate of the step that follows `step` others."""
        raise NotImplementedError(f"{type(self).__name__} does not define __call__")

    def rate(self, step: int) -> float:
        """Give the learning rate at `step` as a Python float, checked.

        Raises
        ------
        ValueError
            It is no finite number of at least 0: one's own formula gave something else.
        """
        try:
            value: Any = self(step)
        except OverflowError:
            value = math.inf
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        if 0 <= number < math.inf:
            return number
        raise ValueError(
            f"schedule {self!r} gives {value!r} at step {step}: expected a finite number, "
            f"at least 0"
        )
