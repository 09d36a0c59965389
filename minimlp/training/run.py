"""The loop over epochs and steps, which can be left at any step and taken up there again."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..callbacks import Callback
from .finite import divergence
from .interrupt import Interrupt
from .loop import Loop

if TYPE_CHECKING:
    from numpy.random import Generator

    from ..objective import Objective
    from ..optimizers import Optimizer
    from .batches import Batches
    from .checkpoint import Checkpoint
    from .evaluation import Evaluation, Predictions


class Run(Loop):
    """A `fit` with an optimizer: an epoch is a step for each mini-batch."""

    optimizer: Optimizer
    batches: Batches
    predictions: Predictions

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
        super().__init__(objective, predictions.names, validation, callbacks, rng)
        self.optimizer = optimizer
        self.batches = batches
        self.predictions = predictions
        self.batch_callbacks = [
            callback
            for callback in callbacks
            if getattr(callback.on_batch_end, "__func__", None) is not Callback.on_batch_end
        ]

    def begin(self) -> None:
        super().begin()
        self.optimizer.attach(self.model.parameters)

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
                self.put_back()
            elif self.model.stop_training or interrupt.requested:
                where = f"{'after' if whole else 'in'} epoch {epoch + 1}"
                if not self.model.stop_training:  # which a signal at the same time must not undo
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
                self.predictions.collect((index - 1) * self.batches.size, batch.outputs)
            if self.batch_callbacks:
                for callback in self.batch_callbacks:
                    callback.on_batch_end(index - 1, {"loss": loss, "size": batch.size})
                frozen.refresh()
            if interrupt.requested or model.stop_training:
                break  # before a checkpoint that would not know of it
            if checkpoint is not None and clock() >= due:
                position.total, position.batch = float(total), index
                self.save(checkpoint)
                due = checkpoint.due
        position.total, position.batch = float(total), index

    def measure(self) -> dict[str, float]:
        return {
            "loss": self.position.total / self.batches.rows,
            **self.predictions.measure(self.batches.order),
        }

    def put_back(self) -> None:
        self.last_finite.put_back(self.model, self.optimizer)

    def divergence(self, what: str, value: float, batch: int | None) -> str:
        return divergence(what, value, self.position.epoch, batch, self.optimizer)
