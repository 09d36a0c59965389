"""The lines of a table, and whether a target is met."""

from __future__ import annotations

from math import inf, isfinite
from typing import NamedTuple


class Verdict(NamedTuple):
    """One target, what was measured of it, and whether that is enough."""

    target: str
    measured: str
    met: bool

    def __str__(self) -> str:
        return f"{'PASS' if self.met else 'FAIL'}  {self.target}: {self.measured}"


def at_least(target: str, value: float, limit: float, sign: str = "") -> Verdict:
    """Ask for a ratio of no less; `sign` is ">" where all that is known is that it is larger."""
    return Verdict(target, f"{sign}{times(value)} ≥ {limit:g}×", value >= limit)


def at_most(target: str, value: float, limit: float) -> Verdict:
    """Ask for a ratio of no more."""
    return Verdict(target, f"{times(value)} ≤ {limit:g}×", value <= limit)


def times(ratio: float) -> str:
    """Write a ratio with three digits."""
    return f"{ratio:,.0f}×" if ratio >= 100 else f"{ratio:.3g}×"


def seconds(value: float) -> str:
    """Write a time in the unit that suits it."""
    if not isfinite(value):
        return "never" if value == inf else "-"
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value * 1e6:.3g} µs"
