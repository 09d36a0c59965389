"""How a table's network is built and trained where the user says nothing.

The rows are dealt into five folds. For each fold a small network is trained on all other rows, and
judged by the fold it has not seen. This is done for some weight decays. The networks of the one
with the least error, and of those nearly as good, then stand side by side in one network, whose
output is the mean of theirs. It is steadier than any of them, and together they have learnt from
every row.

Sources: Krogh & Vedelsby (1995), "Neural network ensembles, cross validation, and active learning";
Loshchilov & Hutter (2017), "SGDR: stochastic gradient descent with warm restarts", eq. 5, for the
learning rate. The constants are those that did best in ``benchmarks/tables.py``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..activations import Activation, ReLU, Sigmoid, Tanh
from ..validation import REAL_DTYPES, as_count, as_dtype, as_number

if TYPE_CHECKING:
    from .target import Task

ACTIVATIONS: dict[str, type[Activation]] = {"relu": ReLU, "sigmoid": Sigmoid, "tanh": Tanh}

_STEPS = 2500  # over all rows, where epochs are not given
_FEWEST_EPOCHS = 10
TOLERANCE = 1.25  # a weight decay is nearly as good if its error is at most this much larger
# Noise needs much, an exact function next to none. Classes are blurred by much.
_DECAYS: dict[Task, tuple[float, ...]] = {
    "classification": (1e-2, 1e-3),
    "regression": (1e-1, 1e-2, 5e-4),
}


@dataclass(frozen=True)
class Recipe:
    """What the networks are and how they are trained.

    Parameters
    ----------
    hidden : sequence of int
        Units of each hidden layer of each network.
    activation : {"relu", "sigmoid", "tanh"}
        Of the hidden layers.
    networks : int
        How many are trained for each weight decay.
    epochs : int, optional
        By default as many as make 2,500 steps over all training rows, at least 10.
    batch_size : int
    learning_rate : float
        At its highest: it rises over the first twentieth of the epochs, then falls to zero along
        half a cosine.
    momentum : float
    weight_decay : float, optional
        By default those that do well of 0.01 and 0.001 for classes; of 0.1, 0.01 and 0.0005 for
        quantities.
    dtype : {"float64", "float32"}

    Raises
    ------
    TypeError, ValueError
        A setting that does not fit, by name.
    """

    hidden: Sequence[int] = (24,)
    activation: str = "tanh"
    networks: int = 5
    epochs: int | None = None
    batch_size: int = 32
    learning_rate: float = 0.05
    momentum: float = 0.9
    weight_decay: float | None = None
    dtype: str = "float64"

    def __post_init__(self) -> None:
        for units in self.hidden:
            as_count("hidden", units)
        if self.activation not in ACTIVATIONS:
            known = ", ".join(ACTIVATIONS)
            raise ValueError(f"activation must be one of {known}, got {self.activation!r}")
        as_count("networks", self.networks)
        if self.epochs is not None:
            as_count("epochs", self.epochs)
        as_count("batch_size", self.batch_size)
        as_number("learning_rate", self.learning_rate, low=0)
        as_number("momentum", self.momentum, low=0, below=1)
        if self.weight_decay is not None:
            as_number("weight_decay", self.weight_decay, low=0)
        if as_dtype(self.dtype) not in REAL_DTYPES:
            raise ValueError(f"dtype must be float32 or float64, got {self.dtype}")

    def weight_decays(self, task: Task) -> tuple[float, ...]:
        """Give the weight decays to choose from."""
        return _DECAYS[task] if self.weight_decay is None else (self.weight_decay,)

    def epochs_for(self, rows: int) -> int:
        """Give the number of epochs for as many training rows."""
        if self.epochs is not None:
            return self.epochs
        return max(_FEWEST_EPOCHS, round(_STEPS / math.ceil(rows / self.batch_size)))

    def rate(self, epoch: int, epochs: int) -> float:
        """Give the learning rate of an epoch."""
        rise = min(1.0, (epoch + 1) / max(1, epochs // 20))
        return self.learning_rate * rise * (1 + math.cos(math.pi * epoch / epochs)) / 2
