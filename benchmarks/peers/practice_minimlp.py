"""minimlp in practice, and its plain step: all that a practitioner adds is the difference."""

from __future__ import annotations

from typing import Any, ClassVar

from minimlp import Adam, CategoricalCrossEntropy
from minimlp.callbacks import EarlyStopping

from .ours import Ours
from .practice import EPSILON, FIGURES, PracticeTask
from .task import Array, Task


class Practice(Ours):
    """`Sequential.fit` with validation data, accuracy and `EarlyStopping`."""

    def __init__(self, task: PracticeTask) -> None:
        self.task = task
        self.model = task.model()
        self.figures: list[float] = []
        self.how: dict[str, Any] = {
            "loss": CategoricalCrossEntropy(),
            "optimizer": Adam(task.learning_rate, epsilon=EPSILON),
            "validation_data": task.validation,
            "metrics": "accuracy",
            "progress": False,
        }

    def train_on(self, batches: Array) -> None:
        """Let `fit` go through the rows of `batches` in their order, as one epoch."""
        x, y = (array[batches.ravel()] for array in self.task.data)
        self._fit(x, y, epochs=1, shuffle=False)

    def train(self, epochs: int) -> None:
        """Let `fit` shuffle, train, validate and keep the best."""
        self._fit(*self.task.data, epochs=epochs, shuffle=True)

    def _fit(self, x: Array, y: Array, epochs: int, shuffle: bool) -> None:
        stopping = EarlyStopping(patience=epochs + 1)  # never stops
        history = self.model.fit(
            x, y, epochs=epochs, batch_size=self.task.batch, shuffle=shuffle,
            callbacks=[stopping], **self.how,
        ).history  # fmt: skip
        self.figures = [history[name][-1] for name in FIGURES]


class PlainStep(Ours):
    """Sigmoids, half the squared error and SGD in the same sizes; nothing is measured."""

    name: ClassVar[str] = "minimlp, plain step"

    def __init__(self, task: Task) -> None:
        super().__init__(Task(task.widths, task.batch, task.rows, task.dtype))
