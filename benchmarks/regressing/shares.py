"""How many seeds reach a fixed error: from each, all trainers begin with the same weights.

Who takes seconds for a training has fewer seeds. Behind is who reaches the error from a share of
seeds that is smaller by more than two standard errors of the difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, sqrt

from .entries import LBFGS, OURS, PYRENN, SCIKIT_LEARN, SCIPY, TORCH, load
from .problems import PROBLEMS, Problem
from .report import Verdict
from .scale import Scale
from .trace import Limit, Train

ITERATIONS = {OURS: 300, SCIPY: 300, TORCH: 300, PYRENN: 100, LBFGS: 1000, SCIKIT_LEARN: 1000}
SLOW = (TORCH, PYRENN)

Share = tuple[int, int]
"""How many reached it, of how many."""


def run(scale: Scale, problems: Sequence[Problem] = PROBLEMS) -> list[Verdict]:
    """Count on each problem; print a table with a column a trainer."""
    trainers = load(ITERATIONS)
    print(
        "seeds that reach a fixed training error; iterations at most: "
        + ", ".join(f"{name} {iterations(name, scale)}" for name in trainers)
        + f"\n{', '.join(SLOW)}: {scale.slow_seeds} seeds, at most {2 * scale.cap:g} s each"
    )
    print(f"\n  {'':<24}{'error':>9}" + "".join(f"{name[:17]:>19}" for name in trainers))
    verdicts = []
    for problem in problems:
        shares = {name: share(name, train, problem, scale) for name, train in trainers.items()}
        cells = "".join(f"{f'{good}/{of}':>19}" for good, of in shares.values())
        print(f"  {problem.name + ', ' + problem.net:<24}{problem.error:>9g}{cells}", flush=True)
        target = f"seeds at {problem.error:g}, {problem.name}"
        compared = [
            not_behind(f"{target}, beside {name}", shares[OURS], found)
            for name, found in shares.items()
            if name != OURS
        ]
        behind = [verdict for verdict in compared if not verdict.met]
        verdicts += behind or [Verdict(target, f"behind none of {len(compared)} peers", True)]
    return verdicts


def share(name: str, train: Train, problem: Problem, scale: Scale) -> Share:
    """Count seeds from which the error is reached."""
    seeds = scale.slow_seeds if name in SLOW else scale.share_seeds
    limit = Limit(iterations(name, scale), problem.error, 2 * scale.cap if name in SLOW else inf)
    data = problem.data(0)  # one draw, so that one error is as hard for all seeds
    traces = (train(problem.model(seed), data, limit) for seed in range(seeds))
    return sum(min(trace.losses, default=1.0) <= problem.error for trace in traces), seeds


def iterations(name: str, scale: Scale) -> int:
    """Give the most of a training; a short run has fewer."""
    return min(ITERATIONS[name], 2 * scale.most)


def not_behind(target: str, own: Share, other: Share) -> Verdict:
    """Compare two shares."""
    (good, of), (other_good, other_of) = own, other
    here, there = good / of, other_good / other_of
    deviation = sqrt(here * (1 - here) / of + there * (1 - there) / other_of)
    measured = f"{here:.0%} against {there:.0%}, standard error {deviation:.1%}"
    return Verdict(target, measured, here >= there - 2 * deviation)
