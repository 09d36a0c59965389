"""The loop over epochs and steps, which can be left at any step and taken up there again."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..callbacks import Callback
from ..parameters import FrozenParts
from .finite import LastFinite, divergence, is_finite
from .history import History
from .interrupt import Interrupt
from .position import Position
from .snapshot import capture, restore

if TYPE_CHECKING:
    from numpy.random import Generator

    from ..objective import Objective
    from ..optimizers import Optimizer
    from .batches import Batches
    from .checkpoint import Checkpoint
    from .evaluation import Evaluation, Predictions


class Run:
    """One call of `fit`, everything checked and made.

    Attributes
    ----------
    history : History
    position : Position
        What comes next.
    last_finite : LastFinite
    stopped_because : str or None
        Why no epoch is to follow, for good: a callback or a loss that is no number said so.
    """

    def __init__(
        self,
        objective: Objective,
        optimizer: Optimizer,
        batches: Batches,
        predictions: Predictions,
        validation: Evaluation | None,
        callbacks: Sequence[Callback],
        rng: Generator,
    ) -> None:
        self.model = objective.model
        self.optimizer = optimizer
        self.batches = batches
        self.predictions = predictions
        self.validation = validation
        self.callbacks = callbacks
        self.rng = rng
        self.batch_callbacks = [
            callback
            for callback in callbacks
            if getattr(callback.on_batch_end, "__func__", None) is not Callback.on_batch_end
        ]
        self.frozen = FrozenParts(self.model.layers)
        self.history = History()
        self.position = Position()
        self.last_finite = LastFinite(self.model)
        self.stopped_because: str | None = None

    def run(self, epochs: int, checkpoint: Checkpoint | None) -> History:
        """Train until the last epoch, or until somebody stops it."""
        self.model.stop_training = False
        saved = None if checkpoint is None else checkpoint.load()
        with Interrupt(terminate=checkpoint is not None) as interrupt:
            self.begin()
            self.optimizer.attach(self.model.parameters)
            if saved is not None:
                restore(self, *saved)
            if self.stopped_because is None and self.position.epoch > epochs:
                raise ValueError(
                    f"epochs is {epochs}, but the checkpoint has trained "
                    f"{self.position.epoch} epochs already"
                )
            reached = self.position.copy()
            self.train(epochs, interrupt, checkpoint)
            if checkpoint is not None and (saved is None or self.position != reached):
                checkpoint.save(lambda: capture(self))
            for callback in self.callbacks:
                callback.on_train_end()
        if interrupt.requested and self.history.stopped_because is None:
            done = len(self.history.epoch)
            self.history.stopped_because = f"interrupted after epoch {done}"
        return self.history

    def begin(self) -> None:
        """Tell the callbacks what they work with, and that training begins."""
        names = ["loss", *self.predictions.names]
        if self.validation is not None:
            names += [f"val_{name}" for name in names]
        for callback in self.callbacks:
            callback.model, callback.optimizer = self.model, self.optimizer
            callback.names, callback.reason = tuple(names), None
        for callback in self.callbacks:
            callback.on_train_begin()

    def train(self, epochs: int, interrupt: Interrupt, checkpoint: Checkpoint | None) -> None:
        """Run what is left of the epochs."""
        position = self.position
        self.history.stopped_because = self.stopped_because
        while position.epoch < epochs and self.stopped_because is None:
            if not position.begun:
                for callback in self.callbacks:
                    callback.on_epoch_begin(position.epoch, {})
                self.batches.shuffle()
                position.begun = True
            self.steps(interrupt, checkpoint)
            epoch, whole = position.epoch, position.batch == self.batches.count
            if whole and self.stopped_because is None:
                self.close_epoch()
            if self.stopped_because is not None:
                self.last_finite.put_back(self.model, self.optimizer)
            elif interrupt.requested or self.model.stop_training:
                where = f"{'after' if whole else 'in'} epoch {epoch + 1}"
                if interrupt.requested:
                    self.history.stopped_because = f"interrupted {where}"
                    return
                self.stopped_because = f"stopped {where}: {self.callbacks_reason()}"
        self.history.stopped_because = self.stopped_because

    def steps(self, interrupt: Interrupt, checkpoint: Checkpoint | None) -> None:
        """Take one step for every batch that is left of the epoch."""
        model, optimizer, frozen, position = self.model, self.optimizer, self.frozen, self.position
        parameters, gradients = model.parameters, model.gradients
        frozen.refresh()
        collects, isfinite, clock = self.predictions.wanted, math.isfinite, time.monotonic
        due = math.inf if checkpoint is None else checkpoint.due
        total, index = position.total, position.batch
        for batch in self.batches.run(index):
            loss = batch.value_and_gradient()
            if not isfinite(loss):
                self.diverge("the loss", loss, index)
                break
            for view, kept in frozen.parts:
                kept[...] = view
            try:
                optimizer.step(parameters, gradients)
            finally:  # also where a second Ctrl-C interrupts the step
                for view, kept in frozen.parts:
                    view[...] = kept
            total += loss * batch.size
            index += 1
            if collects:
                self.predictions.collect(batch.rows, batch.outputs)
            if self.batch_callbacks:
                for callback in self.batch_callbacks:
                    callback.on_batch_end(index - 1, {"loss": loss, "size": batch.size})
                frozen.refresh()
            if checkpoint is not None and clock() >= due:
                position.total, position.batch = float(total), index
                checkpoint.save(lambda: capture(self))
                due = checkpoint.due
            if interrupt.requested or model.stop_training:
                break
        position.total, position.batch = float(total), index

    def close_epoch(self) -> None:
        """Measure, record and report an epoch whose steps were all taken."""
        position = self.position
        try:
            logs = self.measure()
        except Exception:  # a metric that does not work: the epoch was in vain
            self.last_finite.put_back(self.model, self.optimizer)
            raise
        if not is_finite(self.model):
            self.diverge("a parameter", math.inf, self.batches.count - 1)
        elif not math.isfinite(logs.get("val_loss", 0.0)):
            self.diverge("the validation loss", logs["val_loss"], None)
        if self.stopped_because is not None:
            return
        for callback in self.callbacks:
            callback.on_epoch_end(position.epoch, logs)
        self.history.record(position.epoch, logs)
        self.last_finite.keep(self.model)
        position.next_epoch()

    def measure(self) -> dict[str, float]:
        """Give the figures of the epoch."""
        logs = {"loss": self.position.total / self.batches.rows, **self.predictions.measure()}
        if self.validation is not None:
            measured = self.validation.run()
            logs.update({f"val_{name}": value for name, value in measured.items()})
        return logs

    def diverge(self, what: str, value: float, batch: int | None) -> None:
        self.stopped_because = divergence(
            what, float(value), self.position.epoch, batch, self.optimizer
        )
        self.history.diverged = True

    def callbacks_reason(self) -> str:
        """Say why the callbacks stop training."""
        reasons = [callback.reason for callback in self.callbacks if callback.reason]
        return "; ".join(reasons) or "a callback said so"
