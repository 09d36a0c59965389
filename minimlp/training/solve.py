"""The loop over a solver's iterations, each of them an epoch of its own.

The solver goes its way on copies in float64. Where it has got to is written into the model after
each iteration, measured, recorded and told to callbacks.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..derivatives.loss_function import LossFunction
from ..solvers import NotFiniteError
from .evaluation import Evaluation
from .finite import solver_divergence
from .loop import Loop
from .progress import ProgressBar

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from ..callbacks import Callback
    from ..metrics import Metric
    from ..objective import Objective, Samples
    from ..solvers import Solver
    from .checkpoint import Checkpoint
    from .interrupt import Interrupt


class Solve(Loop):
    """A `fit` with a solver; it listens to its iterations.

    Attributes
    ----------
    exact : array (P,)
        Where the solver was last, in float64, of which a model in float32 has the rounded numbers.
    """

    optimizer: Solver
    exact: NDArray[np.float64]
    interrupt: Interrupt
    checkpoint: Checkpoint | None

    def __init__(
        self,
        objective: Objective,
        solver: Solver,
        samples: Samples,
        metrics: dict[str, Metric],
        validation: Evaluation | None,
        callbacks: Sequence[Callback],
        rng: Generator,
    ) -> None:
        super().__init__(objective, metrics, validation, callbacks, rng)
        self.optimizer = solver
        self.objective = objective
        self.samples = samples
        self.evaluation = Evaluation(objective, samples, metrics, 1024) if metrics else None
        self.loss = 0.0
        self.figures: Mapping[str, float] = {}
        self.names += solver.figures
        self.written = self.model.parameters.copy()
        self.exact = self.model.parameters.astype(np.float64)
        self.was_frozen: list[frozenset[str]] = []

    def train(self, epochs: int, interrupt: Interrupt, checkpoint: Checkpoint | None) -> None:
        self.interrupt, self.checkpoint = interrupt, checkpoint
        position = self.position
        going = position.epoch < epochs and self.stopped_because is None
        if going and position.epoch and self.optimizer.forgets:
            warnings.warn(
                f"{type(self.optimizer).__name__} goes on from the checkpoint's parameters with an "
                f"empty memory: the result is not the same to the bit",
                RuntimeWarning,
                stacklevel=4,
            )
        while going:
            self.solve(epochs - position.epoch)
            going = (
                self.moved
                and position.epoch < epochs
                and self.stopped_because is None
                and not interrupt.requested
            )
        self.history.stopped_because = self.stopped_because

    def solve(self, iterations: int) -> None:
        """Let the solver run from where the model is."""
        self.was_frozen = [layer.frozen for layer in self.model.layers]
        np.copyto(self.written, self.model.parameters)
        loss, penalty = self.objective.loss, self.objective.penalty
        function = LossFunction(self.model, loss, *self.samples, penalty)
        if np.array_equal(self.exact.astype(self.model.dtype), self.model.parameters):
            function.model.parameters[...] = self.exact
        try:
            reason = self.optimizer.run(function, iterations, self)
        except NotFiniteError as error:
            self.diverge("the loss", error.value, None)
            self.put_back()
        else:
            if not self.moved:
                self.stopped_because = self.stopped_because or reason

    def began(self) -> None:
        position = self.position
        if not position.begun:
            position.begun = True
            for callback in self.callbacks:
                callback.on_epoch_begin(position.epoch, {})

    def reached(
        self,
        vector: NDArray[np.float64],
        value: float,
        figures: Mapping[str, float] = MappingProxyType({}),
    ) -> bool:
        if self.moved:  # in on_epoch_begin: the iteration has led from where the model no longer is
            return True
        self.began()
        self.write(vector)
        self.loss, self.figures = value, figures
        epoch = self.position.epoch
        self.close_epoch()
        if self.stopped_because is not None:
            self.put_back()
        elif self.model.stop_training:
            self.stopped_because = f"stopped after epoch {epoch + 1}: {self.callbacks_reason()}"
        if self.stopped_because is not None or self.interrupt.requested or self.moved:
            return True
        checkpoint = self.checkpoint
        if checkpoint is not None and time.monotonic() >= checkpoint.due:
            self.save(checkpoint)
        return False

    @np.errstate(over="ignore")  # of float32: it is then found to be infinite
    def write(self, vector: NDArray[np.float64]) -> None:
        """Give the model parameters, but for those that are frozen, in its own dtype."""
        self.frozen.refresh()
        for view, kept in self.frozen.parts:
            kept[...] = view
        np.copyto(self.exact, vector)
        np.copyto(self.model.parameters, vector, casting="same_kind")
        for view, kept in self.frozen.parts:
            view[...] = kept
        np.copyto(self.written, self.model.parameters)

    @property
    def moved(self) -> bool:
        """Whether callbacks have moved or frozen parameters, of which the solver knows nothing."""
        frozen = [layer.frozen for layer in self.model.layers]
        same = (self.written == self.model.parameters).all()
        return frozen != self.was_frozen or not same

    def optimizer_state(self) -> dict[str, Any]:
        return {} if self.moved else super().optimizer_state()  # it then begins anew

    def measure(self) -> dict[str, float]:
        metrics = {} if self.evaluation is None else self.evaluation.run()
        return {**metrics, "loss": self.loss, **self.figures}

    def put_back(self) -> None:
        np.copyto(self.model.parameters, self.last_finite.parameters)

    def divergence(self, what: str, value: float, batch: int | None) -> str:
        position = self.position
        started = position.epoch > 0 or position.begun
        return solver_divergence(what, value, position.epoch, started=started)


class IterationBar(ProgressBar):
    """A bar that moves on with each epoch, by all its samples."""

    def on_epoch_end(self, epoch: int, logs: dict[str, Any]) -> None:
        super().on_epoch_end(epoch, logs)
        self._bar.update((epoch + 1) * self.rows - self._bar.n)
