"""The work of someone who trains a classifier and wants to know how well it does.

ReLU layers, Softmax and categorical cross-entropy, Adam; after each epoch loss and accuracy on the
training rows as they were met, and on rows of their own; the best weights kept, to be put back when
training ends. Labels are whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from minimlp import ReLU, Sequential, Softmax, mlp

from .task import Array, Task

EPSILON = 1e-16
"""Adam's, so small that it does not matter that Keras adds it elsewhere."""

FIGURES = ("loss", "accuracy", "val_loss", "val_accuracy")
"""What a peer tells of its last epoch, in this order."""


@dataclass(frozen=True)
class PracticeTask(Task):
    """A classifier; a quarter as many rows again are for validation. No momentum of its own."""

    learning_rate: float = 1e-3

    def model(self) -> Sequential:
        return mlp(*self.widths, hidden=ReLU, output=Softmax, dtype=self.dtype, seed=0)

    @cached_property
    def data(self) -> tuple[Array, Array]:
        """Inputs (rows, n_in) of the task's dtype, and labels (rows,)."""
        x, labels = self._all
        return x[: self.rows], labels[: self.rows]

    @cached_property
    def validation(self) -> tuple[Array, Array]:
        """As `data`, other rows."""
        x, labels = self._all
        return x[self.rows :], labels[self.rows :]

    @cached_property
    def _all(self) -> tuple[Array, Array]:
        """Classes by a linear rule and noise, so that none gets all of them right."""
        rng = np.random.default_rng(0)
        n_in, *_, classes = self.widths
        x = rng.normal(size=(self.rows + self.rows // 4, n_in))
        scores = x @ rng.normal(size=(n_in, classes))
        labels = (scores + rng.normal(0, 0.5 * n_in**0.5, scores.shape)).argmax(axis=1)
        return x.astype(self.dtype), labels
