"""Training: take a batch, see how wrong the model is and in which direction, move, repeat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..losses import Loss
from ..metrics import resolve
from ..objective import Model, Objective, Samples, mean_one
from ..optimizers import SGD, Optimizer
from ..parameters import FrozenParts
from ..validation import as_count, as_flag, as_generator, as_number
from .batches import Batches
from .callback import Callback
from .evaluation import Evaluation, Metric, Predictions
from .history import History
from .interrupt import Interrupt
from .progress import make_progress
from .weights import row_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray


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
        ``history["loss"]`` and so on, one float per epoch: the mean over the epoch's samples, each
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
    if model.dtype.kind == "c":
        raise TypeError("fit needs a model of dtype float32 or float64, this one is complex128")
    optimizer = SGD(0.1) if optimizer is None else optimizer
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"optimizer must be an Optimizer such as SGD(0.1), got {optimizer!r}")
    measures = resolve(metrics)
    samples, validation = _split(
        objective, x, y, sample_weight, class_weight, validation_data, validation_split
    )
    callbacks = _checked(callbacks)
    bar = make_progress(progress, epochs, len(samples.x))
    rng = (
        (model.rng if seed is None else as_generator(seed)) if as_flag("shuffle", shuffle) else None
    )
    optimizer.attach(model.parameters)

    run = _Run(
        objective,
        optimizer,
        Batches(objective, samples, batch_size, rng),
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
            if type(callback).on_batch_end is not Callback.on_batch_end
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
                total = self.steps(interrupt)
                if interrupt.requested:
                    history.stopped_because = f"interrupted in epoch {epoch + 1}"
                    break
                if total is None:
                    history.stopped_because = f"a callback stopped it in epoch {epoch + 1}"
                    break
                logs = {"loss": total / rows, **self.predictions.measure()}
                if self.validation is not None:
                    measured = self.validation.run()
                    logs.update({f"val_{name}": value for name, value in measured.items()})
                history.record(epoch, logs)
                for callback in self.callbacks:
                    callback.on_epoch_end(epoch, logs)
                if self.model.stop_training:
                    history.stopped_because = f"a callback stopped it after epoch {epoch + 1}"
                    break
            for callback in self.callbacks:
                callback.on_train_end()
        return history

    def steps(self, interrupt: Interrupt) -> float | None:
        """Take one step for every batch; give Σ loss · rows, or None where it was stopped."""
        parameters, gradients = self.model.parameters, self.model.gradients
        objective, optimizer, frozen = self.objective, self.optimizer, self.frozen
        frozen.refresh()
        total = 0.0
        for index, batch in enumerate(self.batches):
            loss = objective.value_and_gradient(batch.workspace, batch.target, batch.weight)
            frozen.set_aside()
            optimizer.step(parameters, gradients)
            frozen.put_back()
            total += loss * batch.size
            self.predictions.collect(batch.rows, batch.workspace.outputs[-1])
            if self.batch_callbacks:
                for callback in self.batch_callbacks:
                    callback.on_batch_end(index, {"loss": loss, "size": batch.size})
                frozen.refresh()
            if interrupt.requested or self.model.stop_training:
                return None
        return total


def _split(
    objective: Objective,
    x: Any,
    y: Any,
    sample_weight: Any,
    class_weight: Any,
    validation_data: Any,
    validation_split: float,
) -> tuple[Samples, Samples | None]:
    """Check the data and part it into what trains and what is held out."""
    share = as_number("validation_split", validation_split, low=0, below=1)
    whole = objective.samples(x, y)
    stop = rows = len(whole.x)
    if share:
        if validation_data is not None:
            raise ValueError("validation_data and validation_split are both given: give one")
        stop = int(rows * (1 - share))
        if stop in (0, rows):
            raise ValueError(
                f"validation_split={share} of {rows} rows leaves none to "
                f"{'train on' if stop == 0 else 'hold out'}"
            )
    weight = row_weights(sample_weight, class_weight, whole.target)
    train = _part(whole, weight, slice(0, stop))
    if validation_data is not None:
        if not isinstance(validation_data, tuple | list) or len(validation_data) not in (2, 3):
            raise TypeError("validation_data must be a tuple (x, y) or (x, y, sample_weight)")
        return train, objective.samples(*validation_data, names="validation_data {}")
    if not share:
        return train, None
    # As in Keras, the class weight is for training alone.
    return train, _part(whole, row_weights(sample_weight, None, whole.target), slice(stop, rows))


def _part(whole: Samples, weight: NDArray[np.float64] | None, rows: slice) -> Samples:
    x, target = whole.x[rows], whole.target[rows]
    if weight is None:
        return Samples(x, target, None)
    if not weight[rows].any():
        raise ValueError(f"sample_weight is zero for all rows {rows.start} to {rows.stop - 1}")
    return Samples(x, target, mean_one(weight[rows]).astype(x.dtype))


def _checked(callbacks: Any) -> list[Callback]:
    if isinstance(callbacks, Callback):
        callbacks = [callbacks]
    for callback in callbacks:
        if not isinstance(callback, Callback):
            raise TypeError(f"callbacks must hold Callback objects, got {callback!r}")
    return list(callbacks)
