"""Drives callbacks by hand: figures worked out beforehand go in, decisions come out."""

import copy
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from minimlp.callbacks import Callback

Logs = dict[str, float]


class FakeModel:
    """Four parameters, and a file that is a list of them."""

    def __init__(self) -> None:
        self.parameters = np.arange(4.0)
        self.stop_training = False

    def save(self, path: str) -> None:
        Path(path).write_text(json.dumps(self.parameters.tolist()))


class FakeOptimizer:
    """A learning rate and nothing else."""

    def __init__(self, learning_rate: Any) -> None:
        self.learning_rate = learning_rate


class Run:
    """A training whose figures are known: only the callback decides anything."""

    def __init__(self, callback: Callback, figures: Sequence[Logs], rate: Any = 0.5) -> None:
        self.callback, self.figures = callback, figures
        self.model, self.optimizer = FakeModel(), FakeOptimizer(rate)
        self.seen: list[tuple[int, Logs, float, list[float], bool]] = []

    def begin(self, state: dict[str, Any] | None = None) -> None:
        self.callback.model, self.callback.optimizer = self.model, self.optimizer
        self.callback.names = tuple(self.figures[0])
        self.callback.on_train_begin()
        if state is not None:
            self.callback.restore(state)

    def epoch(self, number: int, begun: bool = False) -> None:
        if not begun:
            self.callback.on_epoch_begin(number, {})
        self.model.parameters -= self.optimizer.learning_rate * (number + 1)
        logs = dict(self.figures[number])
        self.callback.on_epoch_end(number, logs)
        rate, weights = self.optimizer.learning_rate, self.model.parameters.tolist()
        self.seen.append((number, logs, rate, weights, self.model.stop_training))

    def go_on(self, start: int = 0, begun: bool = False) -> "Run":
        for number in range(start, len(self.figures)):
            self.epoch(number, begun and number == start)
            if self.model.stop_training:
                break
        self.callback.on_train_end()
        return self

    def all(self) -> "Run":
        self.begin()
        return self.go_on()

    @property
    def epochs(self) -> int:
        return len(self.seen)

    @property
    def rates(self) -> list[float]:
        """The rate after each epoch."""
        return [rate for _, _, rate, _, _ in self.seen]


def figures(name: str, values: Sequence[float]) -> list[Logs]:
    return [{name: value} for value in values]


def through_a_file(state: dict[str, Any], folder: Path) -> dict[str, Any]:
    """What a checkpoint does with a state: arrays to arrays, the rest to JSON."""
    arrays = {name: value for name, value in state.items() if isinstance(value, np.ndarray)}
    np.savez(folder / "state.npz", **arrays)
    text = json.dumps({name: value for name, value in state.items() if name not in arrays})
    with np.load(folder / "state.npz") as read:
        return {**json.loads(text), **{name: read[name] for name in read.files}}


def assert_resumes(
    make: Callable[[], Callback],
    given: Sequence[Logs],
    folder: Path,
    leftovers: Callable[[], Any] = lambda: None,
) -> None:
    """Interrupt after each epoch and within each, a little later than what the checkpoint knows.

    `leftovers` gives what else the callback leaves behind, such as a file's content, and may take
    it away.
    """
    whole = Run(make(), given).all()
    expected = leftovers()
    assert whole.epochs > 2
    for at in range(whole.epochs + 1):
        for begun in (False, True):
            if begun and at == whole.epochs:
                continue  # no epoch is left to be interrupted
            first = Run(make(), given)
            first.begin()
            for number in range(at):
                first.epoch(number)
            if begun:
                first.callback.on_epoch_begin(at, {})
            state = through_a_file(first.callback.state(), folder)
            weights, stopped = first.model.parameters.copy(), first.model.stop_training
            if at < whole.epochs:
                first.epoch(at, begun)  # this one is lost

            second = Run(make(), given)
            second.model.parameters[:] = weights
            second.begin(copy.deepcopy(state))
            # Where training was over, no epoch is left; the last hook comes all the same.
            second.go_on(len(given) if stopped else at, begun)
            assert second.seen == whole.seen[at:]
            assert second.model.parameters.tolist() == whole.model.parameters.tolist()
            assert second.optimizer.learning_rate == whole.optimizer.learning_rate
            assert second.callback.reason == whole.callback.reason
            assert leftovers() == expected
