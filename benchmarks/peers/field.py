"""Who takes part in a measurement: built, checked for doing the same work, timed in turns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from measuring.rounds import Ratio, Run, in_turns, ratio

from .check import Check, OtherWorkError, batches, same_figures, same_predictions, same_weights
from .entries import BELOW, LINEAR, OURS, PRACTICE, PREDICTION, TRAINING, load
from .ours import Ours
from .task import Task, Unfit


@dataclass
class Result:
    """One table: seconds a step or a call, by participant and round."""

    work: str
    task: Task
    times: dict[str, list[float]] = field(default_factory=dict)
    bases: dict[str, str] = field(default_factory=dict)
    checks: dict[str, Check] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    def ratio(self, key: str) -> Ratio:
        """Give this peer's time over that of the minimlp it is compared with."""
        return ratio(self.times[key], self.times[self.bases[key]])

    def times_as_long(self, key: str) -> Ratio:
        """Give minimlp's time over that of what does less."""
        return ratio(self.times[OURS], self.times[key])


def measure(work: str, task: Task, keys: Iterable[str], rounds: int, seconds: float) -> Result:
    """Build the peers, drop those that do other work, and time the others and minimlp."""
    result = Result(work, task)
    contest: Any
    if work == PRACTICE:
        contest = _Practice(task)
    elif work in TRAINING:
        contest = _Training(task)
    else:
        contest = _Prediction(task, PREDICTION[work])
    runs: dict[str, Run] = {OURS: contest.base(OURS)}
    for key in keys:
        _enter(key, contest, runs, result)
    if LINEAR not in result.bases.values():
        runs.pop(LINEAR, None)
    times = in_turns(runs, rounds, seconds, contest.least)
    result.times = {key: [time / contest.units for time in times[key]] for key in runs}
    return result


def _enter(key: str, contest: Any, runs: dict[str, Run], result: Result) -> None:
    try:
        kind = load(result.work, key)
        linear = getattr(kind, "output", "sigmoid") == "linear"
        base = LINEAR if linear else OURS
        if base not in runs:
            runs[base] = contest.base(base)
        peer = kind(contest.tasks[base])
        if key not in BELOW:
            result.checks[key] = contest.check(peer, base)
    except ImportError as error:
        result.left_out[key] = f"not installed: {error}"
    except (Unfit, OtherWorkError) as error:
        result.left_out[key] = str(error)
    else:
        runs[key] = contest.run(peer)
        result.bases[key] = base


class _Training:
    """Epochs of mini-batches; what counts is the time of one step.

    A hundred steps at least in a round, lest it be the time that `fit` takes before the first.
    """

    def __init__(self, task: Task) -> None:
        self.tasks = {OURS: task, LINEAR: task.with_linear_output()}
        self.units = len(task.shuffled)
        self.least = ceil(100 / self.units)
        self.weights: dict[str, Any] = {}

    def base(self, base: str) -> Run:
        ours = Ours(self.tasks[base])
        ours.train_on(batches(self.tasks[base]))
        self.weights[base] = ours.parameters()
        return self.run(ours)

    def check(self, peer: Any, base: str) -> Check:
        task = self.tasks[base]
        peer.train_on(batches(task))
        return same_weights(task, self.weights[base], peer.parameters())

    def run(self, peer: Any) -> Run:
        run: Run = peer.train
        return run


class _Practice(_Training):
    """Whole epochs with all that a practitioner measures after each, by the step too.

    Ten epochs at least in a round: who stops early trains for many, and `fit` is called once.
    """

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        self.least = 10

    def base(self, base: str) -> Run:
        ours = load(PRACTICE, OURS)(self.tasks[base])
        ours.train_on(batches(self.tasks[base]))
        self.weights[base], self.figures = ours.parameters(), ours.figures
        return self.run(ours)

    def check(self, peer: Any, base: str) -> Check:
        check = super().check(peer, base)
        same_figures(self.tasks[base], self.figures, peer.figures)
        return check


class _Prediction:
    """Calls with the same rows; what counts is the time of one call."""

    units = least = 1

    def __init__(self, task: Task, rows: int) -> None:
        self.tasks = {OURS: task, LINEAR: task.with_linear_output()}
        self.x = task.data[0][:rows].copy()
        self.outputs: dict[str, Any] = {}

    def base(self, base: str) -> Run:
        ours = Ours(self.tasks[base])
        self.outputs[base] = ours.predict(self.x).copy()
        return self.run(ours)

    def check(self, peer: Any, base: str) -> Check:
        return same_predictions(self.tasks[base], self.outputs[base], peer.predict(self.x))

    def run(self, peer: Any) -> Run:
        predict: Callable[[Any], Any] = peer.predict
        x = self.x

        def run(calls: int) -> None:
            for _ in range(calls):
                predict(x)

        return run
