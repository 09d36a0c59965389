"""The work that every peer does, and what a peer must be able to do to take part.

The same sizes, batch, dtype, data and first weights for all; shuffled mini-batches; a sigmoid after
each layer; half the squared error, summed over the outputs and averaged over the batch; plain SGD,
with momentum where the task says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from minimlp import Identity, Sequential, Sigmoid, mlp

Array = NDArray[Any]


class Unfit(Exception):  # noqa: N818  (it is no fault)
    """A peer cannot do this work; the message says why."""


@dataclass(frozen=True)
class Task:
    """One network and how it is trained."""

    widths: tuple[int, ...]
    batch: int
    rows: int = 4096
    dtype: Literal["float32", "float64"] = "float32"
    momentum: float = 0.0
    learning_rate: float = 0.1
    output: Literal["sigmoid", "linear"] = "sigmoid"

    @property
    def net(self) -> str:
        return "-".join(map(str, self.widths))

    @property
    def name(self) -> str:
        return f"{self.net}, batch {self.batch}"

    def with_linear_output(self) -> Task:
        """Make the same task without the last sigmoid."""
        return replace(self, output="linear")

    def model(self) -> Sequential:
        """Make the network, always with the same first weights."""
        last = Sigmoid if self.output == "sigmoid" else Identity
        return mlp(*self.widths, hidden=Sigmoid, output=last, dtype=self.dtype, seed=0)

    @property
    def weights(self) -> list[Array]:
        """The first weights: weight (n_in, n_out), bias (n_out,), layer by layer."""
        layers = self.model().layers
        return [
            getattr(layer, name).copy() for layer in layers for name in layer.parameter_shapes()
        ]

    @property
    def layers(self) -> list[tuple[Array, Array]]:
        """The first weights as pairs of weight and bias."""
        weights = self.weights
        return list(zip(weights[::2], weights[1::2], strict=True))

    @cached_property
    def data(self) -> tuple[Array, Array]:
        """Inputs (rows, n_in) and targets (rows, n_out), of the task's dtype.

        The targets lie within the sigmoid's reach, so that nothing saturates however long it
        trains.
        """
        rng = np.random.default_rng(0)
        x = rng.random((self.rows, self.widths[0]))
        y = rng.uniform(0.2, 0.8, (self.rows, self.widths[-1]))
        return x.astype(self.dtype), y.astype(self.dtype)

    @cached_property
    def shuffled(self) -> Array:
        """The rows of one epoch's batches, (steps, batch), always the same."""
        return self.batches(np.random.default_rng(1))

    def batches(self, rng: np.random.Generator) -> Array:
        """Shuffle the rows into batches, (steps, batch)."""
        order = rng.permutation(self.rows)
        return order[: self.rows - self.rows % self.batch].reshape(-1, self.batch)


class Predictor(Protocol):
    """A network of a library's own, with the task's first weights."""

    name: ClassVar[str]
    output: ClassVar[Literal["sigmoid", "linear"]]

    def __init__(self, task: Task) -> None:
        """Build it; `ImportError` where the library is missing, `Unfit` where it cannot do it."""

    def predict(self, x: Array) -> Array:
        """Give the outputs (rows, n_out) of inputs (rows, n_in), as NumPy arrays both."""


class Peer(Predictor, Protocol):
    """A network that can be trained too."""

    def train_on(self, batches: Array) -> None:
        """Take one step for each row of `batches`, (steps, batch) numbers of rows."""

    def train(self, epochs: int) -> None:
        """Train as the library's users do, on mini-batches shuffled anew in each epoch."""

    def parameters(self) -> list[Array]:
        """Give weights and biases in the order and layout of `Task.weights`."""
