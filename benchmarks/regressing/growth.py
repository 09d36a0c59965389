"""How the time of an iteration grows: with the parameters of 1-h-1, and with the rows.

Small ones cost what calls cost and large ones what products cost, so each curve has two slopes of
time against size, both logarithms: that of its first three points and that of its last three.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import linear_regression, median
from time import perf_counter
from typing import NamedTuple

import numpy as np

from .bare import Floor
from .entries import OURS, load
from .problems import Data, Problem, noisy_sine
from .report import Verdict, seconds
from .scale import Scale
from .trace import Limit

FLOOR = "floor"
ROWS, HIDDEN = 1000, 10
END = 3
WORK = 3e9
"""Multiplications of a turn, about. Where two iterations are more, there is one turn of two."""


class Curve(NamedTuple):
    """One size grows; seconds an iteration by competitor and size."""

    axis: str
    title: str
    sizes: list[int]
    times: dict[str, list[float]]

    def slopes(self, name: str) -> tuple[float, float]:
        """Give the slopes of the first and of the last points."""
        sizes, times = np.log(self.sizes), np.log(self.times[name])
        first = linear_regression(sizes[:END], times[:END]).slope
        return first, linear_regression(sizes[-END:], times[-END:]).slope


def run(scale: Scale, picture: Path) -> list[Verdict]:
    """Measure both curves, print and draw them; nothing is asked of them."""
    print(f"growth of an iteration's time, medians of {scale.growth_rounds} turns")
    shapes = [(hidden, ROWS) for hidden in scale.hidden]
    parameters = curve("parameters", f"1-h-1, {ROWS:,} rows", shapes, scale)
    shapes = [(HIDDEN, rows) for rows in scale.rows]
    curves = [
        parameters,
        curve("rows", f"1-{HIDDEN}-1, {3 * HIDDEN + 1} parameters", shapes, scale),
    ]
    try:
        from .picture import draw
    except ImportError as error:
        print(f"picture: left out, {error}")
    else:
        picture.parent.mkdir(parents=True, exist_ok=True)
        draw(curves, picture)
    return []


def curve(axis: str, title: str, shapes: Sequence[tuple[int, int]], scale: Scale) -> Curve:
    """Measure one curve and print it."""
    sizes = [rows if axis == "rows" else 3 * hidden + 1 for hidden, rows in shapes]
    found = Curve(axis, title, sizes, {OURS: [], FLOOR: []})
    print(f"\n  {title}\n  {axis:<12}{OURS:>14}{FLOOR:>14}")
    for size, (hidden, rows) in zip(sizes, shapes, strict=True):
        own, floor = measure(hidden, rows, scale)
        found.times[OURS].append(own)
        found.times[FLOOR].append(floor)
        print(f"  {size:<12,}{seconds(own):>14}{seconds(floor):>14}", flush=True)
    for name in found.times:
        first, last = found.slopes(name)
        print(f"  slope of {name}: {first:.2f} at the first {END} sizes, {last:.2f} at the last")
    return found


def measure(hidden: int, rows: int, scale: Scale) -> tuple[float, float]:
    """Give the seconds of an iteration and those of the floor, in turns."""
    train = load([OURS])[OURS]
    problem = Problem("growth", (1, hidden, 1), True, 0.0, noisy_sine)
    count = 3 * hidden + 1
    iterations = int(min(max(2, WORK / (rows * count**2 + count**3)), scale.iterations))
    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, 1))
    y = np.sin(3 * x) + rng.normal(0, 0.1, x.shape)
    data = Data(x, y, x, y)
    floor = Floor(problem.model(0), data)
    floor(1)
    own, least = [], []
    for turn in range(scale.growth_rounds if iterations > 2 else 1):
        own.append(train(problem.model(turn), data, Limit(iterations, -1.0)).per_iteration)
        start = perf_counter()
        floor(iterations)
        least.append((perf_counter() - start) / iterations)
    return median(own), median(least)
