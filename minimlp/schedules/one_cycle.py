"""One cycle: the learning rate rises along half a wave to its peak, then falls to almost nothing.

    from η_max / div_factor  up to η_max  down to η_max / (div_factor · final_div_factor)

A high rate in the middle finds wide valleys; the low one in the end settles within one.
"""

from __future__ import annotations

import math

from ..registry import register
from ..validation import as_count, as_number
from .schedule import Schedule


@register
class OneCycle(Schedule):
    """Up to η_max and down again, both along half a wave: PyTorch's OneCycleLR.

    Source: Smith & Topin (2017), "Super-convergence: very fast training of neural networks using
    large learning rates".

    Parameters
    ----------
    max_learning_rate : float
        η_max, finite, at least 0.
    total_steps : int
        Steps of the cycle, at least 1; afterwards the last rate stays. E epochs over N rows are
        ``E * math.ceil(N / batch_size)`` steps.
    pct_start : float
        Share of the cycle spent rising, in [0, 1).
    div_factor, final_div_factor : float
        At least 1: the first rate is η_max / div_factor, the last that / final_div_factor.

    Raises
    ------
    TypeError, ValueError
        A value outside its range, named.

    Examples
    --------
    >>> schedule = OneCycle(0.5, total_steps=101, pct_start=0.5, div_factor=5, final_div_factor=10)
    >>> [round(schedule(step), 4) for step in (0, 100, 1000)]
    [0.1, 0.01, 0.01]
    >>> max(schedule(step) for step in range(101)) > 0.499
    True
    """

    def __init__(
        self,
        max_learning_rate: float,
        total_steps: int,
        pct_start: float = 0.3,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
    ) -> None:
        self.max_learning_rate = as_number("max_learning_rate", max_learning_rate, low=0)
        self.total_steps = as_count("total_steps", total_steps)
        self.pct_start = as_number("pct_start", pct_start, low=0, below=1)
        self.div_factor = as_number("div_factor", div_factor, low=1)
        self.final_div_factor = as_number("final_div_factor", final_div_factor, low=1)

    def __call__(self, step: int) -> float:
        top, last = self.max_learning_rate, self.total_steps - 1
        first = top / self.div_factor
        step = min(step, last)
        peak = self.pct_start * self.total_steps - 1  # where it is highest, rarely a whole step
        if step < peak:
            return _half_wave(first, top, step / peak)
        return _half_wave(top, first / self.final_div_factor, (step - peak) / (last - peak))


def _half_wave(start: float, end: float, share: float) -> float:
    """From `start` to `end` while `share` goes from 0 to 1, level at both."""
    return end + (start - end) / 2 * (1 + math.cos(math.pi * share))
