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
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from .. import toolbox
from ..losses import Loss
from ..optimizers import Optimizer
from ..penalties import Penalty
from ..solvers import Solver
from ..validation import REAL_DTYPES, as_count, as_dtype, as_flag, as_number

if TYPE_CHECKING:
    from .target import Task

TOLERANCE = 1.25  # a strength is nearly as good if its loss is at most this much larger
_STEPS = 2500  # over all rows, where epochs are not given
_BATCH_SIZE = 32
_FEWEST_EPOCHS = 10
_HIDDEN = {"lm": (16,), "br": (16,)}  # where not 32 units are the usual
_KINKED = ("relu", "leaky_relu")  # where a step of least squares is soon too long
_ITERATIONS = {"lm": 60, "br": 100}
_MOST_PARAMETERS = 2000  # of a network, for Levenberg-Marquardt to be chosen
_MOST_WORK = 3e9  # multiplications of an iteration: half a second
_LEAST_PATIENCE = 5
_LEARNING_RATES = {"sgd": 0.1}  # where it is not given
_LEARNING_RATE = 0.01  # of all others
# Noise needs much, an exact function next to none. Classes are blurred by much.
_STRENGTHS: dict[Task, tuple[float, ...]] = {
    "classification": (1e-1, 1e-2, 1e-3),
    "regression": (1e-1, 3e-2, 3e-3, 3e-4),
}


@dataclass(frozen=True)
class Recipe:
    """What the networks are and how they are trained.

    Parameters
    ----------
    hidden : sequence of int, optional
        Units of each hidden layer of each network; by default one layer of 32, or of 16 for
        ``"lm"`` and ``"br"``.
    activation : str, optional
        Of the hidden layers, by its name in `toolbox.ACTIVATIONS`; by default tanh for ``"lm"`` and
        ``"br"``, which want it smooth, and relu for the others.
    dropout : float, optional
        Share of the hidden units that are left out of each step.
    networks : int, optional
        How many are trained for each strength of the penalty; 5, or 1 with `intervals`.
    loss : str, optional
        ``"cross-entropy"``, which is the default, ``"binary-cross-entropy"`` or ``"mse"`` for
        classes; ``"mse"``, ``"mae"`` or ``"huber"`` for quantities.
    label_smoothing : float, optional
        Share that targets give to all classes alike, with cross-entropy.
    optimizer : {"adam", "adamw", "nadam", "rmsprop", "sgd", "lbfgs", "lm", "br"}, optional
        ``"lm"`` is `LevenbergMarquardt`, ``"br"`` `BayesianRegularization`. By default ``"lm"`` for
        a regression by squared errors whose networks have at most 2,000 parameters, no more than
        half as many as there are training rows times targets, where an iteration takes no more than
        half a second or so, the activation has no kink, and no setting is given that it does not
        take; and else ``"adam"``.
    learning_rate : float, optional
        At its highest; 0.01, or 0.1 for SGD.
    schedule : {"cosine", "constant", "exponential", "step", "one-cycle"}, optional
        Of the learning rate; by default it rises over the first twentieth of the steps, then falls
        to zero along half a cosine.
    momentum, weight_decay, clip_norm : float, optional
        As for the optimizers that take them.
    epochs : int, optional
        At most. By default 60 for ``"lm"``, 100 for ``"br"``, and else as many as make 2,500 steps
        over all training rows, at least 10.
    batch_size : int, optional
        Rows a step; 32 by default. ``"lbfgs"``, ``"lm"`` and ``"br"`` take all of them at once.
    l1 : float, optional
        Strength of a penalty on the absolute weights.
    l2 : float, optional
        Strength of the penalty on the squared weights; by default those that do well of 0.1, 0.01
        and 0.001 for classes; of 0.1, 0.03, 0.003 and 0.0003 for quantities. With a single network
        and no validation rows nothing can judge, and the first is taken.
    patience : int, optional
        Epochs without a better validation loss after which a network stops; by default a fifth of
        `epochs`, at least 5. The weights of the best epoch are kept.
    intervals : bool
        Whether predictions of quantities get intervals: for a single network, by ``"br"``.
    dtype : {"float64", "float32"}

    Raises
    ------
    TypeError, ValueError
        A setting that does not fit, by name.
    """

    hidden: Sequence[int] | None = None
    activation: str | None = None
    dropout: float | None = None
    networks: int | None = None
    loss: str | None = None
    label_smoothing: float | None = None
    optimizer: str | None = None
    learning_rate: float | None = None
    schedule: str | None = None
    momentum: float | None = None
    weight_decay: float | None = None
    clip_norm: float | None = None
    epochs: int | None = None
    batch_size: int | None = None
    l1: float | None = None
    l2: float | None = None
    patience: int | None = None
    intervals: bool = False
    dtype: str = "float64"

    def __post_init__(self) -> None:
        hidden = () if self.hidden is None else self.hidden
        if not isinstance(hidden, Sequence) or isinstance(hidden, str):
            raise TypeError(f"hidden must be a sequence such as (32,), got {hidden!r:.80}")
        for units in hidden:
            as_count("hidden", units)
        for name, known in (
            ("activation", (None, *toolbox.ACTIVATIONS)),
            ("optimizer", (None, *toolbox.OPTIMIZERS)),
            ("schedule", (None, *toolbox.SCHEDULES)),
        ):
            given = getattr(self, name)
            if given not in list(known):
                names = ", ".join(each for each in known if each)
                raise ValueError(f"{name} must be one of {names}, got {given!r:.80}")
        for name in ("networks", "epochs", "batch_size", "patience"):
            if getattr(self, name) is not None:
                as_count(name, getattr(self, name))
        for name, limits in (
            ("dropout", {"low": 0, "below": 1}),
            ("learning_rate", {"low": 0}),
            ("l1", {"low": 0}),
            ("l2", {"low": 0}),
        ):
            if getattr(self, name) is not None:
                as_number(name, getattr(self, name), **limits)
        self.check_together(self.loss)
        if as_flag("intervals", self.intervals):
            if self.optimizer not in (None, "br"):
                raise ValueError(f"intervals go with optimizer br, not with {self.optimizer}")
            if self.networks not in (None, 1):
                raise ValueError(
                    f"intervals are for a single network, got networks={self.networks}"
                )
        self.make_optimizer(1)  # which checks what it takes
        if as_dtype(self.dtype) not in REAL_DTYPES:
            raise ValueError(f"dtype must be float32 or float64, got {self.dtype}")

    def check_together(self, loss: str | None) -> None:
        """Refuse settings that would have no effect beside the others, and this loss.

        Raises
        ------
        ValueError
        """
        toolbox.check_together(vars(self), self.optimizer or "adam", loss)

    def settled(self, task: Task, rows: int, inputs: int, outputs: int) -> Recipe:
        """Fill in what the data decide: the optimizer, and what goes with it.

        Parameters
        ----------
        rows : int
            That train.
        inputs, outputs : int
            Of a network.

        Raises
        ------
        ValueError
            A setting that intervals have no use for.
        """
        optimizer = self.optimizer or ("br" if self.intervals else None)
        if self.intervals:
            try:
                replace(self, optimizer=optimizer)
            except ValueError as error:
                raise ValueError(f"intervals are found by optimizer br: {error}") from None
        if optimizer is None:
            squares = task == "regression" and self.loss_for(task) == "mse" and self._suits("lm")
            squares = squares and self.activation not in _KINKED
            widths = [inputs, *(self.hidden or _HIDDEN["lm"]), outputs]
            count = sum((n_in + 1) * n_out for n_in, n_out in pairwise(widths))
            small = count <= _MOST_PARAMETERS and rows * outputs * count**2 <= _MOST_WORK
            optimizer = "lm" if squares and small and rows * outputs >= 2 * count else "adam"
        return replace(
            self,
            optimizer=optimizer,
            hidden=_HIDDEN.get(optimizer, (32,)) if self.hidden is None else self.hidden,
            activation=self.activation or ("tanh" if optimizer in _HIDDEN else "relu"),
            networks=self.networks or (1 if self.intervals else 5),
        )

    def _suits(self, optimizer: str) -> bool:
        try:
            replace(self, optimizer=optimizer)
        except ValueError:
            return False
        return True

    def stops_early(self, judged: bool) -> bool:
        """Whether rows that judge a network also stop it."""
        return judged and (self.patience is not None or not self.finds_penalty)

    @property
    def finds_penalty(self) -> bool:
        """Whether training finds the strength of the penalty by itself, without rows to judge."""
        return self.optimizer == "br"

    def loss_for(self, task: Task) -> str:
        """Give the name of the loss.

        Raises
        ------
        ValueError
            The one that was asked for is of no use for the task.
        """
        known = toolbox.LOSSES[task]
        default, *_ = known
        if self.loss not in (None, *known):
            kind = "classes" if task == "classification" else "quantities"
            raise ValueError(f"loss for {kind} must be one of {', '.join(known)}, got {self.loss}")
        if task == "classification" and self.intervals:
            raise ValueError("intervals are for quantities, not for classes")
        if task == "regression" and self.label_smoothing is not None:
            raise ValueError("label_smoothing is for classes, not for quantities")
        return self.loss or default

    def make_loss(self, task: Task) -> Loss:
        """Make the loss that training lowers."""
        return toolbox.make_loss(task, self.loss_for(task), self.label_smoothing)

    def strengths(self, task: Task, judged: bool = True) -> tuple[float | None, ...]:
        """Give the strengths of the penalty to choose from; one, where nothing can judge them."""
        if self.finds_penalty:
            return (None,)
        strengths = _STRENGTHS[task] if self.l2 is None else (self.l2,)
        return strengths if judged else strengths[:1]

    @property
    def rows_a_step(self) -> int:
        """The batch size that was given, or else the usual one."""
        return self.batch_size or _BATCH_SIZE

    @property
    def by_steps(self) -> bool:
        """Whether an epoch is many steps, and not one iteration over all rows."""
        return self.optimizer not in toolbox.SOLVERS

    def epochs_for(self, rows: int) -> int:
        """Give the most epochs for as many training rows."""
        if self.epochs is not None:
            return self.epochs
        if self.optimizer in _ITERATIONS:
            return _ITERATIONS[self.optimizer]
        return max(_FEWEST_EPOCHS, round(_STEPS / math.ceil(rows / self.rows_a_step)))

    def patience_for(self, epochs: int) -> int:
        """Give the epochs to wait for a better one, of so many at most."""
        return self.patience or max(_LEAST_PATIENCE, round(epochs / 5))

    def make_optimizer(self, steps: int) -> Optimizer | Solver:
        """Make an optimizer whose learning rate is laid out over so many steps."""
        return toolbox.make_optimizer(
            self.optimizer or "adam",
            self.highest_rate,
            self.schedule or "cosine",
            steps,
            momentum=self.momentum,
            weight_decay=self.weight_decay,
            clip_norm=self.clip_norm,
        )

    @property
    def highest_rate(self) -> float:
        """The learning rate that was given, or else one that suits the optimizer."""
        if self.learning_rate is not None:
            return self.learning_rate
        return _LEARNING_RATES.get(self.optimizer or "", _LEARNING_RATE)

    def make_penalty(self, l2: float | None) -> Penalty | None:
        """Make the penalty of one of the strengths."""
        return toolbox.make_penalty(self.l1, l2)
