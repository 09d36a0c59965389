"""Times taken in turns, so that a machine that slows down slows everybody.

In each round every competitor runs once, for about the same time, and each round starts with
another of them. What counts is the median over the rounds of one competitor's time over another's
in the same round.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import ceil
from statistics import median
from time import perf_counter
from typing import NamedTuple

Run = Callable[[int], object]
"""Does the work as often as it is told."""


class Ratio(NamedTuple):
    """Median of the ratios of all rounds, and the smallest and largest of them."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f} to {self.high:.2f})"


def in_turns(
    runs: Mapping[str, Run], rounds: int, seconds: float, least: int = 1
) -> dict[str, list[float]]:
    """Give each competitor's seconds for one unit of work, round by round.

    Each is first warmed up, and told to do so many units that a round of it takes `seconds`, but
    `least` units anyway.
    """
    units = {name: max(least, _units(run, seconds)) for name, run in runs.items()}
    times: dict[str, list[float]] = {name: [] for name in runs}
    names = list(runs)
    for turn in range(rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            times[name].append(_time(runs[name], units[name]) / units[name])
    return times


def ratio(times: list[float], base: list[float]) -> Ratio:
    """Compare two competitors round by round."""
    ratios = [one / other for one, other in zip(times, base, strict=True)]
    return Ratio(median(ratios), min(ratios), max(ratios))


def _units(run: Run, seconds: float) -> int:
    run(1)  # compiles, allocates, fills caches
    units = 1
    while (spent := _time(run, units)) < seconds / 4:
        units = ceil(units * min(10.0, 1.2 * seconds / 4 / max(spent, 1e-9)))
    return max(1, round(units * seconds / spent))


def _time(run: Run, units: int) -> float:
    start = perf_counter()
    run(units)
    return perf_counter() - start
