"""The least that a step could cost: gathering the rows and the bare matrix products.

Forward, those for the weight gradients, and those for the input gradients of all layers but the
first, on the task's own weights, in arrays of the model's own shapes that are made once. No bias,
no activation, no loss, no update: it learns nothing, and so has no `predict` and no `parameters`.
"""

from __future__ import annotations

from itertools import pairwise
from typing import ClassVar

import numpy as np

from minimlp import Dense

from .task import Array, Task


class Floor:
    """The products of a training step, and nothing between them."""

    name: ClassVar[str] = "floor"

    def __init__(self, task: Task) -> None:
        self.task = task
        model = task.model()
        dense = [layer for layer in model.layers if isinstance(layer, Dense)]
        shapes = [(task.batch, width) for width in task.widths]
        rng = np.random.default_rng(1)
        outputs = [np.empty(shape, task.dtype) for shape in shapes]
        # Numbers of a gradient's size: with zeros or subnormals a product may take another time.
        deltas = [rng.normal(0, 1e-2, shape).astype(task.dtype) for shape in shapes]
        self.inputs, self.target = outputs[0], np.empty(shapes[-1], task.dtype)

        self.products = [
            (x, layer.weight, y) for layer, (x, y) in zip(dense, pairwise(outputs), strict=True)
        ]
        for i in reversed(range(len(dense))):
            layer, delta = dense[i], deltas[i + 1]
            self.products.append((outputs[i].T, delta, layer.weight_gradient))
            if i > 0:
                self.products.append((delta, layer.weight.T, deltas[i]))

    def train_on(self, batches: Array) -> None:
        """Do the bare step for each row of `batches`."""
        x, y = self.task.data
        inputs, target, products, dot = self.inputs, self.target, self.products, np.dot
        for rows in batches:
            x.take(rows, 0, inputs, "clip")
            y.take(rows, 0, target, "clip")
            for left, right, out in products:
                dot(left, right, out)

    def train(self, epochs: int) -> None:
        """Do the bare steps of whole epochs, always in the same order."""
        for _ in range(epochs):
            self.train_on(self.task.shuffled)
