"""Training: take a batch, see how wrong the model is and in which direction, move, repeat."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..losses import Loss
from ..metrics import Metric, resolve
from ..objective import Model, Objective, check_real
from ..optimizers import SGD, Optimizer
from ..parameters import FrozenParts
from ..validation import as_count, as_flag, as_generator
from .batches import Batches
from .callback import Callback
from .evaluation import Evaluation, Predictions
from .history import History
from .holdout import hold_out
from .interrupt import Interrupt
from .progress import make_progress


def fit(
    model: Model,
    x: Any,
    y: Any,
    *,
    loss: Loss | None = None,
    optimizer: Optimizer | None = None,
    epochs: int = 1,
    batch_size: int = 32,
    shuffle: bool = True,
    validation_data: Any = None,
    validation_split: float = 0.0,
    sample_weight: Any = None,
    class_weight: Any = None,
    metrics: str | Metric | Sequence[str | Metric] = (),
    callbacks: Sequence[Callback] = (),
    progress: bool | None = None,
    seed: Any = None,
) -> History:
    """Train the model on data, from where its parameters are.

    Parameters
    ----------
    x : array-like (N, n_in)
        Cast once to the model's dtype; read, never written.
    y : array-like
        (N, n_out), or (N,) for one output, or (N,) whole-number labels for more.
    loss : Loss, optional
        `MSE` unless given.
    optimizer : Optimizer, optional
        ``SGD(0.1)`` unless given. Keeps its state from one call to the next.
    epochs : int
        Passes over the data, at least 0.
    batch_size : int
        Rows a step, at least 1.
    shuffle : bool
        Whether each epoch takes the rows in a new order.
    validation_data : tuple (x, y) or (x, y, sample_weight), optional
        Measured after each epoch, as ``val_…`` in the history.
    validation_split : float
        Instead: the share of the last rows to hold out, taken before any shuffling; in [0, 1).
    sample_weight : array-like (N,), optional
        How much each sample counts, not negative. Times the class weight, scaled to mean 1 over the
        rows that train: a weight of 2 is the sample twice.
    class_weight : dict of int to float, or "balanced", optional
        How much each class counts in training; a class left out counts 1.
    metrics : str, function or sequence of them
        ``"accuracy"``, ``"mse"``, ``"rmse"``, ``"r2"`` or a function of (target, prediction), both
        (N, n_out); each computed once over the predictions collected in an epoch, unweighted.
    callbacks : sequence of Callback
    progress : bool, optional
        Whether to show a bar; by default in a terminal or notebook where tqdm is installed.
    seed : optional
        Order of the batches, anything `np.random.default_rng` takes; by default the model's own
        generator goes on, so that ``Sequential(seed=0)`` alone repeats a whole run.

    Returns
    -------
    History
        ``history.history["loss"]`` and so on, a float per epoch: the mean over its samples, each
        measured before the step of its batch. The first Ctrl-C ends training at the next step and
        ``stopped_because`` says so; the second interrupts at once.

    Raises
    ------
    TypeError, ValueError
        An argument that does not fit, by name; the model is as it was.

    Examples
    --------
    >>> from minimlp import SGD, Sigmoid, mlp
    >>> model = mlp(2, 8, 1, output=Sigmoid, seed=0)
    >>> x, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> history = model.fit(x, y, optimizer=SGD(2.0, momentum=0.9), epochs=1000, batch_size=4)
    >>> model.predict(x).round().ravel()
    array([0., 1., 1., 0.])
    """
    epochs, batch_size = as_count("epochs", epochs, low=0), as_count("batch_size", batch_size)
    objective = Objective(model, loss)
    check_real("fit", model)
    optimizer = SGD(0.1) if optimizer is None else optimizer
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"optimizer must be an Optimizer such as SGD(0.1), got {optimizer!r}")
    measures = resolve(metrics)
    samples, validation = hold_out(
        objective, x, y, sample_weight, class_weight, validation_data, validation_split
    )
    callbacks = _checked(callbacks)
    bar = make_progress(progress, epochs, len(samples.x))
    rng = model.rng if seed is None else as_generator(seed)
    shuffle = as_flag("shuffle", shuffle)
    optimizer.attach(model.parameters)

    run = _Run(
        objective,
        optimizer,
        Batches(objective, samples, batch_size, rng if shuffle else None),
        Predictions(samples, measures),
        validation and Evaluation(objective, validation, measures, batch_size=1024),
        callbacks if bar is None else [*callbacks, bar],
    )
    # NumPy takes a new buffer of 8,192 entries whenever it broadcasts (a bias, a sample's weight);
    # a quarter of that is as fast and keeps a step from allocating more than a few KB.
    buffer_size = np.setbufsize(2048)
    try:
        return run.epochs(epochs, len(samples.x))
    finally:
        np.setbufsize(buffer_size)
        if bar is not None:
            bar.close()


class _Run:
    """One call of `fit`, everything checked and made."""

    def __init__(
        self,
        objective: Objective,
        optimizer: Optimizer,
        batches: Batches,
        predictions: Predictions,
        validation: Evaluation | None,
        callbacks: Sequence[Callback],
    ) -> None:
        self.model = objective.model
        self.objective = objective
        self.optimizer = optimizer
        self.batches = batches
        self.predictions = predictions
        self.validation = validation
        self.callbacks = callbacks
        self.batch_callbacks = [
            callback
            for callback in callbacks
            if getattr(callback.on_batch_end, "__func__", None) is not Callback.on_batch_end
        ]
        self.frozen = FrozenParts(self.model.layers)

    def epochs(self, epochs: int, rows: int) -> History:
        """Train epoch after epoch, until the last or until somebody stops it."""
        history = History()
        self.model.stop_training = False
        with Interrupt() as interrupt:
            for callback in self.callbacks:
                callback.model = self.model
                callback.on_train_begin()
            for epoch in range(epochs):
                for callback in self.callbacks:
                    callback.on_epoch_begin(epoch, {})
                total = self.steps(interrupt, rows)
                if total is not None:
                    self.close_epoch(history, epoch, total / rows)
                if interrupt.requested or self.model.stop_training:
                    how = "interrupted" if interrupt.requested else "stopped by a callback"
                    when = "in" if total is None else "after"
                    history.stopped_because = f"{how} {when} epoch {epoch + 1}"
                    break
            for callback in self.callbacks:
                callback.on_train_end()
        if interrupt.requested and history.stopped_because is None:
            history.stopped_because = f"interrupted after epoch {len(history.epoch)}"
        return history

    def steps(self, interrupt: Interrupt, rows: int) -> float | None:
        """Take one step for every batch; give Σ loss · rows, or None where not all were taken."""
        model, optimizer, frozen = self.model, self.optimizer, self.frozen
        parameters, gradients = model.parameters, model.gradients
        frozen.refresh()
        collects = self.predictions.wanted
        total, seen = 0.0, 0
        for index, batch in enumerate(self.batches):
            loss = batch.value_and_gradient()
            for view, kept in frozen.parts:
                kept[...] = view
            try:
                optimizer.step(parameters, gradients)
            finally:  # also where a second Ctrl-C interrupts the step
                for view, kept in frozen.parts:
                    view[...] = kept
            total += loss * batch.size
            seen += batch.size
            if collects:
                self.predictions.collect(batch.rows, batch.outputs)
            if self.batch_callbacks:
                for callback in self.batch_callbacks:
                    callback.on_batch_end(index, {"loss": loss, "size": batch.size})
                frozen.refresh()
            if interrupt.requested or model.stop_training:
                break
        return total if seen == rows else None

    def close_epoch(self, history: History, epoch: int, loss: float) -> None:
        """Measure, record and report an epoch whose steps were all taken."""
        logs = {"loss": loss, **self.predictions.measure()}
        if self.validation is not None:
            measured = self.validation.run()
            logs.update({f"val_{name}": value for name, value in measured.items()})
        history.record(epoch, logs)
        for callback in self.callbacks:
            callback.on_epoch_end(epoch, logs)


def _checked(callbacks: Any) -> list[Callback]:
    if isinstance(callbacks, Callback):
        callbacks = [callbacks]
    if not isinstance(callbacks, Iterable):
        raise TypeError(f"callbacks must be a sequence of Callback objects, got {callbacks!r:.80}")
    checked: list[Callback] = []
    for callback in callbacks:
        if not isinstance(callback, Callback):
            raise TypeError(f"callbacks must hold Callback objects, got {callback!r:.80}")
        checked.append(callback)
    return checked
