"""What every training has in common, whether an epoch is many steps or one solver's iteration.

It begins, perhaps from a checkpoint; epochs are measured, recorded and told to callbacks; somebody
may stop it; it ends.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ..parameters import FrozenParts
from .finite import LastFinite, is_finite
from .history import History
from .interrupt import Interrupt
from .moving import Moving
from .position import Position
from .snapshot import capture, restore

if TYPE_CHECKING:
    import numpy as np
    from numpy.random import Generator
    from numpy.typing import NDArray

    from ..callbacks import Callback
    from ..objective import Objective
    from ..optimizers import Optimizer
    from ..solvers import Solver
    from .batches import Batches
    from .checkpoint import Checkpoint
    from .evaluation import Evaluation, Predictions


class Loop:
    """One call of `fit`, everything checked and made.

    Attributes
    ----------
    history : History
    position : Position
        What comes next.
    last_finite : LastFinite
    stopped_because : str or None
        Why no epoch is to follow, for good: a callback or a loss that is no number said so.
    batches, predictions
        Where an epoch is many steps: its mini-batches, and what it collects for metrics.
    exact : array (P,), optional
        Where a solver was last, to all its digits.
    """

    optimizer: Optimizer | Solver
    batches: Batches | None = None
    predictions: Predictions | None = None
    exact: NDArray[np.float64] | None = None

    def __init__(
        self,
        objective: Objective,
        metrics: Iterable[str],
        validation: Evaluation | None,
        callbacks: Sequence[Callback],
        rng: Generator,
    ) -> None:
        self.model = objective.model
        self.names = ["loss", *metrics]
        self.validation = validation
        self.callbacks = callbacks
        self.rng = rng
        self.frozen = FrozenParts(self.model.layers)
        self.history = History()
        self.position = Position()
        self.last_finite = LastFinite(self.model)
        self.stopped_because: str | None = None

    def run(self, epochs: int, checkpoint: Checkpoint | None) -> History:
        """Train until the last epoch, or until somebody stops it."""
        self.model.stop_training = False
        self.moving = Moving(self.model, self.optimizer)
        saved = None if checkpoint is None else checkpoint.load()
        with Interrupt(terminate=checkpoint is not None) as interrupt:
            try:
                self.begin()
                if checkpoint is not None and saved is not None:
                    self.go_on(checkpoint, *saved, epochs=epochs)
                elif checkpoint is not None:
                    capture(self)  # which raises now what would be raised when all is done
                reached = self.position.copy(), self.stopped_because
                self.train(epochs, interrupt, checkpoint)
                moved = (self.position, self.stopped_because) != reached
                if checkpoint is not None and (saved is None or moved):
                    self.save(checkpoint)
            except BaseException:
                if checkpoint is not None:
                    self.moving.put_back()
                raise
            for callback in self.callbacks:
                callback.on_train_end()
        if interrupt.requested and self.history.stopped_because is None:
            done = len(self.history.epoch)
            self.history.stopped_because = f"interrupted after epoch {done}"
        return self.history

    def go_on(self, checkpoint: Checkpoint, *saved: Any, epochs: int) -> None:
        """Put everything where a checkpoint left it."""
        try:
            restore(self, *saved, epochs=epochs)
        except ValueError as error:
            raise ValueError(f"{checkpoint.path}: {error}") from error
        self.moving = Moving(self.model, self.optimizer)

    def save(self, checkpoint: Checkpoint) -> None:
        """Write a checkpoint."""
        if checkpoint.save(lambda: capture(self)):
            self.moving = Moving(self.model, self.optimizer)

    def begin(self) -> None:
        """Tell the callbacks what they work with, and that training begins."""
        names = self.names.copy()
        if self.validation is not None:
            names += [f"val_{name}" for name in names]
        before = [vars(callback).copy() for callback in self.callbacks]
        try:
            for callback in self.callbacks:
                callback.model, callback.optimizer = self.model, self.optimizer
                callback.names, callback.reason = tuple(names), None
            for callback in self.callbacks:
                callback.on_train_begin()
        except Exception:  # one of them refuses to: then nothing has begun for the others either
            for callback, attributes in zip(self.callbacks, before, strict=True):
                vars(callback).clear()
                vars(callback).update(attributes)
            raise

    def train(self, epochs: int, interrupt: Interrupt, checkpoint: Checkpoint | None) -> None:
        """Run what is left of the epochs, and say in the history why fewer were run."""
        raise NotImplementedError

    def close_epoch(self) -> None:
        """Measure, record and report an epoch that is done."""
        position = self.position
        try:
            logs = self.measure()
            if self.validation is not None:
                measured = self.validation.run()
                logs.update({f"val_{name}": value for name, value in measured.items()})
        except Exception:  # a metric that does not work: the epoch was in vain
            self.put_back()
            raise
        if not is_finite(self.model):
            self.diverge("a parameter", math.inf, position.batch - 1)
        elif not math.isfinite(logs.get("val_loss", 0.0)):
            self.diverge("the validation loss", logs["val_loss"], None)
        if self.stopped_because is not None:
            return
        self.last_finite.keep(self.model)
        for callback in self.callbacks:
            callback.on_epoch_end(position.epoch, logs)
        self.history.record(position.epoch, logs)
        if self.callbacks and is_finite(self.model):  # they may have moved it
            self.last_finite.keep(self.model)
        position.next_epoch()

    def optimizer_state(self) -> dict[str, Any]:
        """Give what the optimizer needs to go on from here; nothing where it is to begin anew."""
        return self.optimizer.state()

    def measure(self) -> dict[str, float]:
        """Give the epoch's loss and metrics on the samples that train."""
        raise NotImplementedError

    def put_back(self) -> None:
        """Give the model its last sound parameters."""
        raise NotImplementedError

    def diverge(self, what: str, value: float, batch: int | None) -> None:
        """Stop for good: something is NaN or infinite."""
        self.stopped_because = self.divergence(what, float(value), batch)
        self.history.diverged = True

    def divergence(self, what: str, value: float, batch: int | None) -> str:
        """Say what became NaN or infinite, and the likely cause."""
        raise NotImplementedError

    def callbacks_reason(self) -> str:
        """Say why the callbacks stop training."""
        reasons = [callback.reason for callback in self.callbacks if callback.reason]
        return "; ".join(reasons) or "a callback said so"
