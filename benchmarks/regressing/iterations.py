"""Time of an iteration, in turns: beside the peers, and beside the floor.

A turn is so many iterations from the start, each turn from the next seed's weights; what a call
sets up before its first iteration is left out for all. An iteration is a step to a lower error with
all that is tried before it; for MINPACK it is a Jacobian. The floor forms J layer by layer, JᵀJ,
one Cholesky and one solve, in bare NumPy and the same shapes.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from statistics import median
from time import perf_counter

from measuring.rounds import ratio

from .bare import Floor
from .entries import OURS, SCIPY, SCIPY_BARE, TORCH, load
from .problems import PROBLEMS, Problem
from .report import Verdict, at_least, at_most, seconds, times
from .scale import Scale
from .trace import Limit, Train

FLOOR = "floor"
SMALLEST = PROBLEMS[0]
AHEAD = {TORCH: 15.0, SCIPY: 1.5, SCIPY_BARE: 1.0}
"""On the smallest problem; on all others once."""
ABOVE_FLOOR = 2.0


def run(scale: Scale, problems: Sequence[Problem] = PROBLEMS) -> list[Verdict]:
    """Time all on each problem; print a table for each."""
    trainers = load((OURS, SCIPY, SCIPY_BARE, TORCH))
    print(
        f"time of an iteration, medians of {scale.rounds} turns of {scale.iterations} iterations; "
        f"{TORCH}: at most {scale.cap:g} s a turn"
    )
    verdicts = []
    for problem in problems:
        verdicts += table(problem, measure(trainers, problem, scale))
    return verdicts


def measure(trainers: dict[str, Train], problem: Problem, scale: Scale) -> dict[str, list[float]]:
    """Give seconds an iteration, turn by turn."""
    found: dict[str, list[float]] = {name: [] for name in (*trainers, FLOOR)}
    names = list(found)
    for turn in range(-1, scale.rounds):  # the first warms up
        first, times = turn % len(names), {}
        for name in names[first:] + names[:first]:
            times[name] = _turn(trainers, name, problem, turn % scale.seeds, scale)
        if turn >= 0 and all(map(isfinite, times.values())):
            for name, time in times.items():
                found[name].append(time)
    return found


def _turn(
    trainers: dict[str, Train], name: str, problem: Problem, seed: int, scale: Scale
) -> float:
    model, data = problem.model(seed), problem.data(seed)
    if name != FLOOR:
        limit = Limit(scale.iterations, -1.0, scale.cap)
        return trainers[name](model, data, limit).per_iteration
    floor = Floor(model, data)
    floor(2)
    start = perf_counter()
    floor(scale.iterations)
    return (perf_counter() - start) / scale.iterations


def table(problem: Problem, turns: dict[str, list[float]]) -> list[Verdict]:
    """Print a line each; judge the peers and the floor."""
    print(f"\n  {problem.name}, {problem.net}\n  {'':<28}{'iteration':>12}   times minimlp's")
    verdicts = []
    for name, spent in turns.items():
        line = f"  {name:<28}{seconds(median(spent)):>12}"
        if name in AHEAD:
            found = ratio(spent, turns[OURS])
            line += f"   {found}"
            limit = AHEAD[name] if problem.net == SMALLEST.net else 1.0
            target = f"an iteration ahead of {name}, {problem.name}"
            verdicts.append(at_least(target, found.median, limit))
        elif name == FLOOR:
            found = ratio(turns[OURS], spent)
            line += f"   minimlp takes {times(found.median)} ({times(found.low)} to "
            line += f"{times(found.high)}) as long"
            target = f"an iteration over the floor, {problem.name}"
            verdicts.append(at_most(target, found.median, ABOVE_FLOOR))
        print(line, flush=True)
    return verdicts
