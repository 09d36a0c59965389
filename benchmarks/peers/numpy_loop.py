"""What one writes after a first tutorial: NumPy, and a list of layers.

Every step makes its arrays anew; nothing is reused, and nothing is made slower than it has to be.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from .task import Array, Task


class NumpyLoop:
    """A list of dicts, a forward loop, a backward loop, an update loop."""

    name: ClassVar[str] = "NumPy loop"
    output: ClassVar[Literal["sigmoid", "linear"]] = "sigmoid"

    def __init__(self, task: Task) -> None:
        self.task = task
        self.rng = np.random.default_rng(0)
        self.layers = [
            {"w": w, "b": b, "vw": np.zeros_like(w), "vb": np.zeros_like(b)} for w, b in task.layers
        ]

    def step(self, x: Array, y: Array) -> None:
        """Forward, backward, update."""
        outputs = [x]
        for layer in self.layers:
            h = outputs[-1] @ layer["w"] + layer["b"]
            outputs.append(1 / (1 + np.exp(-h)))

        rate, momentum = self.task.learning_rate, self.task.momentum
        delta = (outputs[-1] - y) / len(x)
        for i in reversed(range(len(self.layers))):
            layer = self.layers[i]
            delta = delta * outputs[i + 1] * (1 - outputs[i + 1])
            dw = outputs[i].T @ delta
            db = delta.sum(axis=0)
            if i > 0:
                delta = delta @ layer["w"].T
            if momentum:
                layer["vw"] = dw = momentum * layer["vw"] + dw
                layer["vb"] = db = momentum * layer["vb"] + db
            layer["w"] -= rate * dw
            layer["b"] -= rate * db

    def train_on(self, batches: Array) -> None:
        """Take one step for each row of `batches`."""
        x, y = self.task.data
        for rows in batches:
            self.step(x[rows], y[rows])

    def train(self, epochs: int) -> None:
        """Shuffle the rows in each epoch."""
        for _ in range(epochs):
            self.train_on(self.task.batches(self.rng))

    def predict(self, x: Array) -> Array:
        """Give the outputs."""
        for layer in self.layers:
            x = 1 / (1 + np.exp(-(x @ layer["w"] + layer["b"])))
        return x

    def parameters(self) -> list[Array]:
        """Give weights and biases, copied."""
        return [layer[name].copy() for layer in self.layers for name in ("w", "b")]
