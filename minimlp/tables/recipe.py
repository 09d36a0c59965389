"""How a table's network is built and trained where the user says nothing.

The rows are dealt into five folds. For each fold a small network is trained on all other rows; the
fold it has not seen stops it when it gets no better, and judges it. This is done for some strengths
of an L2 penalty. The networks of the strength with the least loss, and of those nearly as good,
then stand side by side in one network, which averages what they say before its last layer. It is
steadier than any of them, and together they have learnt from every row.

Sources: Krogh & Vedelsby (1995), "Neural network ensembles, cross validation, and active learning";
Prechelt (1998), "Early stopping - but when?". The constants are those that did best in
``benchmarks/tables.py``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..optimizers import FirstOrder
from ..schedules import CosineDecay
from ..toolbox import ACTIVATIONS, FIRST_ORDER
from ..validation import REAL_DTYPES, as_count, as_dtype, as_number

if TYPE_CHECKING:
    from .target import Task

TOLERANCE = 1.25  # a strength is nearly as good if its loss is at most this much larger
_STEPS = 2500  # over all rows, where epochs are not given
_FEWEST_EPOCHS = 10
_LEAST_PATIENCE = 5
_WARMUP = 20  # the learning rate rises over one part of as many
# Noise needs much, an exact function next to none. Classes are blurred by much.
_STRENGTHS: dict[Task, tuple[float, ...]] = {
    "classification": (1e-2, 1e-3),
    "regression": (3e-2, 3e-3, 3e-4),
}


@dataclass(frozen=True)
class Recipe:
    """What the networks are and how they are trained.

    Parameters
    ----------
    hidden : sequence of int
        Units of each hidden layer of each network.
    activation : str
        Of the hidden layers, by its name in `toolbox.ACTIVATIONS`.
    dropout : float
        Share of the hidden units that are left out of each step.
    networks : int
        How many are trained for each strength of the penalty.
    optimizer : {"adam", "adamw", "nadam", "rmsprop", "sgd"}
    learning_rate : float
        At its highest: it rises over the first twentieth of the steps, then falls to zero along
        half a cosine.
    clip_norm : float, optional
    epochs : int, optional
        At most. By default as many as make 2,500 steps over all training rows, at least 10.
    batch_size : int
    l2 : float, optional
        Strength of the penalty; by default those that do well of 0.01 and 0.001 for classes; of
        0.03, 0.003 and 0.0003 for quantities.
    patience : int, optional
        Epochs without a better validation loss after which a network stops; by default a fifth of
        `epochs`, at least 5. The weights of the best epoch are kept.
    dtype : {"float64", "float32"}

    Raises
    ------
    TypeError, ValueError
        A setting that does not fit, by name.
    """

    hidden: Sequence[int] = (32,)
    activation: str = "relu"
    dropout: float = 0.0
    networks: int = 5
    optimizer: str = "adam"
    learning_rate: float = 0.01
    clip_norm: float | None = None
    epochs: int | None = None
    batch_size: int = 32
    l2: float | None = None
    patience: int | None = None
    dtype: str = "float64"

    def __post_init__(self) -> None:
        for units in self.hidden:
            as_count("hidden", units)
        for name, known in (("activation", ACTIVATIONS), ("optimizer", FIRST_ORDER)):
            given = getattr(self, name)
            if given not in known:
                raise ValueError(f"{name} must be one of {', '.join(known)}, got {given!r}")
        as_number("dropout", self.dropout, low=0, below=1)
        as_number("learning_rate", self.learning_rate, low=0)
        self.make_optimizer(1)  # which checks what it takes
        for name in ("networks", "epochs", "batch_size", "patience"):
            if getattr(self, name) is not None:
                as_count(name, getattr(self, name))
        if self.l2 is not None:
            as_number("l2", self.l2, low=0)
        if as_dtype(self.dtype) not in REAL_DTYPES:
            raise ValueError(f"dtype must be float32 or float64, got {self.dtype}")

    def strengths(self, task: Task) -> tuple[float, ...]:
        """Give the strengths of the penalty to choose from."""
        return _STRENGTHS[task] if self.l2 is None else (self.l2,)

    def epochs_for(self, rows: int) -> int:
        """Give the most epochs for as many training rows."""
        if self.epochs is not None:
            return self.epochs
        return max(_FEWEST_EPOCHS, round(_STEPS / math.ceil(rows / self.batch_size)))

    def patience_for(self, epochs: int) -> int:
        """Give the epochs to wait for a better one, of so many at most."""
        return self.patience or max(_LEAST_PATIENCE, round(epochs / 5))

    def make_optimizer(self, steps: int) -> FirstOrder:
        """Make an optimizer whose learning rate has fallen to zero after so many steps."""
        warmup, top = steps // _WARMUP, self.learning_rate
        rate = CosineDecay(top, steps)
        if warmup:
            rate = CosineDecay(0.0, steps - warmup, warmup_target=top, warmup_steps=warmup)
        return FIRST_ORDER[self.optimizer](rate, clip_norm=self.clip_norm)
