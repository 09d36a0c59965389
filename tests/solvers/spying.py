"""A callback that looks on while a solver works, and that stops it."""

import signal
from typing import Any

import pytest

from minimlp import Callback


class Spy(Callback):
    """Writes down every call, and does something at the end of some epochs."""

    def __init__(self, at: int = -1, action: Any = None, hook: str = "end") -> None:
        self.at, self.action, self.hook = at, action, hook
        self.calls: list[Any] = []
        self.logs: list[dict[str, float]] = []
        self.vectors: list[Any] = []

    def on_train_begin(self) -> None:
        self.calls.append("train begin")

    def on_train_end(self) -> None:
        self.calls.append("train end")

    def on_epoch_begin(self, epoch: int, logs: dict[str, float]) -> None:
        self.calls.append(f"begin {epoch}")
        assert logs == {}
        if (self.hook, self.at) == ("begin", epoch):
            self.action(self)

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        self.calls.append(f"end {epoch}")
        self.logs.append(logs.copy())
        self.vectors.append(self.model.parameters.copy())
        if (self.hook, self.at) == ("end", epoch):
            self.action(self)

    def on_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        pytest.fail("a solver has no batches")


def interrupt(spy: Spy) -> None:
    """Press Ctrl-C."""
    signal.raise_signal(signal.SIGINT)
