"""Keras in practice: `compile` with a metric, `fit` with validation data and `EarlyStopping`.

Once as `fit` does it, in batches of one size, and once told to validate in large ones.
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
    validation_batch: ClassVar[int | None] = None

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
            x, y, batch_size=self.task.batch, validation_data=self.task.validation,
            validation_batch_size=self.validation_batch, verbose=0, callbacks=[stopping], **how,
        ).history  # fmt: skip
        self.figures = [history[name][-1] for name in FIGURES]

    def parameters(self) -> list[Array]:
        """Give weights and biases, copied."""
        return [np.array(array) for array in self.model.get_weights()]


class LargeValidation(Practice):
    """The same, told to validate in batches of 1,024 rows."""

    name: ClassVar[str] = "Keras on JAX, large batches for validation"
    validation_batch: ClassVar[int | None] = 1024
