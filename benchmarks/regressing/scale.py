"""How much of everything a run does."""

from __future__ import annotations

from typing import NamedTuple


class Scale(NamedTuple):
    """Numbers of a whole run; `QUICK` has those of a short one."""

    seeds: int = 10
    adam_epochs: int = 20_000
    iterations: int = 50
    """Of a turn when iterations are timed."""
    rounds: int = 20
    cap: float = 1.0
    """Seconds that a peer may take for what minimlp takes some hundredths of a second for."""
    long: float = 10.0
    """Seconds that pyrenn may take, where more than that."""
    most: int = 500
    """Iterations of a training to an error; methods of one gradient an iteration have more."""
    share_seeds: int = 50
    slow_seeds: int = 10
    """Of peers that take seconds for a training."""
    growth_rounds: int = 5
    hidden: tuple[int, ...] = (3, 10, 33, 100, 333, 1000)
    rows: tuple[int, ...] = (100, 300, 1000, 3000, 10_000, 30_000, 100_000)


FULL = Scale()
QUICK = Scale(
    seeds=2,
    adam_epochs=200,
    iterations=5,
    rounds=2,
    cap=0.1,
    long=0.2,
    most=20,
    share_seeds=2,
    slow_seeds=1,
    growth_rounds=1,
    hidden=(3, 10, 33),
    rows=(100, 300, 1000),
)
