"""Training: take a batch, see how wrong the model is and in which direction, move, repeat."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..callbacks import Callback
from ..losses import Loss
from ..metrics import Metric, resolve
from ..metrics.resolve import try_out
from ..objective import Model, Objective, check_real
from ..optimizers import SGD, Optimizer
from ..penalties import Penalty
from ..solvers import Solver
from ..validation import as_count, as_flag, as_generator
from .batches import Batches
from .checkpoint import Checkpoint
from .evaluation import Evaluation, Predictions
from .history import History
from .holdout import hold_out
from .progress import make_progress
from .run import Run
from .settings import moving, settings
from .solve import IterationBar, Solve

if TYPE_CHECKING:
    from os import PathLike

    from .loop import Loop


BATCH_SIZE = 32  # unless it is given


def fit(
    model: Model,
    x: Any,
    y: Any,
    *,
    loss: Loss | None = None,
    optimizer: Optimizer | Solver | None = None,
    epochs: int = 1,
    batch_size: int | None = None,
    shuffle: bool = True,
    validation_data: Any = None,
    validation_split: float = 0.0,
    sample_weight: Any = None,
    class_weight: Any = None,
    penalty: Penalty | None = None,
    metrics: str | Metric | Sequence[str | Metric] = (),
    callbacks: Sequence[Callback] = (),
    checkpoint: str | PathLike[str] | None = None,
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
    optimizer : Optimizer or Solver, optional
        ``SGD(0.1)`` unless given. Keeps its state from one call to the next. A solver such as
        ``LBFGS()`` looks at all samples at once, with Dropout off.
    epochs : int
        Passes over the data, at least 0; of a solver, the most iterations.
    batch_size : int
        Rows a step, at least 1; 32 unless given. A solver takes all of them.
    shuffle : bool
        Whether each epoch takes the rows in a new order. A solver ignores it.
    validation_data : tuple (x, y) or (x, y, sample_weight), optional
        Measured after each epoch, as ``val_…`` in the history.
    validation_split : float
        Instead: the share of the last rows to hold out, taken before any shuffling; in [0, 1).
    sample_weight : array-like (N,), optional
        How much each sample counts, not negative. Times the class weight, scaled to mean 1 over the
        rows that train: a weight of 2 is the sample twice.
    class_weight : dict of int to float, or "balanced", optional
        How much each class counts in training; a class left out counts 1.
    penalty : Penalty, optional
        Added to the loss, such as ``L2(1e-4)``.
    metrics : str, function or sequence of them
        Names such as ``"accuracy"``, ``"f1"``, ``"roc_auc"``, ``"r2"``, or a function of
        (target, prediction), both (N, n_out); each computed once over the predictions collected in
        an epoch, unweighted.
    callbacks : sequence of Callback
    checkpoint : path, optional
        File from which the same call goes on after it was stopped, wherever that was, and ends with
        the same bits as if it had not been. It is written every few seconds and at the end, two
        generations of it. A finished one gives its history; with more `epochs`, training goes on.
        A solver may go on from the parameters alone, and then warns.
    progress : bool, optional
        Whether to show a bar; by default in a terminal or notebook where tqdm is installed.
    seed : optional
        Order of the batches, anything `np.random.default_rng` takes; by default the model's own
        generator goes on, so that ``Sequential(seed=0)`` alone repeats a whole run.

    Returns
    -------
    History
        ``history.history["loss"]`` and so on, a float per epoch: the mean over its samples, each
        measured before the step of its batch; of a solver, after the iteration. The first Ctrl-C
        ends training at the next step or iteration, and ``stopped_because`` says so; the second
        interrupts at once.

    Raises
    ------
    TypeError, ValueError
        An argument that does not fit, by name; the model is as it was.
    OSError
        A file of `checkpoint`, or of a callback, cannot be written.

    Examples
    --------
    >>> from minimlp import SGD, Sigmoid, mlp
    >>> model = mlp(2, 8, 1, output=Sigmoid, seed=0)
    >>> x, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> history = model.fit(x, y, optimizer=SGD(2.0, momentum=0.9), epochs=1000, batch_size=4)
    >>> model.predict(x).round().ravel()
    array([0., 1., 1., 0.])
    """
    epochs = as_count("epochs", epochs, low=0)
    if batch_size is not None:
        batch_size = as_count("batch_size", batch_size)
    objective = Objective(model, loss, penalty)
    check_real("fit", model)
    optimizer = SGD(0.1) if optimizer is None else optimizer
    if not isinstance(optimizer, Optimizer | Solver):
        raise TypeError(
            f"optimizer must be an Optimizer such as SGD(0.1), or a solver such as LBFGS(), "
            f"got {optimizer!r:.80}"
        )
    measures = resolve(metrics)
    samples, validation = hold_out(
        objective, x, y, sample_weight, class_weight, validation_data, validation_split
    )
    try_out(metrics, samples.target, "y")
    if validation is not None:
        try_out(metrics, validation.target, "the validation targets")
    objective.check_outputs(samples.x)
    callbacks = _checked(callbacks)
    bar = make_progress(progress, epochs, len(samples.x))
    rng = model.rng if seed is None else as_generator(seed)
    shuffle = as_flag("shuffle", shuffle)
    by_steps = {"batch_size": batch_size or BATCH_SIZE, "shuffle": shuffle}
    if isinstance(optimizer, Solver):
        optimizer.check(objective)
        part = batch_size is not None and batch_size < len(samples.x)
        if part and optimizer.refuses_batches:
            raise ValueError(
                f"{type(optimizer).__name__} takes all {len(samples.x)} rows at once, got "
                f"batch_size={batch_size}: leave it out"
            )
        by_steps = {}
        bar = bar and IterationBar(epochs, len(samples.x))
    else:
        optimizer.check(model.parameters)
    file = None
    if checkpoint is not None:
        call = settings(
            objective, optimizer, samples, validation, callbacks,
            **by_steps, metrics=list(measures), seed=seed,
        )  # fmt: skip
        file = Checkpoint(checkpoint, call, lambda: moving(model, optimizer))

    measured = validation and Evaluation(objective, validation, measures, batch_size=1024)
    listening = callbacks if bar is None else [*callbacks, bar]
    run: Loop
    if isinstance(optimizer, Solver):
        run = Solve(objective, optimizer, samples, measures, measured, listening, rng)
    else:
        batches = Batches(
            objective, samples, by_steps["batch_size"], rng if shuffle else None, model.rng
        )
        predictions = Predictions(samples, measures)
        run = Run(objective, optimizer, batches, predictions, measured, listening, rng)
    # NumPy takes a new buffer of 8,192 entries whenever it broadcasts (a bias, a sample's weight);
    # a quarter of that is as fast and keeps a step from allocating more than a few KB.
    buffer_size = np.setbufsize(2048)
    try:
        return run.run(epochs, file)
    finally:
        np.setbufsize(buffer_size)
        if bar is not None:
            bar.close()


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
