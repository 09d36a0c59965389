"""thinc: its dense layers with a sigmoid, its backward callbacks and its own SGD.

Its optimizer clips gradients, decays weights and averages them unless told otherwise; here it does
the plain step only. It knows no momentum but Adam's.
"""

from __future__ import annotations

from itertools import pairwise
from typing import ClassVar, Literal

import numpy as np
from thinc.api import SGD, NumpyOps, Sigmoid, chain, set_current_ops

from .task import Array, Task, Unfit


class Thinc:
    """A chain of thinc's `Sigmoid`, which is a dense layer and a sigmoid in one."""

    name: ClassVar[str] = "thinc"
    output: ClassVar[Literal["sigmoid", "linear"]] = "sigmoid"

    def __init__(self, task: Task) -> None:
        if task.momentum:
            raise Unfit("its SGD has no momentum")
        set_current_ops(NumpyOps())
        self.task = task
        self.rng = np.random.default_rng(0)
        self.layers = [Sigmoid(n_out, n_in) for n_in, n_out in pairwise(task.widths)]
        self.model = chain(*self.layers) if len(self.layers) > 1 else self.layers[0]
        self.model.initialize()
        for layer, (w, b) in zip(self.layers, task.layers, strict=True):
            layer.set_param("W", np.ascontiguousarray(w.T))
            layer.set_param("b", b)
        self.optimizer = SGD(task.learning_rate, L2=0.0, grad_clip=0.0, use_averages=False)

    def train_on(self, batches: Array) -> None:
        """Take one step for each row of `batches`."""
        x, y = self.task.data
        model, optimizer = self.model, self.optimizer
        for rows in batches:
            output, backward = model.begin_update(x[rows])
            backward((output - y[rows]) / len(rows))
            model.finish_update(optimizer)

    def train(self, epochs: int) -> None:
        """Shuffle the rows in each epoch."""
        for _ in range(epochs):
            self.train_on(self.task.batches(self.rng))

    def predict(self, x: Array) -> Array:
        """Give the outputs."""
        return self.model.predict(x)

    def parameters(self) -> list[Array]:
        """Give weights and biases, copied."""
        return [
            np.array(array)
            for layer in self.layers
            for array in (layer.get_param("W").T, layer.get_param("b"))
        ]
