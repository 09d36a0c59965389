"""Keras with JAX below it: `compile` and `fit`, with the loss that minimlp has.

Keras averages its own squared error over the outputs too, so the loss is written out; everything
else is as a user finds it. Predictions are made by `predict_on_batch`, the faster way of the two.
"""

from __future__ import annotations

import os
from typing import Any, ClassVar, Literal

os.environ["KERAS_BACKEND"] = "jax"  # Keras reads it when it is imported

import jax
import keras
import numpy as np

from .task import Array, Task


def half_squared_error(target: Any, prediction: Any) -> Any:
    """Give each row's loss; Keras takes the mean over the batch."""
    return 0.5 * keras.ops.sum((prediction - target) ** 2, axis=-1)


class Keras:
    """A `keras.Sequential` of dense layers."""

    name: ClassVar[str] = "Keras on JAX"
    output: ClassVar[Literal["sigmoid", "linear"]] = "sigmoid"

    def __init__(self, task: Task) -> None:
        jax.config.update("jax_enable_x64", task.dtype == "float64")
        keras.config.set_floatx(task.dtype)
        self.task = task
        n_in, *widths = task.widths
        dense = [keras.layers.Dense(n, activation="sigmoid", dtype=task.dtype) for n in widths]
        self.model = keras.Sequential([keras.Input((n_in,)), *dense])
        self.model.set_weights(task.weights)
        self.model.compile(
            optimizer=keras.optimizers.SGD(task.learning_rate, momentum=task.momentum),
            loss=half_squared_error,
        )

    def train_on(self, batches: Array) -> None:
        """Take one step for each row of `batches`."""
        x, y = self.task.data
        for rows in batches:
            self.model.train_on_batch(x[rows], y[rows])

    def train(self, epochs: int) -> None:
        """Let `fit` shuffle and train."""
        x, y = self.task.data
        self.model.fit(x, y, batch_size=self.task.batch, epochs=epochs, shuffle=True, verbose=0)

    def predict(self, x: Array) -> Array:
        """Give the outputs."""
        return np.asarray(self.model.predict_on_batch(x))

    def parameters(self) -> list[Array]:
        """Give weights and biases, copied."""
        return [np.array(array) for array in self.model.get_weights()]
