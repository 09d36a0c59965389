"""minimlp itself, used as its documentation says."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from minimlp import MSE, SGD

from .task import Array, Task


class Ours:
    """`Sequential.fit` with one loss and one optimizer for all calls."""

    name: ClassVar[str] = "minimlp"
    output: ClassVar[Literal["sigmoid", "linear"]] = "sigmoid"

    def __init__(self, task: Task) -> None:
        self.task = task
        self.model = task.model()
        self.how: dict[str, Any] = {
            "loss": MSE(),
            "optimizer": SGD(task.learning_rate, momentum=task.momentum),
            "progress": False,
        }

    def train_on(self, batches: Array) -> None:
        """Take one step for each row of `batches`."""
        x, y = (array[batches.ravel()] for array in self.task.data)
        self.model.fit(x, y, batch_size=batches.shape[1], shuffle=False, **self.how)

    def train(self, epochs: int) -> None:
        """Let `fit` shuffle and train."""
        x, y = self.task.data
        self.model.fit(x, y, batch_size=self.task.batch, epochs=epochs, **self.how)

    def predict(self, x: Array) -> Array:
        """Give the outputs."""
        return self.model.predict(x)

    def parameters(self) -> list[Array]:
        """Give weights and biases, copied."""
        layers = self.model.layers
        return [
            getattr(layer, name).copy() for layer in layers for name in layer.parameter_shapes()
        ]
