"""Time to the training error that Adam reaches in all its epochs: the lowest of them.

Each seed is a race of its own. Adam's time is that until its lowest error, minimlp's the median of
three trainings, two before and one after those of the others. Who does not get there within its
cap is written with the time it had, behind ">", and takes part with it; minimlp with a ratio of 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from statistics import median

from .entries import ADAM, LBFGS, OURS, PYRENN, SCIKIT_LEARN, SCIPY, TORCH, load
from .problems import PROBLEMS, Problem
from .report import Verdict, at_least, seconds, times
from .scale import Scale
from .trace import Limit, Train

AHEAD = {ADAM: 50, PYRENN: 100}
MORE = 4
"""So many times the iterations have those that see one gradient in each."""
LONG = 150
"""So many times as long as minimlp pyrenn may take."""

Race = dict[str, tuple[float, bool]]
"""By trainer the seconds, and whether it got there."""


def run(scale: Scale, problems: Sequence[Problem] = PROBLEMS) -> list[Verdict]:
    """Race on each problem; print a table for each."""
    trainers = load((OURS, ADAM, LBFGS, SCIPY, TORCH, PYRENN, SCIKIT_LEARN))
    print(
        f"time to the lowest training error of Adam's {scale.adam_epochs:,} epochs, medians of "
        f"{scale.seeds} seeds\n"
        f"where there is no noise; where there is, the lowest errors are those of overfitting\n"
        f"capped: {PYRENN} at {LONG} times minimlp's time, but {scale.cap:g} to {scale.long:g} s; "
        f"others at {scale.cap:g} s;\nscikit-learn at {MORE * scale.most:,} iterations"
    )
    verdicts = []
    for problem in (problem for problem in problems if not problem.noisy):
        races = [race(trainers, problem, seed, scale) for seed in range(scale.seeds)]
        verdicts += table(problem, races)
    return verdicts


def race(trainers: dict[str, Train], problem: Problem, seed: int, scale: Scale) -> Race:
    """Let all train from the same weights to the same error."""
    data = problem.data(seed)
    adam = trainers[ADAM](problem.model(seed), data, Limit(scale.adam_epochs))
    error = min(adam.losses)
    found: Race = {ADAM: (adam.time_to(error) or inf, True)}

    def enter(name: str, limit: Limit) -> tuple[float, bool]:
        trace = trainers[name](problem.model(seed), data, limit)
        time = trace.time_to(error)
        return (trace.spent, False) if time is None else (time, True)

    short = Limit(scale.most, error, scale.cap)
    own = [enter(OURS, short), enter(OURS, short)]
    longest = LONG * max(time for time, _ in own)
    limits = {
        LBFGS: Limit(MORE * scale.most, error, scale.cap),
        PYRENN: Limit(scale.most, error, min(max(scale.cap, longest), scale.long)),
        SCIKIT_LEARN: Limit(MORE * scale.most, error),
    }
    for name in trainers:
        if name not in (OURS, ADAM):
            found[name] = enter(name, limits.get(name, short))
    own.append(enter(OURS, short))
    found[OURS] = median(time for time, _ in own), own[0][1]
    return found


def table(problem: Problem, races: Sequence[Race]) -> list[Verdict]:
    """Print a line a trainer; judge those of which something is asked."""
    print(f"\n  {problem.name}, {problem.net}")
    print(f"  {'':<28}{'got there':>10}{'time':>12}   times minimlp's")
    verdicts = []
    for name in (OURS, *(name for name in races[0] if name != OURS)):
        there = sum(race[name][1] for race in races)
        time = median(race[name][0] for race in races)
        more = ">" if 2 * there <= len(races) else ""
        line = f"  {name:<28}{f'{there}/{len(races)}':>10}{more + seconds(time):>12}"
        if name != OURS:
            ratios = [race[name][0] / race[OURS][0] if race[OURS][1] else 0.0 for race in races]
            ratio = median(ratios)
            line += f"   {more}{times(ratio)}"
            if name in AHEAD:
                target = f"to Adam's error ahead of {name}, {problem.name}"
                verdicts.append(at_least(target, ratio, AHEAD[name], more))
        print(line, flush=True)
    return verdicts
