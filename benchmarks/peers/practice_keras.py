"""Keras in practice: `compile` with a metric, `fit` with validation data and `EarlyStopping`.

Validated in large batches, which `fit` does not do unless told, and which costs Keras far less.
"""

from __future__ import annotations

import os
from typing import Any, ClassVar

os.environ["KERAS_BACKEND"] = "jax"  # Keras reads it when it is imported

import jax
import keras
import numpy as np

from .practice import EPSILON, FIGURES, PracticeTask
from .task import Array


class Practice:
    """A `keras.Sequential` that ends in a softmax."""

    name: ClassVar[str] = "Keras on JAX"

    def __init__(self, task: PracticeTask) -> None:
        jax.config.update("jax_enable_x64", task.dtype == "float64")
        keras.config.set_floatx(task.dtype)
        self.task = task
        self.figures: list[float] = []
        n_in, *hidden, classes = task.widths
        dense = [keras.layers.Dense(n, activation="relu", dtype=task.dtype) for n in hidden]
        last = keras.layers.Dense(classes, activation="softmax", dtype=task.dtype)
        self.model = keras.Sequential([keras.Input((n_in,)), *dense, last])
        self.model.set_weights(task.weights)
        self.model.compile(
            optimizer=keras.optimizers.Adam(task.learning_rate, epsilon=EPSILON),
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy"],
        )

    def train_on(self, batches: Array) -> None:
        """Let `fit` go through the rows of `batches` in their order, as one epoch."""
        x, y = (array[batches.ravel()] for array in self.task.data)
        self._fit(x, y, epochs=1, shuffle=False)

    def train(self, epochs: int) -> None:
        """Let `fit` shuffle, train, validate and keep the best."""
        self._fit(*self.task.data, epochs=epochs, shuffle=True)

    def _fit(self, x: Array, y: Array, **how: Any) -> None:
        stopping = keras.callbacks.EarlyStopping(
            patience=how["epochs"] + 1, restore_best_weights=True
        )
        history = self.model.fit(
            x, y, batch_size=self.task.batch, verbose=0, callbacks=[stopping],
            validation_data=self.task.validation, validation_batch_size=1024, **how,
        ).history  # fmt: skip
        self.figures = [history[name][-1] for name in FIGURES]

    def parameters(self) -> list[Array]:
        """Give weights and biases, copied."""
        return [np.array(array) for array in self.model.get_weights()]
