"""Training by a `Recipe`: networks for each strength of penalty, the good ones joined in one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .. import toolbox
from ..callbacks import Callback, EarlyStopping
from ..initializers import HeNormal
from ..layers import Dense, Dropout, Layer
from ..sequential import Sequential
from ..training import History
from ..training.interrupt import Interrupt
from ..training.progress import ProgressBar, make_progress
from ..validation import as_generator, check_range
from .committee import side_by_side
from .recipe import TOLERANCE, Recipe
from .trials import Trial, judged, make_trials, normalization

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from ..derivatives import LaplacePosterior
    from ..losses import Loss
    from .features import Feature
    from .preparation import Preparation
    from .target import Task


class _Committee(NamedTuple):
    """The networks of one strength of penalty, and how their training went."""

    l2: float | None
    networks: list[Sequential]
    histories: list[History]

    @property
    def diverged(self) -> str | None:
        """Why one of the networks is no good; None where all are."""
        reasons = [history.stopped_because for history in self.histories if history.diverged]
        return reasons[0] if reasons else None

    def error(self, trials: Sequence[Trial], loss: Loss, task: Task) -> float:
        """Give the mean loss on rows not seen; for classes add the share of wrong ones."""
        total = 0.0 if self.diverged is None else math.inf
        for network, trial in zip(self.networks, trials, strict=False):
            x, y = trial.train if trial.judge is None else trial.judge
            metrics = ["accuracy"] if task == "classification" else []
            figures = network.evaluate(x, y, loss=loss, metrics=metrics)
            total += figures["loss"] + (1 - figures["accuracy"] if metrics else 0)
        return total / len(self.networks)


def settled(prepared: Preparation, recipe: Recipe) -> Recipe:
    """Fill in what the recipe leaves to the data."""
    rows, inputs = prepared.training.x.shape
    return recipe.settled(prepared.target.task, rows, inputs, prepared.target.outputs)


def check(prepared: Preparation, recipe: Recipe) -> None:
    """Refuse settings that the task or the rows have no use for.

    Raises
    ------
    ValueError
    """
    recipe.check_together(recipe.loss_for(prepared.target.task))
    if recipe.patience is not None and not judged(prepared, recipe):
        more = "" if recipe.finds_penalty else ", or more networks"
        raise ValueError(f"patience needs rows to judge by: give validation{more}")
    for feature, column in _columns(prepared):
        check_range(f"column {feature.name!r}", column, np.dtype(recipe.dtype))


def _columns(prepared: Preparation) -> Iterator[tuple[Feature, NDArray[Any]]]:
    parts = [part for part in (prepared.training, prepared.validation, prepared.test) if part]
    for part in parts:
        start = 0
        for feature in prepared.features:
            yield feature, part.x[:, start : start + feature.width]
            start += feature.width


def train(
    prepared: Preparation,
    recipe: Recipe,
    seed: Any,
    progress: bool | None,
    checkpoints: Path | None = None,
) -> tuple[Sequential, History]:
    """Train as the recipe says, with a checkpoint of each network in the folder `checkpoints`.

    Returns
    -------
    Sequential
        From raw inputs to encoded targets.
    History
        The mean over the networks that were taken. What validated a network are the validation
        rows, or without them the fold it had not seen. The first Ctrl-C ends training with what
        there is.

    Raises
    ------
    ValueError
        As for `check`.
    FloatingPointError
        The numbers ran away with every strength.
    """
    recipe = settled(prepared, recipe)
    check(prepared, recipe)
    first = normalization(prepared)
    trials = make_trials(prepared, first, recipe, as_generator(seed))
    task = prepared.target.task
    loss, strengths = recipe.make_loss(task), recipe.strengths(task, judged(prepared, recipe))
    epochs = recipe.epochs_for(len(prepared.training))
    bar = make_progress(progress, epochs * len(trials) * len(strengths), len(trials[0].train[0]))
    if bar is not None:
        bar.on_train_begin()
    try:
        committees, stopped = _committees(trials, recipe, task, strengths, epochs, bar, checkpoints)
    finally:
        if bar is not None:
            bar.close()
    errors = [each.error(trials, loss, task) for each in committees]
    if not any(map(math.isfinite, errors)):
        reason = committees[0].diverged or "their predictions do not"
        raise FloatingPointError(f"no networks stay finite: {reason}")
    limit = TOLERANCE * float(np.nanmin(errors))
    taken = [each for each, error in zip(committees, errors, strict=True) if error <= limit]
    history = _mean_history([history for each in taken for history in each.histories])
    history.stopped_because = stopped
    networks = [network for each in taken for network in each.networks]
    last = toolbox.make_last_layer(task, recipe.loss_for(task))
    model = side_by_side(first, networks, toolbox.ACTIVATIONS[recipe.activation or "relu"], last)
    # Finite weights may still be so large that what they predict is not.
    if not np.isfinite(model.predict(prepared.training.x)).all():
        raise FloatingPointError("predictions are no longer finite")
    model.metadata = {"l2": [each.l2 for each in taken if each.l2 is not None]}
    return model, history


def posterior_of(model: Sequential, prepared: Preparation) -> LaplacePosterior:
    """Give the distribution of a network's parameters that the training rows leave."""
    return model.laplace(None, prepared.training.x, prepared.training.y)


def _committees(
    trials: Sequence[Trial],
    recipe: Recipe,
    task: Task,
    strengths: Sequence[float | None],
    epochs: int,
    bar: ProgressBar | None,
    checkpoints: Path | None,
) -> tuple[list[_Committee], str | None]:
    """Train a network for each strength and trial; say where an interrupt ended that, if it did."""
    committees: list[_Committee] = []
    trained, total = 0, len(trials) * len(strengths)
    with Interrupt() as interrupt:
        for l2 in strengths:
            committee = _Committee(l2, [], [])
            for trial in trials:
                shown = None if bar is None else (bar, epochs * trained)
                file = None if checkpoints is None else checkpoints / f"network-{trained + 1}.npz"
                network, history = _train_one(trial, recipe, task, epochs, l2, shown, file)
                trained += 1
                committee.networks.append(network)
                committee.histories.append(history)
                whole = not (history.stopped_because or "").startswith("interrupted")
                if interrupt.requested and not (whole and trained == total):
                    where = f"interrupted in network {trained} of {total}"
                    if whole and len(committee.networks) == len(trials):
                        committees.append(committee)
                    return committees or [committee], where  # whole ones, if there are any
            committees.append(committee)
    return committees, None


def _train_one(
    trial: Trial,
    recipe: Recipe,
    task: Task,
    epochs: int,
    l2: float | None,
    shown: tuple[ProgressBar, int] | None,
    checkpoint: Path | None,
) -> tuple[Sequential, History]:
    x, y = trial.train
    layers: list[Layer] = []
    width = x.shape[1]
    for units in recipe.hidden or ():
        dense = Dense(width, units, weight_initializer=HeNormal())
        layers += [dense, toolbox.ACTIVATIONS[recipe.activation or "relu"]()]
        layers += [Dropout(recipe.dropout)] if recipe.dropout else []
        width = units
    last = toolbox.make_last_layer(task, recipe.loss_for(task))
    layers += [Dense(width, y.shape[1]), *([] if last is None else [last])]
    network = Sequential(*layers, dtype=recipe.dtype, seed=trial.seed)
    callbacks = [Callback() if shown is None else _Shown(*shown, epochs)]
    if recipe.stops_early(trial.judge is not None):
        callbacks.append(EarlyStopping(patience=recipe.patience_for(epochs)))
    history = network.fit(
        x,
        y,
        loss=recipe.make_loss(task),
        optimizer=recipe.make_optimizer(epochs * math.ceil(len(x) / recipe.rows_a_step)),
        penalty=recipe.make_penalty(l2),
        epochs=epochs,
        batch_size=recipe.rows_a_step if recipe.by_steps else None,
        validation_data=trial.judge,
        callbacks=callbacks,
        checkpoint=checkpoint,
        progress=False,
    )
    return network, history


class _Shown(Callback):
    """Shows the epochs of one network on the bar of all."""

    def __init__(self, bar: ProgressBar, before: int, epochs: int) -> None:
        self.bar = bar
        self.before = before
        self.left = epochs

    def __repr__(self) -> str:
        return repr(Callback())  # to a checkpoint, whether somebody watches makes no difference

    def on_epoch_begin(self, epoch: int, logs: dict[str, float]) -> None:
        self.bar.on_epoch_begin(self.before + epoch, logs)

    def on_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        self.bar.on_batch_end(batch, logs)

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        self.bar.on_epoch_end(epoch, logs)
        self.left -= 1

    def on_train_end(self) -> None:
        # Where it stopped early, the others begin where they would have begun.
        self.bar.on_batch_end(0, {"size": self.left * self.bar.rows})


def _mean_history(histories: Sequence[History]) -> History:
    """Give the mean over the networks, for the epochs that all of them finished."""
    mean = History()
    for epoch in range(min(len(each.epoch) for each in histories)):
        names = histories[0].history
        logs = {
            name: sum(each.history[name][epoch] for each in histories) / len(histories)
            for name in names
        }
        mean.record(epoch, logs)
    return mean
