"""What a trainer is given, and what is kept of its iterations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from time import perf_counter

from minimlp import Sequential

from .problems import Data


@dataclass(frozen=True)
class Limit:
    """Where a training ends: so many iterations, an error, seconds; whatever comes first."""

    iterations: int
    error: float = 0.0
    seconds: float = inf


class EnoughError(Exception):
    """A limit is reached; for libraries that cannot be told otherwise."""


@dataclass
class Trace:
    """The moments at which iterations ended, from the call on, and the training losses there."""

    limit: Limit
    began: float = field(default_factory=perf_counter)
    times: list[float] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    spent: float = 0.0
    iterations: int = 0

    def reached(self, loss: float) -> bool:
        """Note the end of an iteration; say whether that is enough."""
        self.times.append(perf_counter() - self.began)
        self.losses.append(loss)
        self.iterations = len(self.times)
        return self.is_over or loss <= self.limit.error or self.iterations >= self.limit.iterations

    @property
    def is_over(self) -> bool:
        """Whether the seconds are."""
        return perf_counter() - self.began > self.limit.seconds

    def ended(self) -> Trace:
        """Note the end."""
        self.spent = perf_counter() - self.began
        return self

    def time_to(self, error: float) -> float | None:
        """Give the seconds from the call until the loss was no larger; None where it never was."""
        pairs = zip(self.times, self.losses, strict=True)
        return next((time for time, loss in pairs if loss <= error), None)

    @property
    def per_iteration(self) -> float:
        """Seconds an iteration, from the end of the first on: what a call sets up is left out."""
        count = len(self.times)
        return (self.times[-1] - self.times[0]) / (count - 1) if count > 1 else inf


Train = Callable[[Sequential, Data, Limit], Trace]
"""Trains from the model's parameters; whether it moves the model is its own business."""
