"""scikit-learn's `MLPRegressor`: `fit` from the weights it has, or `partial_fit` of one batch.

Its regressor has no activation behind the last layer, so it does the task with a linear output,
and is compared with minimlp doing the same. Its loss has the same gradient as minimlp's.
"""

from __future__ import annotations

import warnings
from typing import ClassVar, Literal

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor

from .task import Array, Task


class ScikitLearn:
    """An `MLPRegressor` that never stops early and never decays."""

    name: ClassVar[str] = "scikit-learn"
    output: ClassVar[Literal["sigmoid", "linear"]] = "linear"

    def __init__(self, task: Task) -> None:
        self.task = task
        x, y = task.data
        self.x, self.y = x, y.ravel() if y.shape[1] == 1 else y  # it warns of a single column
        self.model = MLPRegressor(
            hidden_layer_sizes=task.widths[1:-1],
            activation="logistic",
            solver="sgd",
            alpha=0,
            batch_size=task.batch,
            learning_rate="constant",
            learning_rate_init=task.learning_rate,
            momentum=task.momentum,
            nesterovs_momentum=False,
            tol=0,
            n_iter_no_change=10**9,
            warm_start=True,
            random_state=0,
        )
        # Only a step makes the arrays that hold the weights.
        self.train_on(np.arange(task.batch)[None])
        for w, b, (weight, bias) in zip(
            self.model.coefs_, self.model.intercepts_, task.layers, strict=True
        ):
            w[...], b[...] = weight, bias
        del self.model._optimizer  # its velocity has seen that step

    def train_on(self, batches: Array) -> None:
        """Take one step for each row of `batches`."""
        for rows in batches:
            self.model.partial_fit(self.x[rows], self.y[rows])

    def train(self, epochs: int) -> None:
        """Let `fit` shuffle and train."""
        self.model.max_iter = epochs
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            self.model.fit(self.x, self.y)

    def predict(self, x: Array) -> Array:
        """Give the outputs, always in two dimensions."""
        return self.model.predict(x).reshape(len(x), -1)

    def parameters(self) -> list[Array]:
        """Give weights and biases, copied."""
        layers = zip(self.model.coefs_, self.model.intercepts_, strict=True)
        return [array.copy() for layer in layers for array in layer]
